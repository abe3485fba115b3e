//! The processor's time stamp counter, which is the clock of an emulated machine.
//!
//! The machine's kernel would measure its frequency against an emulated timer. On a host with more to do than it can, one was
//! seen to find a third of it: its clock then ran three times as fast, and every timer with it.

use std::time::{Duration, Instant};

/// A reading counts that took no longer: nothing else ran meanwhile.
const READING: Duration = Duration::from_micros(1);
/// How often a reading is tried. One in a hundred is disturbed.
const READINGS: usize = 1000;

/// A reading of the counter.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeStampCounter {
    at: Instant,
    count: u64,
}

impl TimeStampCounter {
    /// `None` on a processor without one.
    pub(super) fn read() -> Option<Self> {
        (0..READINGS).find_map(|_| {
            let at = Instant::now();
            let count = count()?;
            (at.elapsed() < READING).then_some(Self { at, count })
        })
    }

    /// Its frequency since that reading, rounded, as the kernel's option has it (`tsc_early_khz`, kernel-parameters.txt). The
    /// kernel refines it; a rounded one is the same each time.
    pub(super) fn kilohertz(self) -> Option<u64> {
        let now = Self::read()?;
        kilohertz(now.count.checked_sub(self.count)?, now.at - self.at)
    }
}

fn kilohertz(counts: u64, time: Duration) -> Option<u64> {
    let megahertz = (u128::from(counts) * 1000 + time.as_nanos() / 2).checked_div(time.as_nanos())?;
    u64::try_from(megahertz * 1000).ok()
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)] // The instruction has no safe way in.
fn count() -> Option<u64> {
    // SAFETY: every x86-64 processor has it, and it touches no memory.
    Some(unsafe { std::arch::x86_64::_rdtsc() })
}

#[cfg(not(target_arch = "x86_64"))]
fn count() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frequency_is_rounded_to_megahertz() {
        let second = Duration::from_secs(1);
        assert_eq!(kilohertz(2_596_119_000, second), Some(2_596_000));
        assert_eq!(kilohertz(259_561_190, second / 10), Some(2_596_000));
        assert_eq!(kilohertz(1, Duration::ZERO), None);
    }

    #[test]
    #[cfg(target_arch = "x86_64")]
    fn two_measurements_agree() {
        let measure = || {
            let counter = TimeStampCounter::read().expect("there is one");
            while counter.at.elapsed() < Duration::from_millis(20) {}
            counter.kilohertz().expect("time has passed")
        };
        assert!(measure().abs_diff(measure()) <= 1000);
    }
}
