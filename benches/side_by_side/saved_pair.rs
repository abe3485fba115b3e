//! What QEMU alone needs to restore the machines of a lab.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use camino_tempfile::Utf8TempDir;
use miette::{IntoDiagnostic as _, WrapErr as _};
use serde_json::json;

use super::lab::{Lab, run};

const STOCK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/compared/have_stock_sshd.sh");

/// A lab's files, and of each machine the words of its QEMU and what its monitor is told.
pub struct SavedPair(Utf8TempDir);

/// What QEMU alone runs in: namespaces that end with it.
pub const OWN_NAMESPACES: [&str; 7] =
    ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

impl SavedPair {
    /// Looks at a lab that is restored, and ends it.
    pub fn take() -> miette::Result<Self> {
        let lab = Lab::up("qemu")?;
        let keeper = Utf8PathBuf::from(format!("/proc/{}", lab.status.keeper));
        let folder = temporary_folder()?;
        let files = [keeper.join("cwd/."), folder.path().join("lab")].map(Utf8PathBuf::into_string);
        run(&[&["cp".to_owned(), "--archive".to_owned()], &files[..]].concat())?;
        for words in children(&keeper)?.iter().filter_map(|child| qemu(child)) {
            let name = value(&words, "-name").unwrap_or_default();
            let write = |what: &str, text: String| {
                let path = folder.path().join(format!("{name}.{what}"));
                fs::write(&path, text).into_diagnostic().wrap_err_with(|| format!("failed to write {path}"))
            };
            write("told", told(&words)?)?;
            write("words", with_a_monitor_at_hand(&words).join("\n"))?;
        }
        Ok(Self(folder))
    }

    /// The same machines with their distribution's own configuration of sshd.
    pub fn with_stock_sshd(&self) -> miette::Result<Self> {
        let stock = Self(temporary_folder()?);
        let folders = [self.folder().as_str(), stock.folder().as_str()];
        let words = [&OWN_NAMESPACES[..], &[STOCK], &folders].concat();
        run(&words.into_iter().map(str::to_owned).collect::<Vec<_>>())?;
        Ok(stock)
    }

    pub fn folder(&self) -> &Utf8Path {
        self.0.path()
    }
}

fn temporary_folder() -> miette::Result<Utf8TempDir> {
    camino_tempfile::tempdir().into_diagnostic().wrap_err("no temporary folder")
}

/// The processes that a process has started, by all of its threads (proc_tid_children(5)).
fn children(process: &Utf8Path) -> miette::Result<Vec<String>> {
    let mut children = Vec::new();
    for thread in process.join("task").read_dir_utf8().into_diagnostic()? {
        let path = thread.into_diagnostic()?.path().join("children");
        let listed = fs::read_to_string(path).into_diagnostic()?;
        children.extend(listed.split_whitespace().map(str::to_owned));
    }
    Ok(children)
}

/// The words of a process that is a QEMU.
fn qemu(process: &str) -> Option<Vec<String>> {
    let line = fs::read_to_string(format!("/proc/{process}/cmdline")).ok()?;
    let words: Vec<String> = line.split_terminator('\0').map(str::to_owned).collect();
    words.first()?.starts_with("qemu-system").then_some(words)
}

/// What the harness tells the monitor too.
fn told(words: &[String]) -> miette::Result<String> {
    let disk =
        words.iter().flat_map(|word| word.split(',')).find_map(|part| part.strip_suffix(".disk.qcow2"));
    let Some(saved) = disk.and_then(|part| part.strip_prefix("file=")) else {
        miette::bail!("the lab's machines are not restored: is there room for a snapshot?");
    };
    let capabilities = ["x-ignore-shared", "events"].map(|name| json!({"capability": name, "state": true}));
    let told = [
        json!({"execute": "qmp_capabilities"}),
        json!({"execute": "migrate-set-capabilities",
            "arguments": {"capabilities": capabilities}}),
        json!({"execute": "migrate-set-parameters", "arguments": {"announce-rounds": 0}}),
        json!({"execute": "migrate-incoming", "arguments": {"uri": format!("exec:cat {saved}.state")}}),
    ];
    Ok(told.map(|line| line.to_string()).join("\n"))
}

/// The same words for somebody who speaks to the monitor by standard input and output.
fn with_a_monitor_at_hand(words: &[String]) -> Vec<String> {
    let words = words.iter().map(|word| match word.as_str() {
        "stdio" => "null",
        word if word.starts_with("socket,id=monitor") => "stdio,id=monitor",
        word => word,
    });
    words.map(str::to_owned).collect()
}

fn value<'a>(words: &'a [String], option: &str) -> Option<&'a str> {
    words.iter().skip_while(|word| *word != option).nth(1).map(String::as_str)
}
