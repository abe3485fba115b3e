//! SSH connections that stay open for many commands (ControlMaster, ssh_config(5)).

use std::process::{Command, Stdio};

use camino::Utf8Path;
use camino_tempfile::Utf8TempDir;
use miette::{IntoDiagnostic as _, WrapErr as _};

use super::lab::run;

/// A master for each node, whose socket is `NODE.master` in a folder. Dropping it ends them.
pub struct Masters<'a> {
    ssh_config: &'a Utf8Path,
    folder: Utf8TempDir,
}

const NODES: [&str; 2] = ["node-1", "node-2"];

impl<'a> Masters<'a> {
    pub fn open(ssh_config: &'a Utf8Path) -> miette::Result<Self> {
        let folder =
            camino_tempfile::tempdir().into_diagnostic().wrap_err("failed to make a folder for sockets")?;
        let masters = Self { ssh_config, folder };
        for node in NODES {
            masters.start(node)?;
        }
        Ok(masters)
    }

    /// Its streams stay open with it: nobody reads them.
    fn start(&self, node: &str) -> miette::Result<()> {
        let words = self.words(node);
        let mut ssh = Command::new(&words[0]);
        ssh.args(&words[1..]).args(["-M", "-N", "-f"]);
        ssh.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match ssh.status().into_diagnostic().wrap_err("failed to start ssh")?.success() {
            true => Ok(()),
            false => miette::bail!("no master could be opened to {node}: see {}", words.join(" ")),
        }
    }

    pub fn folder(&self) -> &Utf8Path {
        self.folder.path()
    }

    /// The words of `ssh` by a node's master; a command or more options follow.
    pub fn words(&self, node: &str) -> Vec<String> {
        let socket = self.folder().join(format!("{node}.master"));
        ["ssh", "-F", self.ssh_config.as_str(), "-S", socket.as_str(), node].map(str::to_owned).to_vec()
    }
}

impl Drop for Masters<'_> {
    fn drop(&mut self) {
        for node in NODES {
            if let Err(error) = run(&[self.words(node), ["-O", "exit"].map(str::to_owned).to_vec()].concat())
            {
                eprintln!("{error:?}");
            }
        }
    }
}
