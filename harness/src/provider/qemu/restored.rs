//! Restored machines before anybody uses them: what must not be as it was when they were saved, and what must.

use std::{
    fs::File,
    io::{self, Read as _},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use futures_util::future::{try_join, try_join_all};
use tokio::process::Child;

use super::{snapshot::Snapshot, snapshot_key::hexadecimal};
use crate::{
    machine::{CommandError, Failure, Machine, Script},
    provider::FileLock,
    topology::{Node, Topology},
};

/// Mixes bytes into the kernel's random numbers and has them used from here on (random(4): RNDADDENTROPY,
/// RNDRESEEDCRNG). perl is in every Debian; the kernel's own way to notice, vmgenid, is not in every kernel.
const RESEED: &str = r#"perl -e 'my $bytes = pack("H*", shift); open(my $random, "+<", "/dev/random") or die $!;
ioctl($random, 0x40085203, pack("ii", 8 * length $bytes, length $bytes) . $bytes) or die "RNDADDENTROPY: $!";
ioctl($random, 0x5207, 0) or die "RNDRESEEDCRNG: $!"'"#;
/// How far two clocks may drift apart from one command to the next. Their rates differ by some millionths.
const DRIFT: Duration = Duration::from_millis(20);
/// How long a node may take to answer a ping, in seconds; it takes a hundredth.
const PING_DEADLINE: u32 = 10;

/// Machines that were restored and are not yet to be used.
pub(crate) struct Restored {
    snapshot: Snapshot,
}

impl Restored {
    pub(super) fn from(snapshot: Snapshot) -> Self {
        Self { snapshot }
    }

    /// What a machine runs before anybody else is let in: it gets random numbers of its own.
    pub(crate) fn first_words() -> io::Result<String> {
        Ok(format!("{RESEED} {}", random_bytes()?))
    }

    /// Gives the machines the time, makes sure of that, of their silence since they were restored, and of the path to each.
    /// The time of the slowest one's last command is returned.
    pub(crate) async fn renew(
        &self,
        topology: &Topology,
        host: &Machine,
        nodes: &[Machine],
    ) -> Result<Duration, CommandError> {
        let path = async { host.run(&silence_and_path(topology)).await };
        try_join(try_join_all(nodes.iter().map(set_clock)), path).await?;
        let forget =
            nodes.iter().zip(&topology.nodes).map(|(machine, node)| forget_neighbours(machine, node));
        Ok(try_join_all(forget).await?.into_iter().max().unwrap_or_default())
    }

    /// Puts away with what did not prove to be right: the machines, their links, the snapshot.
    pub(crate) async fn discard(self, topology: &Topology, nodes: Vec<Child>) -> io::Result<()> {
        // First of all: what did not prove to be right is not to be tried again.
        if let Err(error) = self.snapshot.remove() {
            tracing::warn!(%error, "the snapshot can't be removed");
        }
        for mut node in nodes {
            node.kill().await?;
        }
        let ports = topology.nodes.iter().map(|node| node.port.as_str());
        let bridge = topology.host.iter().map(|host| host.bridge.as_str());
        let links = ports
            .chain(bridge)
            .fold(Script::new(), |script, link| script.step(format!("ip link del {link} || :")));
        let host = crate::provider::host::machine().map_err(io::Error::other)?;
        host.run(&links).await.map(drop).map_err(io::Error::other)
    }

    /// What keeps the snapshot from being evicted.
    pub(crate) fn into_lock(self) -> FileLock {
        self.snapshot.into_lock()
    }
}

/// Sets a node's clock, and asks what it shows then.
async fn set_clock(node: &Machine) -> Result<(), CommandError> {
    let fails = |reason: String| node.error("date", Failure::Output { reason });
    let set_at = now();
    let script = Script::new()
        .step(format!("date -s @{}.{:09} >/dev/null", set_at.as_secs(), set_at.subsec_nanos()))
        .step("date +%s.%N");
    let told = node.run(&script).await?.stdout;
    let answered_at = now();
    let seconds: f64 = told.trim().parse().map_err(|_| fails(format!("{told:?} is no time")))?;
    let told = Duration::try_from_secs_f64(seconds).map_err(|error| fails(error.to_string()))?;
    check_clock(told, set_at, answered_at).map_err(fails)
}

/// The path has been tried by now, and a node that was pinged knows who asked. The time of a command that does nothing is returned.
async fn forget_neighbours(machine: &Machine, node: &Node) -> Result<Duration, CommandError> {
    machine.run(&Script::new().step(format!("ip neigh flush dev {}", node.uplink))).await?;
    let start = Instant::now();
    machine.run(&Script::new().step("true")).await?;
    Ok(start.elapsed())
}

/// A clock that was set lags by what the command took to arrive, at most. All times are since 1970.
fn check_clock(told: Duration, set_at: Duration, answered_at: Duration) -> Result<(), String> {
    if told + DRIFT < set_at || told > answered_at + DRIFT {
        return Err(format!(
            "its clock was set at {set_at:?}, said {told:?}, and was heard at {answered_at:?}"
        ));
    }
    Ok(())
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn random_bytes() -> io::Result<String> {
    let mut bytes = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hexadecimal(&bytes))
}

/// The machines' cables are new: what a machine has sent is counted from when it was restored.
fn silence_and_path(topology: &Topology) -> Script {
    let silent = |port: &str| {
        format!(
            "read sent </sys/class/net/{port}/statistics/rx_packets; \
             [ $sent = 0 ] || {{ echo \"$sent frames came by {port} before anybody had asked\" >&2; false; }}"
        )
    };
    let silence = topology.nodes.iter().fold(Script::new(), |script, node| script.step(silent(&node.port)));
    topology.nodes.iter().fold(silence, |script, node| {
        script.step(format!("ping -q -c 1 -w {PING_DEADLINE} {} >/dev/null", node.address.addr()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(told: u64, set_at: u64, answered_at: u64) -> Result<(), String> {
        let [told, set_at, answered_at] = [told, set_at, answered_at].map(Duration::from_millis);
        check_clock(told, set_at, answered_at)
    }

    #[test]
    fn a_clock_is_right_that_lags_by_what_it_took_to_set_it() {
        assert!(check(5_150, 5_000, 5_200).is_ok());
        assert!(check(5_010, 5_000, 5_200).is_ok());
        assert!(check(4_900, 5_000, 5_200).is_err(), "it was not set");
        assert!(check(6_000, 5_000, 5_200).is_err(), "it is ahead");
    }
}
