//! A machine that commands can be run on.

use std::{
    io,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use camino::Utf8Path;
use openssh::{Session, Stdio as SshStdio};
use serde::de::DeserializeOwned;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use super::{
    CommandError, Failure, Patience, Record, Running, Script,
    namespaces::{ADMINISTRATORS_PATH, Namespaces},
    round_trips::RoundTrips,
    tether::tethered,
};

/// The time that a script has on a fast machine.
pub(super) const SCRIPT_DEADLINE: Duration = Duration::from_secs(10);

/// A machine of a lab, and the way to it.
#[derive(Clone, Debug)]
pub struct Machine {
    name: String,
    route: Route,
    /// Whether commands need `sudo` to be root's.
    sudo: bool,
    /// Whether the account's login shell is known to be `sh`.
    has_login_sh: bool,
    record: Record,
    patience: Patience,
    round_trips: RoundTrips,
}

#[derive(Clone, Debug)]
enum Route {
    Ssh(Arc<Session>),
    Namespaces(Namespaces),
    /// This machine, in the namespaces of this process.
    Here,
}

/// What a command printed, and how it ended.
#[derive(Clone, Debug)]
pub struct Output {
    /// Its exit status.
    pub status: ExitStatus,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Machine {
    /// A machine behind an open SSH connection, attached to by its control socket.
    pub fn over_ssh(name: &str, control_socket: &Utf8Path, patience: Patience) -> Self {
        let session = Session::resume_mux(control_socket.as_std_path().into(), None);
        Self::new(name, Route::Ssh(Arc::new(session)), patience)
    }

    /// The same machine behind another SSH connection.
    pub(crate) fn over(self, control_socket: &Utf8Path) -> Self {
        let session = Session::resume_mux(control_socket.as_std_path().into(), None);
        Self { route: Route::Ssh(Arc::new(session)), ..self }
    }

    /// The machine that this process runs on.
    pub fn here(name: &str, patience: Patience) -> Self {
        Self::new(name, Route::Here, patience)
    }

    /// A machine that is the namespaces of the process `pid`, which lives.
    ///
    /// # Errors
    /// Where they can't be opened.
    pub fn in_namespaces(name: &str, pid: u32, patience: Patience) -> io::Result<Self> {
        Ok(Self::new(name, Route::Namespaces(Namespaces::of(pid)?), patience))
    }

    fn new(name: &str, route: Route, patience: Patience) -> Self {
        Self {
            name: name.to_owned(),
            route,
            sudo: false,
            has_login_sh: false,
            record: Record::default(),
            patience,
            round_trips: RoundTrips::default(),
        }
    }

    /// The same machine, with commands run as root by `sudo`, which must not ask for a password.
    pub fn with_sudo(self) -> Self {
        Self { sudo: true, ..self }
    }

    /// The same machine, whose account has `sh` for its login shell: sshd then starts no other one for each script.
    pub(crate) fn with_login_sh(self) -> Self {
        Self { has_login_sh: true, ..self }
    }

    /// The same machine, with changes recorded as a run's own.
    pub(crate) fn with_record(self, record: Record) -> Self {
        Self { record, ..self }
    }

    /// Where its changes are recorded.
    pub(crate) fn record(&self) -> &Record {
        &self.record
    }

    /// Whether commands here are run by `sudo`.
    pub(crate) fn uses_sudo(&self) -> bool {
        self.sudo
    }

    /// The machine's name in the topology, or `host`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long to wait for this machine.
    pub fn patience(&self) -> Patience {
        self.patience
    }

    /// How often commands were sent to it and waited for. What is sent while another command is awaited shares its round trip.
    pub fn round_trips(&self) -> u32 {
        self.round_trips.count()
    }

    pub(crate) fn set_patience(&mut self, patience: Patience) {
        self.patience = patience;
    }

    /// Runs a script and waits for its end.
    ///
    /// # Errors
    /// The step that failed, with its exit status and what it printed to standard error.
    pub async fn run(&self, script: &Script) -> Result<Output, CommandError> {
        let deadline = self.patience.deadline(SCRIPT_DEADLINE);
        let shell = script.to_shell(&self.record);
        tracing::debug!(machine = self.name, script = shell, "run");
        let _awaited = self.round_trips.begin();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let ended = timeout(deadline, async {
            let mut running = self.spawn(&tethered(&shell)).await?;
            running.read_output(&mut stdout, &mut stderr).await?;
            running.wait().await
        });
        let ended = ended.await.unwrap_or(Err(Failure::Deadline { waited: deadline }));
        self.told(script, ended, &stdout, &stderr)
    }

    /// What a script came to that printed this.
    pub(super) fn told(
        &self,
        script: &Script,
        ended: Result<ExitStatus, Failure>,
        stdout: &[u8],
        stderr: &[u8],
    ) -> Result<Output, CommandError> {
        let stdout = String::from_utf8_lossy(stdout).into_owned();
        let (step, stderr) = script.last_step(&String::from_utf8_lossy(stderr));
        match ended {
            Ok(status) if status.success() => Ok(Output { status, stdout, stderr }),
            Ok(status) => Err(self.error(step, Failure::Exit { status, stderr })),
            Err(failure) => Err(self.error(step, failure)),
        }
    }

    /// Runs a script whose output is a sequence of JSON documents of one type.
    ///
    /// # Errors
    /// As [`Machine::run`], and where the output is not of that type.
    pub async fn run_json<T: DeserializeOwned>(&self, script: &Script) -> Result<Vec<T>, CommandError> {
        let output = self.run(script).await?;
        (serde_json::Deserializer::from_str(&output.stdout).into_iter::<T>().collect::<Result<_, _>>())
            .map_err(|error| {
                self.error(script.last_step("").0, Failure::Output { reason: error.to_string() })
            })
    }

    /// Starts a command that lives until it ends by itself, is stopped, or its [`Running`] is
    /// dropped: also when this process is killed, since the command's tether is its standard input.
    ///
    /// # Errors
    /// Where it could not be started.
    pub async fn start(&self, command: &str) -> Result<Running, CommandError> {
        tracing::debug!(machine = self.name, command, "start");
        let _awaited = self.round_trips.begin();
        let deadline = self.patience.deadline(SCRIPT_DEADLINE);
        let started = timeout(deadline, self.spawn(&tethered(&format!("exec {command}")))).await;
        let started = started.unwrap_or(Err(Failure::Deadline { waited: deadline }));
        started.map_err(|failure| self.error(command, failure))
    }

    /// Starts a shell whose standard input the caller answers for: nothing ends it when that closes, but itself.
    pub(crate) async fn start_untethered(&self, shell: &str) -> Result<Running, CommandError> {
        tracing::debug!(machine = self.name, shell, "start, untethered");
        let _awaited = self.round_trips.begin();
        self.spawn(shell).await.map_err(|failure| self.error(shell, failure))
    }

    async fn spawn(&self, shell: &str) -> Result<Running, Failure> {
        let mut words = if self.sudo { vec!["sudo", "-n", "--"] } else { Vec::new() };
        words.extend(["sh", "-c", shell]);
        match &self.route {
            Route::Ssh(session) => {
                let session = Arc::clone(session);
                let mut ssh = if self.has_login_sh && !self.sudo {
                    session.arc_raw_command(shell)
                } else {
                    let mut ssh = session.arc_command(words[0]);
                    ssh.args(&words[1..]);
                    ssh
                };
                ssh.stdin(SshStdio::piped()).stdout(SshStdio::piped()).stderr(SshStdio::piped());
                ssh.spawn().await.map(Running::ssh).map_err(|source| Failure::Session { source })
            }
            Route::Namespaces(namespaces) => Ok(spawn_piped(namespaces.enter(&words)).map(Running::local)?),
            Route::Here => {
                let mut local = Command::new(words[0]);
                local.args(&words[1..]).env("PATH", ADMINISTRATORS_PATH).kill_on_drop(true);
                Ok(spawn_piped(local).map(Running::local)?)
            }
        }
    }

    /// An error of this machine's.
    pub(crate) fn error(&self, command: &str, failure: Failure) -> CommandError {
        CommandError { machine: self.name.clone(), command: command.to_owned(), failure }
    }
}

fn spawn_piped(mut command: Command) -> io::Result<Child> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

impl From<io::Error> for Failure {
    fn from(source: io::Error) -> Self {
        Self::Io { source }
    }
}
