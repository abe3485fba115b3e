//! A node that is started anew while its lab stands.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::{Lab, LabError};
use crate::{
    machine::{CommandError, Machine, Running, Script},
    provider::pinned_settings,
};

/// A boot takes some 10 s emulated on an idle machine; this is for the worst of days.
const BOOT_DEADLINE: Duration = Duration::from_secs(240);
/// How long the first attempt to reach the node may take.
const ATTEMPT: Duration = Duration::from_secs(5);
/// Which boot it is (random(4)).
const BOOT: &str = "cat /proc/sys/kernel/random/boot_id";

impl Lab {
    /// Reboots a node and returns once it is reached again, over a connection of the scenario's own that lasts as long as
    /// what is returned. Whatever was made there is gone, and with it the record of what is to be undone. The keeper has
    /// lost its connection: it lends the lab to nobody else.
    ///
    /// # Errors
    /// Where the node does not come back in time, or the host is not at hand.
    pub async fn reboot(&mut self, node: &str) -> Result<Running, LabError> {
        let before = self.machine(node)?.run(&Script::new().step(BOOT)).await?.stdout;
        // It ends with the connection, which is no error here.
        let _ = self.machine(node)?.start("systemctl --force reboot").await?.output().await;
        let socket = format!("{node}.again.mux");
        let connection = {
            let host = self.machine("host")?;
            self.until_it_is_another_boot(host, node, before.trim()).await?;
            // It is there now, and this is tried once.
            let ssh = self.ssh_from_the_host(node, BOOT_DEADLINE);
            let connection =
                host.start(&format!("{ssh} -N -M -S {}/{socket}", self.keepers_folder())).await?;
            let check = format!("{ssh} -S {}/{socket} -O check", self.keepers_folder());
            until(host, &check, &format!("a connection to {node}")).await?;
            connection
        };
        self.go_over(&format!("/proc/{}/cwd/{socket}", self.keeper()), node);
        self.settle_again(node).await?;
        Ok(connection)
    }

    /// Takes a node that others could have, and pins there what pictures depend on. One that nobody else reaches does so when it boots.
    async fn settle_again(&self, node: &str) -> Result<(), LabError> {
        let (machine, described) = (self.machine(node)?, self.topology().node(node));
        if let Some(node) = described.filter(|_| !self.facts().provider.is_hermetic()) {
            machine.run(&machine.record().take_again().then(pinned_settings(&node.uplink, false))).await?;
        }
        Ok(())
    }

    /// One attempt after another, each with twice the time of the one before: those that come too early wait for nobody, and a
    /// machine that boots on a busy host takes its time to greet.
    async fn until_it_is_another_boot(
        &self,
        host: &Machine,
        node: &str,
        before: &str,
    ) -> Result<(), LabError> {
        let start = Instant::now();
        let mut within = ATTEMPT;
        let mut seen = "nothing".to_owned();
        while start.elapsed() < BOOT_DEADLINE {
            let asked = host.start(&format!("{} {BOOT}", self.ssh_from_the_host(node, within))).await?;
            match timeout(BOOT_DEADLINE.saturating_sub(start.elapsed()), asked.output()).await {
                Ok(Ok(told)) if told.status.success() && told.stdout.trim() != before => return Ok(()),
                Ok(Ok(told)) => seen = format!("{}{}", told.stdout, told.stderr).trim().to_owned(),
                Ok(Err(failure)) => seen = failure.to_string(),
                Err(_) => {}
            }
            // Who is refused, and does not wait, has tried very often soon.
            within = (within * 2).min(BOOT_DEADLINE);
        }
        let awaited = format!("{node} to be reached after its reboot");
        Err(LabError::Deadline { awaited, seen, waited: BOOT_DEADLINE })
    }

    fn ssh_from_the_host(&self, node: &str, within: Duration) -> String {
        let alias = match self.topology().node(node) {
            Some(known) if !self.facts().provider.is_hermetic() => &known.ssh,
            _ => node,
        };
        format!(
            "ssh -F {}/ssh_config -o BatchMode=yes -o ConnectTimeout={} {alias}",
            self.keepers_folder(),
            within.as_secs()
        )
    }

    /// Where the lab's files are, as the host sees it: in namespaces the keeper is the first process.
    fn keepers_folder(&self) -> String {
        let keeper = if self.facts().provider.is_hermetic() { 1 } else { self.keeper() };
        format!("/proc/{keeper}/cwd")
    }
}

/// Runs a line until it succeeds; nothing is waited for beside the attempt itself.
async fn until(machine: &Machine, line: &str, awaited: &str) -> Result<(), LabError> {
    let start = Instant::now();
    loop {
        let tried: Result<_, CommandError> = machine.run(&Script::new().step(line)).await;
        match tried {
            Ok(_) => return Ok(()),
            Err(error) if start.elapsed() > BOOT_DEADLINE => {
                let (awaited, seen) = (awaited.to_owned(), error.to_string());
                return Err(LabError::Deadline { awaited, seen, waited: BOOT_DEADLINE });
            }
            Err(_) => {}
        }
    }
}
