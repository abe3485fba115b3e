//! The units in which a pcapng interface counts time.

use std::time::Duration;

const NANOSECONDS: u128 = 1_000_000_000;

/// How to read an interface's timestamps (pcapng's `if_tsresol` and `if_tsoffset`).
///
/// pcap-parser reads neither powers of two nor offsets of a big-endian section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeResolution {
    units_per_second: u128,
    offset: i64,
}

impl TimeResolution {
    /// `resolution` is the negative power of ten, or, with the highest bit set, of two; `offset` is
    /// in seconds.
    pub(super) fn new(resolution: u8, offset: i64) -> Self {
        let exponent = u32::from(resolution & 0x7f);
        let units_per_second = match resolution & 0x80 {
            0 => 10_u128.checked_pow(exponent).unwrap_or(u128::MAX),
            _ => 1 << exponent,
        };
        Self { units_per_second, offset }
    }

    /// The time of that many units, since the Unix epoch. What lies before the epoch is put there.
    pub(super) fn time(self, units: u64) -> Duration {
        let nanoseconds = u128::from(units) * NANOSECONDS / self.units_per_second;
        let seconds = (nanoseconds / NANOSECONDS) as i128 + i128::from(self.offset);
        match u64::try_from(seconds) {
            Ok(seconds) => Duration::new(seconds, (nanoseconds % NANOSECONDS) as u32),
            Err(_) => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_ten_and_of_two_are_units() {
        let time = |resolution, units| TimeResolution::new(resolution, 0).time(units);
        assert_eq!(time(6, 1_500_000), Duration::from_millis(1_500));
        assert_eq!(time(9, 1_500_000_001), Duration::new(1, 500_000_001));
        assert_eq!(time(0x80 | 10, 1_536), Duration::from_millis(1_500));
        assert_eq!(time(0, 7), Duration::from_secs(7));
    }

    #[test]
    fn no_resolution_overflows() {
        for resolution in 0..=255 {
            TimeResolution::new(resolution, i64::MAX).time(u64::MAX);
        }
    }

    #[test]
    fn an_offset_is_added_and_never_leads_before_the_epoch() {
        assert_eq!(TimeResolution::new(6, 3_600).time(1_000_000), Duration::from_secs(3_601));
        assert_eq!(TimeResolution::new(6, -2).time(1_000_000), Duration::ZERO);
    }
}
