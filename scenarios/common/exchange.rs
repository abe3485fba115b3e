//! One ping with cold caches, seen everywhere.

use std::time::Duration;

use futures_util::future::try_join_all;
use harness::{
    capture::{Captures, Recording},
    container::Containers,
    frame::Frame,
    lab::Lab,
    picture::Order,
    stimulus::{Outcome, Ping, PingReport},
};

use super::{
    lab::LeasedLab,
    pictures::{assert_pictures, assert_rows},
    timers::hasten,
};

/// Longer than it takes to ask three times, when hastened.
pub const REPLY_DEADLINE: Duration = Duration::from_secs(1);

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
    assert_answered(name, lab, containers, &lab.ping(from, to)?).await
}

/// Sends a ping, and asserts an answer and the pictures of a name.
pub async fn assert_answered(
    name: &str,
    lab: &LeasedLab,
    containers: &Containers,
    ping: &Ping<'_>,
) -> miette::Result<()> {
    let report = see(name, lab, containers, ping).await?;
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
    assert_unreached_as(lab.scenario(), lab, containers, from, to).await
}

/// Pings once, and asserts that no answer comes, and the pictures of a name: another scenario's, where the frames must be the same.
pub async fn assert_unreached_as(
    name: &str,
    lab: &LeasedLab,
    containers: &Containers,
    from: &str,
    to: &str,
) -> miette::Result<()> {
    assert_unanswered(name, lab, containers, from, lab.ping(from, to)?).await
}

/// Sends an endpoint's ping, and asserts that no answer comes, and the pictures of a name.
pub async fn assert_unanswered(
    name: &str,
    lab: &LeasedLab,
    containers: &Containers,
    from: &str,
    ping: Ping<'_>,
) -> miette::Result<()> {
    hasten(lab, from).await?;
    let report = see(name, lab, containers, &ping.within(REPLY_DEADLINE)).await?;
    assert_eq!(report.outcome, Outcome::Unanswered, "{}", report.output);
    Ok(())
}

/// Pings once on a path that nothing passes, the end of the exchange included, and asserts that no answer comes, and the rows of the
/// scenario's name.
pub async fn assert_cut_off(
    lab: &LeasedLab,
    containers: &Containers,
    from: &str,
    to: &str,
) -> miette::Result<()> {
    hasten(lab, from).await?;
    let captures = lab.capture_everywhere(containers).await?;
    let report = lab.ping(from, to)?.within(REPLY_DEADLINE).send().await?;
    let recording = captures.finish().await?;
    assert_rows(lab, lab.scenario(), &recording.pictures(&containers.owners, Order::Whole)?);
    assert_eq!(report.outcome, Outcome::Unanswered, "{}", report.output);
    Ok(())
}

/// Makes a change that sends nothing, pings until the echo request arrives, at a machine that has no answer to it, and asserts that
/// none comes, and the pictures of the scenario's name.
pub async fn assert_arrives_in_vain(
    lab: &LeasedLab,
    containers: &Containers,
    change: impl Future<Output = miette::Result<()>>,
    ping: &Ping<'_>,
    arrives_at: &str,
) -> miette::Result<()> {
    let captures = capture_and(lab, containers, change).await?;
    let ping = ping.start().await?;
    captures.wait_for(arrives_at, "the echo request", Frame::is_echo_request).await;
    // Its reply, if there were one, would be ahead of the markers that close the captures.
    let recording = captures.finish().await?;
    let ping = ping.stop().await?;
    assert_pictures(lab, lab.scenario(), &recording.pictures(&containers.owners, Order::Whole)?);
    assert_eq!(ping.outcome, Outcome::Unanswered, "{}", ping.output);
    Ok(())
}

/// Captures everywhere, and makes a change that sends nothing meanwhile: neither waits for the other.
pub async fn capture_and<'a>(
    lab: &'a Lab,
    containers: &'a Containers,
    change: impl Future<Output = miette::Result<()>>,
) -> miette::Result<Captures<'a>> {
    let opened = async { Ok(lab.capture_everywhere(containers).await?) };
    let (captures, ()) = tokio::try_join!(opened, change)?;
    Ok(captures)
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
) -> miette::Result<Recording> {
    assert_seen_as(lab.scenario(), lab, containers, captures).await
}

/// Ends captures, and asserts the pictures of a name.
pub async fn assert_seen_as(
    name: &str,
    lab: &LeasedLab,
    containers: &Containers,
    captures: Captures<'_>,
) -> miette::Result<Recording> {
    let recording = captures.finish().await?;
    assert_pictures(lab, name, &recording.pictures(&containers.owners, Order::Whole)?);
    Ok(recording)
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
