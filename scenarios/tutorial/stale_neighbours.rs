//! What the tutorial's printed capture really shows: not the broadcast of a cold cache but the
//! unicast probes of two stale entries, five seconds into a ping of seven.

use std::time::Duration;

use harness::{
    capture::Recording,
    container::Containers,
    frame::{Content, Frame},
    lab::{Lab, LabError},
    machine::Script,
    picture::Order,
};
use rstest::rstest;

use crate::common::{
    PINNED_PROBE_DELAY, assert_pictures, assert_probed_late, capture_and, lab, mac, set_probe_delay,
};

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
    let containers = async { Ok(lab.set_up().await?) };
    let (containers, own_delay) = tokio::try_join!(containers, delay_of(&lab, "node-1"))?;
    let (delay, interval) = if lab.facts().own_nodes() || own_delay > 2 * KERNELS_DELAY {
        lab.may("changes when node-1 asks for its neighbours again")?;
        (delay, interval)
    } else {
        (own_delay, Duration::from_secs(own_delay.into()) / KERNELS_DELAY)
    };

    let captures = capture_and(&lab, &containers, make_stale(&lab, &containers, delay, own_delay)).await?;
    let ping = lab.ping("node-1", "docker2")?.repeated(ECHOES, interval).send().await?;
    let within = Duration::from_secs(5);
    captures.wait_for_several("docker2", 2, "the replies to the probes", within, Frame::is_arp_reply).await;
    let recording = captures.finish().await?;

    let pictures = recording.pictures(&containers.owners, Order::WithinExchanges)?;
    assert_pictures(&lab, "stale_neighbours", &pictures);
    assert_probed_late(&lab, &recording, "node-2", Duration::from_secs(delay.into()));
    assert_in_order(&recording);
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}

/// The echoes keep their order, which the picture leaves open too.
fn assert_in_order(recording: &Recording) {
    let frames = recording.frames_at("node-2");
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
    let (node_1_mac, docker2_mac) = (mac(lab, containers, "node-1"), mac(lab, containers, "docker2"));
    let ends = [
        (&node_1.name, &node_1.uplink, docker2.address, docker2_mac, own_delay),
        (&docker2.name, &docker2.interface, node_1.address, node_1_mac, PINNED_PROBE_DELAY),
    ];
    let made_stale = ends.map(async |(name, interface, peer, mac, own)| {
        let end = lab.endpoint(name)?;
        let stale = format!("ip neigh replace {} lladdr {mac} dev {interface} nud stale", peer.addr());
        let write = |seconds: u32| end.command(&set_probe_delay("ipv4", interface, seconds));
        let script = Script::new().change(write(delay), write(own)).step(end.command(&stale));
        end.machine().run(&script).await.map(drop)?;
        Ok::<_, LabError>(())
    });
    let [node_1, docker2] = made_stale;
    tokio::try_join!(node_1, docker2)?;
    Ok(())
}
