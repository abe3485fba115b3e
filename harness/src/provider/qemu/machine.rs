//! One virtual machine, from its seed to its ready line.

use std::{
    fs::File,
    io::{self, Write as _},
    process::Stdio,
    time::{Duration, Instant},
};

use camino::{Utf8Path, Utf8PathBuf};
use command_fds::{CommandFdExt as _, FdMapping};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use super::{
    Image, NetworkCard,
    qmp::{Qmp, QmpError},
    seed::{self, Cards},
    snapshot::Files,
};
use crate::{
    MacAddress,
    lab::Event,
    machine::quoted,
    provider::{
        Places, ProviderError,
        accelerator::Accelerator,
        keys::{Keys, Way},
    },
    topology::Node,
    visible,
};

/// What runs a machine.
pub(super) const QEMU: &str = "qemu-system-x86_64";
/// The line that the image's `lab-ready.service` writes to the console once sshd listens.
const READY: &str = "lab: ready";
/// A boot takes some 10 s emulated on an idle machine and a second with KVM. This is for the worst
/// of days: a run that fails here has waited for a machine that will not come.
const BOOT_DEADLINE: Duration = Duration::from_secs(240);
/// How much of the console an error shows.
const TAIL_LINES: usize = 25;
/// A machine without the devices that nobody uses.
const MACHINE: &str = "q35,hpet=off,i8042=off,usb=off,smbus=off,sata=off,vmport=off";
const MEMORY: &str = "256M";
/// The machine's option for memory that is in a file.
const BACKEND: &str = ",memory-backend=memory";
/// The descriptor that QEMU inherits for its monitor: a socket that has no name, and ends with the two.
const MONITOR_FD: i32 = 3;
/// The kernel's command line. Nothing here changes what the network does: it spares an emulated
/// processor the self-tests, hardening and calibration that a machine of minutes has no use for. A program that is always at
/// the same address (`norandmaps`) is translated once, and starts three times faster from then on.
pub(super) const KERNEL_OPTIONS: &str = "root=/dev/vda rw rootflags=noatime console=ttyS0 mitigations=off \
     tsc=reliable no_timer_check random.trust_cpu=on cryptomgr.notests init_on_alloc=0 nokaslr norandmaps \
     nowatchdog audit=0 lsm=landlock rcupdate.rcu_expedited=1 8250.nr_uarts=1";
/// What a boot does is told on the console, in plain words; `lab-ready.service` ends that.
const TOLD: &str = "loglevel=7 systemd.show_status=1 TERM=dumb";

/// A node's virtual machine.
pub(super) struct VirtualMachine<'a> {
    node: &'a Node,
    number: u8,
    /// The frequency of its clock in kHz, where that is known.
    clock: Option<u64>,
    seed: Utf8PathBuf,
    console: Utf8PathBuf,
}

