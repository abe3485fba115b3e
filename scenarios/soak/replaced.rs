//! Labs that were replaced or did not come up as they should: no test tells it, since the next lab has everything.
//!
//! None of these scenarios spoils its lab by design. Those that do (`hazardous`, and some of `faults`) are not among them.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::failure::{Failure, Kind};

/// A keeper's words, and the kind of failure that they stand for.
const WORDS: [(&str, Kind); 8] = [
    ("the restored machines are put away", Kind::Boot),
    ("is of no use and removed", Kind::Boot),
    ("can't be used now, the machines boot", Kind::Boot),
    ("can't be read, the machines boot", Kind::Boot),
    ("the machines boot once more", Kind::Boot),
    ("the lab is not clean and is replaced", Kind::Other),
    ("a node or the ssh connection to it ended", Kind::Other),
    ("the guard is gone", Kind::Other),
];
/// The last that a keeper says.
const LAST_WORDS: &str = "the keeper ends";

/// The replacements that the keepers of a run have told, and keepers that were not heard to end, as all must have by then.
pub fn in_run(folder: &Utf8Path) -> Vec<Failure> {
    logs(folder).iter().flat_map(|log| in_log(&fs::read_to_string(log).unwrap_or_default())).collect()
}

fn logs(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let entries = folder.read_dir_utf8().into_iter().flatten().filter_map(Result::ok);
    let paths = entries.filter(|entry| !entry.path().is_symlink()).map(|entry| entry.into_path());
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let here = files.into_iter().filter(|path| path.file_name() == Some("keeper.log"));
    here.chain(folders.iter().flat_map(|folder| logs(folder))).collect()
}

fn in_log(log: &str) -> Vec<Failure> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    // Its commands are others' words.
    let said = lines.filter(|line| line["level"] != "DEBUG").map(|line| words(&line["fields"]));
    let said: Vec<String> = said.collect();
    let failure = |kind, told: &str| Failure { test: "a lab".to_owned(), kind, told: told.to_owned() };
    let replaced = said.iter().filter_map(|said| {
        let (_, kind) = WORDS.iter().find(|(words, _)| said.contains(words))?;
        Some(failure(*kind, said))
    });
    let ended = said.iter().any(|said| said.contains(LAST_WORDS));
    let silent = (!ended).then(|| failure(Kind::Other, "its keeper ended without a word"));
    replaced.chain(silent).collect()
}

fn words(fields: &Value) -> String {
    let values = fields.as_object().into_iter().flat_map(|fields| fields.values());
    values.filter_map(Value::as_str).collect::<Vec<_>>().join(": ")
}

#[rstest::rstest]
#[case::nothing(r#"{"level":"INFO","fields":{"message":"the keeper ends"}}"#, None)]
#[case::a_command(
    r#"{"level":"DEBUG","fields":{"message":"run","script":"the lab is not clean and is replaced"}}"#,
    None
)]
#[case::dead("", Some(Kind::Other))]
#[case::spoiled(
    r#"{"level":"WARN","fields":{"message":"the lab is not clean and is replaced","why":"after a it was not as before: b"}}"#,
    Some(Kind::Other)
)]
#[case::restored(
    r#"{"level":"INFO","fields":{"event.text":"the restored machines are put away, others boot: ssh did not connect"}}"#,
    Some(Kind::Boot)
)]
#[case::snapshot(
    r#"{"level":"INFO","fields":{"event.text":"the snapshot in /c is of no use and removed, the machines boot: x"}}"#,
    Some(Kind::Boot)
)]
fn a_replacement_is_a_failure(#[case] log: &str, #[case] kind: Option<Kind>) {
    let ends = r#"{"level":"INFO","fields":{"message":"the keeper ends"}}"#;
    let log = if log.is_empty() { String::new() } else { format!("{log}\n{ends}\n") };
    let found = in_log(&format!("no JSON\n{log}"));
    assert_eq!(found.first().map(|failure| failure.kind), kind);
}

/// What is looked for is what is said.
#[test]
fn keepers_say_these_words() {
    let sources = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/src");
    let files = ["keeper/held.rs", "keeper/keep.rs", "keeper/leases.rs", "provider/qemu/machines.rs"];
    let text: String =
        files.iter().map(|file| fs::read_to_string(sources.join(file)).expect("it is there")).collect();
    let unsaid: Vec<&str> = WORDS
        .iter()
        .map(|(words, _)| *words)
        .chain([LAST_WORDS])
        .filter(|words| !text.contains(words))
        .collect();
    assert!(unsaid.is_empty(), "no keeper says {unsaid:?}");
}
