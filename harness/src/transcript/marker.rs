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
