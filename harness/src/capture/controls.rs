//! Further probes after a failure, while the lab still stands: they tell causes apart that look alike.

use std::time::Duration;

use futures_util::future::join_all;

use super::{
    CaptureError, Notes,
    captures::Started,
    judging::tell,
    recording::{write, write_notes},
    scope::Scope,
};
use crate::{
    container::Containers,
    diagnosis::{Case, Control, ControlKind, Verdict},
    journey::Probe,
    lab::{Lab, LabError},
    run_folder::RunFolder,
    stimulus::PingReport,
    topology::Topology,
};

/// How long an answer may take on a fast lab.
const REPLY_DEADLINE: Duration = Duration::from_secs(1);

impl Lab {
    /// Makes the controls of this scenario's probe, if that failed, captures each into a folder of its own in the
    /// scenario's, and judges anew. Returns the ladder and the verdict in words; nothing where there is nothing to tell apart.
    ///
    /// # Errors
    /// Where a folder can't be read or written, or `ping` can't be run.
    pub async fn explain_further(&self) -> Result<Option<String>, CaptureError> {
        let Some(case) = self.failed_case() else { return Ok(None) };
        let Some(mut notes) = Notes::beside(&self.folder().join(Notes::FILE_NAME)) else { return Ok(None) };
        let containers = Containers::found(case.topology.containers.clone(), case.owners.clone());
        notes.controls.clear();
        for (kind, probe) in controls_of(&case.topology, &case.probe) {
            let is_answered = self.control(kind, &probe, &containers).await?.is_answered();
            notes.controls.push(Control::uncaptured(kind, probe, is_answered));
        }
        write_notes(self.folder(), &notes)?;
        Ok(tell(self.folder())?.map(|told| told.to_string()))
    }

    async fn control(
        &self,
        kind: ControlKind,
        probe: &Probe,
        containers: &Containers,
    ) -> Result<PingReport, CaptureError> {
        let aside = self.aside(self.folder().join(Control::FOLDER).join(kind.name()));
        let ping = aside.ping(&probe.from, &probe.to)?.within(REPLY_DEADLINE);
        let scope = Scope::of(self, containers);
        // Between strangers to the containers nothing is captured that others may see their own frames in.
        let is_in_scope = scope.filter().is_none() || probe.ends().iter().any(|end| containers.has(end));
        if kind == ControlKind::WithoutCaptures || !is_in_scope {
            return Ok(ping.send().await?);
        }
        let folder = aside.folder();
        std::fs::create_dir_all(folder)
            .map_err(|source| LabError::Write { path: folder.to_owned(), source })?;
        let Started { captures, not_ready } = aside.start_captures(containers, &scope).await?;
        let report = ping.send().await?;
        // What was to come has come: ping has waited for it.
        let drained =
            join_all(captures.into_iter().map(|capture| capture.finish(self.facts().patience))).await;
        let evidence = drained.into_iter().map(|(_, _, evidence)| evidence).chain(not_ready).collect();
        let notes = Notes {
            captures: evidence,
            filter: scope.filter().map(str::to_owned),
            owners: containers.owners.clone(),
            stimuli: aside.stimuli().by_now(),
            ..Notes::default()
        };
        write(&folder.join(Topology::FILE_NAME), aside.topology().to_toml().as_bytes())?;
        write_notes(folder, &notes)?;
        Ok(report)
    }

    fn failed_case(&self) -> Option<Case> {
        let case = RunFolder::open(self.folder(), None).and_then(|folder| folder.case(None)).ok()?;
        matches!(case.judge().verdict, Verdict::Fail(_)).then_some(case)
    }
}

/// The controls of a probe that a topology has the machines for.
fn controls_of(topology: &Topology, probe: &Probe) -> Vec<(ControlKind, Probe)> {
    let node_of =
        |name: &str| topology.container(name).map_or(name, |container| container.node.as_str()).to_owned();
    let (near, far) = (node_of(&probe.from), node_of(&probe.to));
    let is_node = |name: &str| topology.node(name).is_some();
    let across = near != far && is_node(&near) && is_node(&far);
    let to_container = topology.container(&probe.to).is_some();
    let sibling = topology.containers.iter().find(|other| other.node == near && other.name != probe.from);
    let sibling = sibling.filter(|_| topology.container(&probe.from).is_some());
    let host = topology.host.as_ref().filter(|_| to_container);
    let candidates = [
        across.then(|| (ControlKind::NodeToNode, near.clone(), far.clone())),
        (across && to_container).then(|| (ControlKind::NodeToOtherChild, near.clone(), probe.to.clone())),
        (across && to_container).then(|| (ControlKind::ChildToOtherNode, probe.from.clone(), far.clone())),
        sibling.map(|sibling| (ControlKind::SiblingToSibling, probe.from.clone(), sibling.name.clone())),
        host.map(|_| (ControlKind::HostToChild, "host".to_owned(), probe.to.clone())),
        Some((ControlKind::WithoutCaptures, probe.from.clone(), probe.to.clone())),
    ];
    let probes = candidates.into_iter().flatten().map(|(kind, from, to)| (kind, Probe { from, to }));
    let mut controls: Vec<(ControlKind, Probe)> = Vec::new();
    for (kind, control) in probes {
        let is_new = control != *probe && controls.iter().all(|(_, other)| *other != control);
        if is_new || kind == ControlKind::WithoutCaptures {
            controls.push((kind, control));
        }
    }
    controls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn controls(probe: &str) -> Vec<String> {
        let text = include_str!("../../../fixtures/topologies/lab.toml");
        let topology = Topology::parse("lab.toml", text).unwrap();
        let controls = controls_of(&topology, &probe.parse().unwrap());
        controls.into_iter().map(|(kind, probe)| format!("{kind:?} {probe}")).collect()
    }

    #[test]
    fn across_all_of_them_are_made() {
        assert_eq!(
            controls("docker1:docker2"),
            [
                "NodeToNode node-1:node-2",
                "NodeToOtherChild node-1:docker2",
                "ChildToOtherNode docker1:node-2",
                "SiblingToSibling docker1:docker3",
                "HostToChild host:docker2",
                "WithoutCaptures docker1:docker2"
            ]
        );
    }

    #[test]
    fn a_control_is_not_the_probe_itself_and_needs_its_machines() {
        assert_eq!(controls("host:docker2"), ["WithoutCaptures host:docker2"]);
        assert_eq!(
            controls("node-1:docker2"),
            ["NodeToNode node-1:node-2", "HostToChild host:docker2", "WithoutCaptures node-1:docker2"]
        );
    }
}
