//! The memory of the harness's own processes while something runs.

use std::{
    fs,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use camino::{Utf8Path, Utf8PathBuf};

/// How long there is between two looks: a scenario takes several.
const INTERVAL: Duration = Duration::from_millis(50);

/// Looks at processes by their executables until it is asked for the most that they had together.
pub struct Watch {
    end: Sender<()>,
    thread: JoinHandle<u64>,
}

impl Watch {
    /// Begins.
    pub fn of(executables: Vec<Utf8PathBuf>) -> Self {
        let (end, ended) = channel();
        let thread = thread::spawn(move || {
            let mut most = 0;
            while ended.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                most = most.max(now(&executables));
            }
            most
        });
        Self { end, thread }
    }

    /// The most that they had at one time, in KiB. What several of them share is counted once.
    pub fn most(self) -> u64 {
        // It ends as well where nobody tells it anything any more.
        drop(self.end);
        self.thread.join().unwrap_or_default()
    }
}

/// The proportional set sizes (`Pss`, proc_pid_smaps_rollup(5)).
fn now(executables: &[Utf8PathBuf]) -> u64 {
    let processes = Utf8Path::new("/proc").read_dir_utf8().into_iter().flatten().filter_map(Result::ok);
    let is_ours = |process: &Utf8Path| {
        process.join("exe").read_link_utf8().is_ok_and(|executable| executables.contains(&executable))
    };
    let ours = processes.filter(|process| is_ours(process.path()));
    ours.filter_map(|process| {
        // One that has ended meanwhile has none.
        let text = fs::read_to_string(process.path().join("smaps_rollup")).ok()?;
        let value = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        value.split_whitespace().next()?.parse::<u64>().ok()
    })
    .sum()
}
