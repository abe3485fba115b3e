//! What the kernel refuses to make.

use harness::machine::CommandError;
use rstest::rstest;

use crate::common::{LeasedLab, lab, mac, make_parent};

/// A child's address must be its own on its parent; that is found when it is set up, and not before.
#[rstest]
#[case::of_its_sibling("refused_siblings_address", "docker1")]
#[case::of_its_parent("refused_parents_address", "node-1")]
#[tokio::test]
async fn an_address(#[case] name: &str, #[case] owner: &str) -> miette::Result<()> {
    let lab = lab(name).await?;
    let containers = lab.set_up().await?;
    let mac = mac(&lab, &containers, owner);
    make(&lab, &format!("address {mac} type macvlan mode bridge")).await.expect("it is made");
    let refused = on_node_1(&lab, "ip link set extra up").await.expect_err("it can't be set up");
    assert!(refused.to_string().contains("Address already in use"), "{refused}");
    lab.is_judged();
    Ok(())
}

/// A parent has no room for a passthru child beside others.
#[tokio::test]
async fn a_passthru_child_beside_others() -> miette::Result<()> {
    let lab = lab("refused_passthru_beside_others").await?;
    lab.set_up().await?;
    assert_invalid(&lab, make(&lab, "type macvlan mode passthru").await);
    Ok(())
}

/// Nor has one with a passthru child for any other.
#[tokio::test]
async fn a_child_beside_a_passthru_one() -> miette::Result<()> {
    let lab = lab("refused_beside_passthru").await?;
    lab.set_up().await?;
    make_parent(&lab).await?;
    on_node_1(&lab, "ip link add only link parent type macvlan mode passthru").await?;
    let second = "ip link add second link parent type macvlan mode bridge";
    assert_invalid(&lab, on_node_1(&lab, second).await);
    Ok(())
}

/// A parent that shrinks takes its children along, and leaves them short when it grows again; a child that is longer is not made.
#[tokio::test]
async fn a_parent_that_shrinks_shortens_its_children_for_good() -> miette::Result<()> {
    let lab = lab("shrunk_parent").await?;
    lab.set_up().await?;
    make_parent(&lab).await?;
    on_node_1(&lab, "ip link add child link parent type macvlan mode bridge").await?;
    for parents in [1300, 1500] {
        on_node_1(&lab, &format!("ip link set parent mtu {parents}")).await?;
        let child = lab.endpoint("node-1")?.run("cat /sys/class/net/child/mtu").await?.stdout;
        assert_eq!(child.trim(), "1300", "under a parent of {parents}");
    }
    let longer = "ip link add longer link parent mtu 1501 type macvlan mode bridge";
    assert_invalid(&lab, on_node_1(&lab, longer).await);
    Ok(())
}

/// A child's frames must fit into its parent's.
#[tokio::test]
async fn a_longer_mtu_than_its_parents() -> miette::Result<()> {
    let lab = lab("refused_mtu").await?;
    let containers = lab.set_up().await?;
    let longer = lab.uplink("node-1").await?.mtu + 1;
    let docker1 = lab.endpoint("docker1")?;
    let interface = &containers.interface("docker1")?.ifname;
    assert_invalid(&lab, docker1.run(&format!("ip link set {interface} mtu {longer}")).await.map(drop));
    Ok(())
}

/// Makes an interface `extra` on node-1's uplink.
async fn make(lab: &LeasedLab, kind: &str) -> Result<(), CommandError> {
    let uplink = lab.interface("node-1").expect("the topology has node-1");
    let node = lab.endpoint("node-1").expect("the topology has node-1");
    let make = format!("ip link add extra link {uplink} {kind}");
    node.change(&make, "ip link del extra").await.map(drop)
}

/// Asserts that the kernel takes a command for one that makes no sense.
#[track_caller]
fn assert_invalid(lab: &LeasedLab, result: Result<(), CommandError>) {
    let refused = result.expect_err("it is refused").to_string();
    assert!(refused.contains("Invalid argument"), "{refused}");
    lab.is_judged();
}

async fn on_node_1(lab: &LeasedLab, command: &str) -> Result<(), CommandError> {
    lab.endpoint("node-1").expect("the topology has node-1").run(command).await.map(drop)
}
