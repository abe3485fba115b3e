//! A text against its snapshot, with what blessed it.

use camino::Utf8Path;
use serde::Serialize;

use super::LeasedLab;
use crate::report::Difference;

/// What blessed a snapshot: metadata, not compared.
#[derive(Serialize)]
struct Blessed<'a> {
    provider: String,
    machines: &'a str,
    kernels: Vec<&'a String>,
}

impl LeasedLab {
    /// Asserts a text: `NAME.snap` in the suite's folder of snapshots. The title says what it is.
    ///
    /// # Panics
    /// Where it differs, with insta's diff.
    #[track_caller]
    pub fn assert_snapshot(&self, name: &str, title: &str, text: &str) {
        self.saw(name, text);
        let expected = self.expected(name);
        if expected.trim() != text.trim() {
            self.differs(Difference { title: title.to_owned(), expected, seen: text.to_owned() });
        }
        let facts = self.facts();
        let blessed = Blessed {
            provider: facts.provider.to_string(),
            machines: &facts.machines,
            kernels: facts.kernels.values().collect(),
        };
        assert_text(self.snapshots(), name, title, text, &blessed);
        self.is_judged();
    }

    /// What a snapshot's file has behind its two heading lines of three dashes; nothing, where there is none.
    pub fn expected(&self, name: &str) -> String {
        let path = self.snapshots().join(format!("{name}.snap"));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.splitn(3, "---\n").nth(2).unwrap_or_default().to_owned()
    }
}

#[track_caller]
fn assert_text(snapshots: &Utf8Path, name: &str, title: &str, text: &str, blessed: &impl Serialize) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(snapshots);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(title);
    settings.set_info(blessed);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[cfg(test)]
mod tests {
    use std::{env, fs, panic::catch_unwind, process::Command};

    use super::*;

    /// What machines, interfaces and groups are called in snapshots.
    const NAMES: [&str; 5] = ["docker", "node-", "host", "broadcast", "port-"];

    /// The text without each of its lines, and with each two names of a line swapped.
    fn alterations(text: &str) -> Vec<String> {
        let lines: Vec<&str> = text.lines().collect();
        let with = |number: usize, line: Option<&str>| {
            let (before, after) = (&lines[..number], &lines[number + 1..]);
            before.iter().copied().chain(line).chain(after.iter().copied()).collect::<Vec<_>>().join("\n")
        };
        let mut altered = Vec::new();
        for (number, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            altered.push(with(number, None));
            altered.extend(swaps(line).iter().map(|line| with(number, Some(line))));
        }
        altered
    }

    /// A line with each two of its names swapped.
    fn swaps(line: &str) -> Vec<String> {
        let words: Vec<&str> = line.split(' ').collect();
        let is_name = |number: &usize| NAMES.iter().any(|name| words[*number].starts_with(name));
        let names: Vec<usize> = (0..words.len()).filter(is_name).collect();
        let pairs = names.iter().flat_map(|one| names.iter().map(move |other| (*one, *other)));
        let different = pairs.filter(|(one, other)| one < other && words[*one] != words[*other]);
        let swap = |(one, other)| {
            let mut swapped = words.clone();
            swapped.swap(one, other);
            swapped.join(" ")
        };
        different.map(swap).collect()
    }

    #[test]
    #[ignore = "another test runs it, as a process that writes no snapshots"]
    fn no_alteration_is_taken() {
        let snapshots = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("snapshots");
        let folder = camino_tempfile::tempdir().unwrap();
        for entry in snapshots.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            let file = fs::read_to_string(&path).unwrap();
            let (head, text) = file.rsplit_once("---\n").unwrap();
            let is_taken = |snapshot: &str| {
                let own = folder.path().join(path.file_name().unwrap());
                fs::write(own, format!("{head}---\n{snapshot}")).unwrap();
                catch_unwind(|| assert_text(folder.path(), path.file_stem().unwrap(), "", text, &())).is_ok()
            };
            assert!(is_taken(text), "{path} as it is");
            let altered = alterations(text);
            assert!(!altered.is_empty(), "{path} says nothing");
            for altered in altered {
                assert!(!is_taken(&altered), "{path} is taken for\n{altered}");
            }
        }
    }

    #[test]
    fn each_line_and_each_name_counts() {
        let this = "scenario::snapshot::tests::no_alteration_is_taken";
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", this, "--ignored"]).env("INSTA_UPDATE", "no").env("RUST_BACKTRACE", "0");
        let output = command.env_remove("INSTA_FORCE_PASS").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let end = said.rfind("panicked at").map_or("", |place| &said[place..]);
        assert!(output.status.success() && said.contains("1 passed"), "{end}");
    }
}
