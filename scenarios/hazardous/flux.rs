//! An interface that was never moved into its container: both of the node's interfaces hear a question for one of its addresses, and what
//! the node's settings make of that (ARP flux; arp_ignore and arp_filter in Documentation/networking/ip-sysctl.rst).

use std::collections::BTreeSet;

use harness::{MacAddress, container::Containers, lab::Lab};
use rstest::rstest;

use crate::common::{LeasedLab, assert_fails_by, assert_reached, lab};

const DOCKER2: MacAddress = MacAddress([0x02, 0, 0, 0, 0x01, 0x81]);

/// Each answers for the other. Which answer comes first is chance; whoever asks believes the last.
#[tokio::test]
async fn both_interfaces_answer_for_one_address() -> miette::Result<()> {
    let lab = lab("flux").await?;
    let containers = left_on_node_2(&lab, None).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping("host", "docker2")?.send().await?;
    let recording = captures.finish().await?;

    let replies = recording.frames_at("host").into_iter().filter(|frame| frame.is_arp_reply());
    let answered: BTreeSet<MacAddress> = replies.map(|frame| frame.source).collect();
    assert_eq!(answered, [DOCKER2, lab.facts().macs["node-2"]].into());
    assert!(ping.is_answered(), "{}", ping.output);
    assert_fails_by(&lab, "arp-flux")?;
    lab.is_judged();
    Ok(())
}

/// With arp_ignore each answers for its own address alone, and with arp_filter the one alone that the kernel would send the answer by.
/// The echo's reply takes the uplink either way.
#[rstest]
#[case::for_its_own_address("arp_ignore")]
#[case::where_it_would_send("arp_filter")]
#[tokio::test]
async fn one_interface_answers(#[case] setting: &str) -> miette::Result<()> {
    let lab = lab(&format!("flux_with_{setting}")).await?;
    let containers = left_on_node_2(&lab, Some(setting)).await?;
    assert_reached(&lab, &containers, "host", "docker2").await
}

/// docker1 as it should be, and docker2's interface on its node.
async fn left_on_node_2(lab: &LeasedLab, setting: Option<&str>) -> miette::Result<Containers> {
    lab.may("gives node-2 a second interface and address on the LAN")?;
    let mut containers = lab.set_up_only(&["docker1"]).await?;
    containers.owners.owns_mac("docker2", DOCKER2);
    leave_on_node_2(lab, setting).await?;
    Ok(containers)
}

/// docker2's interface and address, in node-2's own namespace.
async fn leave_on_node_2(lab: &Lab, setting: Option<&str>) -> miette::Result<()> {
    let (uplink, interface) = (lab.interface("node-2")?, lab.interface("docker2")?);
    let address = lab.topology().address("docker2").expect("the topology has docker2");
    let node = lab.endpoint("node-2")?;
    if let Some(setting) = setting {
        let set = |value: u8| format!("echo {value} >/proc/sys/net/ipv4/conf/all/{setting}");
        node.change(&set(1), &set(0)).await?;
    }
    let make = format!("ip link add {interface} link {uplink} address {DOCKER2} type macvlan mode bridge");
    node.change(&make, &format!("ip link del {interface}")).await?;
    lab.pin("node-2", interface).await?;
    node.run(&format!("ip address add {address} brd + dev {interface} && ip link set {interface} up"))
        .await?;
    Ok(())
}