/// What a machine's memory and disk are.
pub(super) enum Storage<'a> {
    /// Its own and nobody else's to see, over the image.
    Private,
    /// Files that can be copied while it stands still; the disk is an overlay over the image.
    Shared(&'a Files),
    /// Those files as they were saved. They are not written to: what it changes is its own.
    Saved(&'a Files),
}

/// A machine that was started.
pub(super) struct Started {
    pub process: Child,
    pub monitor: Qmp,
}

impl<'a> VirtualMachine<'a> {
    /// The machine number `number` (from 1). Its console goes to a file in the run's folder.
    pub(super) fn new(number: u8, node: &'a Node, clock: Option<u64>, places: &Places<'_>) -> Self {
        let seed = places.directory.join(format!("{}.seed.tar", node.name));
        Self { node, number, clock, seed, console: places.run.join(format!("{}.console.log", node.name)) }
    }

    pub(super) fn name(&self) -> &'a str {
        &self.node.name
    }

    pub(super) fn write_seed(&self, card: NetworkCard, keys: &Keys) -> Result<(), ProviderError> {
        seed::write(&self.seed, self.node, card, self.cards(), keys)
            .map_err(ProviderError::io(format!("write {}", self.seed)))
    }

    /// What its seed says, keys aside.
    pub(super) fn described(&self, card: NetworkCard) -> Vec<u8> {
        seed::described(self.node, card, self.cards())
    }

    /// The way to the machine: QEMU forwards a port of the lab's own loopback to its sshd.
    pub(super) fn way(&self) -> Way {
        let options = vec!["HostName 127.0.0.1".to_owned(), format!("Port {}", self.port())];
        // ssh's own forwarding, over the connection that the keeper holds.
        let node = self.node.name.clone();
        let entrance =
            format!("ssh -F {0}/ssh_config -S {0}/{node}.mux -W localhost:22 {node}", self.directory());
        Way { node, options, entrance }
    }

    /// Starts the machine and waits until it says that it is ready.
    pub(super) async fn boot(
        &self,
        image: &Image,
        accelerator: Accelerator,
        storage: &Storage<'_>,
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<Started, ProviderError> {
        let start = Instant::now();
        let mut started = self.start(image, accelerator, storage)?;
        tell(Event::new(format!("{}: boots", self.node.name)));
        let Some(mut console) = self.console(&mut started.process)? else {
            return Err(self.ended(started.process, "").await);
        };
        let detail = |line: &str| tell(Event::detail(format!("{}: {}", self.node.name, visible(line))));
        match timeout(BOOT_DEADLINE, console.until_ready(&detail)).await {
            Ok(true) => {}
            Ok(false) => return Err(self.ended(started.process, &tail(&console.seen)).await),
            Err(_) => return Err(self.not_ready(&console.seen)),
        }
        tell(Event::new(format!("{}: ready after {:.1} s", self.node.name, start.elapsed().as_secs_f32())));
        tokio::spawn(console.until_closed());
        Ok(started)
    }

    /// Starts the machine with its state as it was saved. It stands still until its monitor is told to go on.
    pub(super) async fn load(
        &self,
        image: &Image,
        accelerator: Accelerator,
        files: &Files,
        qemu: &str,
    ) -> Result<Started, ProviderError> {
        let mut started = self.start(image, accelerator, &Storage::Saved(files))?;
        if let Some(console) = self.console(&mut started.process)? {
            tokio::spawn(console.until_closed());
        }
        match take_state(&mut started.monitor, &files.state, qemu).await {
            Ok(()) => Ok(started),
            Err(error) => Err(self.ended(started.process, &error.to_string()).await),
        }
    }

    fn start(
        &self,
        image: &Image,
        accelerator: Accelerator,
        storage: &Storage<'_>,
    ) -> Result<Started, ProviderError> {
        let failed = || ProviderError::io(format!("run {QEMU}"));
        let (monitor, qemus_end) = Qmp::pair().map_err(failed())?;
        let mut command = Command::new(QEMU);
        let mapping = FdMapping { parent_fd: qemus_end, child_fd: MONITOR_FD };
        command.fd_mappings(vec![mapping]).map_err(io::Error::other).map_err(failed())?;
        let process = command
            .env("TMPDIR", self.directory())
            .args(self.arguments(image, accelerator, storage))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed())?;
        Ok(Started { process, monitor })
    }

    /// The whole command line.
    pub(super) fn arguments(
        &self,
        image: &Image,
        accelerator: Accelerator,
        storage: &Storage<'_>,
    ) -> Vec<String> {
        let Cards { uplink, management } = self.cards();
        let (lan_card, management_card) = (image.card().device(), NetworkCard::VirtioNet.device());
        let (lan, port) = (&self.node.port, self.port());
        let options = [
            ("-name", self.node.name.clone()),
            ("-smp", "1".to_owned()),
            ("-m", MEMORY.to_owned()),
            ("-display", "none".to_owned()),
            ("-serial", "stdio".to_owned()),
            ("-chardev", format!("socket,id=monitor,fd={MONITOR_FD}")),
            ("-mon", "chardev=monitor,mode=control".to_owned()),
            ("-kernel", image.kernel().into()),
            ("-initrd", image.initrd().into()),
            ("-append", self.kernel_options()),
            ("-device", "virtio-blk-pci,drive=root".to_owned()),
            ("-drive", format!("if=none,id=seed,format=raw,file={},readonly=on", escaped(&self.seed))),
            ("-device", "virtio-blk-pci,drive=seed,serial=seed".to_owned()),
            ("-netdev", format!("tap,id=lan,ifname={lan},script=no,downscript=no")),
            ("-device", format!("{lan_card},netdev=lan,mac={uplink},romfile=")),
            ("-netdev", format!("user,id=mgmt,restrict=on,hostfwd=tcp:127.0.0.1:{port}-:22")),
            ("-device", format!("{management_card},netdev=mgmt,mac={management},romfile=")),
            ("-device", "virtio-rng-pci".to_owned()),
            // A kernel that hears that it was copied has new random numbers before anybody is let in (drivers/virt/vmgenid.c, since 5.18).
            ("-device", "vmgenid,guid=auto".to_owned()),
        ];
        let options = options.into_iter().chain(storage.options(&image.root()));
        let words = ["-nodefaults", "-no-user-config"].into_iter().chain(accelerator.options());
        let words = words.chain(storage.flags().iter().copied()).map(str::to_owned);
        options.flat_map(|(option, value)| [option.to_owned(), value]).chain(words).collect()
    }

    fn kernel_options(&self) -> String {
        let clock = self.clock.map(|kilohertz| format!(" tsc_early_khz={kilohertz}")).unwrap_or_default();
        format!("{KERNEL_OPTIONS} {TOLD}{clock}")
    }

    /// What it says on its serial line.
    fn console(&self, process: &mut Child) -> Result<Option<Console>, ProviderError> {
        let log = File::options().create(true).append(true).open(&self.console);
        let log = log.map_err(ProviderError::io(format!("write {}", self.console)))?;
        let output = process.stdout.take().map(BufReader::new);
        Ok(output.map(|output| Console { output, log, seen: Vec::new() }))
    }

    /// What to say of a machine that is of no use.
    async fn ended(&self, mut qemu: Child, said: &str) -> ProviderError {
        // It has ended, as a rule.
        let _ = qemu.start_kill();
        match qemu.wait_with_output().await {
            Ok(output) => {
                let stderr = String::from_utf8_lossy(&output.stderr);
                ProviderError::Ended {
                    program: format!("QEMU of {} ({})", self.node.name, output.status),
                    output: format!("{}\n{said}", stderr.trim()),
                }
            }
            Err(error) => ProviderError::io(format!("wait for {QEMU}"))(error),
        }
    }

    fn not_ready(&self, seen: &[String]) -> ProviderError {
        ProviderError::NotReady {
            machine: self.node.name.clone(),
            awaited: format!("the line {READY:?} on its console ({})", self.console),
            waited: BOOT_DEADLINE,
            seen: tail(seen),
        }
    }

    /// MAC addresses in QEMU's own range. Labs are hermetic: the same ones do in all of them.
    fn cards(&self) -> Cards {
        let card = |network: u8| MacAddress([0x52, 0x54, 0x00, 0xe2, network, self.number]);
        Cards { uplink: card(1), management: card(2) }
    }

    fn directory(&self) -> &Utf8Path {
        self.seed.parent().unwrap_or(Utf8Path::new("/run"))
    }

    fn port(&self) -> u16 {
        2200 + u16::from(self.number)
    }
}

