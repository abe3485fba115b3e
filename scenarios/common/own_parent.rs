//! A parent that a scenario may shrink, unplug and remove.

use harness::{lab::Lab, machine::CommandError};

/// Makes `parent` on node-1: one end of a cable that leads nowhere; `cable` is the other.
pub async fn make_parent(lab: &Lab) -> Result<(), CommandError> {
    let node = lab.endpoint("node-1").expect("the topology has node-1");
    node.change("ip link add parent type veth peer name cable", "ip link del parent").await.map(drop)
}
