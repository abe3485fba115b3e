//! How often a machine was waited for.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

/// Counts the times at which commands were sent to a machine that nothing else had been sent to: what is sent while another
/// command is awaited shares that one's round trip. So does the word that a prepared script waits for: its shell is there.
#[derive(Clone, Debug, Default)]
pub(super) struct RoundTrips {
    under_way: Arc<Mutex<u32>>,
    count: Arc<AtomicU32>,
}

/// A command that is awaited, until this is dropped.
#[derive(Debug)]
pub(super) struct Awaited(RoundTrips);

impl RoundTrips {
    pub(super) fn begin(&self) -> Awaited {
        if let Ok(mut under_way) = self.under_way.lock() {
            if *under_way == 0 {
                self.count.fetch_add(1, Ordering::Relaxed);
            }
            *under_way += 1;
        }
        Awaited(self.clone())
    }

    pub(super) fn count(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if let Ok(mut under_way) = self.0.under_way.lock() {
            *under_way -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_at_once_is_one_round_trip() {
        let trips = RoundTrips::default();
        let (one, another) = (trips.begin(), trips.clone().begin());
        drop(one);
        let joined = trips.begin();
        drop((another, joined));
        assert_eq!(trips.count(), 1);
        drop(trips.begin());
        assert_eq!(trips.count(), 2);
    }
}
