//! What is the harness's own business to keep out and in, found in its sources and at its edges.

use std::{fs, process::Command};

use camino::{Utf8Path, Utf8PathBuf};
use harness::topology::Topology;
use proptest::prelude::*;

const TUTORIAL: &str = include_str!("../../fixtures/topologies/tutorial.toml");

/// The lines of all sources of the library and its command, with their files' paths.
fn source_lines() -> Vec<(String, String)> {
    let harness = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut lines = Vec::new();
    let mut folders = vec![harness.join("src"), harness.join("lab")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().expect("the folder can be listed") {
            let path: Utf8PathBuf = entry.expect("it can be listed").into_path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("rs") {
                let text = fs::read_to_string(&path).expect("it is text");
                let name = path.strip_prefix(harness).expect("it is the harness's").to_string();
                lines.extend(text.lines().map(|line| (name.clone(), line.trim().to_owned())));
            }
        }
    }
    lines
}

fn places(is_one: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = source_lines().into_iter().filter(|(_, line)| is_one(line));
    lines.map(|(file, line)| format!("{file}: {line}")).collect()
}

#[test]
fn code_is_unsafe_in_the_named_lines_only() {
    let allowed = places(|line| line.contains("allow(unsafe_code)"));
    let mut files: Vec<&str> = allowed.iter().filter_map(|place| place.split(": ").next()).collect();
    files.sort_unstable();
    let named = ["src/keeper/keep.rs", "src/keeper/keep.rs", "src/provider/qemu/time_stamp_counter.rs"];
    assert_eq!(files, named, "{allowed:#?}");
    assert!(allowed.iter().all(|place| place.contains("// ")), "a line says why: {allowed:#?}");
}

/// A name that can be guessed can be planted: as a link to where the file is to go.
#[test]
fn temporary_files_have_names_that_nobody_can_guess() {
    let guessable = places(|line| {
        let makes_one = line.contains("temp_dir()") || line.contains("\"/tmp/") || line.contains("{}/tmp/");
        makes_one && !line.starts_with("//")
    });
    assert!(guessable.is_empty(), "{guessable:#?}");
}

/// What the tutorial's topology has for each kind of name.
const NAMES: [&str; 6] = ["docker1", "node-1", "ens33", "bridge102", "macvlan1", "host-alias"];

fn hostile_name() -> impl Strategy<Value = String> {
    let special: Vec<char> = "'`$(){};&|<>*?[]#~!=% \t\n\r-/:.@_\u{1b}\u{202e}".chars().collect();
    let piece = prop_oneof![
        3 => "[a-z0-9]{1,3}",
        2 => proptest::sample::select(special).prop_map(String::from),
        1 => Just("$(id)".to_owned()),
    ];
    proptest::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

/// What `sh` makes of an unquoted word, and of what stands behind it.
fn sh(word: &str) -> String {
    let output = Command::new("sh").args(["-c", &format!("printf '%s|' {word} end")]).output();
    String::from_utf8_lossy(&output.expect("there is a shell").stdout).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1000, ..ProptestConfig::default() })]

    /// Scripts are full of a topology's names.
    #[test]
    fn a_name_that_a_topology_accepts_is_one_word_to_a_shell(name in hostile_name(), place in 0..NAMES.len()) {
        let topology = TUTORIAL.replacen("bridge =", "ssh = \"host-alias\"\nbridge =", 1);
        let hostile = topology.replace(&format!("\"{}\"", NAMES[place]), &toml_string(&name));
        prop_assert_ne!(&hostile, &topology);
        if Topology::parse("hostile.toml", &hostile).is_ok() {
            prop_assert!(!name.starts_with('-'), "{name:?} would be an option");
            prop_assert_eq!(sh(&name), format!("{name}|end|"));
        }
    }
}

fn toml_string(text: &str) -> String {
    serde_json::to_string(text).expect("text is a string in JSON, whose strings are TOML's too")
}
