//! What hosts believe about their neighbours: warm, cold on one side, told by hand, announced, and asked for before an
//! address is taken. Stale entries are the tutorial's own (`stale_neighbours`).

use std::time::Duration;

use rstest::rstest;

use crate::common::{
    assert_probed_after_the_answer, assert_reached, assert_reached_as, assert_seen, believe, lab,
    lab_with_siblings, make_sure_after,
};

/// A second ping finds the answer in the cache.
#[tokio::test]
async fn a_warm_cache_asks_nobody() -> miette::Result<()> {
    let lab = lab("warm_cache").await?;
    let containers = lab.set_up().await?;
    let first = lab.ping("docker1", "docker2")?.send().await?;
    assert!(first.is_answered(), "{}", first.output);
    assert_reached(&lab, &containers, "docker1", "docker2").await
}

/// Nobody asks where both were told for good.
#[tokio::test]
async fn permanent_entries_ask_nobody() -> miette::Result<()> {
    let lab = lab("permanent_entries").await?;
    let containers = lab.set_up().await?;
    for (name, peer) in [("docker1", "docker2"), ("docker2", "docker1")] {
        believe(&lab, &containers, name, peer, peer).await?;
    }
    assert_reached_as("warm_cache", &lab, &containers, "docker1", "docker2").await
}

/// Who has forgotten the other asks by broadcast before it answers: the one reverse question that is not unicast.
#[tokio::test]
async fn who_has_forgotten_asks_back() -> miette::Result<()> {
    let lab = lab("forgotten_on_one_side").await?;
    let containers = lab.set_up().await?;
    believe(&lab, &containers, "docker1", "docker2", "docker2").await?;
    assert_reached(&lab, &containers, "docker1", "docker2").await
}

/// So it does when it knew the other a moment ago.
#[tokio::test]
async fn whose_cache_was_flushed_asks_back() -> miette::Result<()> {
    let lab = lab("flushed_on_one_side").await?;
    let containers = lab.set_up().await?;
    let first = lab.ping("docker1", "docker2")?.send().await?;
    assert!(first.is_answered(), "{}", first.output);
    lab.endpoint("docker2")?.run("ip neigh flush all").await?;
    assert_reached_as("forgotten_on_one_side", &lab, &containers, "docker1", "docker2").await
}

/// Who was asked learned the asker's address from the question, and makes sure of it `delay_first_probe_time` later, by
/// unicast. That is five seconds (net/ipv4/arp.c), or here one: the frames are the same.
#[rstest]
#[case::in_a_fifth_of_the_time("probe_after_the_answer", 1)]
#[ignore = "takes five seconds to show the same frames"]
#[case::in_the_kernels_own_time("probe_after_the_answer_in_its_own_time", 5)]
#[tokio::test]
async fn who_was_asked_makes_sure_later(#[case] name: &str, #[case] delay: u32) -> miette::Result<()> {
    let lab = lab(name).await?;
    let containers = lab.set_up().await?;
    make_sure_after(&lab, "ipv4", "docker2", delay).await?;
    let (ping, delay) = (lab.ping("docker1", "docker2")?, Duration::from_secs(delay.into()));
    assert_probed_after_the_answer("probe_after_the_answer", &lab, &containers, &ping, delay).await
}

/// What a container says of itself. `arping` comes with iputils; the kernel does it by `arp_notify`.
#[rstest]
#[case::by_a_request("announced_by_request", "arping -q -U -c 1 -I {interface} {address}")]
#[case::by_a_reply("announced_by_reply", "arping -q -A -c 1 -I {interface} {address}")]
#[tokio::test]
async fn an_address_is_announced(#[case] name: &str, #[case] command: &str) -> miette::Result<()> {
    let lab = lab(name).await?;
    let containers = lab.set_up().await?;
    let docker2 = lab.topology().container("docker2").expect("the topology has docker2");
    let command = command.replace("{interface}", &docker2.interface);
    let command = command.replace("{address}", &docker2.address.addr().to_string());

    let captures = lab.capture_everywhere(&containers).await?;
    lab.endpoint("docker2")?.run(&command).await?;
    assert_seen(&lab, &containers, captures).await?;
    Ok(())
}

/// Whoever wants an address asks for it as nobody (RFC 5227).
#[rstest]
#[case::docker3_is_not_there("free_address", "docker3", true)]
#[case::docker2_has_it("taken_address", "docker2", false)]
// A question never comes from a child to its parent: what the parent has looks free.
#[case::its_parent_has_it("parents_address", "node-1", true)]
#[tokio::test]
async fn an_address_is_asked_for(
    #[case] name: &str,
    #[case] wanted: &str,
    #[case] free: bool,
) -> miette::Result<()> {
    let lab = lab_with_siblings(name).await?;
    let containers = lab.set_up_only(&["docker1", "docker2"]).await?;
    let address = lab.topology().address(wanted).expect("the topology has it").addr();
    let command = format!("arping -q -D -c 1 -w 1 -I {} {address}", lab.interface("docker1")?);

    let captures = lab.capture_everywhere(&containers).await?;
    let said = lab.endpoint("docker1")?.run(&format!("sh -c '{command} && echo free || echo taken'")).await?;
    assert_seen(&lab, &containers, captures).await?;
    assert_eq!(said.stdout.trim(), if free { "free" } else { "taken" });
    Ok(())
}
