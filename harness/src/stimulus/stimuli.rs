//! All that a scenario sent.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Outcome, Stimulus};
use crate::journey::Probe;

/// A scenario's stimuli, in the order in which they were started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stimuli(Arc<Mutex<Vec<Stimulus>>>);

impl Stimuli {
    /// Records one that is started, and returns its place.
    pub(super) fn begin(&self, probe: Probe, command: &str) -> usize {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(Stimulus { probe, command: command.to_owned(), outcome: None, output: String::new() });
        all.len() - 1
    }

    /// Records what became of it.
    pub(super) fn end(&self, place: usize, outcome: &Outcome, output: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (all[place].outcome, all[place].output) = (Some(outcome.clone()), output.to_owned());
    }

    /// What there is by now.
    pub(crate) fn by_now(&self) -> Vec<Stimulus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
