//! Nothing in a snapshot can be altered without a difference.

use std::fs;

use camino::Utf8Path;
use insta::{Snapshot, internals::SnapshotContents};

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

/// What insta compares of a snapshot's file.
fn contents(path: &Utf8Path) -> SnapshotContents {
    Snapshot::from_file(path.as_std_path()).unwrap().contents().clone()
}

#[test]
fn each_line_and_each_name_counts() {
    let snapshots = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("snapshots");
    let folder = camino_tempfile::tempdir().unwrap();
    for entry in snapshots.read_dir_utf8().unwrap() {
        let path = entry.unwrap().into_path();
        let (file, expected) = (fs::read_to_string(&path).unwrap(), contents(&path));
        let (head, text) = file.rsplit_once("---\n").unwrap();
        let written = |text: &str| {
            let own = folder.path().join(path.file_name().unwrap());
            fs::write(&own, format!("{head}---\n{text}")).unwrap();
            contents(&own)
        };
        assert!(written(text) == expected, "{path} as it is");
        let altered = alterations(text);
        assert!(!altered.is_empty(), "{path} says nothing");
        for altered in altered {
            assert!(written(&altered) != expected, "{path} is taken for\n{altered}");
        }
    }
}
