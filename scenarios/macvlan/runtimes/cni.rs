//! The CNI plugin `macvlan`, driven by hand as a runtime drives it (CNI specification 0.4.0).

use harness::{
    MacAddress,
    container::{Containers, Ipv6},
    frame::{ArpOperation, Content, Frame},
    lab::Lab,
    picture::Order,
    topology::Container,
};
use rstest::rstest;

use crate::common::{
    Plugin, assert_fails_by, assert_pictures, assert_reached_as, assert_snapshot, assert_unreached_as,
    counted, lab_with_namespaces, until,
};

async fn nothing_set_up(lab: &Lab) -> miette::Result<Containers> {
    Ok(lab.set_up_these(&[], Ipv6::Off).await?)
}

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
    let nothing = nothing_set_up(&lab).await?;

    let captures = lab.capture_everywhere(&nothing).await?;
    let added = plugin.add().await?;
    captures.wait_for("node-2", "the announcement", is_announcement).await;
    let made = lab.take_stock(std::slice::from_ref(&docker1)).await?;
    let recording = captures.joined_by(&made).finish().await?;

    let name = plugin.by_version("cni_add").await?;
    assert_pictures(&lab, &name, &recording.pictures(&made.owners, Order::Whole)?);
    let interface = made.interface("docker1")?;
    let told: Option<MacAddress> = added["interfaces"][0]["mac"].as_str().and_then(|mac| mac.parse().ok());
    assert_eq!(told, interface.address, "{added}");
    assert_eq!(added["ips"][0]["address"], docker1.address.to_string(), "{added}");
    assert_eq!(interface.linkinfo.info_data.mode, "bridge");
    Ok(())
}

#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn check_and_del_know_what_add_has_made() -> miette::Result<()> {
    let (lab, [docker1, _]) = lab_with_namespaces("cni_check_and_del").await?;
    let plugin = Plugin::with_static_address(&lab, &docker1)?;

    let mut story = String::new();
    let added = plugin.add().await?;
    story += &format!("CHECK: {}\n", plugin.check(&added).await?);
    story += &format!("a second ADD: {}\n", plugin.add().await?["msg"]);
    lab.endpoint("docker1")?.run("ip address flush dev macvlan1").await?;
    story += &format!("CHECK without the address: {}\n", plugin.check(&added).await?["msg"]);
    story += &format!("DEL: {}\n", plugin.del().await?);
    story += &format!("DEL once more: {}\n", plugin.del().await?);
    story += &format!("left: {}\n", plugin.what_is_left().await?);

    assert_snapshot(&lab, "cni_check_and_del", "CHECK and DEL of the CNI plugin macvlan", &story);
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

/// host-local counts on each node by itself: two nodes with one range give one address twice.
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn host_local_gives_two_pods_one_address() -> miette::Result<()> {
    let (lab, containers) = lab_with_namespaces("cni_host_local").await?;
    let nothing = nothing_set_up(&lab).await?;

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

/// The parent's MAC address can't be a child's: the kernel says so when the child is set up, which is late.
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn an_add_that_fails_late_leaves_its_interface() -> miette::Result<()> {
    let (lab, [docker1, _]) = lab_with_namespaces("cni_failed_add").await?;
    let plugin = Plugin::with_static_address(&lab, &docker1)?;
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
    lab.take_stock(std::slice::from_ref(&docker1)).await?;

    assert_eq!(came_from_node_1(&lab).await?, before, "frames came from node-1");
    lab.is_judged();
    Ok(())
}

/// How many frames the switch has had from node-1 by now: its uplink can't be captured while it is down.
async fn came_from_node_1(lab: &Lab) -> miette::Result<u64> {
    Ok(counted(lab, "host", &lab.topology().nodes[0].port).await?.rx.packets)
}
