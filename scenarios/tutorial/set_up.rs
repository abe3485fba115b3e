//! The facts that the tutorial's step 6 prints, on both nodes.

use std::{fmt::Write as _, net::IpAddr};

use harness::{
    MacAddress,
    container::{Containers, Interface, Ipv6},
    lab::Lab,
    topology::Container,
};

use crate::common::{assert_snapshot, lab};

#[tokio::test]
async fn set_up_facts() -> miette::Result<()> {
    let lab = lab("set_up_facts").await?;
    let containers = lab.set_up_these(&lab.topology().containers, Ipv6::On).await?;
    let mut facts = String::new();
    for container in containers.all() {
        facts += &facts_of(&lab, &containers, container).await?;
    }
    assert_snapshot(&lab, "set_up_facts", "the facts of step 6", &facts);
    Ok(())
}

/// What `ip -d address` says of a container's interface, with what it says about other interfaces
/// checked against those.
async fn facts_of(lab: &Lab, containers: &Containers, container: &Container) -> miette::Result<String> {
    let interface = containers.interface(&container.name)?;
    let parent = lab.uplink(&container.node).await?;
    let mut text = format!("{}: {}\n", container.name, parent_in_words(interface, &parent, container));
    let flags = interface.flags.join(",");
    let Interface { mtu, qdisc, operstate, linkinfo, .. } = interface;
    let _ = writeln!(text, "  <{flags}> mtu {mtu} qdisc {qdisc} state {operstate}");
    let _ = writeln!(text, "  {} mode {}", linkinfo.info_kind, linkinfo.info_data.mode);
    let assigned = format!("cat /sys/class/net/{}/addr_assign_type", container.interface);
    let assigned = lab.endpoint(&container.name)?.run(&assigned).await?;
    let broadcast =
        if interface.broadcast == Some(MacAddress::BROADCAST) { "ff:ff:ff:ff:ff:ff" } else { "not all ones" };
    let _ = writeln!(
        text,
        "  link/ether {} brd {broadcast}",
        mac_in_words(interface.address, assigned.stdout.trim(), lab.facts().own_nodes())
    );
    for address in &interface.addr_info {
        let words = address_in_words(address.local, container, interface.address);
        let _ = writeln!(text, "  {words}/{} scope {}", address.prefixlen, address.scope);
    }
    Ok(text)
}

fn parent_in_words(interface: &Interface, parent: &Interface, container: &Container) -> String {
    if interface.link_index == Some(parent.ifindex) {
        format!("its interface@the index of {}'s uplink", container.node)
    } else {
        format!(
            "{}@{:?}, and {}'s {} is {}",
            interface.ifname, interface.link_index, container.node, parent.ifname, parent.ifindex
        )
    }
}

/// `assigned` is the kernel's `addr_assign_type` (Documentation/ABI/testing/sysfs-class-net). On nodes of
/// somebody else's udev may set what the kernel chose (systemd.link(5), `MACAddressPolicy`).
fn mac_in_words(mac: Option<MacAddress>, assigned: &str, own_nodes: bool) -> String {
    let kind = match mac {
        Some(mac) if mac.is_locally_administered() && !mac.is_group() => "locally administered",
        Some(mac) if !mac.is_group() => "a vendor's",
        _ => "no unicast address",
    };
    let origin = match assigned {
        "0" => "permanent",
        "1" => "chosen by the machine",
        "3" if !own_nodes => "chosen by the machine",
        "2" => "stolen from another device",
        "3" => "set by somebody",
        other => other,
    };
    format!("{kind}, {origin}")
}

fn address_in_words(address: IpAddr, container: &Container, mac: Option<MacAddress>) -> String {
    match address {
        IpAddr::V4(address) if address == container.address.addr() => {
            format!("inet {}'s address", container.name)
        }
        IpAddr::V6(address)
            if mac.is_some_and(|mac| address.to_bits() as u64 == mac.interface_identifier()) =>
        {
            format!("inet6 {:x}:: and what follows from the MAC", address.segments()[0])
        }
        IpAddr::V4(other) => format!("inet {other}"),
        IpAddr::V6(other) => format!("inet6 {other}"),
    }
}