impl Storage<'_> {
    /// The options that differ. What the machine writes to its disk goes to a file in the lab's memory and dies with it.
    fn options(&self, image: &Utf8Path) -> Vec<(&'static str, String)> {
        let (memory, disk) = match self {
            Self::Private => (None, format!("format=raw,file={},snapshot=on", escaped(image))),
            Self::Shared(files) => (Some(memory(files, "on")), overlay(files, "")),
            Self::Saved(files) => (Some(memory(files, "off")), overlay(files, ",snapshot=on")),
        };
        let backend = if memory.is_some() { BACKEND } else { "" };
        let machine = ("-machine", format!("{MACHINE}{backend}"));
        let drive = ("-drive", format!("if=none,id=root,{disk},cache=unsafe"));
        memory.map(|memory| ("-object", memory)).into_iter().chain([machine, drive]).collect()
    }

    /// A saved machine stands still and waits for its state.
    fn flags(&self) -> &'static [&'static str] {
        match self {
            Self::Saved(_) => &["-S", "-incoming", "defer"],
            Self::Private | Self::Shared(_) => &[],
        }
    }
}

fn memory(files: &Files, share: &str) -> String {
    format!("memory-backend-file,id=memory,size={MEMORY},mem-path={},share={share}", escaped(&files.memory))
}

