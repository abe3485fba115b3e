//! Which frames a capture takes.

use super::tcpdump;
use crate::{
    container::Containers,
    lab::{Facts, Lab},
    machine::quoted,
    topology::Topology,
    transcript::Parties,
};

/// Enough for every header that is decoded, and for ping's whole payload.
const HEADERS: usize = 192;
/// A capture that takes more is not of the exchange that it was meant for: tcpdump ends, and says so.
const FRAMES_MAX: usize = 100_000;

/// What captures take on a lab's machines.
#[derive(Clone, Debug)]
pub(super) struct Scope {
    parties: Parties,
    /// tcpdump's filter, where others speak on the LAN too: nothing of theirs is recorded.
    filter: Option<String>,
    /// Whether frames are cut behind their headers also where nobody else's are among them.
    headers_alone: bool,
    is_hermetic: bool,
}

impl Scope {
    pub(super) fn of(lab: &Lab, containers: &Containers) -> Self {
        let facts = lab.facts();
        // One that is not there yet is a party all the same.
        let all = lab.topology().containers.iter().chain(containers.all());
        let of_containers = all.map(|container| container.name.as_str());
        let machines = lab.topology().nodes.iter().map(|node| node.name.as_str()).chain(["host"]);
        let names = of_containers.chain(machines.filter(|_| containers.are_with_machines()));
        let parties = Parties::named(&containers.owners, names);
        let filter = (!facts.provider.owns_nodes()).then(|| filter(&parties, facts));
        Self { parties, filter, headers_alone: false, is_hermetic: facts.provider.is_hermetic() }
    }

    /// The same, of the frames' headers.
    pub(super) fn headers_alone(self) -> Self {
        Self { headers_alone: true, ..self }
    }

    /// tcpdump's options and its filter.
    pub(super) fn arguments(&self) -> String {
        match &self.filter {
            Some(filter) => arguments(filter),
            None if self.headers_alone => format!(" -s {HEADERS}"),
            None => String::new(),
        }
    }

    /// tcpdump's options, with a person's own filter beside.
    pub(super) fn arguments_with(&self, filter: Option<&str>) -> String {
        match (&self.filter, filter) {
            (_, None) => self.arguments(),
            (None, Some(own)) => format!(" {}", quoted(own)),
            (Some(scope), Some(own)) => arguments(&format!("({scope}) and ({own})")),
        }
    }

    /// What is not captured at any point, for the evidence.
    pub(super) fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    /// The parties, where there may be others.
    pub(super) fn parties(&self) -> Option<&Parties> {
        (!self.is_hermetic).then_some(&self.parties)
    }
}

fn arguments(filter: &str) -> String {
    format!(" -s {HEADERS} -c {FRAMES_MAX} {}", quoted(filter))
}

/// A capture's command as a plan tells it, before MAC addresses and connections are known.
pub(crate) fn command(interface: &str, topology: &Topology, is_scoped: bool) -> String {
    let containers = topology.containers.iter().map(|container| format!("host {}", container.address.addr()));
    let filter = format!(
        "({} or ether host THEIR_MAC) and not (tcp and THE_RUNS_OWN_SSH)",
        containers.collect::<Vec<_>>().join(" or ")
    );
    tcpdump::command(interface, &if is_scoped { arguments(&filter) } else { String::new() })
}

/// The harness's own connections may run over the LAN: recorded, they would feed themselves for ever.
fn filter(parties: &Parties, facts: &Facts) -> String {
    let own = facts.ssh_connections.iter().map(|connection| format!(" and not ({})", connection.filter()));
    format!("({}){}", parties.filter(), own.collect::<String>())
}
