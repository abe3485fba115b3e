//! When a frame was seen, by the clock on the reader's wall.

use std::time::Duration;

use jiff::{Timestamp, tz::TimeZone};

/// Prints times as tcpdump does: `13:39:13.123456`, in the local time zone.
#[derive(Clone, Debug)]
pub struct TimeOfDay {
    zone: TimeZone,
    stretch: Option<Stretch>,
}

/// Seconds of the Unix epoch between two changes of a zone's clocks.
#[derive(Clone, Debug)]
struct Stretch {
    begin: i64,
    end: i64,
    /// How far the clocks are ahead of UTC.
    ahead: i64,
}

impl TimeOfDay {
    /// In this machine's time zone (the variable `TZ`, or `/etc/localtime`).
    pub fn local() -> Self {
        Self::in_zone(TimeZone::system())
    }

    /// In that time zone.
    pub fn in_zone(zone: TimeZone) -> Self {
        Self { zone, stretch: None }
    }

    /// The time of day of a time since the Unix epoch. Nanoseconds are cut off.
    pub fn text(&mut self, at: Duration) -> String {
        let mut text = String::new();
        self.print(at, &mut text);
        text
    }

    /// The same, to the end of `text`.
    pub(super) fn print(&mut self, at: Duration, text: &mut String) {
        // tcpdump takes the seconds for a signed number of 32 bits.
        let seconds = i32::try_from(at.as_secs()).ok();
        let Some(ahead) = seconds.and_then(|seconds| self.ahead(seconds.into())) else {
            return text.push_str("[Error converting time]");
        };
        let second = (at.as_secs().cast_signed() + ahead).rem_euclid(24 * 60 * 60).unsigned_abs();
        for (number, width, end) in [
            (second / 3600, 2, ":"),
            (second / 60 % 60, 2, ":"),
            (second % 60, 2, "."),
            (at.subsec_micros().into(), 6, ""),
        ] {
            print_padded(number, width, text);
            text.push_str(end);
        }
    }

    /// How far the clocks are ahead of UTC at a time. A zone is asked once for each of its stretches.
    fn ahead(&mut self, seconds: i64) -> Option<i64> {
        if let Some(stretch) = &self.stretch
            && (stretch.begin..stretch.end).contains(&seconds)
        {
            return Some(stretch.ahead);
        }
        let timestamp = Timestamp::from_second(seconds).ok()?;
        let ahead = self.zone.to_offset(timestamp).seconds().into();
        let change = self.zone.following(timestamp).next();
        let end = change.map_or(i64::MAX, |change| change.timestamp().as_second());
        self.stretch = Some(Stretch { begin: seconds, end, ahead });
        Some(ahead)
    }
}

fn print_padded(number: u64, width: usize, text: &mut String) {
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(number);
    text.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
    text.push_str(digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_were_changed_show_the_other_time() {
        // 2026-10-25, 01:00 UTC: Berlin's clocks go back from three to two.
        let change = 1_792_890_000;
        let mut time = TimeOfDay::in_zone(TimeZone::get("Europe/Berlin").expect("the zone is known"));
        let text = |time: &mut TimeOfDay, seconds| time.text(Duration::from_secs(seconds));
        assert_eq!(text(&mut time, change - 1), "02:59:59.000000");
        assert_eq!(text(&mut time, change), "02:00:00.000000");
        assert_eq!(text(&mut time, change - 1), "02:59:59.000000");
    }
}
