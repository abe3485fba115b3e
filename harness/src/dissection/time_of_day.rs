//! When a frame was seen, by the clock on the reader's wall.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

/// Prints times as tcpdump does: `13:39:13.123456`, in the local time zone.
#[derive(Clone, Debug)]
pub struct TimeOfDay {
    zone: TimeZone,
}

impl TimeOfDay {
    /// In this machine's time zone (the variable `TZ`, or `/etc/localtime`).
    pub fn local() -> Self {
        Self { zone: TimeZone::system() }
    }

    /// In that time zone.
    pub fn in_zone(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// The time of day of a time since the Unix epoch. Nanoseconds are cut off.
    pub fn text(&self, at: Duration) -> String {
        // tcpdump takes the seconds for a signed number of 32 bits.
        let seconds = i32::try_from(at.as_secs()).ok();
        let timestamp = seconds.and_then(|seconds| Timestamp::from_second(seconds.into()).ok());
        let Some(timestamp) = timestamp else { return "[Error converting time]".to_owned() };
        let local = self.zone.to_datetime(timestamp);
        format!("{:02}:{:02}:{:02}.{:06}", local.hour(), local.minute(), local.second(), at.subsec_micros())
    }
}
