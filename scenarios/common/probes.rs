//! Questions by which a host makes sure of what it believes about a neighbour.

use std::time::Duration;

use harness::{
    capture::Recording,
    frame::{ArpOperation, Content, Frame, NeighbourMessage},
};

/// What a kernel timer may be early by, counted in ticks of at most 10 ms.
const CLOCK_TICK: Duration = Duration::from_millis(20);

/// Asserts what a picture leaves open: that probes passed a machine, and none of them before its time, `delay` behind the first echo.
#[track_caller]
pub fn assert_probed_late(recording: &Recording, machine: &str, delay: Duration) {
    let frames = recording.frames_at(machine);
    let is_echo = |frame: &&&Frame| matches!(frame.content, Content::Echo(_) | Content::Echo6(_));
    let first = frames.iter().find(is_echo).expect("there is an echo");
    let probes = frames.iter().filter(|frame| is_probe(frame));
    let waits: Vec<Duration> = probes.map(|probe| probe.at.saturating_sub(first.at)).collect();
    assert!(!waits.is_empty(), "nobody made sure of a neighbour");
    assert!(waits.iter().all(|wait| *wait + CLOCK_TICK >= delay), "the probes came after {waits:?}");
}

/// A question that is for one neighbour alone, of either protocol.
fn is_probe(frame: &Frame) -> bool {
    let is_question = match &frame.content {
        Content::Arp(arp) => arp.operation == ArpOperation::Request,
        Content::Neighbour(neighbour) => neighbour.message == NeighbourMessage::Solicitation,
        _ => false,
    };
    is_question && !frame.destination.is_group()
}
