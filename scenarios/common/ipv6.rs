//! Endpoints that speak IPv6, at their link-local addresses: so a topology needs none.

use std::net::Ipv6Addr;

use harness::{
    container::{Containers, Ipv6},
    lab::{Lab, LabError},
    topology::Container,
};

use super::{
    exchange::{assert_answered, assert_seen, assert_unanswered},
    lab::LeasedLab,
    mac, until,
};

/// The parties alone, speaking IPv6. A container that is none would sometimes hear what is for others' groups: a child's
/// filter of multicasts is a hash of eight bits, with a seed of its namespace's own (`mc_hash`, drivers/net/macvlan.c).
pub async fn set_up_ipv6(lab: &LeasedLab, parties: &[&str]) -> Result<Containers, LabError> {
    let_speak_ipv6(lab, parties).await?;
    let containers = lab.topology().containers.iter();
    let containers: Vec<Container> =
        containers.filter(|container| parties.contains(&container.name.as_str())).cloned().collect();
    lab.set_up_these(&containers, Ipv6::On).await
}

/// Prepares the nodes for IPv6, and those of the parties that are no containers.
pub async fn let_speak_ipv6(lab: &Lab, parties: &[&str]) -> Result<(), LabError> {
    for node in &lab.topology().nodes {
        hear_all_groups(lab, &node.name).await?;
    }
    for name in parties.iter().filter(|name| lab.topology().container(name).is_none()) {
        speak_ipv6(lab, name).await?;
    }
    Ok(())
}

/// Lets a node's uplink hear groups that nobody there is in: some NICs filter by group, others can't.
async fn hear_all_groups(lab: &Lab, node: &str) -> Result<(), LabError> {
    let uplink = lab.interface(node)?;
    let set = |state: &str| format!("ip link set {uplink} allmulticast {state}");
    lab.endpoint(node)?.change(&set("on"), &set("off")).await?;
    Ok(())
}

/// Switches IPv6 on for a node's uplink or the host's bridge, without chatter.
async fn speak_ipv6(lab: &Lab, name: &str) -> Result<(), LabError> {
    lab.may("makes a node speak IPv6 on its uplink")?;
    let interface = lab.interface(name)?;
    let folder = format!("/proc/sys/net/ipv6/conf/{interface}");
    let quiet = ["accept_dad", "dad_transmits", "router_solicitations", "accept_ra"];
    let quiet = quiet.map(|setting| format!("echo 0 >{folder}/{setting}; ")).concat();
    let set = |off: u8| format!("sh -c '{quiet}echo {off} >{folder}/disable_ipv6'");
    lab.endpoint(name)?.change(&set(0), &set(1)).await?;
    Ok(())
}

/// The address that an endpoint's interface has by itself.
pub fn link_local(lab: &Lab, containers: &Containers, name: &str) -> Ipv6Addr {
    mac(lab, containers, name).link_local()
}

/// Pings a link-local address once, and asserts an answer and the pictures of the scenario's name.
pub async fn assert_reached_by_ipv6(
    lab: &LeasedLab,
    containers: &Containers,
    from: &str,
    to: &str,
) -> miette::Result<()> {
    let ping = lab.ping(from, to)?.at(link_local(lab, containers, to));
    assert_answered(lab.scenario(), lab, containers, &ping).await
}

/// Pings a link-local address once, and asserts that no answer comes, and the pictures of the scenario's name.
pub async fn assert_unreached_by_ipv6(
    lab: &LeasedLab,
    containers: &Containers,
    from: &str,
    to: &str,
) -> miette::Result<()> {
    let ping = lab.ping(from, to)?.at(link_local(lab, containers, to));
    assert_unanswered(lab.scenario(), lab, containers, from, ping).await
}

/// Lets a container ask whether somebody has an address before it uses it (RFC 4862, section 5.4). The one that it has by itself is
/// waited for: the kernel takes it into use in its own time, and would ask for it by what is set then (`addrconf_dad_work`,
/// net/ipv6/addrconf.c).
pub async fn detect_duplicates(lab: &Lab, container: &str) -> miette::Result<()> {
    until_its_own_address_is_in_use(lab, container).await?;
    let detect = format!(
        "cd /proc/sys/net/ipv6/conf/{} && echo 1 >accept_dad && echo 1 >dad_transmits",
        lab.interface(container)?
    );
    lab.endpoint(container)?.run(&format!("sh -c '{detect}'")).await?;
    Ok(())
}

/// Waits until a container has taken the address into use that it has by itself.
pub async fn until_its_own_address_is_in_use(lab: &Lab, container: &str) -> miette::Result<()> {
    let show = format!("ip -6 -o address show dev {} scope link", lab.interface(container)?);
    let is_in_use = |shown: &str| !shown.is_empty() && !shown.contains("tentative");
    until(&lab.endpoint(container)?, &show, "its own address to be in use", is_in_use).await?;
    Ok(())
}

/// Gives a container an address while everything is captured, and asserts the pictures of the scenario's name. Whether it was refused.
pub async fn see_address_taken(
    lab: &LeasedLab,
    containers: &Containers,
    container: &str,
    address: Ipv6Addr,
) -> miette::Result<bool> {
    let captures = lab.capture_everywhere(containers).await?;
    let refused = take_address(lab, container, address).await?;
    assert_seen(lab, containers, captures).await?;
    Ok(refused)
}

/// Gives a container an address, and waits until it knows whether it may use it. Whether it was refused.
pub async fn take_address(lab: &Lab, container: &str, address: Ipv6Addr) -> miette::Result<bool> {
    let (endpoint, interface) = (lab.endpoint(container)?, lab.interface(container)?);
    endpoint.run(&format!("ip address add {address}/64 dev {interface}")).await?;
    let show = format!("ip address show dev {interface} to {address}");
    let decided = |shown: &str| !shown.contains("tentative") || shown.contains("dadfailed");
    let shown = until(&endpoint, &show, "an end of the detection", decided).await?;
    Ok(shown.contains("dadfailed"))
}
