//! The modes, between siblings on one node and across nodes. Passthru takes the whole parent, and a switch that reflects
//! changes what others see: both are in `hazardous`.

use harness::topology::Mode::{self, Bridge, Private, Vepa};
use rstest::rstest;

use crate::common::{
    Takes::{self, All, Copies},
    assert_reached, assert_reached_as, assert_unreached, assert_unreached_as, lab, lab_with_siblings,
    list_sources,
};

/// Only two of mode bridge meet on their node itself. What the others send goes to the switch, and it does not send back.
#[rstest]
#[case::both_private("both_private", Private, Private)]
#[case::both_vepa("both_vepa", Vepa, Vepa)]
#[case::bridge_to_vepa("bridge_to_vepa", Bridge, Vepa)]
#[case::vepa_to_bridge("vepa_to_bridge", Vepa, Bridge)]
#[case::bridge_to_private("bridge_to_private", Bridge, Private)]
#[case::private_to_bridge("private_to_bridge", Private, Bridge)]
#[case::vepa_to_private("vepa_to_private", Vepa, Private)]
#[case::private_to_vepa("private_to_vepa", Private, Vepa)]
#[tokio::test]
async fn siblings_do_not_meet(
    #[case] name: &str,
    #[case] docker1: Mode,
    #[case] docker3: Mode,
) -> miette::Result<()> {
    let lab = lab_with_siblings(&format!("siblings_{name}")).await?;
    let lab = lab.in_modes(&[("docker1", docker1), ("docker3", docker3)]);
    let containers = lab.set_up().await?;
    assert_unreached_as("siblings_apart", &lab, &containers, "docker1", "docker3").await
}

/// Across nodes the modes make no difference: the frames are the tutorial's.
#[rstest]
#[case::private("private", Private, Private)]
#[case::vepa("vepa", Vepa, Vepa)]
#[case::bridge_to_private("bridge_to_private", Bridge, Private)]
#[case::private_to_bridge("private_to_bridge", Private, Bridge)]
#[case::bridge_to_vepa("bridge_to_vepa", Bridge, Vepa)]
#[case::vepa_to_bridge("vepa_to_bridge", Vepa, Bridge)]
#[case::private_to_vepa("private_to_vepa", Private, Vepa)]
#[case::vepa_to_private("vepa_to_private", Vepa, Private)]
#[tokio::test]
async fn nodes_apart(#[case] name: &str, #[case] docker1: Mode, #[case] docker2: Mode) -> miette::Result<()> {
    let lab = lab(&format!("across_{name}")).await?;
    let lab = lab.in_modes(&[("docker1", docker1), ("docker2", docker2)]);
    let containers = lab.set_up().await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// docker2 in mode source hears whom it has on its list, and nobody else.
#[rstest]
#[case::nobody_is_listed("source_empty", &[], "docker1")]
#[case::another_is_listed("source_other", &["docker1"], "docker3")]
#[case::a_node_is_not("source_node", &["docker1"], "node-1")]
#[tokio::test]
async fn a_source_list_keeps_out(
    #[case] name: &str,
    #[case] listed: &[&str],
    #[case] from: &str,
) -> miette::Result<()> {
    let lab = lab_with_siblings(name).await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker2", listed, Copies).await?;
    assert_unreached(&lab, &containers, from, "docker2").await
}

/// Whoever is on its list reaches it, and is heard by it when it asks itself.
#[rstest]
#[case::one_of_many("source_listed", "docker2", "docker1", Copies)]
#[case::one_that_it_has_for_itself("source_listed_nodst", "docker2", "docker1", All)]
#[case::an_answer_of_one_of_many("source_asks", "docker1", "docker2", Copies)]
#[case::an_answer_of_one_that_it_has_for_itself("source_asks_nodst", "docker1", "docker2", All)]
#[tokio::test]
async fn a_source_list_lets_in(
    #[case] name: &str,
    #[case] lists: &str,
    #[case] listed: &str,
    #[case] takes: Takes,
) -> miette::Result<()> {
    let lab = lab(name).await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, lists, &[listed], takes).await?;
    assert_reached_as("docker1_pings_docker2", &lab, &containers, "docker1", "docker2").await
}

/// Where the answerer is not listed, it asks again and again: the answers come to its parent's interface, and no further.
#[tokio::test]
async fn a_source_list_keeps_an_answer_out() -> miette::Result<()> {
    let lab = lab("source_asks_unlisted").await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker1", &[], Copies).await?;
    assert_unreached(&lab, &containers, "docker1", "docker2").await
}

/// It gets a copy of whatever those on its list say to others on its node.
#[tokio::test]
async fn a_source_list_gives_copies() -> miette::Result<()> {
    let lab = lab("source_copies").await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker2", &["docker1"], Copies).await?;
    assert_reached(&lab, &containers, "docker1", "node-2").await
}

/// With `nodst` it takes all of that for itself: not even its parent hears of it.
#[tokio::test]
async fn a_source_list_takes_all() -> miette::Result<()> {
    let lab = lab("source_nodst").await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker2", &["docker1"], All).await?;
    assert_unreached(&lab, &containers, "docker1", "node-2").await
}

/// A list is of those who come in by the parent. A sibling's frames go out by it, whatever the list says, and the switch does
/// not send them back: to others they look as any that are meant for nobody.
#[rstest]
#[case::it_is_not_listed("source_sibling_unlisted", Bridge, &[], Copies)]
#[case::it_is_listed("source_sibling_listed", Bridge, &["docker1"], Copies)]
#[case::it_is_listed_by_one_that_has_it_for_itself("source_sibling_nodst", Bridge, &["docker1"], All)]
#[case::it_is_private("source_sibling_private", Private, &["docker1"], Copies)]
#[case::it_is_vepa("source_sibling_vepa", Vepa, &["docker1"], Copies)]
#[tokio::test]
async fn a_source_list_is_not_for_a_sibling(
    #[case] name: &str,
    #[case] docker1: Mode,
    #[case] listed: &[&str],
    #[case] takes: Takes,
) -> miette::Result<()> {
    let lab = lab_with_siblings(name).await?.in_modes(&[("docker1", docker1)]);
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker3", listed, takes).await?;
    assert_unreached_as("siblings_apart", &lab, &containers, "docker1", "docker3").await
}

/// Nor does one in mode source reach a sibling, on its list or not: it has no other way than by the switch.
#[rstest]
#[case::of_mode_bridge("source_to_bridge", Bridge)]
#[case::of_mode_private("source_to_private", Private)]
#[case::of_mode_vepa("source_to_vepa", Vepa)]
#[tokio::test]
async fn a_source_list_is_no_way_to_a_sibling(
    #[case] name: &str,
    #[case] docker3: Mode,
) -> miette::Result<()> {
    let lab = lab_with_siblings(name).await?.in_modes(&[("docker3", docker3)]);
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker1", &["docker3"], Copies).await?;
    assert_unreached_as("siblings_apart", &lab, &containers, "docker1", "docker3").await
}
