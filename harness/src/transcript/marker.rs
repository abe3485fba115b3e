//! The frames that close a capture.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::frame::{Content, Echo, EchoDirection, Frame};

/// `ping` puts the time of sending into the first bytes of its payload (two 64-bit words).
const PING_TIMESTAMP_LENGTH: usize = 16;

/// A broadcast that is sent after the stimulus and queues behind it on every path: a capture that
/// has seen it has seen all that came before. Broadcasts reach a macvlan child later than unicast
/// frames do (a work queue, drivers/net/macvlan.c), so this one comes behind both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marker {
    pattern: [u8; 8],
}

impl Marker {
    /// The destination of every marker: the limited broadcast, which needs no route.
    pub const DESTINATION: Ipv4Addr = Ipv4Addr::BROADCAST;

    /// The marker number `number` of the run number `run`.
    pub fn new(run: u32, number: u8) -> Self {
        let [a, b, c, d] = run.to_be_bytes();
        Self { pattern: [b'e', b'n', b'd', number, a, b, c, d] }
    }

    /// The payload's pattern.
    pub fn bytes(&self) -> [u8; 8] {
        self.pattern
    }

    /// The payload's pattern, as `ping -p` takes it.
    pub fn pattern(&self) -> String {
        self.pattern.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether the frame is this marker.
    pub fn is(&self, frame: &Frame) -> bool {
        self.is_in(&frame.content)
    }

    /// Whether that is this marker's content.
    pub fn is_in(&self, content: &Content) -> bool {
        matches!(content, Content::Echo(echo) if self.is_echo(echo))
    }

    fn is_echo(&self, echo: &Echo) -> bool {
        let filling = echo.payload.get(PING_TIMESTAMP_LENGTH..).unwrap_or_default();
        echo.direction == EchoDirection::Request
            && echo.destination == Self::DESTINATION
            && filling.len() >= self.pattern.len()
            && filling.chunks_exact(self.pattern.len()).all(|chunk| chunk == self.pattern)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use rstest::rstest;

    use super::*;

    /// A marker as `ping` sends it.
    pub(crate) fn echo(marker: Marker) -> Echo {
        Echo {
            direction: EchoDirection::Request,
            source: Ipv4Addr::LOCALHOST,
            destination: Marker::DESTINATION,
            ttl: 64,
            id: 1,
            sequence: 1,
            payload: [vec![7; PING_TIMESTAMP_LENGTH], marker.bytes().repeat(5)].concat(),
            checksum_holds: true,
        }
    }

    #[test]
    fn ping_takes_it_as_digits() {
        assert_eq!(Marker::new(0x0102_0aff, 5).pattern(), "656e640501020aff");
    }

    #[test]
    fn it_is_known_by_what_follows_pings_own_time() {
        let marker = Marker::new(7, 1);
        assert!(marker.is_in(&Content::Echo(echo(marker))));
        for other in [Marker::new(7, 2), Marker::new(8, 1)] {
            assert!(!marker.is_in(&Content::Echo(echo(other))), "{other:?}");
        }
    }

    #[rstest]
    #[case::a_reply(|echo: &mut Echo| echo.direction = EchoDirection::Reply)]
    #[case::to_somebody(|echo: &mut Echo| echo.destination = Ipv4Addr::LOCALHOST)]
    #[case::cut_before_its_pattern(|echo: &mut Echo| echo.payload.truncate(PING_TIMESTAMP_LENGTH + 7))]
    #[case::with_another_end(|echo: &mut Echo| echo.payload[PING_TIMESTAMP_LENGTH + 39] ^= 1)]
    fn no_marker_is(#[case] change: fn(&mut Echo)) {
        let marker = Marker::new(7, 1);
        let mut echo = echo(marker);
        change(&mut echo);
        assert!(!marker.is_in(&Content::Echo(echo)));
    }
}
