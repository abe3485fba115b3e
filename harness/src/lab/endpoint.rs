//! A place that frames start from and end at.

use camino::Utf8Path;

use crate::machine::{CommandError, Machine, Output, Running, Script, quoted};

/// The host, a node's root namespace, or a container on a node.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint<'a> {
    machine: &'a Machine,
    namespace: Option<Namespace<'a>>,
}

/// A container's network namespace, as it is entered.
#[derive(Clone, Copy, Debug)]
enum Namespace<'a> {
    /// By `ip netns`.
    Name(&'a str),
    /// By `nsenter`: it may have no name.
    Path(&'a Utf8Path),
}

impl<'a> Endpoint<'a> {
    pub(super) fn root(machine: &'a Machine) -> Self {
        Self { machine, namespace: None }
    }

    pub(super) fn container(machine: &'a Machine, container: &'a str) -> Self {
        Self { machine, namespace: Some(Namespace::Name(container)) }
    }

    pub(super) fn namespace(machine: &'a Machine, path: &'a Utf8Path) -> Self {
        Self { machine, namespace: Some(Namespace::Path(path)) }
    }

    /// The machine that it is on.
    pub fn machine(&self) -> &'a Machine {
        self.machine
    }

    /// A command as it is written on the machine: inside the container where there is one.
    pub fn command(&self, command: &str) -> String {
        match self.namespace {
            Some(Namespace::Name(name)) => format!("ip netns exec {name} {command}"),
            Some(Namespace::Path(path)) => format!("nsenter --net={} {command}", quoted(path.as_str())),
            None => command.to_owned(),
        }
    }

    /// Runs one command here.
    ///
    /// # Errors
    /// Where it fails.
    pub async fn run(&self, command: &str) -> Result<Output, CommandError> {
        self.machine.run(&Script::new().step(self.command(command))).await
    }

    /// Runs a command that changes the place, with the one that undoes it.
    ///
    /// # Errors
    /// Where it fails.
    pub async fn change(&self, command: &str, undo: &str) -> Result<Output, CommandError> {
        self.machine.run(&Script::new().change(self.command(command), self.command(undo))).await
    }

    /// Starts a command here that lives until it is stopped.
    ///
    /// # Errors
    /// Where it can't be started.
    pub async fn start(&self, command: &str) -> Result<Running, CommandError> {
        self.machine.start(&self.command(command)).await
    }
}
