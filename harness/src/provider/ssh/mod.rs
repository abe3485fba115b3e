//! Machines that exist already, reached by the aliases of the user's own `ssh_config`.

mod findings;
mod preflight;

use std::{env, fmt::Write as _, fs};

use camino::{Utf8Path, Utf8PathBuf};

pub use preflight::{Fitness, fitness};

pub(crate) use preflight::{look_at_host, look_at_node, preflight};

use super::{HostWay, Places, Provided, ProviderError, Saved};
use crate::topology::Topology;

/// What the harness depends on and no file may change; in ssh the first value wins. A connection
/// whose other end is gone is noticed within half a minute.
const OPTIONS: &str = "IgnoreUnknown ForkAfterAuthentication,StdinNull,SessionType\nForkAfterAuthentication no\nStdinNull no\n\
    SessionType default\nBatchMode yes\nControlPersist no\nPermitLocalCommand no\nRemoteCommand none\nRequestTTY no\n\
    ClearAllForwardings yes\nForwardX11 no\nForwardAgent no\nServerAliveInterval 10\nServerAliveCountMax 3\n";

/// Says how the nodes are reached. Nothing is touched.
pub(super) async fn find(topology: &Topology, places: &Places<'_>) -> Result<Provided, ProviderError> {
    let ssh_config = write_ssh_config(places.directory, places.ssh_config)?;
    let host = match &topology.host {
        None => HostWay::Nowhere,
        Some(host) if host.ssh.is_some() => HostWay::Ssh,
        Some(_) => HostWay::Here,
    };
    Ok(Provided {
        ssh_config,
        machines: "machines that exist already".to_owned(),
        came_up: None,
        saved: Saved::default(),
        nodes: Vec::new(),
        host,
        host_alias: None,
        lock: None,
    })
}

/// Writes the `ssh_config` that the harness connects by: the user's own, behind what it depends on.
pub(crate) fn write_ssh_config(
    directory: &Utf8Path,
    given: Option<&Utf8Path>,
) -> Result<Utf8PathBuf, ProviderError> {
    let ssh_config = directory.join("ssh_config");
    let mut text = OPTIONS.to_owned();
    for file in user_files(given) {
        // ssh takes what it includes for a pattern (ssh_config(5)).
        if file.as_str().contains(['*', '?', '[', '"']) {
            return Err(ProviderError::Pattern { path: file });
        }
        let _ = writeln!(text, "Include \"{file}\"");
    }
    fs::write(&ssh_config, text).map_err(ProviderError::io(format!("write {ssh_config}")))?;
    Ok(ssh_config)
}

/// The file that is given, or else those that ssh itself reads (ssh_config(5)).
fn user_files(given: Option<&Utf8Path>) -> Vec<Utf8PathBuf> {
    if let Some(file) = given {
        return vec![file.to_owned()];
    }
    let home = env::var("HOME").ok().map(|home| Utf8PathBuf::from(home).join(".ssh/config"));
    let usual = home.into_iter().chain([Utf8PathBuf::from("/etc/ssh/ssh_config")]);
    usual.filter(|file| file.exists()).collect()
}
