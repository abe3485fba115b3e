//! The SSH connections of a lab: one for each node, open as long as the lab is.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tokio::process::{Child, Command};

use super::{KeeperError, refused::advice};
use crate::first_word::start_and_hear;

/// A handshake takes a second on an emulated machine. This is for one that never answers.
const CONNECT_DEADLINE: Duration = Duration::from_secs(60);

/// An open connection that commands are multiplexed over.
pub(super) struct Master {
    /// Where scenarios attach to it.
    pub socket: Utf8PathBuf,
    /// ssh, in the foreground: openssh's own master would become a daemon and outlive everybody.
    pub child: Child,
}

/// Connects to a machine and waits until commands can be sent. What it runs before that, if anything, is to succeed.
pub(super) async fn connect(
    machine: &str,
    alias: &str,
    ssh_config: &Utf8Path,
    socket: Utf8PathBuf,
    first_words: Option<String>,
) -> Result<Master, KeeperError> {
    // Where one is left by an ssh that was killed, another would not listen.
    let _ = std::fs::remove_file(&socket);
    // ssh listens on its control socket before it starts the session, so that the session's first
    // word says that both are there. The session then waits for a standard input that never comes.
    // Where there is no PID namespace that ends with the keeper, the kernel's signal ends this.
    let mut ssh = Command::new("setpriv");
    ssh.args(["--pdeathsig", "TERM", "--", "ssh", "-F", ssh_config.as_str(), "-M", "-S", socket.as_str()]);
    ssh.args(["-o", "BatchMode=yes", "--", alias]);
    ssh.arg(match first_words {
        Some(words) => format!("{words} && echo connected && exec cat >/dev/null"),
        None => "echo connected; exec cat >/dev/null".to_owned(),
    });
    match start_and_hear(&mut ssh, "connected", CONNECT_DEADLINE).await {
        Ok(child) => Ok(Master { socket, child }),
        Err(error) => Err(KeeperError::NoConnection {
            machine: machine.to_owned(),
            alias: alias.to_owned(),
            ssh_config: ssh_config.to_owned(),
            advice: advice(machine, alias, &error.to_string()),
            output: error.to_string(),
        }),
    }
}
