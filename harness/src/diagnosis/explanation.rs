//! A verdict for people and for programs.

use std::fmt;

use serde::Serialize;

use super::{Case, Cause, Code, Failure, Judgement, Verdict};
use crate::vantage_point::VantagePoint;

/// What `lab trace --format json` prints, and a run folder's `verdict.json` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// `pass`, `fail` or `inconclusive`.
    pub verdict: &'static str,
    /// What was asked: `docker1:docker2`.
    pub probe: String,
    /// The frame that did not come, or should not have: `echo request seq 1`.
    pub frame: Option<String>,
    /// The last vantage point that saw it.
    pub last_seen: Option<String>,
    /// The first behind that one which was captured and did not see it; for a frame that was never sent, its origin.
    pub missing_at: Option<String>,
    /// The first point where a frame was that should not be there, or where it was not as it had been before.
    pub odd_at: Option<String>,
    /// Points between those that were not captured.
    pub not_captured: Vec<String>,
    /// The codes of the causes that are certain, joined by ` and `; `unknown` where none is.
    pub cause: Option<String>,
    /// The place in a sentence.
    pub explanation: String,
    /// What was seen that shows it, a sentence each; of an inconclusive verdict, what is wrong with the evidence.
    pub evidence: Vec<String>,
    /// The causes, whether certain or possible, each with what it means, what to try and what would decide.
    pub causes: Vec<Cause>,
    /// Further probes, a sentence each.
    pub controls: Vec<String>,
}

impl Judgement {
    /// Explains the verdict about a case.
    pub fn explain(&self, case: &Case) -> Explanation {
        let probe = &case.probe;
        let nothing = Explanation {
            verdict: "pass",
            probe: probe.to_string(),
            frame: None,
            last_seen: None,
            missing_at: None,
            odd_at: None,
            not_captured: Vec::new(),
            cause: None,
            explanation: format!(
                "{} reaches {}: its question and its echo were answered",
                probe.from, probe.to
            ),
            evidence: Vec::new(),
            causes: Vec::new(),
            controls: case.controls.iter().map(ToString::to_string).collect(),
        };
        match &self.verdict {
            Verdict::Pass => nothing,
            Verdict::Inconclusive { weaknesses } => Explanation {
                verdict: "inconclusive",
                explanation: "the evidence is not good enough to judge by".to_owned(),
                evidence: weaknesses.clone(),
                ..nothing
            },
            Verdict::Fail(failure) => failure.explain(nothing),
        }
    }
}

impl Failure {
    fn explain(&self, nothing: Explanation) -> Explanation {
        let place = &self.place;
        let name = |point: Option<&VantagePoint>| point.map(ToString::to_string);
        Explanation {
            verdict: "fail",
            frame: Some(place.frame()),
            last_seen: name(place.last_seen()),
            missing_at: name(place.missing_at()),
            odd_at: name(place.odd_at()),
            not_captured: place.not_captured().into_iter().map(ToString::to_string).collect(),
            cause: Some(codes(&self.causes)),
            explanation: place.to_string(),
            evidence: self.causes.iter().flat_map(|cause| cause.saw.clone()).collect(),
            causes: self.causes.clone(),
            ..nothing
        }
    }
}

/// The codes of what is certain.
fn codes(causes: &[Cause]) -> String {
    let certain: Vec<String> =
        causes.iter().filter(|cause| cause.is_certain).map(|cause| cause.code.to_string()).collect();
    if certain.is_empty() { "unknown".to_owned() } else { certain.join(" and ") }
}

impl fmt::Display for Explanation {
    /// For people: the verdict, the place, and for each cause what was seen, what it means and what to try.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.verdict, self.explanation)?;
        if self.verdict == "inconclusive" {
            return self.evidence.iter().try_for_each(|weakness| writeln!(f, "  {weakness}"));
        }
        for cause in &self.causes {
            let certainty = if cause.is_certain || cause.code == Code::Unknown { "" } else { "possible " };
            writeln!(f, "{certainty}cause: {}", cause.code)?;
            cause.saw.iter().try_for_each(|saw| writeln!(f, "  seen: {saw}"))?;
            writeln!(f, "  means: {}", cause.means)?;
            writeln!(f, "  try: {}", cause.advice)?;
            cause.decided_by.iter().try_for_each(|fact| writeln!(f, "  would decide: {fact}"))?;
        }
        self.controls.iter().try_for_each(|control| writeln!(f, "control: {control}"))
    }
}
