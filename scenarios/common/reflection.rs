//! A switch whose port sends frames back to where they came from (hairpin, "reflective relay" in IEEE 802.1Qbg).

use harness::lab::{Lab, LabError};

/// Makes the switch send a node's frames back to it.
pub async fn reflect(lab: &Lab, node: &str) -> Result<(), LabError> {
    lab.may("makes the switch send a node's frames back to it")?;
    let port = &lab.topology().node(node).expect("the topology has it").port;
    let set = |state: &str| format!("bridge link set dev {port} hairpin {state}");
    lab.endpoint("host")?.change(&set("on"), &set("off")).await?;
    Ok(())
}
