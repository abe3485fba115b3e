//! What an endpoint is told about a neighbour, and never asks.

use harness::{container::Containers, lab::Lab};

use super::mac;

/// Makes an endpoint believe for good that one's address is at another's MAC.
pub async fn believe(
    lab: &Lab,
    containers: &Containers,
    endpoint: &str,
    address_of: &str,
    mac_of: &str,
) -> miette::Result<()> {
    let address = lab.topology().address(address_of).expect("the topology has it").addr();
    let (mac, interface) = (mac(lab, containers, mac_of), lab.interface(endpoint)?);
    let replace = format!("ip neigh replace {address} lladdr {mac} dev {interface} nud permanent");
    lab.endpoint(endpoint)?.run(&replace).await?;
    Ok(())
}
