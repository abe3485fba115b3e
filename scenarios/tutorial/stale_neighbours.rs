//! What the tutorial's printed capture really shows: not the broadcast of a cold cache but the
//! unicast probes of two stale entries, five seconds into a ping of seven.

use std::time::Duration;

use harness::{
    capture::Recording,
    container::Containers,
    frame::{ArpOperation, Content, Frame},
    lab::{Lab, LabError},
    machine::Script,
    picture::Order,
};
use rstest::rstest;

use crate::common::{assert_pictures, lab};

/// What a kernel timer may be early by, counted in ticks of at most 10 ms.
const CLOCK_TICK: Duration = Duration::from_millis(20);
/// What the harness pins `delay_first_probe_time` to, in seconds.
const PINNED_DELAY: u32 = 600;
/// The kernel's own `delay_first_probe_time` (net/ipv4/arp.c), in seconds.
const KERNELS_DELAY: u32 = 5;
/// The tutorial's ping.
const ECHOES: u32 = 7;

/// With the kernel's own time (`delay_first_probe_time`) and ping's, or a fifth of both: the frames
/// are the same.
#[rstest]
#[case::in_a_fifth_of_the_time(1, Duration::from_millis(200))]
#[ignore = "takes seven seconds to show the same frames"]
#[case::in_the_tutorials_own_time(5, Duration::from_secs(1))]
#[tokio::test]
async fn node_1_pings_docker2_with_stale_entries(
    #[case] delay: u32,
    #[case] interval: Duration,
) -> miette::Result<()> {
    let lab = lab(&format!("stale_neighbours_after_{delay}_s")).await?;
    let containers = lab.set_up().await?;
    let own_delay = delay_of(&lab, "node-1").await?;
    let (delay, interval) = if lab.facts().own_nodes() || own_delay > 2 * KERNELS_DELAY {
        lab.may("changes when node-1 asks for its neighbours again")?;
        (delay, interval)
    } else {
        (own_delay, Duration::from_secs(own_delay.into()) / KERNELS_DELAY)
    };
    make_stale(&lab, &containers, delay, own_delay).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping("node-1", "docker2")?.repeated(ECHOES, interval).send().await?;
    let within = Duration::from_secs(5);
    captures.wait_for_several("docker2", 2, "the replies to the probes", within, Frame::is_arp_reply).await;
    let recording = captures.finish().await?;

    let pictures = recording.pictures(&containers.owners, Order::WithinExchanges)?;
    assert_pictures(&lab, "stale_neighbours", &pictures);
    assert_probed_late(&recording, Duration::from_secs(delay.into()));
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}

/// The picture leaves open when the probes come: not before the entries' time, and the echoes in
/// their own order.
fn assert_probed_late(recording: &Recording, delay: Duration) {
    let frames = recording.frames_at("node-2");
    let first = frames.iter().find(|frame| frame.is_echo_request()).expect("there is an echo");
    let probes = frames.iter().filter(
        |frame| matches!(&frame.content, Content::Arp(arp) if arp.operation == ArpOperation::Request),
    );
    let waits: Vec<Duration> = probes.map(|probe| probe.at.saturating_sub(first.at)).collect();
    assert!(waits.iter().all(|wait| *wait >= delay - CLOCK_TICK), "the probes came after {waits:?}");
    let requests = frames.iter().filter_map(|frame| match &frame.content {
        Content::Echo(echo) if frame.is_echo_request() => Some(echo.sequence),
        _ => None,
    });
    assert!(requests.is_sorted(), "the echoes keep their order");
}

/// A node's `delay_first_probe_time`, in seconds.
async fn delay_of(lab: &Lab, node: &str) -> miette::Result<u32> {
    let uplink = &lab.topology().node(node).expect("the topology has it").uplink;
    let read = format!("cat /proc/sys/net/ipv4/neigh/{uplink}/delay_first_probe_time");
    let output = lab.endpoint(node)?.run(&read).await?.stdout;
    Ok(output.trim().parse().expect("a number of seconds"))
}

/// Gives both ends an entry of the other that is to be confirmed `delay` seconds after its next use;
/// `own_delay` is node-1's own time.
async fn make_stale(lab: &Lab, containers: &Containers, delay: u32, own_delay: u32) -> miette::Result<()> {
    let topology = lab.topology();
    let node_1 = topology.node("node-1").expect("the topology has node-1");
    let docker2 = topology.container("docker2").expect("the topology has docker2");
    let docker2_mac = containers.interface("docker2")?.address.expect("an Ethernet interface has an address");
    let node_1_mac = lab.facts().macs["node-1"];
    let ends = [
        (&node_1.name, &node_1.uplink, docker2.address, docker2_mac, own_delay),
        (&docker2.name, &docker2.interface, node_1.address, node_1_mac, PINNED_DELAY),
    ];
    let made_stale = ends.map(async |(name, interface, peer, mac, own)| {
        let end = lab.endpoint(name)?;
        let setting = format!("/proc/sys/net/ipv4/neigh/{interface}/delay_first_probe_time");
        let stale = format!("ip neigh replace {} lladdr {mac} dev {interface} nud stale", peer.addr());
        let write = |value: u32| end.command(&format!("sh -c 'echo {value} >{setting}'"));
        let script = Script::new().change(write(delay), write(own)).step(end.command(&stale));
        end.machine().run(&script).await.map(drop)?;
        Ok::<_, LabError>(())
    });
    let [node_1, docker2] = made_stale;
    tokio::try_join!(node_1, docker2)?;
    Ok(())
}
