//! A host that believes what is no longer so.

use std::time::Duration;

use harness::{
    MacAddress,
    lab::Lab,
    stimulus::{Outcome, PingReport},
};

use super::{
    timers::{hasten, make_sure_after},
    until,
};

/// Makes an endpoint believe that a peer has a MAC address, doubt it at its next use, and ask soon.
pub async fn doubt_soon(lab: &Lab, endpoint: &str, peer: &str, believed: MacAddress) -> miette::Result<()> {
    hasten(lab, endpoint).await?;
    make_sure_after(lab, "ipv4", endpoint, 1).await?;
    let (address, interface) = (address(lab, peer), lab.interface(endpoint)?);
    lab.endpoint(endpoint)?
        .run(&format!("ip neigh replace {address} lladdr {believed} dev {interface} nud stale"))
        .await?;
    Ok(())
}

/// Pings a peer at the MAC address that it had, and once more when that has been asked for in vain.
pub async fn ping_until_given_up(lab: &Lab, from: &str, to: &str) -> miette::Result<[PingReport; 2]> {
    let lost = lab.ping(from, to)?.within(Duration::from_secs(1)).send().await?;
    let show = format!("ip neigh show to {}", address(lab, to));
    let given_up = |entry: &str| entry.contains("FAILED");
    until(&lab.endpoint(from)?, &show, "the former one to be given up", given_up).await?;
    let found = lab.ping(from, to)?.send().await?;
    Ok([lost, found])
}

/// Asserts that the first is lost and the second is not.
#[track_caller]
pub fn assert_lost_then_found([lost, found]: &[PingReport; 2]) {
    assert_eq!(lost.outcome, Outcome::Unanswered, "{}", lost.output);
    assert!(found.is_answered(), "{}", found.output);
}

fn address(lab: &Lab, name: &str) -> std::net::Ipv4Addr {
    lab.topology().address(name).expect("the topology has it").addr()
}
