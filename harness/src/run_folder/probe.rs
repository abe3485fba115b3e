//! Which probe the captures of a folder are of.

use std::collections::BTreeSet;

use super::RunFolderError;
use crate::{
    journey::{Journey, Probe},
    stimulus::Stimulus,
    topology::Topology,
    transcript::Part,
};

/// The probe that was recorded, the first that failed if there were several; without a record, the only one
/// that the captures speak of.
pub(super) fn recorded(stimuli: &[Stimulus]) -> Option<Probe> {
    let failed = stimuli.iter().find(|stimulus| !stimulus.is_answered());
    failed.or(stimuli.first()).map(|stimulus| stimulus.probe.clone())
}

/// Who asks whom in the captures: an echo tells it, and where there is none, a question for an address.
pub(super) fn spoken_of(journeys: &[Journey]) -> Result<Probe, RunFolderError> {
    let asks = |is_asking: fn(&Journey) -> bool| -> BTreeSet<Probe> {
        let asking = journeys.iter().filter(|journey| journey.part() == Part::Question && is_asking(journey));
        let ends = asking.filter_map(|journey| {
            Some(Probe { from: journey.from()?.to_owned(), to: journey.to()?.to_owned() })
        });
        ends.filter(|probe| probe.from != probe.to).collect()
    };
    let echoes = asks(Journey::is_echo_request);
    let candidates = if echoes.is_empty() { asks(Journey::is_about_an_address) } else { echoes };
    match candidates.first() {
        Some(probe) if candidates.len() == 1 => Ok(probe.clone()),
        _ => {
            let names = candidates.iter().map(ToString::to_string).collect::<Vec<_>>();
            let candidates = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            Err(RunFolderError::NoProbe { candidates })
        }
    }
}

/// Whether both ends are the topology's.
pub(super) fn check(probe: &Probe, topology: &Topology) -> Result<(), RunFolderError> {
    let Some(name) = [&probe.from, &probe.to].into_iter().find(|name| !topology.has_endpoint(name)) else {
        return Ok(());
    };
    let host = topology.host.iter().map(|_| "host");
    let nodes = topology.nodes.iter().map(|node| node.name.as_str());
    let containers = topology.containers.iter().map(|container| container.name.as_str());
    let known = host.chain(nodes).chain(containers).collect::<Vec<_>>().join(", ");
    Err(RunFolderError::Endpoint { name: name.clone(), known })
}
