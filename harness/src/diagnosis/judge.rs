//! From the evidence to the verdict.

use super::{Case, Code, ControlKind, Failure, Judgement, Verdict, rules, scene::Scene, talk::Talk};
use crate::journey::{Journey, follow};

impl Case {
    /// Judges what was captured. A failure that is shown in spite of weak evidence is one all the same: points whose
    /// captures are weak take no part in it.
    pub fn judge(&self) -> Judgement {
        let journeys = follow(&self.captures, &self.owners, &self.markers, &self.topology);
        let place = Talk { case: self, journeys: &journeys }.first_failure();
        let failure = place.map(|place| {
            let causes = rules::causes(&Scene { case: self, journeys: &journeys, place: &place });
            Failure { place, causes }
        });
        let verdict = match failure {
            Some(failure) if self.weaknesses.is_empty() || is_shown(&failure) => {
                Verdict::Fail(Box::new(failure))
            }
            None if self.weaknesses.is_empty() => self.doubt_a_success(&journeys),
            _ => Verdict::Inconclusive { weaknesses: self.weaknesses.clone() },
        };
        Judgement { verdict, journeys }
    }

    /// A success that the captures brought about, or that went past a point which did not see it, is none.
    fn doubt_a_success(&self, journeys: &[Journey]) -> Verdict {
        let gaps = journeys.iter().filter(|journey| self.is_of_probe(journey)).flat_map(|journey| {
            journey.gaps().map(|gap| {
                format!("{} lies on the way of {}, which came past it unseen: not all was captured there, or the topology is another", gap.point, journey.name())
            })
        });
        let weaknesses: Vec<String> = gaps.chain(self.risen_promiscuity()).collect();
        if weaknesses.is_empty() { Verdict::Pass } else { Verdict::Inconclusive { weaknesses } }
    }

    fn is_of_probe(&self, journey: &Journey) -> bool {
        let ends = [&self.probe.from, &self.probe.to];
        [&journey.from, &journey.to].iter().all(|end| end.as_ref().is_some_and(|end| ends.contains(&end)))
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
        let rose = self.states.before.iter().flat_map(|(name, before)| {
            let after = self.states.after.get(name);
            before.interfaces.iter().flatten().filter_map(move |before| {
                let now = after?.interface(&before.ifname)?.promiscuity;
                (now > before.promiscuity).then(|| {
                    format!("{name}/{} became promiscuous while it was captured ({} to {now}): what works now may not without captures", before.ifname, before.promiscuity)
                })
            })
        });
        rose.chain(failed_alone)
    }

    /// A control's outcome, where it was made.
    pub(super) fn control(&self, kind: ControlKind) -> Option<bool> {
        self.controls.iter().find(|control| control.kind == kind).map(|control| control.is_answered)
    }
}

fn is_shown(failure: &Failure) -> bool {
    failure.causes.iter().any(|cause| cause.is_certain)
}
