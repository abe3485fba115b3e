//! The lab that a person works in: brought up, looked at, and ended by the command `lab`.

use std::process::Command;

use camino::Utf8PathBuf;
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, PidfdFlags, pidfd_open},
};

use super::{
    Event, Facts, FromKeeper, LabError, Settings,
    conversation::ask,
    keeper_name, outside,
    protocol::{Request, Seen},
    run_folder,
    runner::Runner,
    start_keeper::{KeeperSought, find},
};
use crate::{machine::quoted, provider::HostWay};

/// A lab that `lab up` brought up, and that stands until `lab down`.
#[derive(Debug)]
pub struct StandingLab {
    seen: Seen,
}

impl StandingLab {
    /// Brings the lab up, if it is not up already, and waits for it; `tell` hears how it comes up.
    ///
    /// # Errors
    /// Where the lab can't be had, with the reason.
    pub async fn bring_up(settings: &Settings, tell: impl Fn(&Event)) -> Result<Self, LabError> {
        let runner = Runner::of_this_process().map_err(LabError::keeper("identify this process"))?;
        let address =
            keeper_name::standing(settings).map_err(LabError::keeper("name the keeper's socket"))?;
        let sought =
            KeeperSought { settings, address, folder: run_folder::of(&runner, settings)?, runner: None };
        if find(&sought.address)?.is_none() {
            std::fs::create_dir_all(&sought.folder).map_err(run_folder::cant_write(&sought.folder))?;
        }
        loop {
            let (_, stream) = sought.find_or_start()?;
            let answer = ask(stream, &Request::Look, &tell).await;
            match answer.map_err(LabError::keeper("speak to the lab's keeper"))? {
                Some((FromKeeper::Seen(seen), _)) => return Ok(Self { seen: *seen }),
                Some((FromKeeper::Replaced(why), _)) => {
                    tell(&Event::new(format!("the lab is replaced: {why}")))
                }
                Some((other, _)) => return Err(LabError::refused(other, &sought.log())),
                None => return Err(LabError::KeeperEnded { tail: sought.last_words(), log: sought.log() }),
            }
        }
    }

    /// The lab that `lab up` brought up, if there is one.
    ///
    /// # Errors
    /// Where its keeper can't be spoken to.
    pub async fn find(settings: &Settings) -> Result<Option<Self>, LabError> {
        let address =
            keeper_name::standing(settings).map_err(LabError::keeper("name the keeper's socket"))?;
        let Some(stream) = find(&address)? else { return Ok(None) };
        let answer = ask(stream, &Request::Look, |_| ()).await;
        match answer.map_err(LabError::keeper("speak to the lab's keeper"))? {
            Some((FromKeeper::Seen(seen), _)) => Ok(Some(Self { seen: *seen })),
            _ => Ok(None),
        }
    }

    /// Ends the lab and waits until it is gone. A scenario that has it is waited for.
    ///
    /// # Errors
    /// Where its keeper can't be spoken to or watched.
    pub async fn end(self, settings: &Settings) -> Result<(), LabError> {
        let failed = || LabError::keeper("end the lab's keeper");
        let pid = i32::try_from(self.seen.grant.keeper).ok().and_then(Pid::from_raw);
        let Some(pid) = pid else { return Ok(()) };
        let keeper = pidfd_open(pid, PidfdFlags::empty()).map_err(|error| failed()(error.into()))?;
        let address =
            keeper_name::standing(settings).map_err(LabError::keeper("name the keeper's socket"))?;
        let Some(stream) = find(&address)? else { return Ok(()) };
        ask(stream, &Request::End, |_| ()).await.map_err(failed())?;
        poll(&mut [PollFd::new(&keeper, PollFlags::IN)], None).map_err(|error| failed()(error.into()))?;
        Ok(())
    }

    /// What is known about its machines.
    pub fn facts(&self) -> &Facts {
        &self.seen.grant.facts
    }

    /// The process that holds it.
    pub fn keeper(&self) -> u32 {
        self.seen.grant.keeper
    }

    /// The scenario that has it at this moment.
    pub fn lent_to(&self) -> Option<&str> {
        self.seen.lent_to.as_deref()
    }

    /// Writes an `ssh_config` that works from outside the lab, with an alias for each node.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn ssh_config(&self, settings: &Settings) -> Result<Utf8PathBuf, LabError> {
        let keeper = self.keeper();
        if !settings.provider.is_hermetic() {
            let own = Utf8PathBuf::from(format!("/proc/{keeper}/cwd"));
            let own = own.read_link_utf8().map_err(LabError::keeper("find the lab's folder"))?;
            return Ok(own.join("ssh_config"));
        }
        let path = settings.runs.join(format!("ssh_config-{keeper}"));
        let text = outside::ssh_config(keeper, &settings.topology)
            .map_err(LabError::keeper("read the lab's own ssh_config"))?;
        std::fs::write(&path, text).map_err(run_folder::cant_write(&path))?;
        Ok(path)
    }

    /// The words of a command as they are run on the host, on a node or in a container: by a person,
    /// with this process's standard streams.
    ///
    /// # Errors
    /// Where the topology has no such place.
    pub fn command(&self, settings: &Settings, name: &str, words: &[String]) -> Result<Command, LabError> {
        let Seen { grant, .. } = &self.seen;
        if name == "host" && matches!(grant.host, HostWay::Namespaces | HostWay::Here) {
            return Ok(outside::on_host(grant, words));
        }
        let topology = &settings.topology;
        let container = topology.container(name);
        let node = container.map_or(name, |container| container.node.as_str());
        let alias = match topology.node(node) {
            Some(_) if settings.provider.is_hermetic() => node,
            Some(node) => &node.ssh,
            None => topology
                .host
                .as_ref()
                .filter(|_| name == "host")
                .and_then(|host| host.ssh.as_deref())
                .ok_or_else(|| LabError::Unknown {
                    kind: "host, node or container",
                    name: name.to_owned(),
                })?,
        };
        let mut ssh = Command::new("ssh");
        ssh.args(["-F", self.ssh_config(settings)?.as_str()]);
        if words.is_empty() {
            // The harness's own options ask for no terminal.
            ssh.args(["-o", "RequestTTY=auto"]);
        }
        ssh.arg("--").arg(alias);
        if let Some(container) = container {
            if grant.sudo.iter().any(|name| name == node) {
                ssh.arg("sudo");
            }
            ssh.args(["ip", "netns", "exec", &container.name]);
        }
        ssh.args(words.iter().map(|word| quoted(word)));
        Ok(ssh)
    }
}
