//! The CNI plugin `macvlan`, driven by hand as a runtime drives it (CNI specification 0.4.0).

use std::{net::Ipv4Addr, slice};

use harness::{
    MacAddress,
    container::Ipv6,
    frame::{ArpOperation, Content, Frame},
    lab::Lab,
    picture::Order,
    topology::Container,
};
use rstest::rstest;

use crate::common::{
    Plugin, assert_added, assert_answered, assert_fails_by, assert_pictures, assert_reached_as,
    assert_snapshot, assert_unreached_as, counted, lab_with_namespaces, until,
};

/// Who says which address a pod gets (IP address management).
#[derive(Clone, Copy, Debug)]
enum Ipam {
    Static,
    HostLocal,
}

impl Ipam {
    /// The plugin for a pod that gets its own address.
    fn plugin<'a>(self, lab: &'a Lab, container: &'a Container) -> miette::Result<Plugin<'a>> {
        match self {
            Self::Static => Plugin::with_static_address(lab, container),
            Self::HostLocal => Plugin::with_host_local(lab, container, container),
        }
    }
}

/// An address that the host has, and not on the LAN.
const BEYOND: Ipv4Addr = Ipv4Addr::new(10, 9, 9, 1);

/// Announcements come to other children in the kernel's own time (`macvlan_process_broadcast`, drivers/net/macvlan.c), and are
/// not to come into captures that begin behind them.
async fn until_the_first_has_heard_the_last(lab: &Lab, first: &Container) -> miette::Result<()> {
    let heard = format!("cat /sys/class/net/{}/statistics/rx_packets", first.interface);
    let endpoint = lab.endpoint(&first.name)?;
    until(&endpoint, &heard, "the other pod's announcement", |heard| heard.trim() != "0").await?;
    Ok(())
}

fn is_announcement(frame: &Frame) -> bool {
    matches!(&frame.content, Content::Arp(arp)
        if arp.operation == ArpOperation::Request && arp.sender_protocol == arp.target_protocol)
}

/// The plugin sets `arp_notify`, gives the interface its address and sets it up: the kernel then tells the LAN, once.
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn add_announces_the_address_once() -> miette::Result<()> {
    let (lab, [docker1, _]) = lab_with_namespaces("cni_add").await?;
    let plugin = Plugin::with_static_address(&lab, &docker1)?;

    let (added, made) = assert_added(&lab, "cni_add", &plugin).await?;

    let interface = made.interface("docker1")?;
    let told: Option<MacAddress> = added["interfaces"][0]["mac"].as_str().and_then(|mac| mac.parse().ok());
    assert_eq!(told, interface.address, "{added}");
    assert_eq!(interface.linkinfo.info_data.mode, "bridge");
    Ok(())
}

#[rstest]
#[case::static_addresses("cni_check_and_del", Ipam::Static)]
#[case::host_local("cni_check_and_del_host_local", Ipam::HostLocal)]
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn check_and_del_know_what_add_has_made(#[case] name: &str, #[case] ipam: Ipam) -> miette::Result<()> {
    let (lab, [docker1, _]) = lab_with_namespaces(name).await?;
    let plugin = ipam.plugin(&lab, &docker1)?;

    let added = plugin.add().await?;
    let mut story = format!("ADD has made: {}\n", plugin.what_is_left().await?);
    story += &format!("CHECK: {}\n", plugin.check(&added).await?);
    story += &format!("a second ADD: {}\n", plugin.add().await?["msg"]);
    lab.endpoint("docker1")?.run(&format!("ip address flush dev {}", docker1.interface)).await?;
    story += &format!("CHECK without the address: {}\n", plugin.check(&added).await?["msg"]);
    story += &format!("DEL: {}\n", plugin.del().await?);
    story += &format!("DEL once more: {}\n", plugin.del().await?);
    story += &format!("left: {}\n", plugin.what_is_left().await?);

    let story = story.replace(&docker1.address.to_string(), "docker1");
    assert_snapshot(&lab, name, "CHECK and DEL of the CNI plugin macvlan", &story);
    Ok(())
}

/// The frames between two pods are those between the tutorial's containers; so are those of what surprises people with
/// pods: a probe from the pod's own node, and the gateway that is the machine's own.
#[rstest]
#[case::on_another_node("docker1", "docker2", true)]
#[case::from_the_pods_own_node("node-1", "docker1", false)]
#[case::from_the_other_node("node-2", "docker1", true)]
#[case::to_the_gateway("docker1", "host", true)]
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn pods_are_reached_as_the_tutorials_containers_are(
    #[case] from: &str,
    #[case] to: &str,
    #[case] is_reached: bool,
) -> miette::Result<()> {
    let (lab, containers) = lab_with_namespaces(&format!("cni_{from}_pings_{to}")).await?;
    for container in &containers {
        Plugin::with_static_address(&lab, container)?.add().await?;
    }
    until_the_first_has_heard_the_last(&lab, &containers[0]).await?;
    let pods = lab.take_stock(&containers).await?;
    let tutorials = format!("{from}_pings_{to}");
    match is_reached {
        true => assert_reached_as(&tutorials, &lab, &pods, from, to).await,
        false => assert_unreached_as(&tutorials, &lab, &pods, from, to).await,
    }
}

