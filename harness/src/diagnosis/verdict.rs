//! What is found.

use super::{Cause, Place};
use crate::journey::Journey;

/// A verdict, with the journeys that it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// What is found.
    pub verdict: Verdict,
    /// Every frame's journey, in the order that the captures agree on.
    pub journeys: Vec<Journey>,
}

/// What is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The question was asked and answered, and the echo too.
    Pass,
    /// It was not.
    Fail(Box<Failure>),
    /// The evidence is not good enough to say.
    Inconclusive {
        /// What is wrong with it, a sentence each.
        weaknesses: Vec<String>,
    },
}

/// Where it failed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub place: Place,
    /// Why: what is certain, else what is possible, else [`Code::Unknown`](super::Code::Unknown) alone.
    pub causes: Vec<Cause>,
}
