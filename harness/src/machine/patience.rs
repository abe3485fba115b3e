//! How long to wait on a machine of a given speed.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The round trip of a command on a machine that counts as fast: a namespace, or a VM with KVM.
const FAST_ROUND_TRIP: Duration = Duration::from_millis(20);

/// Deadlines scaled by a lab's measured speed: an emulated machine is slow, and that is no failure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patience {
    /// The measured time of the shortest command over an open session.
    pub round_trip: Duration,
}

impl Patience {
    /// Patience for a lab of which nothing is known yet.
    pub const UNMEASURED: Self = Self { round_trip: Duration::from_millis(200) };

    /// The deadline that is `fast` where commands are fast, and later by the measured factor elsewhere.
    pub fn deadline(self, fast: Duration) -> Duration {
        let factor = self.round_trip.as_secs_f64() / FAST_ROUND_TRIP.as_secs_f64();
        fast.mul_f64(factor.clamp(1.0, 20.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_lab_gets_more_time_and_a_fast_one_never_less() {
        let wait = Duration::from_secs(2);
        let lab = |milliseconds| Patience { round_trip: Duration::from_millis(milliseconds) };
        assert_eq!(lab(1).deadline(wait), wait);
        assert_eq!(lab(100).deadline(wait), wait * 5);
        assert_eq!(lab(60_000).deadline(wait), wait * 20);
    }
}
