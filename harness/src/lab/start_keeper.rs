//! Finding the keeper of a lab, or starting it.

use std::{
    fs::File,
    io,
    os::{
        fd::OwnedFd,
        unix::net::{SocketAddr, UnixListener, UnixStream},
    },
    process::{Command, Stdio},
};

use camino::Utf8PathBuf;
use command_fds::{CommandFdExt, FdMapping};

use super::{LISTENER_FD, LabError, RUNNER_FD, Settings, run_folder::cant_write};
use crate::{machine::ADMINISTRATORS_PATH, provider};

const KEEPER_LOG: &str = "keeper.log";
const LOG_TAIL_LINES: usize = 20;

/// A keeper that there is or is to be.
pub(super) struct KeeperSought<'a> {
    pub settings: &'a Settings,
    /// Where it listens.
    pub address: SocketAddr,
    /// The folder that gets its log and its machines' consoles.
    pub folder: Utf8PathBuf,
    /// The process whose death ends the lab; without one, `lab down` does.
    pub runner: Option<OwnedFd>,
}

/// Whose the keeper is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeper {
    Found,
    StartedHere,
}

impl KeeperSought<'_> {
    /// Where the keeper says what it does.
    pub(super) fn log(&self) -> Utf8PathBuf {
        self.folder.join(KEEPER_LOG)
    }

    /// The error of a keeper that was started and has ended without a word.
    pub(super) fn ended(&self) -> LabError {
        LabError::KeeperEnded { tail: self.last_words(), log: self.log() }
    }

    /// What the keeper said at last, without its commands.
    fn last_words(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let said: Vec<String> = text.lines().filter_map(said).collect();
        said[said.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
    }

    /// Connects to the keeper; whoever finds none and can bind its name starts it.
    pub(super) fn find_or_start(&self) -> Result<(Keeper, UnixStream), LabError> {
        let mut keeper = Keeper::Found;
        loop {
            if let Some(stream) = find(&self.address)? {
                return Ok((keeper, stream));
            }
            match UnixListener::bind_addr(&self.address) {
                Ok(listener) => {
                    provider::check(self.settings.provider)?;
                    self.start(listener)?;
                    keeper = Keeper::StartedHere;
                }
                // Another scenario was quicker, and is about to listen or already does.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(LabError::keeper("listen for the lab's keeper")(error)),
            }
        }
    }

    fn start(&self, listener: UnixListener) -> Result<(), LabError> {
        // A standing lab that is replaced has no run that made the folder, nor has a run's second lab.
        std::fs::create_dir_all(&self.folder).map_err(cant_write(&self.folder))?;
        let log = self.log();
        let output = File::options().create(true).append(true).open(&log).map_err(cant_write(&log))?;
        let failed = || LabError::keeper("start the lab's keeper");
        let mut command = self.command();
        let mut mappings = vec![FdMapping { parent_fd: OwnedFd::from(listener), child_fd: LISTENER_FD }];
        if let Some(runner) = &self.runner {
            let runner = runner.try_clone().map_err(failed())?;
            mappings.push(FdMapping { parent_fd: runner, child_fd: RUNNER_FD });
        }
        command.fd_mappings(mappings).map_err(io::Error::other).map_err(failed())?;
        command.stdin(Stdio::null()).stdout(output.try_clone().map_err(failed())?).stderr(output);
        command.spawn().map(drop).map_err(failed())
    }

    /// In a session of its own, so that neither a ^C meant for the tests nor a terminal that closes reaches
    /// it. A lab of our own is held in namespaces: whatever lives in them ends with the keeper.
    fn command(&self) -> Command {
        let Settings { provider, topology_path, lab_command, ssh_config, .. } = self.settings;
        let mut command = Command::new("setsid");
        command.arg("--");
        if provider.is_hermetic() {
            command.args(unshare());
        }
        command.arg(lab_command);
        command.arg("keep").arg(format!("--lab={provider}")).arg(format!("--topology={topology_path}"));
        command.arg(format!("--run={}", self.folder));
        command.args(ssh_config.iter().map(|file| format!("--ssh-config={file}")));
        if self.runner.is_none() {
            command.arg("--standing");
        }
        command.env("PATH", ADMINISTRATORS_PATH);
        command
    }
}

/// Connects to a keeper, if one listens there.
pub(super) fn find(address: &SocketAddr) -> Result<Option<UnixStream>, LabError> {
    match UnixStream::connect_addr(address) {
        Ok(stream) => Ok(Some(stream)),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(None),
        Err(error) => Err(LabError::keeper("connect to the lab's keeper")(error)),
    }
}

fn unshare() -> Vec<&'static str> {
    let mut words = vec!["unshare", "--fork", "--kill-child", "--pid", "--mount", "--net", "--uts", "--ipc"];
    if !provider::is_root() {
        words.extend(["--map-root-user", "--map-auto"]);
    }
    words.push("--");
    words
}

/// A line of the log in words; what is not of the log's form (a panic, say) is told as it is.
fn said(line: &str) -> Option<String> {
    let Ok(entry) = serde_json::from_str::<serde_json::Value>(line) else { return Some(line.to_owned()) };
    if entry["level"] == "DEBUG" {
        return None;
    }
    let words = |value: &serde_json::Value| value.as_str().map_or(value.to_string(), str::to_owned);
    Some(entry["fields"].as_object()?.values().map(words).collect::<Vec<_>>().join(" "))
}
