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
use tokio::{process::Command, time::timeout};

use super::{CommandError, Failure, Patience, Running, Script};

/// The time that a script has on a fast machine.
const SCRIPT_DEADLINE: Duration = Duration::from_secs(10);

pub(crate) const ADMINISTRATORS_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A machine of a lab, and the way to it.
#[derive(Clone, Debug)]
pub struct Machine {
    name: String,
    route: Route,
    patience: Patience,
}

#[derive(Clone, Debug)]
enum Route {
    Ssh(Arc<Session>),
    /// The namespaces of the process with this id.
    Namespaces(u32),
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
        Self { name: name.to_owned(), route: Route::Ssh(Arc::new(session)), patience }
    }

    /// The host, as the namespaces of the process `pid`.
    pub fn in_namespaces(name: &str, pid: u32, patience: Patience) -> Self {
        Self { name: name.to_owned(), route: Route::Namespaces(pid), patience }
    }

    /// The machine's name in the topology, or `host`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How long to wait for this machine.
    pub fn patience(&self) -> Patience {
        self.patience
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
        let shell = script.to_shell();
        tracing::debug!(machine = self.name, script = shell, "run");
        let fail = |command: &str, failure| self.error(command, failure);
        let first = script.failed_step("").0;
        let output = match timeout(deadline, self.output(&shell)).await {
            Ok(result) => result.map_err(|failure| fail(first, failure))?,
            Err(_) => return Err(fail(first, Failure::Deadline { waited: deadline })),
        };
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            return Ok(Output { status: output.status, stdout, stderr });
        }
        let (step, stderr) = script.failed_step(&stderr);
        Err(fail(step, Failure::Exit { status: output.status, stderr: stderr.to_owned() }))
    }

    /// Runs a script whose output is a sequence of JSON documents of one type.
    ///
    /// # Errors
    /// As [`Machine::run`], and where the output is not of that type.
    pub async fn run_json<T: DeserializeOwned>(&self, script: &Script) -> Result<Vec<T>, CommandError> {
        let output = self.run(script).await?;
        (serde_json::Deserializer::from_str(&output.stdout).into_iter::<T>().collect::<Result<_, _>>())
            .map_err(|error| {
                self.error(script.failed_step("").0, Failure::Output { reason: error.to_string() })
            })
    }

    /// Starts a command that lives until it ends by itself, is stopped, or its [`Running`] is
    /// dropped: also when this process is killed, since the command's tether is its standard input.
    ///
    /// # Errors
    /// Where it could not be started.
    pub async fn start(&self, command: &str) -> Result<Running, CommandError> {
        tracing::debug!(machine = self.name, command, "start");
        let deadline = self.patience.deadline(SCRIPT_DEADLINE);
        let started = timeout(deadline, self.spawn(&tethered(command))).await;
        let started = started.unwrap_or(Err(Failure::Deadline { waited: deadline }));
        started.map_err(|failure| self.error(command, failure))
    }

    async fn spawn(&self, shell: &str) -> Result<Running, Failure> {
        match &self.route {
            Route::Ssh(session) => {
                let mut ssh = Arc::clone(session).arc_command("sh");
                ssh.arg("-c").arg(shell);
                ssh.stdin(SshStdio::piped()).stdout(SshStdio::piped()).stderr(SshStdio::piped());
                ssh.spawn().await.map(Running::ssh).map_err(|source| Failure::Session { source })
            }
            Route::Namespaces(pid) => {
                let mut local = in_namespaces(*pid, shell);
                local.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
                Ok(local.spawn().map(Running::local)?)
            }
        }
    }

    /// An error of this machine's.
    pub(crate) fn error(&self, command: &str, failure: Failure) -> CommandError {
        CommandError { machine: self.name.clone(), command: command.to_owned(), failure }
    }

    async fn output(&self, shell: &str) -> Result<std::process::Output, Failure> {
        match &self.route {
            Route::Ssh(session) => {
                let mut ssh = session.command("sh");
                ssh.arg("-c").arg(shell).stdin(SshStdio::null());
                ssh.output().await.map_err(|source| Failure::Session { source })
            }
            Route::Namespaces(pid) => {
                let mut local = in_namespaces(*pid, shell);
                local.stdin(Stdio::null()).output().await.map_err(|source| Failure::Io { source })
            }
        }
    }
}

impl From<io::Error> for Failure {
    fn from(source: io::Error) -> Self {
        Self::Io { source }
    }
}

/// `sh` in the namespaces of another process, its PID namespace included: what it starts ends with that.
fn in_namespaces(pid: u32, shell: &str) -> Command {
    let mut command = Command::new("nsenter");
    command.args(["--target", &pid.to_string(), "--net", "--mount", "--uts", "--ipc", "--pid"]);
    if is_in_another_user_namespace(pid) {
        command.arg("--user");
    }
    command.args(["--", "sh", "-c", shell]);
    // An ordinary user's path lacks the administrators' folders, and Debian keeps `ip` there.
    command.env("PATH", ADMINISTRATORS_PATH).kill_on_drop(true);
    command
}

/// A lab without root has a user namespace; to enter one's own again is refused (setns(2)).
fn is_in_another_user_namespace(pid: u32) -> bool {
    let namespace = |process: &str| std::fs::read_link(format!("/proc/{process}/ns/user")).ok();
    namespace(&pid.to_string()) != namespace("self")
}

/// A command that gets SIGTERM once the script's standard input closes. Nothing else would end a
/// remote command whose client has died: sshd leaves it running.
fn tethered(command: &str) -> String {
    format!(
        "exec 3<&0\n{command} </dev/null 3<&- & p=$!\n\
         {{ cat <&3 >/dev/null; kill -TERM \"$p\"; }} >/dev/null 2>&1 & tether=$!\n\
         exec 3<&-\nwait \"$p\"; status=$?\nkill \"$tether\"\nexit $status"
    )
}
