//! What is the harness's own business to keep out and in, found in its sources and at its edges.

use std::{collections::BTreeMap, fs, process::Command};

use camino::{Utf8Path, Utf8PathBuf};
use harness::topology::Topology;
use proc_macro2::{TokenStream, TokenTree};
use proptest::prelude::*;

const TUTORIAL: &str = include_str!("../../fixtures/topologies/tutorial.toml");

/// The Rust files below a folder, but for what was built.
fn sources(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = folder.read_dir_utf8().expect("the folder can be listed");
    let paths = entries.map(|entry| entry.expect("it can be listed").into_path());
    let is_ours = |path: &Utf8PathBuf| {
        !path.is_symlink() && path.file_name().is_some_and(|name| name != "target" && !name.starts_with('.'))
    };
    let (folders, files): (Vec<_>, Vec<_>) = paths.filter(is_ours).partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension() == Some("rs"));
    files.chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

fn repository() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the harness is in the project")
}

fn name(path: &Utf8Path) -> String {
    path.strip_prefix(repository()).expect("it is the project's").to_string()
}

fn text(path: &Utf8Path) -> String {
    fs::read_to_string(path).expect("it is text")
}

/// How often one of the words is code: not in a comment, and not in text.
fn count(words: &[&str], code: TokenStream) -> usize {
    let in_one = |token| match token {
        TokenTree::Ident(ident) => usize::from(words.contains(&ident.to_string().as_str())),
        TokenTree::Group(group) => count(words, group.stream()),
        _ => 0,
    };
    code.into_iter().map(in_one).sum()
}

/// Whatever lets code be unsafe (`allow`, `expect`, alone or in a list, here or for a whole file), that has the word.
#[test]
fn code_is_unsafe_in_the_named_lines_only() {
    let mut found = BTreeMap::new();
    for path in sources(repository()) {
        let code: TokenStream = text(&path).parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        let [permitted, is] = [["unsafe_code"], ["unsafe"]].map(|words| count(&words, code.clone()));
        if permitted + is > 0 {
            found.insert(name(&path), (permitted, is));
        }
    }
    let named =
        [("harness/src/keeper/keep.rs", (2, 2)), ("harness/src/provider/qemu/time_stamp_counter.rs", (1, 1))];
    assert_eq!(found, named.map(|(file, counts)| (file.to_owned(), counts)).into());
    for (file, (permitted, _)) in named {
        let text = text(&repository().join(file));
        let told = text.lines().filter(|line| line.contains("unsafe_code") && line.contains("// ")).count();
        assert_eq!(told, permitted, "a line of {file} does not say why");
    }
}

/// What no file says may be said of a whole package. libFuzzer's entry is C's.
#[test]
fn packages_deny_unsafe_code() {
    let lints = |package: &str| text(&repository().join(package).join("Cargo.toml"));
    assert!(lints("").contains("\nunsafe_code = \"deny\"\n"));
    for package in ["", "harness"] {
        assert!(lints(package).contains("\n[lints]\nworkspace = true\n"), "{package:?}");
    }
    assert!(lints("fuzz").contains("\nunsafe_code = \"allow\"\n"));
}

/// A name that can be guessed can be planted: as a link to where the file is to go.
#[test]
fn temporary_files_have_names_that_nobody_can_guess() {
    let makes_one = |line: &&str| {
        let is_code = !line.starts_with("//");
        is_code && ["temp_dir()", "\"/tmp/", "{}/tmp/"].iter().any(|way| line.contains(way))
    };
    for path in ["harness/src", "harness/lab"].iter().flat_map(|folder| sources(&repository().join(folder))) {
        let text = text(&path);
        let guessable: Vec<&str> = text.lines().map(str::trim).filter(makes_one).collect();
        assert!(guessable.is_empty(), "{path}: {guessable:#?}");
    }
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
