//! Leasing a lab: finding the one that this run has, or starting it.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    os::{
        fd::OwnedFd,
        unix::{net as unix, process::CommandExt},
    },
    process::{Command, Stdio},
};

use camino::{Utf8Path, Utf8PathBuf};
use command_fds::{CommandFdExt, FdMapping};
use rustix::process::getuid;
use tokio::{io::BufReader, net::UnixStream};

use super::{
    Endpoint, Event, Facts, FromKeeper, Grant, Hello, LISTENER_FD, LabError, RUNNER_FD, Refusal, Settings,
    protocol::{read_message, write_message},
    runner::Runner,
};
use crate::{
    machine::{ADMINISTRATORS_PATH, Machine},
    provider,
    topology::Topology,
};

const KEEPER_LOG: &str = "keeper.log";
const LOG_TAIL_LINES: usize = 20;

/// A leased lab. Dropping it, or this process's death, ends the lease; the keeper then undoes what
/// the scenario changed.
#[derive(Debug)]
pub struct Lab {
    topology: Topology,
    facts: Facts,
    keeper: u32,
    number: u32,
    folder: Utf8PathBuf,
    host: Machine,
    nodes: BTreeMap<String, Machine>,
    _lease: BufReader<UnixStream>,
}

impl Lab {
    /// Waits for the lab, starting it if this is the run's first scenario: then `tell` hears how it
    /// comes up.
    ///
    /// # Errors
    /// Where the lab can't be had, with the reason.
    pub async fn lease(settings: &Settings, scenario: &str, tell: impl Fn(&Event)) -> Result<Self, LabError> {
        let runner = Runner::of_this_process().map_err(LabError::keeper("identify the test runner"))?;
        let run = run_folder(settings, &runner).map_err(LabError::keeper("name the run's folder"))?;
        let log = run.join(KEEPER_LOG);
        loop {
            let (keeper, stream) = find_or_start_keeper(settings, &runner)?;
            let progress = |event: &Event| {
                if keeper == Keeper::StartedHere {
                    tell(event);
                }
            };
            let answer = ask(stream, scenario, progress).await;
            match answer.map_err(LabError::keeper("speak to the lab's keeper"))? {
                Answer::Granted(grant, lease) => return Self::from_grant(settings, scenario, *grant, lease),
                Answer::Replaced(why) => tell(&Event::new(format!("the lab is replaced: {why}"))),
                // Another's keeper may have ended between our connecting and its listening to us.
                Answer::Nothing if keeper == Keeper::Found => {}
                Answer::Refused(Refusal { reason, help }) => {
                    let log = format!("the keeper's log is {log}");
                    let help = help.map_or(log.clone(), |help| format!("{help}; {log}"));
                    return Err(LabError::Refused { reason, help });
                }
                Answer::Nothing => {
                    return Err(LabError::KeeperEnded { tail: tail(&log), log });
                }
            }
        }
    }

    fn from_grant(
        settings: &Settings,
        scenario: &str,
        grant: Grant,
        lease: BufReader<UnixStream>,
    ) -> Result<Self, LabError> {
        let folder = grant.run.join(scenario);
        std::fs::create_dir(&folder).map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => LabError::NameTaken { folder: folder.clone() },
            _ => LabError::Write { path: folder.clone(), source },
        })?;
        let patience = grant.facts.patience;
        // The keeper's files are in a memory of its own that vanishes with it: seen through its root.
        let root = Utf8PathBuf::from(format!("/proc/{}/root", grant.keeper));
        let sockets = root.join(grant.sockets.as_str().trim_start_matches('/'));
        let nodes = settings.topology.nodes.iter().map(|node| {
            let socket = sockets.join(format!("{}.mux", node.name));
            (node.name.clone(), Machine::over_ssh(&node.name, &socket, patience))
        });
        Ok(Self {
            nodes: nodes.collect(),
            host: Machine::in_namespaces("host", grant.keeper, patience)
                .map_err(LabError::keeper("open the host's namespaces"))?,
            topology: settings.topology.clone(),
            facts: grant.facts,
            keeper: grant.keeper,
            number: grant.number,
            folder,
            _lease: lease,
        })
    }

    /// What the lab is made of.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// What is known about its machines.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The process that holds the lab. Its namespaces are the host's.
    pub fn keeper(&self) -> u32 {
        self.keeper
    }

    /// The lease's number in this run, from 1.
    pub fn lease_number(&self) -> u32 {
        self.number
    }

    /// Where this scenario's evidence is kept.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// A node, or `host`.
    ///
    /// # Errors
    /// Where the topology has no such machine.
    pub fn machine(&self, name: &str) -> Result<&Machine, LabError> {
        let machine = if name == "host" { Some(&self.host) } else { self.nodes.get(name) };
        machine.ok_or_else(|| LabError::Unknown { kind: "machine", name: name.to_owned() })
    }

    /// The host, a node's root namespace or a container, by its name.
    ///
    /// # Errors
    /// Where the topology has no such endpoint.
    pub fn endpoint(&self, name: &str) -> Result<Endpoint<'_>, LabError> {
        match self.topology.container(name) {
            Some(container) => Ok(Endpoint::container(self.machine(&container.node)?, &container.name)),
            None => Ok(Endpoint::root(self.machine(name)?)),
        }
    }
}

/// Whose the keeper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeper {
    Found,
    StartedHere,
}

