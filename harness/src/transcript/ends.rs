//! Between whom a frame goes.

use crate::{
    MacAddress,
    frame::{Frame, Packet},
};

/// A frame's two ends, as far as its link layer tells them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) source: Option<MacAddress>,
    pub(super) destination: Option<MacAddress>,
}

impl From<&Frame> for Ends {
    fn from(frame: &Frame) -> Self {
        Self { source: Some(frame.source), destination: Some(frame.destination) }
    }
}

impl From<&Packet> for Ends {
    fn from(packet: &Packet) -> Self {
        Self { source: packet.source(), destination: packet.destination() }
    }
}
