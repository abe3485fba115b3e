//! A container that comes when others already talk: what it says of itself, and what becomes of those who knew another
//! under its address.

use harness::{MacAddress, container::Containers, lab::Lab, machine::Script};
use rstest::rstest;

use crate::common::{
    LeasedLab, assert_lost_then_found, assert_seen, assert_seen_as, by_filter, doubt_soon, lab,
    ping_until_given_up,
};

/// The MAC address of the container that was there before, and of the one that comes in its place.
const FORMER: MacAddress = MacAddress([0x02, 0, 0, 0, 0, 0x0f]);
const NEWCOMER: MacAddress = MacAddress([0x02, 0, 0, 0, 0, 0x0e]);

/// Whether the kernel says that an address is there (`arp_notify`).
const SILENT: bool = false;
const NOTIFIES: bool = true;

const ADDRESS_THEN_UP: [&str; 2] =
    ["ip address add {address} brd + dev {interface}", "ip link set {interface} up"];
const UP_THEN_ADDRESS: [&str; 2] =
    ["ip link set {interface} up", "ip address add {address} brd + dev {interface}"];

/// With `arp_notify` the kernel announces the addresses of an interface that comes up, and none that is added to one that
/// is up (`inetdev_event`, net/ipv4/devinet.c). Without, it says nothing.
#[rstest]
#[case::with_its_address_before_it_is_up("announced_at_up", NOTIFIES, ADDRESS_THEN_UP, "announced_at_up")]
#[case::with_its_address_after("not_announced_at_address", NOTIFIES, UP_THEN_ADDRESS, "not_announced")]
#[case::by_default("not_announced_by_default", SILENT, ADDRESS_THEN_UP, "not_announced")]
#[tokio::test]
async fn says(
    #[case] name: &str,
    #[case] notifies: bool,
    #[case] steps: [&str; 2],
    #[case] pictures: &str,
) -> miette::Result<()> {
    let lab = lab(name).await?;
    let containers = set_up_docker1(&lab).await?;
    prepare(&lab, NEWCOMER, notifies).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    come_up(&lab, steps).await?;
    assert_seen_as(pictures, &lab, &containers, captures).await?;
    Ok(())
}

/// Who knew the former container under the address speaks to the newcomer at once, if that has announced itself: the kernel does
/// (`arp_notify`), or `arping` by a request or a reply.
#[rstest]
#[case::by_its_kernel("replaced_aloud", NOTIFIES, None)]
#[case::by_a_request("replaced_aloud_by_request", SILENT, Some("arping -q -U -c 1 -I {interface} {ip}"))]
#[case::by_a_reply("replaced_aloud_by_reply", SILENT, Some("arping -q -A -c 1 -I {interface} {ip}"))]
#[tokio::test]
async fn replaces_another_aloud_the_host_believes_it(
    #[case] name: &str,
    #[case] notifies: bool,
    #[case] announce: Option<&str>,
) -> miette::Result<()> {
    let lab = lab(name).await?;
    let containers = set_up_docker1(&lab).await?;
    replace(&lab, notifies).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    come_up(&lab, ADDRESS_THEN_UP).await?;
    if let Some(announce) = announce {
        in_docker2(&lab, announce).await?;
    }
    let ping = lab.ping("host", "docker2")?.send().await?;
    assert_seen(&lab, &containers, captures).await?;
    assert!(ping.is_answered(), "{}", ping.output);
    Ok(())
}

/// Who has not announced itself is not spoken to until the former one has been asked for in vain: with the kernel's own
/// times half a minute or more, here two seconds.
#[tokio::test]
async fn replaces_another_in_silence_the_host_goes_on_with_the_former() -> miette::Result<()> {
    let lab = lab("replaced_in_silence").await?;
    let containers = set_up_docker1(&lab).await?;
    replace(&lab, SILENT).await?;
    come_up(&lab, ADDRESS_THEN_UP).await?;
    doubt_soon(&lab, "host", "docker2", FORMER).await?;
    let name = by_filter(&lab).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let pings = ping_until_given_up(&lab, "host", "docker2").await?;
    assert_seen_as(&name, &lab, &containers, captures).await?;
    assert_lost_then_found(&pings);
    Ok(())
}

/// docker1 alone, with the names of those who come.
async fn set_up_docker1(lab: &LeasedLab) -> miette::Result<Containers> {
    let mut containers = lab.set_up_only(&["docker1"]).await?;
    containers.owners.owns_mac("docker2", NEWCOMER);
    containers.owners.owns_mac("former", FORMER);
    Ok(containers)
}

/// The host knows the former docker2, which is gone, and the newcomer is ready to come up.
async fn replace(lab: &Lab, notifies: bool) -> miette::Result<()> {
    prepare(lab, FORMER, SILENT).await?;
    come_up(lab, ADDRESS_THEN_UP).await?;
    let ping = lab.ping("host", "docker2")?.send().await?;
    assert!(ping.is_answered(), "{}", ping.output);
    lab.endpoint("docker2")?.machine().run(&Script::new().step("ip netns del docker2")).await?;
    prepare(lab, NEWCOMER, notifies).await
}

/// docker2 with its interface in it, down and without address.
async fn prepare(lab: &Lab, mac: MacAddress, notifies: bool) -> miette::Result<()> {
    let docker2 = lab.topology().container("docker2").expect("the topology has docker2");
    let (uplink, interface) = (lab.interface("node-2")?, &docker2.interface);
    lab.make_namespaces(std::slice::from_ref(docker2)).await?;
    let make = format!(
        "ip link add {interface} link {uplink} address {mac} type macvlan mode bridge && \
         ip link set {interface} netns docker2"
    );
    let undo = format!("ip -n docker2 link del {interface} || ip link del {interface}");
    lab.endpoint("node-2")?.change(&make, &undo).await?;
    lab.pin("docker2", interface).await?;
    let notify = format!("echo {} >/proc/sys/net/ipv4/conf/{interface}/arp_notify", u8::from(notifies));
    lab.endpoint("docker2")?.run(&format!("sh -c '{notify}'")).await?;
    Ok(())
}

async fn come_up(lab: &Lab, steps: [&str; 2]) -> miette::Result<()> {
    in_docker2(lab, &format!("sh -c '{}'", steps.join(" && "))).await
}

/// Runs a command with docker2's `{interface}`, its `{address}` with the prefix's length, and its `{ip}` without.
async fn in_docker2(lab: &Lab, command: &str) -> miette::Result<()> {
    let address = lab.topology().address("docker2").expect("the topology has docker2");
    let command = command.replace("{interface}", lab.interface("docker2")?);
    let command =
        command.replace("{address}", &address.to_string()).replace("{ip}", &address.addr().to_string());
    lab.endpoint("docker2")?.run(&command).await?;
    Ok(())
}