/// Connects to the run's keeper; whoever finds none and can bind its name starts it.
fn find_or_start_keeper(
    settings: &Settings,
    runner: &Runner,
) -> Result<(Keeper, unix::UnixStream), LabError> {
    let address = runner.address(settings).map_err(LabError::keeper("name the keeper's socket"))?;
    let mut keeper = Keeper::Found;
    loop {
        match unix::UnixStream::connect_addr(&address) {
            Ok(stream) => return Ok((keeper, stream)),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(LabError::keeper("connect to the lab's keeper")(error)),
        }
        match unix::UnixListener::bind_addr(&address) {
            Ok(listener) => {
                provider::check(settings.provider)?;
                spawn_keeper(settings, runner, listener)?;
                keeper = Keeper::StartedHere;
            }
            // Another scenario was quicker, and is about to listen or already does.
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(LabError::keeper("listen for the lab's keeper")(error)),
        }
    }
}

/// Starts the keeper in namespaces of its own: whatever lives in them ends with it.
fn spawn_keeper(settings: &Settings, runner: &Runner, listener: unix::UnixListener) -> Result<(), LabError> {
    let run = run_folder(settings, runner).map_err(LabError::keeper("name the run's folder"))?;
    let cant_write = |path: &Utf8Path| {
        let path = path.to_owned();
        move |source| LabError::Write { path, source }
    };
    std::fs::create_dir_all(&run).map_err(cant_write(&run))?;
    let _ = point_latest_at(&settings.runs, &run);
    let log = run.join(KEEPER_LOG);
    let output = File::options().create(true).append(true).open(&log).map_err(cant_write(&log))?;
    let mut command = Command::new("unshare");
    command.args(["--fork", "--kill-child", "--pid", "--mount", "--net", "--uts", "--ipc"]);
    if !rustix::process::geteuid().is_root() {
        command.args(["--map-root-user", "--map-auto"]);
    }
    command.arg("--").arg(&settings.lab_command).arg("keep");
    command.arg(format!("--lab={}", settings.provider)).arg(format!("--topology={}", settings.topology_path));
    command.arg(format!("--run={run}"));
    let failed = || LabError::keeper("start the lab's keeper with unshare");
    let watched = runner.watch().map_err(failed())?;
    let mappings = vec![
        FdMapping { parent_fd: OwnedFd::from(listener), child_fd: LISTENER_FD },
        FdMapping { parent_fd: watched, child_fd: RUNNER_FD },
    ];
    command.fd_mappings(mappings).map_err(io::Error::other).map_err(failed())?;
    command.env("PATH", ADMINISTRATORS_PATH);
    // A process group of its own, so that a ^C meant for the tests does not reach it.
    command
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(output.try_clone().map_err(failed())?)
        .stderr(output);
    command.spawn().map(drop).map_err(failed())
}

/// Makes `latest` a link to the run.
fn point_latest_at(runs: &Utf8Path, run: &Utf8Path) -> io::Result<()> {
    let fresh = runs.join(format!(".latest-{}", std::process::id()));
    std::os::unix::fs::symlink(run.file_name().unwrap_or_default(), &fresh)?;
    std::fs::rename(&fresh, runs.join("latest"))
}

/// What comes of asking for a lab.
enum Answer {
    Granted(Box<Grant>, BufReader<UnixStream>),
    /// There is no lab, for this reason.
    Refused(Refusal),
    /// The lab was not clean after another scenario, and the next to ask starts a new one.
    Replaced(String),
    /// The keeper died.
    Nothing,
}

async fn ask(stream: unix::UnixStream, scenario: &str, tell: impl Fn(&Event)) -> io::Result<Answer> {
    stream.set_nonblocking(true)?;
    let stream = UnixStream::from_std(stream)?;
    // Anybody may bind an abstract name. Whom we believe must be ourselves.
    if stream.peer_cred()?.uid() != getuid().as_raw() {
        return Err(io::Error::other("another user's process has the name of this run's keeper"));
    }
    let mut stream = BufReader::new(stream);
    let hello = Hello { scenario: scenario.to_owned() };
    if write_message(&mut stream, &hello).await.is_err() {
        return Ok(Answer::Nothing);
    }
    loop {
        match read_message(&mut stream).await {
            Ok(Some(FromKeeper::Event(event))) => tell(&event),
            Ok(Some(FromKeeper::Granted(grant))) => return Ok(Answer::Granted(grant, stream)),
            Ok(Some(FromKeeper::Refused(refusal))) => return Ok(Answer::Refused(refusal)),
            Ok(Some(FromKeeper::Replaced(why))) => return Ok(Answer::Replaced(why)),
            Ok(None) => return Ok(Answer::Nothing),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(Answer::Nothing),
            Err(error) => return Err(error),
        }
    }
}

fn run_folder(settings: &Settings, runner: &Runner) -> io::Result<Utf8PathBuf> {
    Ok(settings.runs.join(runner.run_name()?))
}

/// What a keeper said at last, without its commands.
fn tail(log: &Utf8Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let said: Vec<String> = text.lines().filter_map(said).collect();
    said[said.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
}

/// A line of the log in words; what is not of the log's form (a panic, say) is told as it is.
fn said(line: &str) -> Option<String> {
    let Ok(entry) = serde_json::from_str::<serde_json::Value>(line) else { return Some(line.to_owned()) };
    if entry["level"] == "DEBUG" {
        return None;
    }
    let fields = entry["fields"].as_object()?;
    Some(
        fields
            .values()
            .map(|value| value.as_str().map_or(value.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" "),
    )
}
