//! A parent and its own child.

use rstest::rstest;

use super::trial::{assert_fault, try_out};

#[rstest]
#[case::parent_to_child("isolation", "node-1:docker1", Some("docker1/macvlan1"))]
// The tap of the parent's interface sees the question on its way out; the parent itself does not.
#[case::child_to_parent("isolation-from-the-child", "docker1:node-1", None)]
#[tokio::test]
async fn between_these_there_is_no_way(
    #[case] name: &str,
    #[case] probe: &str,
    #[case] missing_at: Option<&str>,
) -> miette::Result<()> {
    let found = try_out(name, probe, &[]).await?;
    assert_fault(&found, Some("node-1/ens33"), missing_at, "isolation");
    Ok(())
}
