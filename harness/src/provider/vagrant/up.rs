//! `vagrant up`, followed line by line.

use std::{
    collections::BTreeSet,
    env,
    fs::File,
    io::{self, Write as _},
    process::Stdio,
    time::Duration,
};

use camino::{Utf8Path, Utf8PathBuf};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::ChildStdout,
    time::timeout,
};

use super::{
    VagrantError,
    environment::{Environment, tail},
    message::Message,
};
use crate::lab::Event;

/// An emulated machine asks for its address some 20 s after its start, and two stock Ubuntus that
/// boot together on one processor minutes. vagrant-libvirt itself would wait for ten.
const ADDRESS_DEADLINE: Duration = Duration::from_secs(300);
/// What vagrant-libvirt says when it begins and ceases to wait for an address.
const WAITS_FOR_ADDRESS: &str = "Waiting for domain to get an IP address";
/// Vagrant's words for a box that it neither has nor can get.
const NO_BOX: [&str; 3] = [
    "could not be found or\ncould not be accessed",
    "box could not be found",
    "error occurred while downloading the remote file",
];

/// Brings the machines up, also those that an earlier call was interrupted at, and gives up on one that gets no address.
pub(super) async fn up(
    environment: &Environment,
    log: &Utf8Path,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<(), VagrantError> {
    let file = File::options().create(true).append(true).open(log);
    let file = file.map_err(VagrantError::io(format!("write {log}")))?;
    let stderr = file.try_clone().map_err(VagrantError::io(format!("write {log}")))?;
    let mut vagrant = environment.vagrant(&["--machine-readable", "up", "--parallel", "--provision"]);
    let mut child = vagrant
        .stdout(Stdio::piped())
        .stderr(stderr)
        .spawn()
        .map_err(VagrantError::io("run `vagrant up`"))?;
    let mut last_words = None;
    if let Some(stdout) = child.stdout.take() {
        let mut output =
            Output { lines: BufReader::new(stdout).lines(), log: file, waiting: BTreeSet::new() };
        while let Some(message) = output.next(log).await? {
            if let Some(step) = step(&message) {
                tell(Event::new(step));
            }
            last_words = message.error().map(str::to_owned).or(last_words);
        }
    }
    let status = child.wait().await.map_err(VagrantError::io("wait for `vagrant up`"))?;
    if status.success() {
        return Ok(());
    }
    let said = last_words.unwrap_or_default();
    Err(failure(environment.vagrant_box(), &status.to_string(), &said, log))
}

/// Vagrant's output, and which machines are waited for.
struct Output {
    lines: Lines<BufReader<ChildStdout>>,
    log: File,
    waiting: BTreeSet<String>,
}

impl Output {
    /// The next message. A download may take its time, a machine's boot may not.
    async fn next(&mut self, log: &Utf8Path) -> Result<Option<Message>, VagrantError> {
        loop {
            let line = match self.waiting.first() {
                None => self.lines.next_line().await,
                Some(node) => match timeout(ADDRESS_DEADLINE, self.lines.next_line()).await {
                    Ok(line) => line,
                    Err(_) => return Err(no_address(node, log)),
                },
            };
            let Some(line) = line.map_err(VagrantError::io("read from `vagrant up`"))? else {
                return Ok(None);
            };
            if let Some(message) = Message::parse(&line) {
                self.keep(&message).map_err(VagrantError::io(format!("write {log}")))?;
                return Ok(Some(message));
            }
        }
    }

    fn keep(&mut self, message: &Message) -> io::Result<()> {
        let Some(text) = message.text() else { return Ok(()) };
        if text.contains(WAITS_FOR_ADDRESS) {
            self.waiting.insert(message.target.clone());
        } else {
            self.waiting.remove(&message.target);
        }
        writeln!(self.log, "{text}")
    }
}

/// What is worth a line to a person: the phases, without the settings and the small print.
fn step(message: &Message) -> Option<&str> {
    let phase = message.text()?.lines().next()?.strip_prefix("==> ")?;
    let (_, said) = phase.split_once(": ")?;
    let level = message.data.first().map(String::as_str);
    (matches!(level, Some("info" | "output")) && !said.starts_with(" --")).then_some(phase)
}

fn no_address(node: &str, log: &Utf8Path) -> VagrantError {
    let console = match env::var("LAB_CONSOLES") {
        Ok(folder) if !folder.is_empty() => format!("{folder}/{node}.console.log"),
        _ => format!("`virsh console macvlan-e2e-{node}`"),
    };
    VagrantError::NoAddress { node: node.to_owned(), waited: ADDRESS_DEADLINE, console, log: log.to_owned() }
}

fn failure(vagrant_box: &str, status: &str, said: &str, log: &Utf8Path) -> VagrantError {
    let log: Utf8PathBuf = log.to_owned();
    let output = tail(said);
    if NO_BOX.iter().any(|words| said.contains(words)) {
        return VagrantError::NoBox { name: vagrant_box.to_owned(), output, log };
    }
    VagrantError::Up { status: status.to_owned(), output, log }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(line: &str) -> Message {
        Message::parse(line).unwrap()
    }

    #[test]
    fn phases_are_told_and_settings_are_not() {
        let phase = message("1795528811,node-2,ui,info,==> node-2: Starting domain.");
        assert_eq!(step(&phase), Some("node-2: Starting domain."));
        for quiet in [
            "1795528809,node-2,ui,info,==> node-2:  -- Memory:            512M",
            "1795528809,node-1,ui,warn,==> node-1: No version detected for a/b%!(VAGRANT_COMMA) using timestamp",
            "1795528948,node-2,ui,detail,    node-2: Box Provider: libvirt",
            "1795528948,node-2,action,up,start",
        ] {
            assert_eq!(step(&message(quiet)), None, "{quiet}");
        }
    }

    #[test]
    fn a_box_that_is_not_to_be_had_is_told_with_the_way_to_one() {
        let said = "The box 'nothing/there' could not be found or\ncould not be accessed in the remote catalog.\n\n\
                    Error: Could not resolve host: vagrantcloud.com";
        let error = failure("nothing/there", "exit status: 1", said, Utf8Path::new("vagrant.log"));
        assert!(matches!(&error, VagrantError::NoBox { name, .. } if name == "nothing/there"), "{error}");
        let error =
            failure("a/b", "exit status: 1", "Call to virDomainCreate failed", Utf8Path::new("vagrant.log"));
        assert!(matches!(error, VagrantError::Up { .. }));
    }
}
