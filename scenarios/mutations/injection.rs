//! How a mutation is made.

use std::time::Duration;

use harness::{
    capture::{Pictures, Recording},
    container::{Containers, Ipv6},
    lab::Lab,
    machine::Running,
    topology::Container,
};
use miette::{IntoDiagnostic as _, miette};

use super::wire;
use crate::{
    common::LeasedLab,
    rule::{Act, Rule, Which},
};

/// One step of an injection.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// Before the captures begin: where, the command, and what undoes it. What is changed inside a container ends with it.
    Change(&'static str, &'static str, &'static str),
    /// The same while everything is captured, before the ping.
    Meanwhile(&'static str, &'static str, &'static str),
    /// The same when the first of two echoes was answered, before the second is sent.
    BetweenEchoes(&'static str, &'static str, &'static str),
    /// The same behind the ping.
    Afterwards(&'static str, &'static str),
    /// A wire to a node that does what its rules say.
    Wire(&'static str, &'static [Rule]),
    /// A wire to a node that delays some frames past ping's deadline.
    PastDeadline(&'static str, Which),
    /// On a machine a program is another: a script, for which `$real` is the one that was there.
    Replace(&'static str, &'static str, &'static str),
    /// Containers that differ from the topology's.
    Containers(fn(&mut Container)),
    /// The containers speak IPv6.
    Ipv6,
    /// ping waits as long as it does in a scenario.
    AtItsOwnPace,
    /// Two echoes are so far apart that something can come between them.
    Slowly,
    /// Behind a ping without an answer, the answer is waited for.
    AwaitReply,
    /// Behind the ping, a second ARP reply is waited for.
    AwaitSecondAnswer,
    /// What shows that the change was in effect, where a scenario is green all the same.
    Shows(Shows),
}

/// Looks for a change in what was captured.
pub type Shows = fn(&Recording, &Pictures) -> bool;

/// Nothing is to be undone.
pub const NOTHING: &str = "true";
/// A shell's word for a command that was told to end: 128 and SIGTERM.
const TERMINATED: i32 = 143;
/// Where replaced programs are, on each machine its own.
const FOLDER: &str = "/run/macvlan-e2e";
/// How long past the deadline that a ping has for its reply, on a fast lab.
const PAST_DEADLINE: Duration = Duration::from_millis(2500);

/// What lasts as long as the mutation.
#[derive(Default)]
pub struct Injected {
    wires: Vec<Running>,
}

impl Injected {
    /// Makes what lies under the containers: wires and replaced programs.
    pub async fn beneath(lab: &mut LeasedLab, steps: &[Step]) -> miette::Result<Self> {
        let mut wires = Vec::new();
        let mut containers = lab.topology().containers.clone();
        for step in steps {
            match step {
                Step::Wire(node, rules) => wires.push(wire::put(lab, node, rules).await?),
                Step::PastDeadline(node, which) => {
                    let late = lab.facts().patience.deadline(PAST_DEADLINE);
                    let milliseconds = u64::try_from(late.as_millis()).unwrap_or(u64::MAX);
                    let rule = Rule { which: *which, act: Act::Delay(milliseconds) };
                    wires.push(wire::put(lab, node, &[rule]).await?);
                }
                Step::Replace(machine, program, script) => replace(lab, machine, program, script).await?,
                Step::Containers(differ) => containers.iter_mut().for_each(differ),
                _ => {}
            }
        }
        lab.replace_containers(containers);
        Ok(Self { wires })
    }

    /// Ends what would be in the way of undoing the rest. A wire that has ended before has lost frames that no rule named.
    pub async fn end(self) -> miette::Result<()> {
        for mut wire in self.wires {
            wire.stop();
            let status = wire.wait().await.into_diagnostic()?;
            if status.code() != Some(TERMINATED) {
                return Err(miette!("the wire ended by itself: {status}"));
            }
        }
        Ok(())
    }
}

/// Sets the containers up.
pub async fn set_up(lab: &Lab, steps: &[Step]) -> miette::Result<Containers> {
    let ipv6 = if steps.iter().any(|step| matches!(step, Step::Ipv6)) { Ipv6::On } else { Ipv6::Off };
    Ok(lab.set_up_these(&lab.topology().containers, ipv6).await?)
}

/// Makes what is changed before the captures begin.
pub async fn before(lab: &Lab, steps: &[Step]) -> miette::Result<()> {
    for step in steps {
        if let Step::Change(endpoint, command, undo) = step {
            lab.endpoint(endpoint)?.change(command, undo).await?;
        }
    }
    Ok(())
}

/// Makes what is changed while everything is captured.
pub async fn meanwhile(lab: &Lab, steps: &[Step]) -> miette::Result<()> {
    for step in steps {
        if let Step::Meanwhile(endpoint, command, undo) = step {
            lab.endpoint(endpoint)?.change(command, undo).await?;
        }
    }
    Ok(())
}

/// Makes what is changed between two echoes.
pub async fn between_echoes(lab: &Lab, steps: &[Step]) -> miette::Result<()> {
    for step in steps {
        if let Step::BetweenEchoes(endpoint, command, undo) = step {
            lab.endpoint(endpoint)?.change(command, undo).await?;
        }
    }
    Ok(())
}

/// Fails where a change that should show does not.
pub fn is_in_effect(steps: &[Step], recording: &Recording, pictures: &Pictures) -> miette::Result<()> {
    let shows = steps.iter().all(|step| match step {
        Step::Shows(shows) => shows(recording, pictures),
        _ => true,
    });
    if shows { Ok(()) } else { Err(miette!("the change was without effect:\n{pictures}")) }
}

/// Does what is done behind the ping.
pub async fn afterwards(lab: &Lab, steps: &[Step]) -> miette::Result<()> {
    for step in steps {
        if let Step::Afterwards(endpoint, command) = step {
            lab.endpoint(endpoint)?.run(command).await?;
        }
    }
    Ok(())
}

/// Puts a script in a program's place, in the machine's own mounts.
async fn replace(lab: &Lab, machine: &str, program: &str, script: &str) -> miette::Result<()> {
    let real = format!("$(readlink -f $(command -v {program}))");
    let command = format!(
        "mkdir -p {FOLDER} && cp {real} {FOLDER}/real-{program} && cat >{FOLDER}/{program} <<'END'\n\
         #!/bin/sh\nfolder={FOLDER}\nreal=$folder/real-{program}\n{script}\nEND\n\
         chmod +x {FOLDER}/{program} && mount --bind {FOLDER}/{program} {real}"
    );
    let undo = format!("umount {real}; rm -f {FOLDER}/real-{program} {FOLDER}/{program} {FOLDER}/fifo");
    lab.endpoint(machine)?.change(&command, &undo).await?;
    Ok(())
}
