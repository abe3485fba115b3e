//! One ping with cold caches, seen everywhere.

use std::time::Duration;

use futures_util::future::try_join_all;
use harness::{
    capture::Captures,
    container::Containers,
    lab::Lab,
    picture::Order,
    stimulus::{Outcome, Ping, PingReport},
};

use super::{lab::LeasedLab, pictures::assert_pictures};

/// The kernel's time between two questions, shortened where no answer is expected; in milliseconds.
const RETRANSMISSION: u32 = 100;
/// Its own (`retrans_time_ms`, net/ipv4/arp.c and net/ipv6/ndisc.c), which the lab has pinned.
const PINNED_RETRANSMISSION: u32 = 1000;
/// Longer than it takes to ask three times so.
const REPLY_DEADLINE: Duration = Duration::from_secs(1);

/// Pings once, and asserts an answer and the pictures of the scenario's name.
pub async fn assert_reached(
    lab: &LeasedLab,
    containers: &Containers,
    from: &str,
    to: &str,
) -> miette::Result<()> {
    assert_reached_as(lab.scenario(), lab, containers, from, to).await
}

/// Pings once, and asserts an answer and the pictures of a name: another scenario's, where the frames must be the same.
pub async fn assert_reached_as(
    name: &str,
    lab: &LeasedLab,
    containers: &Containers,
    from: &str,
    to: &str,
) -> miette::Result<()> {
    let report = see(name, lab, containers, &lab.ping(from, to)?).await?;
    assert!(report.is_answered(), "{}", report.output);
    Ok(())
}

/// Pings once, and asserts that no answer comes, and the pictures of the scenario's name.
pub async fn assert_unreached(
    lab: &LeasedLab,
    containers: &Containers,
    from: &str,
    to: &str,
) -> miette::Result<()> {
    hasten(lab, from).await?;
    let ping = lab.ping(from, to)?.within(REPLY_DEADLINE);
    let report = see(lab.scenario(), lab, containers, &ping).await?;
    assert_eq!(report.outcome, Outcome::Unanswered, "{}", report.output);
    Ok(())
}

/// Sends a ping while everything is captured, and asserts the pictures of a name.
async fn see(
    name: &str,
    lab: &LeasedLab,
    containers: &Containers,
    ping: &Ping<'_>,
) -> miette::Result<PingReport> {
    let captures = lab.capture_everywhere(containers).await?;
    let report = ping.send().await?;
    assert_seen_as(name, lab, containers, captures).await?;
    Ok(report)
}

/// Ends captures, and asserts the pictures of the scenario's name.
pub async fn assert_seen(
    lab: &LeasedLab,
    containers: &Containers,
    captures: Captures<'_>,
) -> miette::Result<()> {
    assert_seen_as(lab.scenario(), lab, containers, captures).await
}

/// Ends captures, and asserts the pictures of a name.
pub async fn assert_seen_as(
    name: &str,
    lab: &LeasedLab,
    containers: &Containers,
    captures: Captures<'_>,
) -> miette::Result<()> {
    let recording = captures.finish().await?;
    assert_pictures(lab, name, &recording.pictures(&containers.owners, Order::Whole)?);
    Ok(())
}

/// The name of pictures that show at a node what is for nobody there. An uplink that filters by address (e1000, virtio-net
/// without vhost) never shows it; one that can't, as veth, is made promiscuous by its first child (`macvlan_open`,
/// drivers/net/macvlan.c): that is measured, and the pictures of the others have a name of their own.
pub async fn by_filter(lab: &LeasedLab) -> miette::Result<String> {
    let uplinks = lab.topology().nodes.iter().map(|node| lab.uplink(&node.name));
    let uplinks = try_join_all(uplinks).await?;
    let filter = uplinks.iter().all(|uplink| uplink.promiscuity == 0);
    Ok(format!("{}{}", lab.scenario(), if filter { ".filtered" } else { "" }))
}

/// Makes an endpoint ask again sooner, for either protocol. How often it asks stays as it is: that changes pictures.
pub async fn hasten(lab: &Lab, endpoint: &str) -> miette::Result<()> {
    let interface = lab.interface(endpoint)?;
    let set = |milliseconds: u32| {
        format!(
            "sh -c 'for ip in ipv4 ipv6; do f=/proc/sys/net/$ip/neigh/{interface}/retrans_time_ms; \
             [ ! -e $f ] || echo {milliseconds} >$f; done'"
        )
    };
    lab.endpoint(endpoint)?.change(&set(RETRANSMISSION), &set(PINNED_RETRANSMISSION)).await?;
    Ok(())
}
