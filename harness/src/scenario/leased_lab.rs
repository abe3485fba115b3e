//! The lab that a scenario gets.

use std::{cell::RefCell, fs::File, ops::Deref, sync::Mutex};

use camino::Utf8PathBuf;
use tracing::subscriber::DefaultGuard;

use super::{ScenarioError, pause::pause};
use crate::{
    container::{Containers, Ipv6},
    lab::{Lab, LabError, Lease},
    machine::Running,
    report::{Difference, Outcome, RunReport, ScenarioResult, Source},
    topology::{Container, Mode},
};

/// A leased lab whose commands are logged to `scenario.log` in the scenario's folder, and whose scenario's end is
/// told by `result.json` there and on the run's page.
pub struct LeasedLab {
    lab: Lease,
    snapshots: Utf8PathBuf,
    result: RefCell<ScenarioResult>,
    _log: DefaultGuard,
}

impl LeasedLab {
    pub(super) fn begin(lab: Lease, snapshots: Utf8PathBuf, source: Source) -> Result<Self, ScenarioError> {
        let path = lab.folder().join("scenario.log");
        let write = |path| |source| ScenarioError::Write { path, source };
        let log = File::create(&path).map_err(write(path))?;
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(Mutex::new(log))
            .log_internal_errors(false)
            .finish();
        let result = ScenarioResult::begun(&lab.facts().machines).at(lab.facts().provider, source);
        result.write(lab.folder()).map_err(write(lab.folder().to_owned()))?;
        let result = RefCell::new(result);
        Ok(Self { lab, snapshots, result, _log: tracing::subscriber::set_default(subscriber) })
    }

    /// What the scenario is called, as its folder is.
    pub fn scenario(&self) -> &str {
        self.lab.folder().file_name().unwrap_or_default()
    }

    /// The same with these of its topology's containers alone.
    ///
    /// # Errors
    /// Where the topology lacks one of them.
    pub fn with_containers(mut self, names: &[&str]) -> Result<Self, ScenarioError> {
        let topology = self.lab.topology();
        let chosen = names.iter().map(|name| topology.container(name).cloned().ok_or(*name));
        let chosen: Result<Vec<Container>, &str> = chosen.collect();
        let missing = |container: &str| ScenarioError::NoContainer {
            scenario: self.scenario().to_owned(),
            container: container.to_owned(),
        };
        let chosen = chosen.map_err(missing)?;
        self.lab.replace_containers(chosen);
        Ok(self)
    }

    /// Puts containers of the scenario's own in place of the lab's.
    pub fn replace_containers(&mut self, containers: Vec<Container>) {
        self.lab.replace_containers(containers);
    }

    /// Sets up some of the containers.
    ///
    /// # Errors
    /// The step that failed, and on which node.
    pub async fn set_up_only(&self, names: &[&str]) -> Result<Containers, LabError> {
        let chosen = self.lab.topology().containers.iter();
        let chosen: Vec<Container> =
            chosen.filter(|container| names.contains(&container.name.as_str())).cloned().collect();
        self.lab.set_up_these(&chosen, Ipv6::Off).await
    }

    /// The same with containers in other modes.
    pub fn in_modes(mut self, modes: &[(&str, Mode)]) -> Self {
        let mut containers = self.lab.topology().containers.clone();
        for (name, mode) in modes {
            containers
                .iter_mut()
                .filter(|container| container.name == *name)
                .for_each(|container| container.mode = *mode);
        }
        self.lab.replace_containers(containers);
        self
    }

    /// The same with the containers, in the topology's order, in VLANs or in none.
    pub fn in_vlans(mut self, vlans: [Option<u16>; 2]) -> Self {
        let mut containers = self.lab.topology().containers.clone();
        containers.iter_mut().zip(vlans).for_each(|(container, vlan)| container.vlan = vlan);
        self.lab.replace_containers(containers);
        self
    }

    /// Reboots a node, as [`Lab::reboot`] does.
    ///
    /// # Errors
    /// As there.
    pub async fn reboot(&mut self, node: &str) -> Result<Running, LabError> {
        self.lab.reboot(node).await
    }

    /// Notes that the scenario has come to its judgement. Whatever fails later is a failure all the same.
    pub fn is_judged(&self) {
        self.result.borrow_mut().outcome = Outcome::Passed;
    }

    /// Notes a text that is not as its snapshot.
    pub fn differs(&self, difference: Difference) {
        self.result.borrow_mut().differences.push(difference);
    }

    /// Notes what was compared with a snapshot.
    pub(super) fn saw(&self, snapshot: &str, text: &str) {
        self.result.borrow_mut().seen.insert(snapshot.to_owned(), text.to_owned());
    }

    pub(super) fn snapshots(&self) -> &Utf8PathBuf {
        &self.snapshots
    }
}

impl Drop for LeasedLab {
    fn drop(&mut self) {
        let mut result = self.result.borrow_mut();
        if std::thread::panicking() {
            result.outcome = Outcome::Failed;
        } else if result.outcome == Outcome::Unfinished {
            result.outcome = Outcome::Failed;
            result
                .remarks
                .push("it ended with an error before anything was judged: see its output".to_owned());
        }
        if result.outcome == Outcome::Failed {
            pause(&self.lab, self.scenario());
        }
        for (node, round_trips) in self.lab.round_trips() {
            tracing::info!(node, round_trips, "the keeper's, to clean up, is one more");
        }
        let folder = self.lab.folder();
        let told = result.write(folder).and_then(|()| RunReport::add(folder));
        if let Err(error) = told {
            eprintln!("the run's page could not be written: {error}");
        }
    }
}

impl Deref for LeasedLab {
    type Target = Lab;

    fn deref(&self) -> &Lab {
        &self.lab
    }
}
