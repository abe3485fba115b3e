//! A lab's virtual machines together: booted, saved at one moment, or restored.

use std::{
    io,
    time::{Duration, Instant},
};

use camino::{Utf8Path, Utf8PathBuf};
use futures_util::future::{join_all, try_join_all};
use serde_json::json;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use super::{
    Image,
    boot::Boot,
    cache::cache,
    frozen::Frozen,
    machine::{QEMU, Started, Storage, VirtualMachine, write_state},
    qmp::QmpError,
    restored::Restored,
    snapshot::{self, Draft, Files, Snapshot},
    snapshot_key::{Ingredients, SnapshotKey},
};
use crate::{
    lab::Event,
    machine::{Answers, CommandError, Script, chain, quoted},
    provider::{ProviderError, Saved, accelerator::Accelerator, host, keys::Keys},
    topology::{Node, Topology},
};

/// Where snapshots are kept.
const SNAPSHOTS: &str = "snapshots";
/// The copy of a machine's memory takes some tenths of a second. This is for a disk that hangs.
const DISK_DEADLINE: Duration = Duration::from_secs(120);

/// The machines that a lab is to have.
pub(super) struct Machines<'a> {
    pub topology: &'a Topology,
    pub image: &'a Image,
    pub accelerator: Accelerator,
    /// The lab's own files.
    pub directory: &'a Utf8Path,
    pub machines: Vec<VirtualMachine<'a>>,
    /// What they will be asked first.
    pub questions: &'a [String],
    pub tell: &'a (dyn Fn(Event) + Sync),
}

/// Machines that run.
pub(super) struct Running {
    pub nodes: Vec<Child>,
    pub saved: Saved,
}

impl Running {
    fn booted(started: Vec<Started>) -> Self {
        Self { nodes: processes(started), saved: Saved::default() }
    }
}

