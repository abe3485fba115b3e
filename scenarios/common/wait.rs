//! Waits for a state that the kernel comes to in its own time.

use std::time::{Duration, Instant};

use harness::lab::{Endpoint, Lab};
use miette::miette;

/// How long a fast lab may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// Waits until a container's interface has its carrier.
pub async fn until_it_has_a_carrier(lab: &Lab, container: &str) -> miette::Result<()> {
    let show = format!("ip -o link show dev {}", lab.interface(container)?);
    until(&lab.endpoint(container)?, &show, "its carrier", |shown| shown.contains("state UP")).await?;
    Ok(())
}

/// Runs a command until what it prints is as it is awaited. Nothing is waited for beside the round trip itself.
pub async fn until(
    endpoint: &Endpoint<'_>,
    command: &str,
    awaited: &str,
    is_awaited: impl Fn(&str) -> bool,
) -> miette::Result<String> {
    let start = Instant::now();
    let deadline = endpoint.machine().patience().deadline(DEADLINE);
    loop {
        let printed = endpoint.run(command).await?.stdout;
        if is_awaited(&printed) {
            return Ok(printed);
        }
        if start.elapsed() > deadline {
            return Err(miette!("waited {deadline:?} for {awaited}; `{command}` still printed {printed:?}"));
        }
    }
}
