//! The SSH connections of a lab: one for each node, open as long as the lab is.

use std::{process::Stdio, time::Duration};

use camino::{Utf8Path, Utf8PathBuf};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use super::KeeperError;

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
    let mut child = Command::new("ssh")
        .args(["-F", ssh_config.as_str(), "-M", "-S", socket.as_str(), "-o", "BatchMode=yes", node])
        .arg("echo connected; exec cat >/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(KeeperError::io("run ssh"))?;
    let mut line = String::new();
    if let Some(stdout) = child.stdout.as_mut() {
        let mut stdout = BufReader::new(stdout);
        match timeout(CONNECT_DEADLINE, stdout.read_line(&mut line)).await {
            Ok(read) => read.map_err(KeeperError::io("read from ssh"))?,
            Err(_) => {
                let output = format!("nothing for {} s", CONNECT_DEADLINE.as_secs());
                return Err(KeeperError::NoConnection { node: node.to_owned(), output });
            }
        };
    }
    if line == "connected\n" {
        return Ok(Master { socket, child });
    }
    let output = child.wait_with_output().await.map_err(KeeperError::io("wait for ssh"))?;
    let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(KeeperError::NoConnection { node: node.to_owned(), output })
}
