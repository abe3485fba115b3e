//! The machine that the figures are of.

use std::{fs, process::Command};

use harness::provider::Accelerator;

/// Its processor, memory, system and the versions of what was measured.
pub fn description() -> String {
    let processor = first_value("/proc/cpuinfo", "model name");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = first_value("/proc/meminfo", "MemTotal");
    let system = first_value("/etc/os-release", "PRETTY_NAME").replace('"', "");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let commit = said("git", &["describe", "--always", "--dirty"]);
    let date = jiff::Zoned::now().strftime("%Y-%m-%d").to_string();
    format!(
        "{date}, commit {commit}; {processor}, {cores} cores, memory {memory}; {system}, Linux {}; virtual machines {}; {}; {}; {}; {}\n",
        kernel.trim(),
        Accelerator::of_this_machine(),
        said("rustc", &["--version"]),
        said("tcpdump", &["--version"]),
        said("qemu-system-x86_64", &["--version"]),
        said("vagrant", &["--version"]),
    )
}

/// The value of the first line `name: value` or `name=value`.
fn first_value(path: &str, name: &str) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("unknown");
    value.trim_start_matches([':', '=', '\t', ' ']).trim().to_owned()
}

/// The first line that a command says.
fn said(command: &str, words: &[&str]) -> String {
    let output = Command::new(command).args(words).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").to_owned()
}
