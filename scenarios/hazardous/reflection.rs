//! A switch whose port sends frames back to where they came from (hairpin, "reflective relay" in IEEE 802.1Qbg): siblings of
//! mode vepa meet by way of it, and so do a parent and its own child. Whatever it sends back is seen twice on its cable.

use harness::{
    container::Containers,
    topology::Mode::{self, Bridge, Private, Vepa},
};
use rstest::rstest;

use crate::common::{
    LeasedLab,
    Takes::{self, All, Copies},
    assert_reached_and_echoed, assert_reached_as, assert_unreached, assert_unreached_as, lab_with_siblings,
    list_sources, reflect,
};

#[rstest]
#[case::both_vepa("both_vepa", Vepa, Vepa, "reflected_siblings")]
#[case::bridge_to_vepa("bridge_to_vepa", Bridge, Vepa, "reflected_siblings")]
#[case::vepa_to_bridge("vepa_to_bridge", Vepa, Bridge, "reflected_siblings")]
// They need no switch: what it sends back is of no use.
#[case::both_bridge("both_bridge", Bridge, Bridge, "reflected_both_bridge")]
#[tokio::test]
async fn siblings_meet(
    #[case] name: &str,
    #[case] docker1: Mode,
    #[case] docker3: Mode,
    #[case] pictures: &str,
) -> miette::Result<()> {
    let lab = reflecting_lab(&format!("reflected_{name}")).await?;
    let lab = lab.in_modes(&[("docker1", docker1), ("docker3", docker3)]);
    let containers = lab.set_up().await?;
    assert_reached_as(pictures, &lab, &containers, "docker1", "docker3").await
}

/// Private means that: not even the switch helps.
#[rstest]
#[case::both_private("both_private", Private, Private, "reflected_from_private")]
#[case::bridge_to_private("bridge_to_private", Bridge, Private, "reflected_to_private")]
#[case::private_to_bridge("private_to_bridge", Private, Bridge, "reflected_from_private")]
#[case::private_to_vepa("private_to_vepa", Private, Vepa, "reflected_from_private")]
#[case::vepa_to_private("vepa_to_private", Vepa, Private, "reflected_to_private")]
#[tokio::test]
async fn siblings_do_not_meet(
    #[case] name: &str,
    #[case] docker1: Mode,
    #[case] docker3: Mode,
    #[case] pictures: &str,
) -> miette::Result<()> {
    let lab = reflecting_lab(&format!("reflected_{name}")).await?;
    let lab = lab.in_modes(&[("docker1", docker1), ("docker3", docker3)]);
    let containers = lab.set_up().await?;
    assert_unreached_as(pictures, &lab, &containers, "docker1", "docker3").await
}

/// Its list is of those who come in by the parent, and so does a sibling now, as to one in mode vepa.
#[rstest]
#[case::as_a_copy("reflected_source", Copies)]
#[case::for_it_alone("reflected_source_nodst", All)]
#[tokio::test]
async fn a_source_list_lets_a_sibling_in(#[case] name: &str, #[case] takes: Takes) -> miette::Result<()> {
    let lab = reflecting_lab(name).await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker3", &["docker1"], takes).await?;
    assert_reached_as("reflected_siblings", &lab, &containers, "docker1", "docker3").await
}

/// Who is not on it is kept out as by a private one.
#[tokio::test]
async fn a_source_list_keeps_a_sibling_out() -> miette::Result<()> {
    let lab = reflecting_lab("reflected_source_unlisted").await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker3", &[], Copies).await?;
    assert_unreached_as("reflected_to_private", &lab, &containers, "docker1", "docker3").await
}

/// Between nodes all is as ever, but that the question comes back to where it was asked.
#[rstest]
#[case::both_bridge("both_bridge", Bridge, Bridge)]
#[case::both_vepa("both_vepa", Vepa, Vepa)]
#[case::bridge_to_vepa("bridge_to_vepa", Bridge, Vepa)]
#[case::vepa_to_bridge("vepa_to_bridge", Vepa, Bridge)]
#[case::bridge_to_private("bridge_to_private", Bridge, Private)]
#[case::vepa_to_private("vepa_to_private", Vepa, Private)]
#[tokio::test]
async fn nodes_apart_meet(
    #[case] name: &str,
    #[case] docker1: Mode,
    #[case] docker2: Mode,
) -> miette::Result<()> {
    let (lab, containers) = reflecting_lab_across(name, docker1, docker2).await?;
    assert_reached_as("reflected_across", &lab, &containers, "docker1", "docker2").await
}

/// The list is of whom it is of elsewhere.
#[tokio::test]
async fn nodes_apart_meet_by_a_source_list() -> miette::Result<()> {
    let (lab, containers) = reflecting_lab_across("to_source", Bridge, Bridge).await?;
    list_sources(&lab, &containers, "docker2", &["docker1"], Copies).await?;
    assert_reached_as("reflected_across", &lab, &containers, "docker1", "docker2").await
}

