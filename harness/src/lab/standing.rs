//! The lab that a person works in: brought up, looked at, and ended by the command `lab`.

use std::{fs, process::Command, time::Duration};

use camino::Utf8PathBuf;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, PidfdFlags, pidfd_open},
};

use super::{
    ContainersSeen, Event, Facts, FromKeeper, LabAddress, LabError, Settings,
    conversation::ask,
    keeper_name, outside,
    protocol::{Request, Seen},
    run_folder,
    runner::Runner,
    start_keeper::{Keeper, KeeperSought, find},
};
use crate::{machine::quoted, provider::HostWay};

/// How long a lab may take to be gone, guards on machines of somebody else's included; as a rule it takes some milliseconds.
const GONE_DEADLINE: Duration = Duration::from_secs(60);

/// A lab that `lab up` brought up, and that stands until `lab down`.
#[derive(Debug)]
pub struct StandingLab {
    seen: Seen,
}

/// What there is of a lab that stands.
#[derive(Debug)]
pub enum Standing {
    /// None.
    Nothing,
    /// It is being brought up.
    ComingUp {
        /// The process that holds it.
        keeper: u32,
        /// The latest step.
        event: Event,
    },
    /// It is up.
    Up(Box<StandingLab>),
}

impl StandingLab {
    /// Brings the lab up, if it is not up already, and waits for it; `tell` hears how it comes up. The topology's
    /// containers are set up where they are not there; if it is to be `bare`, they are taken away.
    ///
    /// # Errors
    /// Where the lab can't be had, with the reason. Containers that do not come up are no such error.
    pub async fn bring_up(settings: &Settings, bare: bool, tell: impl Fn(&Event)) -> Result<Self, LabError> {
        let runner = Runner::of_this_process().map_err(LabError::keeper("identify this process"))?;
        let address =
            keeper_name::standing(&settings.into()).map_err(LabError::keeper("name the keeper's socket"))?;
        let sought =
            KeeperSought { settings, address, folder: run_folder::of(&runner, settings)?, runner: None };
        loop {
            let (keeper, stream) = sought.find_or_start()?;
            let answer = ask(stream, &Request::Await { bare }, &tell).await;
            match answer.map_err(LabError::keeper("speak to the lab's keeper"))? {
                Some((FromKeeper::Seen(seen), _)) => {
                    let lab = Self { seen: *seen };
                    if settings.provider.is_hermetic() {
                        lab.write_ssh_config(settings)?;
                    }
                    return Ok(lab);
                }
                Some((FromKeeper::Replaced(why), _)) => {
                    tell(&Event::new(format!("the lab is replaced: {why}")))
                }
                Some((other, _)) => return Err(LabError::refused(other, Some(&sought.log()))),
                // Another's keeper may have ended between our connecting and its listening to us.
                None if keeper == Keeper::Found => {}
                None => return Err(sought.ended()),
            }
        }
    }

    /// Asks for the lab that `lab up` brings or brought up.
    ///
    /// # Errors
    /// Where its keeper can't be spoken to.
    pub async fn find(lab: &LabAddress) -> Result<Standing, LabError> {
        let address = keeper_name::standing(lab).map_err(LabError::keeper("name the keeper's socket"))?;
        let Some(stream) = find(&address)? else { return Ok(Standing::Nothing) };
        let answer = ask(stream, &Request::Look, |_| ()).await;
        Ok(match answer.map_err(LabError::keeper("speak to the lab's keeper"))? {
            Some((FromKeeper::Seen(seen), _)) => Standing::Up(Box::new(Self { seen: *seen })),
            Some((FromKeeper::ComingUp { keeper, event }, _)) => Standing::ComingUp { keeper, event },
            _ => Standing::Nothing,
        })
    }

    /// Ends the lab whose keeper this is and waits until it is gone. A scenario that has it is waited for.
    ///
    /// # Errors
    /// Where its keeper can't be spoken to or watched, and where it is dead and can't go: a PID namespace's first process waits
    /// for all others in it (pid_namespaces(7)), and those that have lost their parents outside of it are for the reaper there.
    pub async fn end(lab: &LabAddress, keeper: u32) -> Result<(), LabError> {
        let failed = || LabError::keeper("end the lab's keeper");
        let Some(pid) = i32::try_from(keeper).ok().and_then(Pid::from_raw) else { return Ok(()) };
        let watched = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(keeper) => keeper,
            Err(Errno::SRCH) => return Ok(()),
            Err(error) => return Err(failed()(error.into())),
        };
        let address = keeper_name::standing(lab).map_err(LabError::keeper("name the keeper's socket"))?;
        let Some(stream) = find(&address)? else { return Ok(()) };
        ask(stream, &Request::End, |_| ()).await.map_err(failed())?;
        let waited = Timespec { tv_sec: GONE_DEADLINE.as_secs().cast_signed(), tv_nsec: 0 };
        let gone = poll(&mut [PollFd::new(&watched, PollFlags::IN)], Some(&waited));
        match gone.map_err(|error| failed()(error.into()))? {
            0 => Err(LabError::Deadline {
                awaited: format!("process {keeper}, which held the lab, to be gone"),
                seen: why_there(keeper).to_owned(),
                waited: GONE_DEADLINE,
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn into_seen(self) -> Seen {
        self.seen
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

    /// Its nodes' aliases in [`Self::ssh_config`].
    pub fn aliases(&self) -> &[String] {
        &self.seen.aliases
    }

    /// The topology's containers.
    pub fn containers(&self) -> &ContainersSeen {
        &self.seen.containers
    }

    /// The `ssh_config` that works from outside the lab, with an alias for each node.
    ///
    /// # Errors
    /// Where the lab's folder can't be told.
    pub fn ssh_config(&self) -> Result<Utf8PathBuf, LabError> {
        if self.facts().provider.is_hermetic() {
            return Ok(self.seen.folder.join("ssh_config"));
        }
        let own = Utf8PathBuf::from(format!("/proc/{}/cwd", self.keeper()));
        let own = own.read_link_utf8().map_err(LabError::keeper("find the lab's folder"))?;
        Ok(own.join("ssh_config"))
    }

    fn write_ssh_config(&self, settings: &Settings) -> Result<(), LabError> {
        let text = outside::ssh_config(self.keeper(), &settings.topology)
            .map_err(LabError::keeper("read the lab's own ssh_config"))?;
        let path = self.seen.folder.join("ssh_config");
        let part = self.seen.folder.join(format!(".ssh_config-{}", std::process::id()));
        std::fs::write(&part, text).map_err(run_folder::cant_write(&part))?;
        std::fs::rename(&part, &path).map_err(run_folder::cant_write(&path))
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
        ssh.args(["-F", self.ssh_config()?.as_str()]);
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

/// What a process does that is not gone. One that has ended has no program any more, and waits for those of its namespace.
fn why_there(process: u32) -> &'static str {
    match fs::read_link(format!("/proc/{process}/exe")) {
        Ok(_) => "it runs",
        Err(_) => {
            "it has ended, but dead processes of its namespaces are not waited for: whoever adopts orphans here, as a container's \
             first process does, is to reap them (`docker run --init`)"
        }
    }
}
