//! What each machine does behind an exchange, by one command: it sends its containers' markers, and tells what it is like when
//! the captures are closed.

use futures_util::future::join_all;
use serde_json::{Map, Value};

use super::captures::marker_command;
use crate::{
    lab::Lab,
    machine::{CommandError, Machine, Prepared, Script},
    state::{Extent, read, readings},
    topology::Container,
    transcript::Marker,
};

/// Machines whose markers are on their way. Dropping it ends the pings that carry them, which would wait for a reply that nobody
/// gives.
pub(super) struct LastWords<'a> {
    of_machines: Vec<(&'a Machine, Result<Prepared<'a>, CommandError>)>,
    extent: Extent,
}

impl<'a> LastWords<'a> {
    /// Sends the markers. One that can't be sent will be missed. `extent` is how much is to be told afterwards.
    pub(super) async fn begin(lab: &'a Lab, markers: &[(&Container, Marker)], extent: Extent) -> Self {
        let preparing = readings(lab, extent).into_iter().map(|(machine, script)| {
            let own = markers.iter().filter(|(container, _)| container.node == machine.name());
            let own = own.filter_map(|(container, marker)| {
                let endpoint = lab.endpoint(&container.name).ok()?;
                Some(endpoint.command(&marker_command(container, *marker)))
            });
            prepare(machine, own.collect(), script)
        });
        Self { of_machines: join_all(preparing).await, extent }
    }

    /// Ends the markers' pings, and reads all machines at once. Tells how much was read too.
    pub(super) async fn read(self) -> (Map<String, Value>, Extent) {
        let telling = self.of_machines.into_iter().map(|(machine, prepared)| async move {
            let told = match prepared {
                Ok(prepared) => prepared.run().await,
                Err(error) => Err(error),
            };
            read(machine.name(), told)
        });
        (join_all(telling).await.into_iter().flatten().collect(), self.extent)
    }
}

async fn prepare<'a>(
    machine: &'a Machine,
    markers: Vec<String>,
    script: Script,
) -> (&'a Machine, Result<Prepared<'a>, CommandError>) {
    let prepared = machine.prepare(&markers, script).await;
    let prepared = prepared
        .inspect_err(|error| tracing::warn!(%error, "no marker, and nothing of how it is afterwards"));
    (machine, prepared)
}