/// A private asker hears itself, and no sibling does.
#[rstest]
#[case::both_private("both_private", Private)]
#[case::private_to_bridge("private_to_bridge", Bridge)]
#[case::private_to_vepa("private_to_vepa", Vepa)]
#[tokio::test]
async fn nodes_apart_meet_in_private(#[case] name: &str, #[case] docker2: Mode) -> miette::Result<()> {
    let (lab, containers) = reflecting_lab_across(name, Private, docker2).await?;
    assert_reached_unheard(&lab, &containers).await
}

/// So does one in mode source, whatever its list says of it.
#[tokio::test]
async fn nodes_apart_meet_where_a_source_list_asks() -> miette::Result<()> {
    let (lab, containers) = reflecting_lab_across("source_to", Bridge, Bridge).await?;
    list_sources(&lab, &containers, "docker1", &["docker2"], Copies).await?;
    assert_reached_unheard(&lab, &containers).await
}

/// docker1 reaches docker2, hears its own question, and docker3 does not.
async fn assert_reached_unheard(lab: &LeasedLab, containers: &Containers) -> miette::Result<()> {
    let recording = assert_reached_and_echoed(lab, containers, "docker1", "docker2").await?;
    assert!(recording.frames_at("docker3").is_empty(), "a sibling hears what is docker1's alone");
    Ok(())
}

/// Whatever the child's mode: a parent's question comes to all its children.
#[rstest]
#[case::bridge("reflected_node-1_to_docker1", Bridge)]
#[case::private("reflected_node-1_to_private", Private)]
#[case::vepa("reflected_node-1_to_vepa", Vepa)]
#[tokio::test]
async fn a_parent_meets_its_child(#[case] name: &str, #[case] docker1: Mode) -> miette::Result<()> {
    let lab = reflecting_lab(name).await?.in_modes(&[("docker1", docker1)]);
    let containers = lab.set_up().await?;
    assert_reached_as("reflected_node-1_to_docker1", &lab, &containers, "node-1", "docker1").await
}

/// One in mode source needs it on its list.
#[tokio::test]
async fn a_parent_on_its_list_meets_its_child() -> miette::Result<()> {
    let lab = reflecting_lab("reflected_node-1_to_source").await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker1", &["node-1"], Copies).await?;
    assert_reached_as("reflected_node-1_to_docker1", &lab, &containers, "node-1", "docker1").await
}

#[tokio::test]
async fn a_parent_off_its_list_does_not_meet_its_child() -> miette::Result<()> {
    let lab = reflecting_lab("reflected_node-1_to_source_unlisted").await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker1", &[], Copies).await?;
    assert_unreached(&lab, &containers, "node-1", "docker1").await
}

#[rstest]
#[case::bridge("reflected_docker1_to_node-1", Bridge)]
#[case::vepa("reflected_vepa_to_node-1", Vepa)]
#[tokio::test]
async fn a_child_meets_its_parent(#[case] name: &str, #[case] docker1: Mode) -> miette::Result<()> {
    let lab = reflecting_lab(name).await?.in_modes(&[("docker1", docker1)]);
    let containers = lab.set_up().await?;
    assert_reached_as("reflected_docker1_to_node-1", &lab, &containers, "docker1", "node-1").await
}

/// A private child's broadcast that comes back is its own alone, and not even its parent's (`macvlan_handle_frame`,
/// drivers/net/macvlan.c): the parent, who reaches it, can't be asked by it.
#[tokio::test]
async fn a_private_child_does_not_meet_its_parent() -> miette::Result<()> {
    let lab = reflecting_lab("reflected_private_to_node-1").await?.in_modes(&[("docker1", Private)]);
    let containers = lab.set_up().await?;
    assert_unreached(&lab, &containers, "docker1", "node-1").await
}

/// So it is in mode source, with the parent on its list.
#[tokio::test]
async fn a_source_child_does_not_meet_its_parent() -> miette::Result<()> {
    let lab = reflecting_lab("reflected_source_to_node-1").await?;
    let containers = lab.set_up().await?;
    list_sources(&lab, &containers, "docker1", &["node-1"], Copies).await?;
    assert_unreached_as("reflected_private_to_node-1", &lab, &containers, "docker1", "node-1").await
}

/// A lab whose switch sends back what comes from node-1.
async fn reflecting_lab(scenario: &str) -> miette::Result<LeasedLab> {
    let lab = lab_with_siblings(scenario).await?;
    reflect(&lab, "node-1").await?;
    Ok(lab)
}

/// A lab whose switch sends back what comes from either node, with containers of these modes.
async fn reflecting_lab_across(
    name: &str,
    docker1: Mode,
    docker2: Mode,
) -> miette::Result<(LeasedLab, Containers)> {
    let lab = reflecting_lab(&format!("reflected_across_{name}")).await?;
    reflect(&lab, "node-2").await?;
    let lab = lab.in_modes(&[("docker1", docker1), ("docker2", docker2)]);
    let containers = lab.set_up().await?;
    Ok((lab, containers))
}
