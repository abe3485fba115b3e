//! How many scenarios have a lab or wait for it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Instant,
};

#[derive(Clone, Debug, Default)]
pub(super) struct Queue(Arc<AtomicU32>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Queued {
    queue: Queue,
    /// When it came.
    pub(super) since: Instant,
}

impl Queue {
    /// Joins them; how many were there before.
    pub(super) fn join(&self) -> (u32, Queued) {
        (self.0.fetch_add(1, Ordering::Relaxed), Queued { queue: self.clone(), since: Instant::now() })
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        self.queue.0.fetch_sub(1, Ordering::Relaxed);
    }
}
