//! A container that asks for its address, as its own MAC address allows it to.

use harness::{
    lab::{Lab, Need},
    machine::{Running, Script},
    picture::Order,
};

use crate::common::{assert_pictures, lab, until};

/// What udhcpc runs when it has a lease: it sets nothing itself. Nothing in `/run` can be run on newer releases, but in a memory
/// file system of the scenario's own.
const FOLDER: &str = "/run/lab-udhcpc";

/// The machine that owns the bridge gives docker1 its address; the exchange passes the parent like any other.
#[tokio::test]
async fn docker1_gets_its_address_by_dhcp() -> miette::Result<()> {
    let lab = lab("dhcp").await?;
    lab.may("answers docker1's DHCP requests on the LAN, where another server may do so too")?;
    lab.needs(Need::Busybox).await?;
    let containers = lab.set_up().await?;
    let docker1 = &containers.all()[0];
    let mac = containers.interface("docker1")?.address.expect("an Ethernet interface has an address");
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
