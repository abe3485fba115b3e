//! How many scenarios have a lab or wait for it.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

#[derive(Clone, Debug, Default)]
pub(super) struct Queue(Arc<AtomicU32>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Queued(Queue);

impl Queue {
    /// Joins them; how many were there before.
    pub(super) fn join(&self) -> (u32, Queued) {
        (self.0.fetch_add(1, Ordering::Relaxed), Queued(self.clone()))
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