/// Why there is no snapshot. It is no reason to have no lab.
#[derive(Debug, thiserror::Error)]
enum FreezeError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Monitor(#[from] QmpError),
    #[error(transparent)]
    WarmUp(#[from] CommandError),
}

impl Machines<'_> {
    /// Starts them. What does not fit or can't be read is told, and never loaded; `may_restore` leaves it out altogether.
    pub(super) async fn start(&self, boot: Boot, may_restore: bool) -> Result<Running, ProviderError> {
        if boot == Boot::Cold {
            return self.boot().await;
        }
        let (cache, key) = match self.cache_and_key() {
            Ok(both) => both,
            Err(error) => {
                self.tell(format!("there are no snapshots here: {error}"));
                return self.boot().await;
            }
        };
        if may_restore && let Some(running) = self.restore(&cache, &key).await {
            return Ok(running);
        }
        match Draft::begin(&cache, key) {
            Ok(Some(draft)) => self.boot_and_freeze(draft).await,
            Ok(None) => self.boot().await,
            Err(error) => {
                self.tell(format!("no snapshot can be made in {cache}: {error}"));
                self.boot().await
            }
        }
    }

    fn cache_and_key(&self) -> io::Result<(Utf8PathBuf, SnapshotKey)> {
        let cache = cache(SNAPSHOTS).map_err(io::Error::other)?;
        snapshot::tidy(&cache)?;
        Ok((cache, self.key()?))
    }

    fn key(&self) -> io::Result<SnapshotKey> {
        let command_line = |machine: &VirtualMachine<'_>| {
            let files = Files::of(machine.name(), Utf8Path::new(""));
            machine.arguments(self.image, self.accelerator, &Storage::Saved(&files))
        };
        let ingredients = Ingredients {
            image: vec![self.image.root(), self.image.kernel(), self.image.initrd()],
            command_lines: self.machines.iter().map(command_line).collect(),
            seeds: self.machines.iter().map(|machine| machine.described(self.image.card())).collect(),
            warm_up: self.topology.nodes.iter().map(|node| warm_up(node).lines()).collect(),
            questions: self.questions.to_vec(),
        };
        SnapshotKey::of(ingredients, QEMU)
    }

    /// Boots them, each over a throw-away overlay.
    async fn boot(&self) -> Result<Running, ProviderError> {
        self.have_keys_made().await?;
        let boot = |machine| self.boot_one(machine, Storage::Private);
        let started = try_join_all(self.machines.iter().map(boot)).await?;
        Ok(Running::booted(started))
    }

    async fn boot_one(
        &self,
        machine: &VirtualMachine<'_>,
        storage: Storage<'_>,
    ) -> Result<Started, ProviderError> {
        machine.boot(self.image, self.accelerator, &storage, self.tell).await
    }

    async fn have_keys_made(&self) -> Result<(), ProviderError> {
        let names: Vec<&str> = self.topology.nodes.iter().map(|node| node.name.as_str()).collect();
        let keys = Keys::generate(&self.directory.join("keys"), &names).await?;
        self.use_keys(&keys)
    }

    /// Writes what has the keys in it: the machines' seeds and the ways to them.
    fn use_keys(&self, keys: &Keys) -> Result<(), ProviderError> {
        for machine in &self.machines {
            machine.write_seed(self.image.card(), keys)?;
        }
        let ways: Vec<_> = self.machines.iter().map(VirtualMachine::way).collect();
        keys.write_ssh_config(&self.ssh_config(), &ways)?;
        keys.write_entrances(self.directory, &ways)?;
        let over_lan: Vec<_> =
            ways.into_iter().zip(&self.topology.nodes).map(|(way, node)| way.over_lan(node)).collect();
        keys.write_ssh_config(&self.directory.join(super::LAN_SSH_CONFIG), &over_lan)
    }

    pub(super) fn ssh_config(&self) -> Utf8PathBuf {
        self.directory.join("ssh_config")
    }

    /// Restores them, all at one moment; `None` where they have to boot.
    async fn restore(&self, cache: &Utf8Path, key: &SnapshotKey) -> Option<Running> {
        let snapshot = match Snapshot::find(cache, key) {
            Ok(found) => found?,
            Err(error) => {
                self.tell(format!("the snapshots in {cache} can't be read, the machines boot: {error}"));
                return None;
            }
        };
        let verified = snapshot.verify(key);
        if verified.is_ok()
            && let Err(error) = self.take_up(&snapshot)
        {
            let error = chain(&error);
            self.tell(format!("the snapshot in {cache} can't be used now, the machines boot: {error}"));
            return None;
        }
        let restored = match verified {
            Ok(known) => self.load(&snapshot, &known.qemu).await.map(|nodes| (nodes, known.answers)),
            Err(damage) => Err(ProviderError::io("use it")(io::Error::other(damage))),
        };
        match restored {
            Ok((nodes, answers)) => {
                let restored = Some(Restored::from(snapshot));
                Some(Running { nodes, saved: Saved { restored, frozen: None, answers } })
            }
            Err(error) => {
                self.tell(format!(
                    "the snapshot in {cache} is of no use and removed, the machines boot: {}",
                    chain(&error)
                ));
                if let Err(error) = snapshot.remove() {
                    self.tell(format!("it can't be removed: {error}"));
                }
                None
            }
        }
    }

    /// What fails here, of a snapshot that is whole, is no fault of its own.
    fn take_up(&self, snapshot: &Snapshot) -> Result<(), ProviderError> {
        snapshot.note_use().map_err(ProviderError::io("note its use"))?;
        self.use_keys(&Keys::copied(&snapshot.keys(), &self.directory.join("keys"))?)
    }

    async fn load(&self, snapshot: &Snapshot, qemu: &str) -> Result<Vec<Child>, ProviderError> {
        let start = Instant::now();
        let load = async |machine: &VirtualMachine<'_>| {
            machine.load(self.image, self.accelerator, &snapshot.files(machine.name()), qemu).await
        };
        let (mut started, mut outcome) = (Vec::new(), Ok(()));
        for loaded in join_all(self.machines.iter().map(load)).await {
            match loaded {
                Ok(machine) => started.push(machine),
                Err(error) => outcome = Err(error),
            }
        }
        if outcome.is_ok() {
            let went_on = go_on(&mut started).await;
            outcome = went_on.map_err(|error| ProviderError::io("go on")(io::Error::other(error)));
        }
        if let Err(error) = outcome {
            end(&mut started).await?;
            return Err(error);
        }
        self.tell(format!("the machines run again after {:.2} s", start.elapsed().as_secs_f32()));
        Ok(processes(started))
    }

    /// Boots them and saves them, before anybody else uses them.
    async fn boot_and_freeze(&self, draft: Draft) -> Result<Running, ProviderError> {
        let files: Vec<_> =
            self.machines.iter().map(|machine| Files::of(machine.name(), self.directory)).collect();
        if let Err(error) = try_join_all(files.iter().map(|files| self.make_overlay(&files.disk))).await {
            self.tell(format!("no snapshot is made, there is no disk for it: {error}"));
            return self.boot().await;
        }
        self.have_keys_made().await?;
        let boot = |(machine, files)| self.boot_one(machine, Storage::Shared(files));
        let mut started = try_join_all(self.machines.iter().zip(&files).map(boot)).await?;
        match self.make_ready_and_save(&mut started, &files, draft).await {
            Ok(frozen) => {
                let answers = Answers::of(self.names());
                let saved = Saved { restored: None, frozen: Some(frozen), answers };
                Ok(Running { saved, ..Running::booted(started) })
            }
            Err(error) => {
                self.tell(format!("no snapshot is made, and the machines boot once more: {error}"));
                // Whether all would go on, with nothing left of the warming up and nothing still written, is not known.
                end(&mut started).await?;
                self.boot().await
            }
        }
    }

    /// Warms them up, opens their monitors, and saves them.
    async fn make_ready_and_save(
        &self,
        started: &mut [Started],
        files: &[Files],
        draft: Draft,
    ) -> Result<Frozen, FreezeError> {
        try_join_all(self.topology.nodes.iter().map(|node| self.warm_up(node))).await?;
        let qemu = try_join_all(started.iter_mut().map(|machine| machine.monitor.greet())).await?;
        self.save(started, files, draft, qemu.into_iter().next().unwrap_or_default()).await
    }

    async fn make_overlay(&self, path: &Utf8Path) -> io::Result<()> {
        let image = self.image.root();
        let mut command = Command::new("qemu-img");
        command.args(["create", "-q", "-f", "qcow2", "-F", "raw", "-b", image.as_str(), path.as_str()]);
        succeed(&mut command).await
    }

    /// Saves them at one moment. They stand still meanwhile, but for the time that the disk takes. `qemu` is its version.
    async fn save(
        &self,
        started: &mut [Started],
        files: &[Files],
        draft: Draft,
        qemu: String,
    ) -> Result<Frozen, FreezeError> {
        let start = Instant::now();
        let stop = async |machine: &mut Started| machine.monitor.execute("stop", json!({})).await;
        try_join_all(started.iter_mut().map(stop)).await?;
        self.copy(started, files, &draft).await?;
        go_on(started).await?;
        self.tell(format!(
            "the machines stood still for {:.2} s and are saved",
            start.elapsed().as_secs_f32()
        ));
        Ok(Frozen::new(draft, self.names(), qemu))
    }

    fn names(&self) -> Vec<String> {
        self.machines.iter().map(|machine| machine.name().to_owned()).collect()
    }

    /// Has a node read from its disk what scenarios will use, over a connection that is closed then.
    async fn warm_up(&self, node: &Node) -> Result<(), FreezeError> {
        let ssh = format!("ssh -F {} -o BatchMode=yes {}", self.ssh_config(), node.name);
        let line = format!("{ssh} {}", quoted(&warm_up(node).lines()));
        let host = host::machine().map_err(io::Error::other)?;
        host.run(&Script::new().step(line)).await?;
        Ok(())
    }

    async fn copy(&self, started: &mut [Started], files: &[Files], draft: &Draft) -> Result<(), FreezeError> {
        let copy = async |(machine, (started, files)): (&VirtualMachine<'_>, (&mut Started, &Files))| {
            let saved = draft.files(machine.name());
            write_state(&mut started.monitor, &saved.state).await?;
            try_join_all([(&files.memory, &saved.memory), (&files.disk, &saved.disk)].map(copy_sparse))
                .await?;
            Ok::<_, FreezeError>(())
        };
        try_join_all(self.machines.iter().zip(started.iter_mut().zip(files)).map(copy)).await?;
        Keys::copied(&self.directory.join("keys"), &draft.keys()).map_err(io::Error::other)?;
        Ok(())
    }

    fn tell(&self, text: String) {
        (self.tell)(Event::new(text));
    }
}

