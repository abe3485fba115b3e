//! Echo requests, sent by `ping`.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::Stimuli;
use crate::{
    journey::Probe,
    lab::{Endpoint, Lab, LabError},
    machine::{CommandError, Failure, Machine, Output, Running},
};

/// How long a reply may take on a fast lab: longer than the kernel takes to give an address up
/// (`mcast_solicit`, three requests a second apart), so that a picture always has all of them.
const REPLY_DEADLINE: Duration = Duration::from_secs(4);
/// What ping may take to start and to end.
const PING_DEADLINE: Duration = Duration::from_secs(3);
/// A ping to be sent.
#[derive(Clone, Debug)]
pub struct Ping<'a> {
    from: Endpoint<'a>,
    /// The interface that it leaves by.
    interface: String,
    to: IpAddr,
    count: u32,
    interval: Duration,
    /// What is asked for, where it is not ping's usual payload.
    payload: Option<usize>,
    /// How long a reply may take on a fast lab.
    within: Duration,
    probe: Probe,
    stimuli: Stimuli,
}

/// What `ping` made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PingReport {
    /// The command line.
    pub command: String,
    /// Whether replies came.
    pub outcome: Outcome,
    /// What it printed.
    pub output: String,
}

/// ping's exit status (ping(8)).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// 0: every request had a reply. Of a ping that was stopped: at least one had.
    Answered,
    /// 1: some had none.
    Unanswered,
    /// 2 and others: it could not send; this is what it said.
    Refused(String),
}

fn command(count: u32, interval: Duration, wait: Duration, to: &str) -> String {
    let interval = interval.as_secs_f32();
    format!("ping -n -c {count} -i {interval} -W {} {to}", wait.as_secs())
}

impl Lab {
    /// One echo request from an endpoint to another's address.
    ///
    /// # Errors
    /// Where the topology has no such endpoints.
    pub fn ping(&self, from: &str, to: &str) -> Result<Ping<'_>, LabError> {
        let address = self.topology().address(to);
        let address = address.ok_or_else(|| LabError::Unknown { kind: "endpoint", name: to.to_owned() })?;
        Ok(Ping {
            from: self.endpoint(from)?,
            interface: self.interface(from)?.to_owned(),
            to: address.addr().into(),
            count: 1,
            interval: Duration::from_secs(1),
            payload: None,
            within: REPLY_DEADLINE,
            probe: Probe { from: from.to_owned(), to: to.to_owned() },
            stimuli: self.stimuli().clone(),
        })
    }
}

impl<'a> Ping<'a> {
    /// One request to an address, as it is sent on a fast lab.
    pub(crate) fn once(to: Ipv4Addr) -> String {
        command(1, Duration::from_secs(1), REPLY_DEADLINE, &to.to_string())
    }

    /// Sends `count` requests, one each `interval`, by one process: they have one identifier.
    pub fn repeated(mut self, count: u32, interval: Duration) -> Self {
        (self.count, self.interval) = (count, interval);
        self
    }

    /// Sends to another of the endpoint's addresses.
    pub fn at(mut self, address: impl Into<IpAddr>) -> Self {
        self.to = address.into();
        self
    }

    /// Waits less long for a reply, where none is expected.
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Sends `payload` bytes, which no router may break into fragments.
    pub fn unfragmented(mut self, payload: usize) -> Self {
        self.payload = Some(payload);
        self
    }

    /// Sends it and waits for `ping`'s end.
    ///
    /// # Errors
    /// Where `ping` could not be run at all; no reply is no error.
    pub async fn send(&self) -> Result<PingReport, CommandError> {
        self.start().await?.end().await
    }

    /// Sends it and returns at once, for a scenario that learns from its captures what became of it.
    ///
    /// # Errors
    /// Where `ping` could not be started.
    pub async fn start(&self) -> Result<Pinging<'a>, CommandError> {
        let machine = self.from.machine();
        let wait = machine.patience().deadline(self.within);
        let size = self.payload.map(|bytes| format!("-M do -s {bytes} ")).unwrap_or_default();
        let scope = if self.is_link_local() { format!("%{}", self.interface) } else { String::new() };
        let target = format!("{size}{}{scope}", self.to);
        let command = self.from.command(&command(self.count, self.interval, wait, &target));
        let deadline = wait + machine.patience().deadline(PING_DEADLINE) + self.interval * self.count;
        let running = machine.start(&command).await?;
        let record = (self.stimuli.clone(), self.stimuli.begin(self.probe.clone(), &command));
        let count = self.count as usize;
        Ok(Pinging { running, command, count, machine, deadline, record })
    }

    /// Whether the address means nothing without an interface (RFC 4007).
    fn is_link_local(&self) -> bool {
        matches!(self.to, IpAddr::V6(address) if address.is_unicast_link_local())
    }
}

/// A ping that is under way.
pub struct Pinging<'a> {
    running: Running,
    command: String,
    count: usize,
    machine: &'a Machine,
    deadline: Duration,
    /// Its place among all that was sent.
    record: (Stimuli, usize),
}

impl Pinging<'_> {
    /// Waits for `ping`'s own end.
    ///
    /// # Errors
    /// Where it does not end in time.
    pub async fn end(self) -> Result<PingReport, CommandError> {
        let Self { running, command, count, machine, deadline, record: (stimuli, place) } = self;
        let ended = tokio::time::timeout(deadline, running.output()).await;
        let output = ended.unwrap_or(Err(Failure::Deadline { waited: deadline }));
        let output = output.map_err(|failure| machine.error(&command, failure))?;
        if never_ran(&output) {
            let stderr = output.stderr.trim().to_owned();
            return Err(machine.error(&command, Failure::Exit { status: output.status, stderr }));
        }
        let answered = output.stdout.contains("bytes from");
        let outcome = match output.status.code() {
            // ping itself is content with one reply.
            Some(0) if output.stdout.matches("bytes from").count() >= count => Outcome::Answered,
            // 143 is the shell's word for SIGTERM: it was stopped.
            Some(143) if answered => Outcome::Answered,
            Some(0 | 1 | 143) => Outcome::Unanswered,
            _ => Outcome::Refused(output.stderr.trim().to_owned()),
        };
        let report = PingReport { command, outcome, output: output.stdout + &output.stderr };
        stimuli.end(place, &report.outcome, &report.output);
        tracing::debug!(?report, "ping");
        Ok(report)
    }

    /// Stops `ping` and takes what it has printed.
    ///
    /// # Errors
    /// Where it does not end in time.
    pub async fn stop(mut self) -> Result<PingReport, CommandError> {
        self.running.stop();
        self.end().await
    }
}

/// Whether there was no `ping` to be started: shells and nsenter(1) end with 126 or 127 then, and `ip netns exec` as a ping
/// that had no answer, which prints its heading first.
fn never_ran(output: &Output) -> bool {
    match output.status.code() {
        Some(126 | 127) => true,
        Some(1) => output.stdout.is_empty(),
        _ => false,
    }
}

impl PingReport {
    /// Whether every request had a reply.
    pub fn is_answered(&self) -> bool {
        self.outcome == Outcome::Answered
    }
}