fn overlay(files: &Files, more: &str) -> String {
    format!("format=qcow2,file={}{more}", escaped(&files.disk))
}

/// A path in one of QEMU's options, where a comma would end it.
fn escaped(path: &Utf8Path) -> String {
    path.as_str().replace(',', ",,")
}

/// Has the machine write its state but its memory, which stays in its file. It stands still from then on.
pub(super) async fn write_state(monitor: &mut Qmp, state: &Utf8Path) -> Result<(), QmpError> {
    set_up_migration(monitor).await?;
    let uri = format!("exec:cat >{}", quoted(state.as_str()));
    monitor.execute("migrate", json!({ "uri": uri })).await?;
    monitor.until_migrated().await
}

/// Has the machine take its state.
async fn take_state(monitor: &mut Qmp, state: &Utf8Path, qemu: &str) -> Result<(), QmpError> {
    let version = monitor.greet().await?;
    if version != qemu {
        return Err(QmpError::OtherVersion { made_by: qemu.to_owned(), version });
    }
    set_up_migration(monitor).await?;
    // Otherwise QEMU itself announces the machine, by RARP.
    monitor.execute("migrate-set-parameters", json!({ "announce-rounds": 0 })).await?;
    let uri = format!("exec:cat {}", quoted(state.as_str()));
    monitor.execute("migrate-incoming", json!({ "uri": uri })).await?;
    monitor.until_migrated().await
}

async fn set_up_migration(monitor: &mut Qmp) -> Result<(), QmpError> {
    // Memory in a file of its own is not part of the state.
    let on = ["x-ignore-shared", "events"].map(|name| json!({ "capability": name, "state": true }));
    monitor.execute("migrate-set-capabilities", json!({ "capabilities": on })).await.map(drop)
}

/// A machine's serial console.
struct Console {
    output: BufReader<ChildStdout>,
    log: File,
    seen: Vec<String>,
}

impl Console {
    /// Whether the machine became ready before its console closed.
    async fn until_ready(&mut self, tell: &impl Fn(&str)) -> bool {
        while let Some(line) = self.next().await {
            let ready = line.contains(READY);
            tell(line.trim());
            self.seen.push(line);
            if ready {
                return true;
            }
        }
        false
    }

    /// Keeps the console flowing: a machine whose console is full stands still.
    async fn until_closed(mut self) {
        while self.next().await.is_some() {}
    }

    async fn next(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let length = self.output.read_until(b'\n', &mut line).await.unwrap_or(0);
        // A log that can't be written is no reason to stop a boot.
        let _ = self.log.write_all(&line);
        (length > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}

fn tail(seen: &[String]) -> String {
    seen[seen.len().saturating_sub(TAIL_LINES)..].join("\n")
}
