//! The README's commands of `lab`, run as they stand there.

#[path = "../../harness/lab/document_commands.rs"]
mod document_commands;

use std::{
    fs,
    io::{self, BufRead as _, BufReader},
    os::unix::{fs::symlink, process::CommandExt as _},
    process::{Command, Stdio},
};

use camino::Utf8Path;
use camino_tempfile::Utf8TempDir;
use harness::{machine::quoted, provider::is_root};
use rustix::process::{Pid, Signal, kill_process_group};

const PROJECT: &str = env!("CARGO_MANIFEST_DIR");
/// What each command of `lab` begins with that needs nothing but the project.
const LAB: &str = "cargo lab";
/// What is said of a command that somebody has to end.
const ENDLESS: &str = "until ^C";

/// A folder that looks to a shell as the project's does to somebody who has followed the README so far.
struct Reader {
    folder: Utf8TempDir,
}

impl Reader {
    fn new() -> io::Result<Self> {
        let folder = camino_tempfile::tempdir()?;
        let (here, fixtures) = (folder.path(), Utf8Path::new(PROJECT).join("fixtures"));
        symlink(&fixtures, here.join("fixtures"))?;
        fs::create_dir_all(here.join("target/gate/latest/netns"))?;
        fs::write(here.join("target/gate/latest/netns/status"), "0")?;
        fs::create_dir_all(here.join("target/e2e/latest"))?;
        symlink(fixtures.join("runs/healthy"), here.join("target/e2e/latest/docker1_pings_docker2"))?;
        symlink(fixtures.join("runs/healthy"), here.join("captures"))?;
        symlink(fixtures.join("captures/formats/two-interfaces.pcapng"), here.join("yours.pcapng"))?;
        for (own, copied) in [
            ("mine.toml", "existing-machines-without-host.toml"),
            ("yours.toml", "tutorial.toml"),
            // No other lab is found in place of the README's.
            ("lab.toml", "lab.toml"),
        ] {
            fs::copy(fixtures.join("topologies").join(copied), here.join(own))?;
        }
        Ok(Self { folder })
    }

    fn shell(&self, line: &str) -> Command {
        let line = line.replace(LAB, &quoted(env!("CARGO_BIN_EXE_lab")));
        // What captures on the reader's machine does so here on one without interfaces.
        let mut shell = Command::new(if is_the_machines(&line) { "unshare" } else { "sh" });
        shell.args(is_the_machines(&line).then_some(["--net", "sh"]).into_iter().flatten());
        shell.args(["-c", &line]);
        shell.current_dir(self.folder.path()).env("LAB_TOPOLOGY", "lab.toml").env_remove("LAB");
        // The reader looks at the last run's, and is not given ours.
        shell.env("LAB_RUNS", "target/e2e");
        shell.stdin(Stdio::null()).stderr(Stdio::piped());
        shell
    }

    /// Runs a line to its end.
    fn run(&self, line: &str) {
        let output = self.shell(line).output().expect("there is a shell");
        // A verdict is no mistake of the caller's.
        let judges = [" trace ", " gate "].iter().any(|verb| line.contains(verb));
        let good: &[i32] = if judges { &[0, 1, 3] } else { &[0] };
        let is_good = output.status.code().is_some_and(|code| good.contains(&code));
        assert!(is_good, "{line}: {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    }

    /// Runs a line until it says that it listens, and ends it as a terminal's ^C does.
    fn interrupt(&self, line: &str) {
        let mut command = self.shell(line);
        let mut shell = command.process_group(0).stdout(Stdio::null()).spawn().expect("there is a shell");
        let said = BufReader::new(shell.stderr.take().expect("it is piped")).lines();
        let mut said = said.map_while(Result::ok);
        let listens = said.any(|line| line.contains("listening") || line.contains("capturing"));
        kill_process_group(Pid::from_child(&shell), Signal::INT).expect("it runs");
        shell.wait().expect("it can be waited for");
        assert!(listens, "{line}: it ended by itself");
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.shell("cargo lab down --lab netns").output();
    }
}

/// Whether a line captures on the machine's own interfaces, as root may alone.
fn is_the_machines(line: &str) -> bool {
    line.starts_with("tcpdump")
}

#[test]
fn the_readmes_commands_do_what_it_says() {
    let reader = Reader::new().expect("a folder can be made");
    let commands = document_commands::commands(&format!("{PROJECT}/README.md"));
    let of_lab: Vec<_> = commands.into_iter().filter(|(line, _)| line.contains(LAB)).collect();
    assert!(of_lab.len() >= 15, "the README has {} commands of lab", of_lab.len());
    let can_be_run = |line: &str| is_root() || !is_the_machines(line);
    for (line, remark) in of_lab.into_iter().filter(|(line, _)| can_be_run(line)) {
        if remark.contains(ENDLESS) {
            reader.interrupt(&line);
        } else {
            reader.run(&line);
        }
    }
}

/// A reader with the tutorial beside the README, who has set `LAB` as that says.
#[test]
fn the_tutorials_steps_can_be_done_by_hand() {
    let reader = Reader::new().expect("a folder can be made");
    let commands = document_commands::inline_commands(&format!("{PROJECT}/README.md"));
    let first = commands.iter().position(|line| line == "cargo lab up").expect("the table begins with it");
    let steps: Vec<&String> = commands[first..].iter().take_while(|line| line.starts_with(LAB)).collect();
    assert!(steps.len() >= 5, "{steps:?}");
    for step in steps {
        let line = format!("LAB=netns {step}");
        if step.contains(" capture ") { reader.interrupt(&line) } else { reader.run(&line) }
    }
}
