//! One virtual machine, from its seed to its ready line.

use std::{
    fs::File,
    io::Write as _,
    process::Stdio,
    time::{Duration, Instant},
};

use camino::{Utf8Path, Utf8PathBuf};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

use super::{Image, NetworkCard, seed, seed::Cards};
use crate::{
    MacAddress,
    lab::Event,
    provider::{
        ProviderError,
        accelerator::Accelerator,
        keys::{Keys, Way},
    },
    topology::Node,
};

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
/// The kernel's command line. Nothing here changes what the network does: it spares an emulated
/// processor the self-tests, hardening and calibration that a machine of minutes has no use for.
pub(super) const KERNEL_OPTIONS: &str = "root=/dev/vda rw rootflags=noatime console=ttyS0 quiet loglevel=3 mitigations=off \
     tsc=reliable no_timer_check random.trust_cpu=on cryptomgr.notests init_on_alloc=0 nokaslr nowatchdog \
     audit=0 lsm=landlock rcupdate.rcu_expedited=1 8250.nr_uarts=1";

/// A node's virtual machine.
pub(super) struct VirtualMachine<'a> {
    node: &'a Node,
    number: u8,
    seed: Utf8PathBuf,
    console: Utf8PathBuf,
}

impl<'a> VirtualMachine<'a> {
    /// The machine number `number` (from 1). Its console goes to a file in the run's folder.
    pub(super) fn new(number: u8, node: &'a Node, directory: &Utf8Path, run: &Utf8Path) -> Self {
        let seed = directory.join(format!("{}.seed.tar", node.name));
        Self { node, number, seed, console: run.join(format!("{}.console.log", node.name)) }
    }

    pub(super) fn write_seed(&self, card: NetworkCard, keys: &Keys) -> Result<(), ProviderError> {
        seed::write(&self.seed, self.node, card, self.cards(), keys)
            .map_err(ProviderError::io(format!("write {}", self.seed)))
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
        tell: &(dyn Fn(Event) + Sync),
    ) -> Result<Child, ProviderError> {
        let start = Instant::now();
        let mut qemu = self.start(image, accelerator)?;
        tell(Event::new(format!("{}: boots", self.node.name)));
        let log = File::options().create(true).append(true).open(&self.console);
        let log = log.map_err(ProviderError::io(format!("write {}", self.console)))?;
        let Some(stdout) = qemu.stdout.take() else { return Err(self.ended(qemu, &[]).await) };
        let mut console = Console { output: BufReader::new(stdout), log, seen: Vec::new() };
        match timeout(BOOT_DEADLINE, console.until_ready()).await {
            Ok(true) => {}
            Ok(false) => return Err(self.ended(qemu, &console.seen).await),
            Err(_) => return Err(self.not_ready(&console.seen)),
        }
        tell(Event::new(format!("{}: ready after {:.1} s", self.node.name, start.elapsed().as_secs_f32())));
        tokio::spawn(console.until_closed());
        Ok(qemu)
    }

    fn start(&self, image: &Image, accelerator: Accelerator) -> Result<Child, ProviderError> {
        let Cards { uplink, management } = self.cards();
        let drive =
            |id: &str, file: &Utf8Path, more: &str| format!("if=none,id={id},format=raw,file={file},{more}");
        Command::new("qemu-system-x86_64")
            .env("TMPDIR", self.directory())
            .args(["-name", &self.node.name, "-machine", MACHINE, "-m", MEMORY, "-smp", "1"])
            .args(accelerator.options())
            .args(["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio"])
            .args(["-kernel", image.kernel().as_str(), "-initrd", image.initrd().as_str()])
            .args(["-append", KERNEL_OPTIONS])
            // What the machine writes goes to an unlinked file in the lab's memory and dies with it.
            .args([
                "-drive",
                &drive("root", &image.root(), "snapshot=on,cache=unsafe"),
                "-device",
                "virtio-blk-pci,drive=root",
            ])
            .args(["-drive", &drive("seed", &self.seed, "readonly=on")])
            .args(["-device", "virtio-blk-pci,drive=seed,serial=seed"])
            .args(["-netdev", &format!("tap,id=lan,ifname={},script=no,downscript=no", self.node.port)])
            .args(["-device", &format!("{},netdev=lan,mac={uplink},romfile=", image.card().device())])
            .args(["-netdev", &format!("user,id=mgmt,restrict=on,hostfwd=tcp:127.0.0.1:{}-:22", self.port())])
            .args(["-device", &format!("virtio-net-pci,netdev=mgmt,mac={management},romfile=")])
            .args(["-device", "virtio-rng-pci"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(ProviderError::io("run qemu-system-x86_64"))
    }

    /// What to say of a machine whose console has closed.
    async fn ended(&self, mut qemu: Child, seen: &[String]) -> ProviderError {
        // It has ended, as a rule; a machine without a console is of no use if not.
        let _ = qemu.start_kill();
        match qemu.wait_with_output().await {
            Ok(output) => {
                let stderr = String::from_utf8_lossy(&output.stderr);
                ProviderError::Ended {
                    program: format!("QEMU of {} ({})", self.node.name, output.status),
                    output: format!("{}\n{}", stderr.trim(), tail(seen)),
                }
            }
            Err(error) => ProviderError::io("wait for qemu-system-x86_64")(error),
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

/// A machine's serial console.
struct Console {
    output: BufReader<ChildStdout>,
    log: File,
    seen: Vec<String>,
}

impl Console {
    /// Whether the machine became ready before its console closed.
    async fn until_ready(&mut self) -> bool {
        while let Some(line) = self.next().await {
            let ready = line.contains(READY);
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
