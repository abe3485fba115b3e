//! What the harness takes, beside others that do the same: `make bench`, or `cargo bench --bench side_by_side -- decode scenario`
//! for some of it.
//!
//! All of a table's figures are of one run on one machine, which it describes; a ratio is of two figures of the same run.
//! The table is printed, and kept in `benches/RESULTS.md` where everything was measured.

mod bring_up;
mod commands;
mod cpu;
mod decode;
mod generated_capture;
mod hyperfine;
mod lab;
mod masters;
mod memory;
mod passes;
mod peers;
mod restore;
mod round_trips;
mod saved_pair;
mod scaling;
mod scenario;
mod suite;
mod table;
mod this_machine;

use std::{env, fs};

use camino::Utf8Path;
use peers::Peers;
use table::Table;

/// A part of the table, which fills its rows.
type Part = fn(&Peers, &mut Table) -> miette::Result<()>;

const PARTS: [(&str, Part); 7] = [
    ("decode", decode::measure),
    ("passes", passes::measure),
    ("scenario", scenario::measure),
    ("bring-up", bring_up::measure),
    ("restore", restore::measure),
    ("commands", commands::measure),
    ("scaling", scaling::measure),
];

fn main() -> miette::Result<()> {
    // cargo adds `--bench`.
    let asked: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let Some(unknown) = asked.iter().find(|word| PARTS.iter().all(|(name, _)| name != word)) {
        let names = PARTS.map(|(name, _)| name).join(", ");
        miette::bail!("{unknown} is no part of the table: those are {names}");
    }
    let peers = Peers::install()?;
    let mut table = Table::default();
    for (name, measure) in PARTS {
        if asked.is_empty() || asked.iter().any(|word| word == name) {
            eprintln!("measuring: {name}");
            // One that fails leaves the others their rows.
            if let Err(error) = measure(&peers, &mut table) {
                eprintln!("{error:?}");
                table.note(name, "not measured".to_owned(), &error.to_string(), false);
            }
        }
    }
    let results = format!("{}\n{table}{}", this_machine::description(), peers.missing());
    println!("{results}");
    if asked.is_empty() {
        let path = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/RESULTS.md");
        let explained = format!("# What it takes\n\nWritten by `make bench`.\n\n{results}");
        fs::write(&path, explained).map_err(|error| miette::miette!("failed to write {path}: {error}"))?;
    }
    Ok(())
}