/// What a node runs before it is saved: the programs and modules that scenarios will use, read from its disk; nothing is
/// left of it, and nothing sent.
fn warm_up(node: &Node) -> Script {
    let uplink = &node.uplink;
    Script::new()
        .step("for p in tcpdump ping arping tc nft; do $p -V; done >/dev/null 2>&1 || :")
        .step("perl -e 1; date +%s.%N >/dev/null; sed -n p /dev/null; cat /dev/null")
        .step("ip netns add warm-up")
        .step(format!("ip link add link {uplink} name warm-up type macvlan mode bridge"))
        .step("ip link set warm-up netns warm-up")
        .step("ip netns exec warm-up ip -j -d link show >/dev/null")
        .step("ip netns exec warm-up tcpdump -d icmp >/dev/null 2>&1 || :")
        .step("ip -n warm-up link del warm-up")
        .step("ip netns del warm-up")
}

/// Lets all machines go on, each as soon as it hears of it.
async fn go_on(started: &mut [Started]) -> Result<(), QmpError> {
    let go_on = async |machine: &mut Started| machine.monitor.execute("cont", json!({})).await;
    try_join_all(started.iter_mut().map(go_on)).await.map(drop)
}

/// Ends them. Their cables are free then, for those that boot.
async fn end(started: &mut [Started]) -> Result<(), ProviderError> {
    for machine in started {
        machine.process.kill().await.map_err(ProviderError::io("end a machine"))?;
    }
    Ok(())
}

fn processes(started: Vec<Started>) -> Vec<Child> {
    started.into_iter().map(|machine| machine.process).collect()
}

/// A machine's memory is mostly zeros.
async fn copy_sparse((from, to): (&Utf8PathBuf, &Utf8PathBuf)) -> io::Result<()> {
    let mut command = Command::new("cp");
    succeed(command.args(["--sparse=always", "--", from.as_str(), to.as_str()])).await
}

async fn succeed(command: &mut Command) -> io::Result<()> {
    let program = command.as_std().get_program().display().to_string();
    let Ok(output) = timeout(DISK_DEADLINE, command.kill_on_drop(true).output()).await else {
        return Err(io::Error::other(format!("{program} had not ended after {} s", DISK_DEADLINE.as_secs())));
    };
    let output = output?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!("{program} ({}): {said}", output.status)))
}