/// What the host has behind the bridge, the pod reaches by its default route alone: the frames are for the gateway's MAC address.
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn a_pod_reaches_what_is_beyond_its_gateway() -> miette::Result<()> {
    let (lab, [docker1, _]) = lab_with_namespaces("cni_beyond_the_gateway").await?;
    lab.may("gives the host another address")?;
    let on_lo = |verb: &str| format!("ip address {verb} {BEYOND}/32 dev lo");
    lab.endpoint("host")?.change(&on_lo("add"), &on_lo("del")).await?;
    Plugin::with_static_address(&lab, &docker1)?.add().await?;
    let mut pods = lab.take_stock(slice::from_ref(&docker1)).await?;
    pods.owners.owns_address("beyond", BEYOND);
    assert_answered("beyond_the_gateway", &lab, &pods, &lab.ping("docker1", "host")?.at(BEYOND)).await
}

/// host-local counts on each node by itself: two nodes with one range give one address twice.
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn host_local_gives_two_pods_one_address() -> miette::Result<()> {
    let (lab, containers) = lab_with_namespaces("cni_host_local").await?;
    let nothing = lab.set_up_these(&[], Ipv6::Off).await?;

    let captures = lab.capture_everywhere(&nothing).await?;
    for (container, far) in containers.iter().zip(["node-2", "node-1"]) {
        let added = Plugin::with_host_local(&lab, container, &containers[0])?.add().await?;
        assert_eq!(added["ips"][0]["address"], containers[0].address.to_string(), "{added}");
        captures.wait_for(far, "the announcement", is_announcement).await;
    }
    let made = lab.take_stock(&containers).await?;
    let recording = captures.joined_by(&made).finish().await?;

    let name =
        Plugin::with_host_local(&lab, &containers[0], &containers[0])?.by_version("cni_host_local").await?;
    assert_pictures(&lab, &name, &recording.pictures(&made.owners, Order::Whole)?);
    Ok(())
}

/// Both answer for it. Which answer comes first is chance; that there are two is what a diagnosis needs.
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn both_pods_answer_for_one_address() -> miette::Result<()> {
    let (lab, containers) = lab_with_namespaces("cni_two_answers").await?;
    for container in &containers {
        Plugin::with_host_local(&lab, container, &containers[0])?.add().await?;
    }
    until_the_first_has_heard_the_last(&lab, &containers[0]).await?;
    let pods = lab.take_stock(&containers).await?;

    let captures = lab.capture_everywhere(&pods).await?;
    lab.ping("host", "docker1")?.send().await?;
    let recording = captures.finish().await?;

    let mut answered: Vec<Option<MacAddress>> = (recording.frames_at("host").into_iter())
        .filter(|frame| frame.is_arp_reply())
        .map(|frame| Some(frame.source))
        .collect();
    let mut both = ["docker1", "docker2"].map(|pod| pods.interface(pod).expect("it is set up").address);
    answered.sort();
    answered.dedup();
    both.sort();
    assert_eq!(answered, both);
    assert_fails_by(&lab, "duplicate-ip")?;
    lab.is_judged();
    Ok(())
}

/// The parent's MAC address can't be a child's: the kernel says so when the child is set up, which is late. The interface is left, and
/// whoever gave the address has it back: no lease is.
#[rstest]
#[case::static_addresses("cni_failed_add", Ipam::Static)]
#[case::host_local("cni_failed_add_host_local", Ipam::HostLocal)]
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn an_add_that_fails_late_leaves_its_interface(
    #[case] name: &str,
    #[case] ipam: Ipam,
) -> miette::Result<()> {
    let (lab, [docker1, _]) = lab_with_namespaces(name).await?;
    let plugin = ipam.plugin(&lab, &docker1)?;
    let parents = lab.facts().macs["node-1"];

    let mut story = format!("ADD: {}\n", plugin.clone().with_mac(parents).add().await?["msg"]);
    story += &format!("left: {}\n", plugin.what_is_left().await?);
    story += &format!("another ADD: {}\n", plugin.add().await?["msg"]);
    story += &format!("DEL: {}\n", plugin.del().await?);
    story += &format!("left: {}\n", plugin.what_is_left().await?);

    let name = plugin.by_version("cni_failed_add").await?;
    assert_snapshot(&lab, &name, "a failed ADD of the CNI plugin macvlan", &story);
    Ok(())
}

/// ADD does not mind; the announcement is lost, and nobody makes up for it when the parent is up again.
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn with_the_parent_down_nothing_is_announced() -> miette::Result<()> {
    let (lab, [docker1, _]) = lab_with_namespaces("cni_parent_down").await?;
    lab.may("sets node-1's uplink down")?;
    let node_1 = lab.endpoint("node-1")?;
    let uplink = &lab.topology().nodes[0].uplink;
    let up = format!("ip link set {uplink} up");
    let before = came_from_node_1(&lab).await?;
    node_1.change(&format!("ip link set {uplink} down"), &up).await?;
    let added = Plugin::with_static_address(&lab, &docker1)?.add().await?;
    assert_eq!(added["ips"][0]["address"], docker1.address.to_string(), "{added}");
    node_1.run(&up).await?;
    // Until it is UP, and whatever it sent then has left.
    let made = lab.take_stock(slice::from_ref(&docker1)).await?;
    assert_eq!(came_from_node_1(&lab).await?, before, "frames came from node-1");

    let recording = lab.capture_everywhere(&made).await?.finish().await?;
    for machine in ["docker1", "node-1", "host", "node-2"] {
        let announced = recording.frames_at(machine).into_iter().any(is_announcement);
        assert!(!announced, "an announcement is made up for at {machine}");
    }
    lab.is_judged();
    Ok(())
}

/// How many frames the switch has had from node-1 by now: its uplink can't be captured while it is down.
async fn came_from_node_1(lab: &Lab) -> miette::Result<u64> {
    Ok(counted(lab, "host", &lab.topology().nodes[0].port).await?.rx.packets)
}
