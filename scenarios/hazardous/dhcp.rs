//! Containers that ask for their address, as their own MAC address allows them to.

use std::slice;

use harness::{
    MacAddress,
    container::Ipv6,
    lab::{Lab, Need},
    machine::{Running, Script},
    picture::Order,
    topology::Container,
};

use crate::common::{Plugin, assert_added, assert_pictures, lab, mac, namespaces, start_dhcp_daemon, until};

const MAY: &str = "answers docker1's DHCP requests on the LAN, where another server may do so too";

/// What udhcpc runs when it has a lease: it sets nothing itself. Nothing in `/run` can be run on newer releases, but in a memory
/// file system of the scenario's own.
const FOLDER: &str = "/run/lab-udhcpc";

/// The machine that owns the bridge gives docker1 its address; the exchange passes the parent like any other.
#[tokio::test]
async fn docker1_gets_its_address_by_dhcp() -> miette::Result<()> {
    let lab = lab("dhcp").await?;
    lab.may(MAY)?;
    lab.needs(Need::Busybox).await?;
    lab.host_needs(Need::Dnsmasq).await?;
    let containers = lab.set_up().await?;
    let docker1 = &containers.all()[0];
    let mac = mac(&lab, &containers, "docker1");
    let endpoint = lab.endpoint("docker1")?;
    endpoint.run(&format!("ip address flush dev {}", docker1.interface)).await?;
    let _server = serve(&lab, &format!("{mac},{}", docker1.address.addr())).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let client = format!("busybox udhcpc -f -n -q -t 10 -i {} -s {FOLDER}/script", docker1.interface);
    let write = format!(
        "printf '%s\\n' '#!/bin/sh' '[ \"$1\" != bound ] || ip address add \"$ip/$mask\" brd + dev \"$interface\"' \
         >{FOLDER}/script; chmod +x {FOLDER}/script"
    );
    let script = Script::new()
        .change(format!("mkdir {FOLDER}"), format!("rmdir {FOLDER}"))
        .change(format!("mount -t tmpfs lab {FOLDER}"), format!("umount {FOLDER}"))
        .step(write)
        .step(endpoint.command(&client));
    endpoint.machine().run(&script).await?;
    let recording = captures.finish().await?;

    assert_pictures(&lab, "dhcp", &recording.pictures(&containers.owners, Order::Whole)?);
    let has = endpoint.run(&format!("ip -o -4 address show dev {}", docker1.interface)).await?.stdout;
    assert!(has.contains(&docker1.address.to_string()), "{has}");
    Ok(())
}

/// A pod's lease is asked for by a daemon on its node, through the pod's interface; ADD waits for it. The
/// interface is up before it has an address, so that `arp_notify` has nothing to tell: unlike other pods, this one is not
/// announced (`inetdev_event`, net/ipv4/devinet.c).
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn a_pod_gets_its_address_by_dhcp() -> miette::Result<()> {
    let lab = lab("cni_dhcp").await?;
    lab.may(MAY)?;
    lab.host_needs(Need::Dnsmasq).await?;
    let [docker1, _] = namespaces(&lab).await?;
    let (plugin, _running) = pod(&lab, &docker1).await?;
    assert_added(&lab, "cni_dhcp", &plugin).await?;
    Ok(())
}

/// Before DEL takes the interface away, the daemon tells the server.
#[tokio::test]
#[ignore = "needs containernetworking-plugins on the nodes"]
async fn a_pod_gives_its_lease_back() -> miette::Result<()> {
    let lab = lab("cni_dhcp_release").await?;
    lab.may(MAY)?;
    lab.host_needs(Need::Dnsmasq).await?;
    let [docker1, _] = namespaces(&lab).await?;
    let (plugin, _running) = pod(&lab, &docker1).await?;
    let mut nothing = lab.set_up_these(&[], Ipv6::Off).await?;
    plugin.add().await?;
    let made = lab.take_stock(slice::from_ref(&docker1)).await?;
    nothing.owners = made.owners.clone();

    let captures = lab.capture_everywhere(&nothing).await?;
    let deleted = plugin.del().await?;
    let recording = captures.finish().await?;

    assert_pictures(&lab, "cni_dhcp_release", &recording.pictures(&made.owners, Order::Whole)?);
    assert_eq!(deleted, "ok");
    assert_eq!(plugin.what_is_left().await?, "nothing");
    Ok(())
}

/// A pod whose address the server knows, and what must run for that.
async fn pod<'a>(lab: &'a Lab, container: &'a Container) -> miette::Result<(Plugin<'a>, [Running; 2])> {
    let mac = MacAddress([0x02, 0, 0, 0, 0x01, 0x80]);
    let server = serve(lab, &format!("{mac},{}", container.address.addr())).await?;
    let daemon = start_dhcp_daemon(&lab.endpoint(&container.node)?).await?;
    Ok((Plugin::with_dhcp(lab, container)?.with_mac(mac), [server, daemon]))
}

/// A DHCP server on the bridge that knows one client, and nobody else.
async fn serve(lab: &Lab, client: &str) -> miette::Result<Running> {
    let host = lab.endpoint("host")?;
    let described = lab.topology().host.as_ref().expect("the lab has a host");
    let server = format!(
        "dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --port=0 --leasefile-ro --no-ping \
         --interface={} --bind-interfaces --dhcp-authoritative --dhcp-range={},static --dhcp-host={client}",
        described.bridge,
        described.address.network()
    );
    let running = host.start(&server).await?;
    until(&host, "ss -Hlnu sport = :67", "dnsmasq", |sockets| !sockets.trim().is_empty()).await?;
    Ok(running)
}
