//! The lab that a scenario gets.

use std::{
    cell::{OnceCell, RefCell},
    fs::File,
    ops::Deref,
    sync::Mutex,
};

use camino::Utf8Path;
use harness::{
    Progress,
    container::{Containers, Ipv6},
    lab::{Event, Lab, LabError, Lease, Settings},
    report::{Difference, Outcome, RunReport, ScenarioResult},
    topology::{Container, Mode},
};
use miette::{IntoDiagnostic as _, miette};
use tracing::subscriber::DefaultGuard;

/// A leased lab whose commands are logged to `scenario.log` in the scenario's folder, and whose scenario's end is
/// told by `result.json` there and on the run's page.
pub struct LeasedLab {
    lab: Lease,
    result: RefCell<ScenarioResult>,
    _log: DefaultGuard,
}

impl LeasedLab {
    /// What the scenario is called, as its folder is.
    pub fn scenario(&self) -> &str {
        self.lab.folder().file_name().unwrap_or_default()
    }

    /// Puts containers of the scenario's own in place of the lab's.
    pub fn replace_containers(&mut self, containers: Vec<Container>) {
        self.lab.replace_containers(containers);
    }

    /// Sets up some of the containers.
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

    /// Notes that the scenario has come to its judgement. Whatever fails later is a failure all the same.
    pub fn is_judged(&self) {
        self.result.borrow_mut().outcome = Outcome::Passed;
    }

    /// Notes a text that is not as its snapshot.
    pub fn differs(&self, difference: Difference) {
        self.result.borrow_mut().differences.push(difference);
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

/// Leases the lab that `LAB` asks for, with the tutorial's two containers.
pub async fn lab(scenario: &str) -> miette::Result<LeasedLab> {
    lab_with(&["docker1", "docker2"], scenario).await
}

/// Leases the lab with docker3 too, beside docker1 on its node.
pub async fn lab_with_siblings(scenario: &str) -> miette::Result<LeasedLab> {
    lab_with(&["docker1", "docker2", "docker3"], scenario).await
}

/// Leases the lab with these of its topology's containers.
pub async fn lab_with(containers: &[&str], scenario: &str) -> miette::Result<LeasedLab> {
    let mut leased = lease(scenario).await?;
    let topology = leased.lab.topology();
    let chosen = containers.iter().map(|name| topology.container(name).cloned().ok_or(*name));
    let chosen: Result<Vec<Container>, &str> = chosen.collect();
    let chosen = chosen.map_err(|name| {
        miette!(
            help = "add it to the topology file, as in fixtures/topologies/lab.toml",
            "{scenario} needs a container {name}, and the topology has none"
        )
    })?;
    leased.lab.replace_containers(chosen);
    Ok(leased)
}

async fn lease(scenario: &str) -> miette::Result<LeasedLab> {
    let root = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let runs = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("e2e");
    let command = Utf8Path::new(env!("CARGO_BIN_EXE_lab"));
    let topology = root.join("fixtures/topologies/lab.toml");
    show_errors_unbroken();
    let settings = Settings::from_environment(&topology, &runs, command)?;
    let progress = OnceCell::new();
    let tell = |event: &Event| progress.get_or_init(Progress::start).phase(event);
    let lab = Lab::lease(&settings, scenario, tell).await?;
    let log = File::create(lab.folder().join("scenario.log")).into_diagnostic()?;
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(Mutex::new(log))
        .log_internal_errors(false)
        .finish();
    let result = ScenarioResult::begun(&lab.facts().machines);
    result.write(lab.folder()).into_diagnostic()?;
    let result = RefCell::new(result);
    Ok(LeasedLab { lab, result, _log: tracing::subscriber::set_default(subscriber) })
}

/// Names, paths and commands in an error are to be copied: no line is broken.
fn show_errors_unbroken() {
    // Another scenario of this process may have set it already.
    let _ =
        miette::set_hook(Box::new(|_| Box::new(miette::MietteHandlerOpts::new().wrap_lines(false).build())));
}
