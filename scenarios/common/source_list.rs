//! Mode source: a child hears whom it has on its list, and nobody else.

use harness::{
    container::Containers,
    lab::{Lab, LabError, Need},
};

use super::mac;

/// What a child in mode source gets of what those on its list send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A copy: whoever on its node a frame is for has it too.
    Copies,
    /// All of it, and nobody else on its node anything (`nodst`).
    All,
}

/// Puts a container into mode source, with the MAC addresses of `listed`.
pub async fn list_sources(
    lab: &Lab,
    containers: &Containers,
    container: &str,
    listed: &[&str],
    takes: Takes,
) -> Result<(), LabError> {
    let (endpoint, interface) = (lab.endpoint(container)?, lab.interface(container)?);
    let flag = match takes {
        Takes::Copies => "",
        Takes::All => {
            lab.needs(Need::SourceNodst).await?;
            " nodst"
        }
    };
    endpoint.run(&format!("ip link set {interface} type macvlan mode source{flag}")).await?;
    for name in listed {
        let mac = mac(lab, containers, name);
        endpoint.run(&format!("ip link set {interface} type macvlan macaddr add {mac}")).await?;
    }
    Ok(())
}
