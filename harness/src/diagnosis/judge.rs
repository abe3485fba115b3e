//! From the evidence to the verdict.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Case, Code, ControlKind, Failure, Happening, Judgement, Verdict, rules, scene::Scene, talk::Talk,
};
use crate::{
    container::Interface,
    journey::{Journey, Station, follow},
    state::MachineState,
    stimulus::Outcome,
    topology::Container,
    transcript::{Exchange, Part},
};

impl Case {
    /// Judges what was captured. A failure that is shown in spite of weak evidence is one all the same: points whose
    /// captures are weak take no part in it.
    pub fn judge(&self) -> Judgement {
        let journeys = follow(&self.captures, &self.owners, &self.markers, &self.topology);
        let talk = Talk { case: self, journeys: &journeys };
        let place = talk.first_failure().or_else(|| talk.lateness(self.given_up_after()?));
        let failure = place.map(|place| {
            let causes = rules::causes(&Scene { case: self, journeys: &journeys, place: &place });
            Failure { place, causes }
        });
        let contradicted =
            failure.as_ref().and_then(|failure| self.contradiction_by_ping(failure, &journeys));
        let weaknesses: Vec<String> = self.weaknesses.iter().cloned().chain(contradicted).collect();
        let verdict = match failure {
            Some(failure) if weaknesses.is_empty() || is_shown(&failure) => Verdict::Fail(Box::new(failure)),
            None if weaknesses.is_empty() => self.doubt_a_success(&journeys, &talk),
            _ => Verdict::Inconclusive { weaknesses },
        };
        Judgement { verdict, journeys }
    }

    /// Whether ping says that it was answered, where the captures show that it can't have been.
    fn contradiction_by_ping(&self, failure: &Failure, journeys: &[Journey]) -> Option<String> {
        let stops =
            matches!(failure.place.happening, Happening::Lost | Happening::Unanswered | Happening::NeverSent);
        let said = self.stimulus.as_ref().filter(|stimulus| stimulus.is_answered() && stops)?;
        let is_reply = |journey: &&Journey| {
            let came = journey.way().next_back().is_some_and(Station::saw);
            matches!(journey.exchange(), Exchange::Echo { .. }) && journey.part() == Part::Answer && came
        };
        let echo_came = journeys.iter().filter(|journey| self.is_of_probe(journey)).any(|one| is_reply(&one));
        (!echo_came).then(|| {
            format!("`{}` says that it was answered, and the captures say: {}", said.command, failure.place)
        })
    }

    /// A success that the captures brought about, or that went past a point which did not see it, is none.
    fn doubt_a_success(&self, journeys: &[Journey], talk: &Talk<'_>) -> Verdict {
        let gaps = journeys.iter().filter(|journey| self.is_of_probe(journey)).flat_map(|journey| {
            let unseen = journey.rest().filter(|station| station.missed());
            let unseen = unseen.filter(|_| talk.is_answered_all_the_same(journey));
            journey.gaps().chain(unseen).map(|gap| {
                format!("{} lies on the way of {}, which came past it unseen: not all was captured there, or the topology is another", gap.point(), journey.name())
            })
        });
        let denied = self.stimulus.iter().filter(|stimulus| stimulus.outcome == Some(Outcome::Unanswered));
        let denied = denied.map(|said| {
            format!(
                "`{}` says that it was not answered, and the captures say that it was, in time",
                said.command
            )
        });
        let weaknesses: Vec<String> = gaps.chain(self.risen_promiscuity()).chain(denied).collect();
        if weaknesses.is_empty() { Verdict::Pass } else { Verdict::Inconclusive { weaknesses } }
    }

    /// How long ping waited for a reply that it says never came (`-W`, ping(8)).
    fn given_up_after(&self) -> Option<Duration> {
        let stimulus = self.stimulus.as_ref().filter(|one| one.outcome == Some(Outcome::Unanswered))?;
        let mut words = stimulus.command.split_whitespace().skip_while(|word| *word != "-W");
        words.nth(1)?.parse().ok().map(Duration::from_secs)
    }

    fn is_of_probe(&self, journey: &Journey) -> bool {
        let ends = self.probe.ends();
        [journey.from(), journey.to()].iter().all(|end| end.is_some_and(|end| ends.contains(&end)))
    }

    /// Interfaces that take in more since the captures began: a capture may repair what it watches.
    fn risen_promiscuity(&self) -> impl Iterator<Item = String> {
        let failed_alone = self.control(ControlKind::WithoutCaptures) == Some(false);
        let failed_alone = failed_alone.then(|| {
            format!(
                "{}: the probe fails while nothing captures, and succeeds while something does",
                Code::WorksOnlyWhileCaptured
            )
        });
        let rose = self.states.before.iter().flat_map(move |(name, before)| {
            let after = self.states.after.get(name);
            before.interfaces.iter().flatten().filter_map(move |before| {
                let now = after?.interface(&before.ifname)?.promiscuity;
                (now > before.promiscuity && !self.has_a_newcomer(name)).then(|| {
                    format!("{name}/{} became promiscuous while it was captured ({} to {now}): what works now may not without captures", before.ifname, before.promiscuity)
                })
            })
        });
        rose.chain(failed_alone)
    }

    /// Whether a child of a node's came up meanwhile: that makes a parent promiscuous which can't filter by address
    /// (`macvlan_open`, drivers/net/macvlan.c).
    fn has_a_newcomer(&self, node: &str) -> bool {
        let is_up = |states: &BTreeMap<String, MachineState>, container: &Container| {
            let interface =
                states.get(&container.name).and_then(|state| state.interface(&container.interface));
            interface.is_some_and(Interface::is_up)
        };
        let mut children = self.topology.containers.iter().filter(|container| container.node == node);
        children.any(|child| is_up(&self.states.after, child) && !is_up(&self.states.before, child))
    }

    /// A control's outcome, where it was made.
    pub(super) fn control(&self, kind: ControlKind) -> Option<bool> {
        self.controls.iter().find(|control| control.kind == kind).map(|control| control.is_answered)
    }
}

fn is_shown(failure: &Failure) -> bool {
    failure.causes.iter().any(|cause| cause.is_certain)
}
