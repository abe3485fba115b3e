//! Questions by which a host makes sure of what it believes about a neighbour.

use std::time::Duration;

use harness::{
    capture::Recording,
    container::Containers,
    frame::{ArpOperation, Content, Frame, NeighbourMessage},
    lab::Lab,
    stimulus::Ping,
};

use super::{exchange::assert_seen_as, lab::LeasedLab};

/// What a kernel timer may be early by, counted in ticks of at most 10 ms.
const CLOCK_TICK: Duration = Duration::from_millis(20);
/// What a fast lab's may be late by. It is less than what tells a hastened probe from one in the kernel's own time.
const LATENESS: Duration = Duration::from_secs(1);

/// Sends a ping of docker1's, and asserts an answer and the pictures of a name, in which docker2 makes sure of the asker, `delay`
/// behind its answer.
pub async fn assert_probed_after_the_answer(
    name: &str,
    lab: &LeasedLab,
    containers: &Containers,
    ping: &Ping<'_>,
    delay: Duration,
) -> miette::Result<()> {
    let captures = lab.capture_everywhere(containers).await?;
    let ping = ping.send().await?;
    let within = delay + Duration::from_secs(5);
    captures.wait_for_several("docker2", 2, "the reply to the probe", within, is_reply).await;
    let recording = assert_seen_as(name, lab, containers, captures).await?;
    assert_probed_late(lab, &recording, "docker2", delay);
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}

/// Asserts what a picture leaves open: that probes passed a machine, and each of them in its time, `delay` behind the first echo.
#[track_caller]
pub fn assert_probed_late(lab: &Lab, recording: &Recording, machine: &str, delay: Duration) {
    let frames = recording.frames_at(machine);
    let is_echo = |frame: &&&Frame| matches!(frame.content, Content::Echo(_) | Content::Echo6(_));
    let first = frames.iter().find(is_echo).expect("there is an echo");
    let probes = frames.iter().filter(|frame| is_probe(frame));
    let waits: Vec<Duration> = probes.map(|probe| probe.at.saturating_sub(first.at)).collect();
    assert!(!waits.is_empty(), "nobody made sure of a neighbour");
    let latest = delay + lab.facts().patience.deadline(LATENESS);
    let in_time = |wait: &Duration| *wait + CLOCK_TICK >= delay && *wait <= latest;
    assert!(waits.iter().all(in_time), "the probes came after {waits:?}, not {delay:?} to {latest:?}");
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

/// The answer to a question of either protocol.
fn is_reply(frame: &Frame) -> bool {
    match &frame.content {
        Content::Arp(_) => frame.is_arp_reply(),
        Content::Neighbour(neighbour) => matches!(neighbour.message, NeighbourMessage::Advertisement { .. }),
        _ => false,
    }
}
