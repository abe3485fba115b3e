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
            let answer = self.best_answer();
            return question
                .or_else(|| self.tagging(answer?))
                .or_else(|| Some(self.place(Happening::NeverSent, answer)));
        }
        (requests.iter().find_map(|request| self.echo_failure(request)))
            .or_else(|| self.contradiction())
            .or_else(|| self.oddity())
    }

    fn echo_requests(&self) -> impl Iterator<Item = &'a Journey> {
        let probe = &self.case.probe;
        self.journeys.iter().filter(move |journey| {
            journey.is_echo_request() && is(journey.from(), &probe.from) && is(journey.to(), &probe.to)
        })
    }

    fn echo_failure(&self, request: &'a Journey) -> Option<Place> {
        if request.is_lost() && !self.is_answered_all_the_same(request) {
            return Some(self.lost(request));
        }
        let replies = self
            .journeys
            .iter()
            .filter(|journey| journey.part() == Part::Answer && journey.exchange() == request.exchange());
        match replies.max_by_key(|reply| evidence(reply)) {
            Some(reply) if reply.is_lost() => Some(self.lost(reply)),
            Some(_) => None,
            // Whoever is to reply may have to ask first.
            None => (self.question_failure(&self.case.probe.to, &self.case.probe.from))
                .or_else(|| Some(self.unanswered(request))),
        }
    }

    /// What went wrong with one end's question for the other's hardware address; `None` where it asked
    /// nothing, or has its answer.
    fn question_failure(&self, asker: &str, asked: &str) -> Option<Place> {
        let question = self.questions(asker, asked).max_by_key(|question| evidence(question))?;
        if question.is_lost() && !self.is_answered_all_the_same(question) {
            return Some(self.lost(question));
        }
        match self.answers(asker, asked).max_by_key(|answer| evidence(answer)) {
            None => Some(self.unanswered(question)),
            Some(answer) => answer.is_lost().then(|| self.lost(answer)),
        }
    }

    /// Two answers by different machines, or one by another than was asked.
    fn contradiction(&self) -> Option<Place> {
        let asked = &self.case.probe.to;
        let answers: Vec<&Journey> = self.answers(&self.case.probe.from, asked).collect();
        let first = answers.first()?;
        let other = answers.iter().find(|answer| !is(answer.from(), asked));
        let other = other.or_else(|| {
            answers.iter().find(|answer| said_hardware(answer.frame()) != said_hardware(first.frame()))
        });
        other.map(|answer| self.place(Happening::Unexpected, Some(answer)))
    }

    /// One end's questions for the other's hardware address.
    pub(super) fn questions(&self, asker: &str, asked: &str) -> impl Iterator<Item = &'a Journey> {
        self.journeys.iter().filter(move |journey| {
            journey.part() == Part::Question
                && journey.is_about_an_address()
                && is(journey.from(), asker)
                && is(journey.to(), asked)
        })
    }

    /// All answers to those, whoever gave them.
    pub(super) fn answers(&self, asker: &str, asked: &str) -> impl Iterator<Item = &'a Journey> {
        self.journeys.iter().filter(move |journey| {
            let about = match journey.exchange() {
                Exchange::Arp { target, .. } | Exchange::Neighbour { target, .. } => target == asked,
                _ => false,
            };
            about && journey.part() == Part::Answer && is(journey.to(), asker)
        })
    }

    /// The point furthest from the asker that saw an answer by another hardware address than the asked one's.
    fn strangers_entry(&self) -> Option<VantagePoint> {
        let (from, to) = (&self.case.probe.from, &self.case.probe.to);
        let own: Vec<MacAddress> = self.case.owners.macs_of(to).collect();
        let is_strange =
            |answer: &&Journey| !said_hardware(answer.frame()).is_some_and(|mac| own.contains(&mac));
        let answer = self.answers(from, to).filter(|_| !own.is_empty()).find(is_strange)?;
        let path = VantagePoint::along_the_path(&self.case.topology);
        let place = |point: &VantagePoint| path.iter().position(|other| other == point);
        let asker = VantagePoint::towards_the_switch(&self.case.topology, from)?;
        let home = place(asker.first()?)?;
        let seen = answer.stations().filter(|station| station.saw());
        let furthest = seen.max_by_key(|station| place(station.point()).map(|place| place.abs_diff(home)))?;
        Some(furthest.point().clone())
    }

    fn best_answer(&self) -> Option<&'a Journey> {
        self.answers(&self.case.probe.from, &self.case.probe.to).max_by_key(|answer| evidence(answer))
    }

    /// A frame that did not arrive, or not as it was.
    fn lost(&self, journey: &'a Journey) -> Place {
        self.alteration(journey).unwrap_or_else(|| self.place(Happening::Lost, Some(journey)))
    }

    /// A question that came as far as there are captures.
    fn unanswered(&self, journey: &'a Journey) -> Place {
        self.tagging(journey).unwrap_or_else(|| self.place(Happening::Unanswered, Some(journey)))
    }

    /// Whether whoever was asked gave an answer, although no capture shows that the question came to it in any copy.
    pub(super) fn is_answered_all_the_same(&self, question: &Journey) -> bool {
        let Some(to) = question.to() else { return false };
        let mut others = self.journeys.iter().filter(|other| other.exchange() == question.exchange());
        let is_own_answer = |other: &Journey| {
            other.part() == Part::Answer && other.source().split('=').any(|name| name == to)
        };
        let came = |other: &Journey| other.part() == question.part() && !other.is_lost();
        question.part() == Part::Question && others.clone().any(is_own_answer) && !others.any(came)
    }

    pub(super) fn place(&self, happening: Happening, journey: Option<&Journey>) -> Place {
        let origin = VantagePoint::towards_the_switch(&self.case.topology, &self.case.probe.from);
        let is_captured =
            |point: &VantagePoint| self.case.captures.iter().any(|(captured, _)| captured == point);
        let origin = origin.and_then(|points| points.into_iter().next()).map(|point| {
            let captured = is_captured(&point);
            (point, captured)
        });
        let strangers_entry = self.strangers_entry();
        Place { happening, journey: journey.cloned(), origin, turn: None, strangers_entry }
    }
}

/// Of copies the one that came furthest counts, and of those the one that was seen at most points: one that was under way
/// when the captures ended has gaps.
fn evidence(journey: &Journey) -> (usize, usize) {
    (journey.progress(), journey.way().filter(|station| station.saw()).count())
}

/// The hardware address that an answer gives.
pub(super) fn said_hardware(frame: &Frame) -> Option<MacAddress> {
    match &frame.content {
        Content::Arp(arp) => Some(arp.sender_hardware),
        Content::Neighbour(neighbour) => neighbour.link_layer,
        _ => None,
    }
}

fn is(endpoint: Option<&str>, name: &str) -> bool {
    endpoint == Some(name)
}
