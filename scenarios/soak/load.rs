//! Others who want the machine: processes that end with this one's thread, or with what holds them.

use std::{
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    thread::available_parallelism,
};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::process::{Pid, Signal, kill_process_group};

/// How many want each processor, beside the scenarios.
const PER_PROCESSOR: usize = 2;
/// What is written to the disk at a time, in MiB.
const WRITTEN: u32 = 64;

/// Twice the processors' worth of work, and a disk that is written to.
pub struct Load {
    processes: Vec<Child>,
    written: Utf8PathBuf,
}

/// The file that is written.
const FILE: &str = "load";

impl Load {
    /// Begins. `folder` takes what is written: one file, which is written again and again.
    pub fn begin(folder: &Utf8Path) -> Self {
        let count = PER_PROCESSOR * available_parallelism().map_or(1, usize::from);
        let busy = (0..count).map(|_| start("while :; do :; done", folder));
        let write =
            format!("while :; do dd if=/dev/zero of={FILE} bs=1M count={WRITTEN} conv=fdatasync; done");
        Self { processes: busy.chain([start(&write, folder)]).collect(), written: folder.join(FILE) }
    }

    /// Its processes; theirs have other parents.
    pub fn processes(&self) -> Vec<Pid> {
        self.processes.iter().map(Pid::from_child).collect()
    }
}

/// In a group of its own, which ends as a whole; the kernel ends its shell where this process is killed.
fn start(loop_: &str, folder: &Utf8Path) -> Child {
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "--", "sh", "-c", loop_])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("there is a setpriv")
}

impl Drop for Load {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // It is waited for below, so that the group is still its own.
            let _ = kill_process_group(Pid::from_child(process), Signal::KILL);
            let _ = process.wait();
        }
        let _ = std::fs::remove_file(&self.written);
    }
}
