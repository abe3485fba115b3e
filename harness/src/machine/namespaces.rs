//! The namespaces of another process.

use std::{fs::File, io, path::Path, process, sync::Arc};

use tokio::process::Command;

/// Where Debian keeps `ip` and its like, which an ordinary user's path lacks.
pub(crate) const ADMINISTRATORS_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The namespaces that a lab has of its own, as `nsenter` and `/proc` name them.
const KINDS: [(&str, &str); 5] =
    [("net", "net"), ("mount", "mnt"), ("uts", "uts"), ("ipc", "ipc"), ("pid", "pid")];

/// Open namespaces: they stay those of the process that had them, whoever gets its id later.
#[derive(Clone, Debug)]
pub(super) struct Namespaces {
    files: Arc<Vec<(&'static str, File)>>,
}

impl Namespaces {
    pub(super) fn of(pid: u32) -> io::Result<Self> {
        let open = |kind: &str| File::open(format!("/proc/{pid}/ns/{kind}"));
        let mut files = Vec::new();
        // A lab without root has a user namespace; to enter one's own again is refused (setns(2)).
        if user_namespace(&pid.to_string())? != user_namespace("self")? {
            files.push(("user", open("user")?));
        }
        for (option, kind) in KINDS {
            files.push((option, open(kind)?));
        }
        Ok(Self { files: Arc::new(files) })
    }

    /// A command in these namespaces. What it starts ends with the PID namespace.
    pub(super) fn enter(&self, words: &[&str]) -> Command {
        use std::os::fd::AsRawFd as _;
        let mut command = Command::new("nsenter");
        for (option, file) in self.files.iter() {
            command.arg(format!("--{option}=/proc/{}/fd/{}", process::id(), file.as_raw_fd()));
        }
        command.arg("--").args(words);
        command.env("PATH", ADMINISTRATORS_PATH).kill_on_drop(true);
        command
    }
}

fn user_namespace(process: &str) -> io::Result<std::path::PathBuf> {
    std::fs::read_link(Path::new("/proc").join(process).join("ns/user"))
}
