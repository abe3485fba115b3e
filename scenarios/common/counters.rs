//! What interfaces count, where captures can't be had.

use harness::{
    container::{Interface, Statistics},
    lab::Lab,
};
use miette::IntoDiagnostic as _;

/// What an interface of an endpoint's has counted by now.
pub async fn counted(lab: &Lab, endpoint: &str, interface: &str) -> miette::Result<Statistics> {
    let listed = lab.endpoint(endpoint)?.run(&format!("ip -j -s link show dev {interface}")).await?;
    let links: Vec<Interface> = serde_json::from_str(&listed.stdout).into_diagnostic()?;
    Ok(links[0].stats64)
}
