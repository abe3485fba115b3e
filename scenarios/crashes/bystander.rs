//! Things of somebody else's whose names are a lab's.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
};

use rustix::process::Pid;

/// A namespace, a bridge, a tap and a process, as a lab of the same names has them.
pub struct Bystander {
    machine: Child,
    before: Machine,
}

/// What there is on the machine.
#[derive(Debug, PartialEq, Eq)]
struct Machine {
    links: String,
    mounts: String,
    namespaces: BTreeSet<String>,
    /// Abstract ones, which keepers listen at.
    sockets: BTreeSet<String>,
}

impl Bystander {
    /// Makes them, in namespaces of this process's own.
    pub fn make() -> Self {
        for command in [
            "mount -t tmpfs none /run",
            "ip netns add docker1",
            "ip link add bridge102 type bridge",
            "ip link add port-node-2 type veth peer name port-node-3",
            "ip tuntap add dev port-node-1 mode tap",
        ] {
            let mut words = command.split(' ');
            let status = Command::new(words.next().unwrap_or_default()).args(words).status();
            assert!(status.is_ok_and(|status| status.success()), "{command}");
        }
        // By its program's name too it is a virtual machine.
        let program = "/run/qemu-system-x86_64";
        fs::copy("/bin/cat", program).expect("there is a cat");
        let machine = Command::new(program)
            .arg0("qemu-system-x86_64 -name node-1")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a copy of cat can be run");
        Self { machine, before: Machine::now() }
    }

    /// The process.
    pub fn process(&self) -> Pid {
        Pid::from_child(&self.machine)
    }

    /// Asserts that they are as they were, and nothing is beside them.
    pub fn assert_untouched(mut self) {
        assert_eq!(Machine::now(), self.before);
        let ended = self.machine.try_wait().expect("the process can be asked");
        assert_eq!(ended, None, "the process lives");
        drop(self.machine.stdin.take());
        self.machine.wait().expect("the process ends with its input");
    }
}

impl Machine {
    fn now() -> Self {
        let sockets = fs::read_to_string("/proc/self/net/unix").expect("there are sockets");
        let names = sockets.lines().filter_map(|line| Some(line.split_once('@')?.1.to_owned()));
        let links = Command::new("ip").args(["-o", "link"]).output().expect("there is an ip");
        Self {
            links: String::from_utf8_lossy(&links.stdout).into_owned(),
            mounts: fs::read_to_string("/proc/self/mounts").expect("there are mounts"),
            namespaces: names_in("/run/netns"),
            sockets: names.filter(|name| name.contains("macvlan")).collect(),
        }
    }
}

/// What a folder has in it.
pub fn names_in(folder: impl AsRef<Path>) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
