//! A switch whose port sends frames back to where they came from (hairpin, "reflective relay" in IEEE 802.1Qbg).

use std::time::Duration;

use harness::{
    capture::Recording,
    container::Containers,
    frame::{ArpOperation, Content, Frame},
    lab::{Lab, LabError},
};

use super::LeasedLab;

/// Makes the switch send a node's frames back to it.
pub async fn reflect(lab: &Lab, node: &str) -> Result<(), LabError> {
    lab.may("makes the switch send a node's frames back to it")?;
    let port = &lab.topology().node(node).expect("the topology has it").port;
    let set = |state: &str| format!("bridge link set dev {port} hairpin {state}");
    lab.endpoint("host")?.change(&set("on"), &set("off")).await?;
    Ok(())
}

/// Pings once, and asserts an answer, and that the asker hears its own question come back. When it does is chance, so that there is no
/// picture: what is for one child alone is delivered at once, and overtakes it (`netif_rx` in `macvlan_handle_frame`).
pub async fn assert_reached_and_echoed(
    lab: &LeasedLab,
    containers: &Containers,
    from: &str,
    to: &str,
) -> miette::Result<Recording> {
    let captures = lab.capture_everywhere(containers).await?;
    let ping = lab.ping(from, to)?.send().await?;
    captures.wait_for_several(from, 2, "its own question", Duration::from_secs(2), is_question).await;
    let recording = captures.finish().await?;

    assert!(ping.is_answered(), "{}", ping.output);
    let questions =
        |machine| recording.frames_at(machine).into_iter().filter(|frame| is_question(frame)).count();
    assert_eq!(questions(from), 2 * questions(to), "the questions that {from} sent and heard");
    lab.is_judged();
    Ok(recording)
}

fn is_question(frame: &Frame) -> bool {
    matches!(&frame.content, Content::Arp(arp) if arp.operation == ArpOperation::Request)
}
