//! A failing scenario's lab, held for a person to look at.

use std::{
    env,
    fs::File,
    io::{self, BufRead as _, BufReader, Write as _},
};

use crate::lab::Lab;

/// The variable that asks for it.
const VARIABLE: &str = "LAB_PAUSE";
const TERMINAL: &str = "/dev/tty";

/// Holds the lab until somebody presses Enter, where `LAB_PAUSE` asks for that. The scenario keeps its lease meanwhile, and
/// the lab's keeper gives the guards their signs of life.
pub(super) fn pause(lab: &Lab, scenario: &str) {
    if env::var_os(VARIABLE).is_none_or(|value| value.is_empty() || value == "0") {
        return;
    }
    // Not the standard streams: libtest captures what is written there, and nextest has none to read from.
    let terminal = File::options().read(true).write(true).open(TERMINAL);
    if let Err(error) = terminal.and_then(|terminal| hold(lab, scenario, &terminal)) {
        eprintln!("{VARIABLE}: the lab can't be held for a look at {scenario}: {TERMINAL}: {error}");
    }
}

fn hold(lab: &Lab, scenario: &str, mut terminal: &File) -> io::Result<()> {
    // Scenarios in other labs may fail meanwhile: they are told one after another.
    terminal.lock()?;
    terminal.write_all(told(lab, scenario)?.as_bytes())?;
    let mut line = String::new();
    BufReader::new(terminal).read_line(&mut line).map(drop)
}

/// How to get in, and what to look at.
fn told(lab: &Lab, scenario: &str) -> io::Result<String> {
    let entrances = lab.entrances()?;
    let width = entrances.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let ways: String = entrances.iter().map(|(name, way)| format!("  {name:width$}  {way}\n")).collect();
    let folder = lab.folder();
    Ok(format!(
        "\n{scenario} failed, and its lab is held ({VARIABLE}). The ways in:\n{ways}To look at there: ip -d address; ip neigh; ip \
         route; tcpdump -ni any; on the host bridge -d link and nft list ruleset\nWhat was captured: {folder}\nWhat it shows: lab \
         trace {folder}\nEnter lets the lab go and the run go on. "
    ))
}
