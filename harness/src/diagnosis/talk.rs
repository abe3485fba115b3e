//! What a probe's two ends say to each other, and where that ends.

use super::{Case, Happening, Place};
use crate::{
    MacAddress,
    frame::{Content, Frame},
    journey::Journey,
    transcript::{Exchange, Part},
    vantage_point::VantagePoint,
};

/// A probe's frames among all that were captured.
pub(super) struct Talk<'a> {
    pub(super) case: &'a Case,
    pub(super) journeys: &'a [Journey],
}

impl<'a> Talk<'a> {
    /// The first thing that is not as it should be: a question that is not asked, does not arrive or is not
    /// answered; an echo alike; an answer too many.
    pub(super) fn first_failure(&self) -> Option<Place> {
        let probe = &self.case.probe;
        let requests: Vec<&Journey> = self.echo_requests().collect();
        if requests.is_empty() {
            let question = self.question_failure(&probe.from, &probe.to);
            return Some(question.unwrap_or_else(|| self.place(Happening::NeverSent, self.best_answer())));
        }
        requests.into_iter().find_map(|request| self.echo_failure(request)).or_else(|| self.contradiction())
    }

    fn echo_requests(&self) -> impl Iterator<Item = &'a Journey> {
        let probe = &self.case.probe;
        self.journeys.iter().filter(move |journey| {
            journey.is_echo_request() && is(&journey.from, &probe.from) && is(&journey.to, &probe.to)
        })
    }

    fn echo_failure(&self, request: &'a Journey) -> Option<Place> {
        if request.is_lost() {
            return Some(self.place(Happening::Lost, Some(request)));
        }
        let replies = self
            .journeys
            .iter()
            .filter(|journey| journey.part == Part::Answer && journey.exchange == request.exchange);
        match replies.max_by_key(|reply| reply.progress()) {
            Some(reply) if reply.is_lost() => Some(self.place(Happening::Lost, Some(reply))),
            Some(_) => None,
            // Whoever is to reply may have to ask first.
            None => (self.question_failure(&self.case.probe.to, &self.case.probe.from))
                .or_else(|| Some(self.place(Happening::Unanswered, Some(request)))),
        }
    }

    /// What went wrong with one end's question for the other's hardware address; `None` where it asked
    /// nothing, or has its answer.
    fn question_failure(&self, asker: &str, asked: &str) -> Option<Place> {
        let question = self.questions(asker, asked).max_by_key(|question| question.progress())?;
        if question.is_lost() {
            return Some(self.place(Happening::Lost, Some(question)));
        }
        match self.answers(asker, asked).max_by_key(|answer| answer.progress()) {
            None => Some(self.place(Happening::Unanswered, Some(question))),
            Some(answer) => answer.is_lost().then(|| self.place(Happening::Lost, Some(answer))),
        }
    }

    /// Two answers by different machines, or one by another than was asked.
    fn contradiction(&self) -> Option<Place> {
        let asked = &self.case.probe.to;
        let answers: Vec<&Journey> = self.answers(&self.case.probe.from, asked).collect();
        let first = answers.first()?;
        let other = answers.iter().find(|answer| !is(&answer.from, asked));
        let other = other.or_else(|| {
            answers.iter().find(|answer| said_hardware(&answer.frame) != said_hardware(&first.frame))
        });
        other.map(|answer| self.place(Happening::Unexpected, Some(answer)))
    }

    /// One end's questions for the other's hardware address.
    pub(super) fn questions(&self, asker: &str, asked: &str) -> impl Iterator<Item = &'a Journey> {
        self.journeys.iter().filter(move |journey| {
            journey.part == Part::Question
                && journey.is_about_an_address()
                && is(&journey.from, asker)
                && is(&journey.to, asked)
        })
    }

    /// All answers to those, whoever gave them.
    pub(super) fn answers(&self, asker: &str, asked: &str) -> impl Iterator<Item = &'a Journey> {
        self.journeys.iter().filter(move |journey| {
            let about = match &journey.exchange {
                Exchange::Arp { target, .. } | Exchange::Neighbour { target, .. } => target == asked,
                _ => false,
            };
            about && journey.part == Part::Answer && is(&journey.to, asker)
        })
    }

    fn best_answer(&self) -> Option<&'a Journey> {
        self.answers(&self.case.probe.from, &self.case.probe.to).max_by_key(|answer| answer.progress())
    }

    fn place(&self, happening: Happening, journey: Option<&Journey>) -> Place {
        let origin = VantagePoint::towards_the_switch(&self.case.topology, &self.case.probe.from);
        let is_captured =
            |point: &VantagePoint| self.case.captures.iter().any(|(captured, _)| captured == point);
        let origin = origin.and_then(|points| points.into_iter().next()).map(|point| {
            let captured = is_captured(&point);
            (point, captured)
        });
        Place { happening, journey: journey.cloned(), origin }
    }
}

/// The hardware address that an answer gives.
pub(super) fn said_hardware(frame: &Frame) -> Option<MacAddress> {
    match &frame.content {
        Content::Arp(arp) => Some(arp.sender_hardware),
        Content::Neighbour(neighbour) => neighbour.link_layer,
        _ => None,
    }
}

fn is(endpoint: &Option<String>, name: &str) -> bool {
    endpoint.as_deref() == Some(name)
}
