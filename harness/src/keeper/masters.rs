//! The SSH connections of a lab: one for each node, open as long as the lab is.

use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use tokio::process::{Child, Command};

use super::KeeperError;
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

/// Connects to a node and waits until commands can be sent.
pub(super) async fn connect(
    node: &str,
    ssh_config: &Utf8Path,
    sockets: &Utf8Path,
) -> Result<Master, KeeperError> {
    let socket = sockets.join(format!("{node}.mux"));
    // ssh listens on its control socket before it starts the session, so that the session's first
    // word says that both are there. The session then waits for a standard input that never comes.
    let mut ssh = Command::new("ssh");
    ssh.args(["-F", ssh_config.as_str(), "-M", "-S", socket.as_str(), "-o", "BatchMode=yes", node]);
    ssh.arg("echo connected; exec cat >/dev/null");
    match start_and_hear(&mut ssh, "connected", CONNECT_DEADLINE).await {
        Ok(child) => Ok(Master { socket, child }),
        Err(error) => Err(KeeperError::NoConnection { node: node.to_owned(), output: error.to_string() }),
    }
}
