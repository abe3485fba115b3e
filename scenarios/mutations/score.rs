//! The mutation score: what all the mutations of a run came to.

use std::{
    fs::{self, File},
    io::Write as _,
};

use camino::Utf8Path;
use miette::IntoDiagnostic as _;
use serde::{Deserialize, Serialize};

use super::mutation::Kind;
use crate::common::SUITE;

/// What became of one mutation.
#[derive(Debug, Serialize, Deserialize)]
pub struct Result {
    pub name: String,
    pub kind: Kind,
    /// How many scenarios it was crossed with, and what those said.
    pub crossed: usize,
    pub red: usize,
    pub inconclusive: usize,
    /// Whether every red verdict named the place.
    pub is_located: bool,
    /// The least of what was said of its cause.
    pub cause: Cause,
    /// The scenarios' own words.
    pub told: String,
}

/// What a verdict's cause is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cause {
    /// Nothing went red.
    None,
    Right,
    Unknown,
    Wrong,
}

impl Result {
    /// Of a mutation that nothing has been said of yet.
    pub fn begun(name: &str, kind: Kind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            crossed: 0,
            red: 0,
            inconclusive: 0,
            is_located: false,
            cause: Cause::None,
            told: String::new(),
        }
    }

    /// Whether the gate is right about it.
    pub fn is_right(&self) -> bool {
        match self.kind {
            Kind::Fault => self.red > 0 && self.is_located && self.cause != Cause::Wrong,
            Kind::Breach => self.red == self.crossed && self.crossed > 0 && self.cause != Cause::Wrong,
            // One that is green in spite of it would be green of a broken network too.
            Kind::Attack => self.inconclusive == self.crossed && self.crossed > 0,
            Kind::Benign => self.red == 0 && self.inconclusive == 0 && self.crossed > 0,
        }
    }

    /// Keeps it in the run's folder.
    pub fn write(&self) -> miette::Result<()> {
        let folder = SUITE.run_folder()?.join("mutations");
        fs::create_dir_all(&folder).into_diagnostic()?;
        let json = serde_json::to_vec_pretty(self).into_diagnostic()?;
        // Two of one name would count as one.
        let mut file = File::create_new(folder.join(format!("{}.json", self.name))).into_diagnostic()?;
        file.write_all(&json).into_diagnostic()
    }

    fn row(&self) -> String {
        let said = match (self.red, self.inconclusive) {
            (0, 0) => "green".to_owned(),
            (0, inconclusive) => format!("inconclusive {inconclusive}/{}", self.crossed),
            (red, _) => format!("red {red}/{}", self.crossed),
        };
        let place = match self.kind {
            Kind::Fault if self.is_located => "located",
            Kind::Fault => "NOT LOCATED",
            _ => "",
        };
        let cause = match self.cause {
            Cause::None => "",
            Cause::Right => "cause right",
            Cause::Unknown => "cause unknown",
            Cause::Wrong => "CAUSE WRONG",
        };
        let kind = format!("{:?}", self.kind).to_lowercase();
        let mark = if self.is_right() { "ok " } else { "NOT" };
        format!("{mark} {kind:7} {:60} {said:18} {place:12} {cause}", self.name)
    }
}

/// The table and the line of a run's results.
fn score(results: &[Result]) -> String {
    let of = |kind: Kind| results.iter().filter(move |result| result.kind == kind);
    let count = |kind: Kind, holds: fn(&Result) -> bool| of(kind).filter(|result| holds(result)).count();
    let faults = |holds: fn(&Result) -> bool| count(Kind::Fault, holds);
    let rows: String = results.iter().map(|result| format!("{}\n", result.row())).collect();
    format!(
        "{rows}{} faults, {} detected, {} located, {} causes right ({} unknown, {} wrong); \
         {} breaches of isolation, {} detected ({} causes wrong); {} attacks on the evidence, {} inconclusive; {} benign, {} red\n",
        faults(|_| true),
        faults(|result| result.red > 0),
        faults(|result| result.is_located),
        faults(|result| result.cause == Cause::Right),
        faults(|result| result.cause == Cause::Unknown),
        faults(|result| result.cause == Cause::Wrong),
        count(Kind::Breach, |_| true),
        count(Kind::Breach, |result| result.red > 0),
        count(Kind::Breach, |result| result.cause == Cause::Wrong),
        count(Kind::Attack, |_| true),
        count(Kind::Attack, Result::is_right),
        count(Kind::Benign, |_| true),
        count(Kind::Benign, |result| !result.is_right()),
    )
}

/// How many there must be at least. A catalogue that has lost its cases is no measure.
const AT_LEAST: [(Kind, usize); 4] =
    [(Kind::Fault, 87), (Kind::Breach, 7), (Kind::Attack, 17), (Kind::Benign, 50)];

/// Adds up what the last run of the mutations left: `make mutate-lab` calls it behind them, and tells it where by `LAB_RUNS`.
#[test]
#[ignore = "it adds up another run's results"]
fn total() -> miette::Result<()> {
    let runs = std::env::var("LAB_RUNS").into_diagnostic()?;
    let folder = Utf8Path::new(&runs).join("latest/mutations");
    let mut results = Vec::new();
    for entry in folder.read_dir_utf8().into_diagnostic()? {
        let text = fs::read(entry.into_diagnostic()?.path()).into_diagnostic()?;
        results.push(serde_json::from_slice::<Result>(&text).into_diagnostic()?);
    }
    results.sort_by(|one, other| (one.kind as u8, &one.name).cmp(&(other.kind as u8, &other.name)));
    let score = score(&results);
    fs::write(folder.with_file_name("score.txt"), &score).into_diagnostic()?;
    println!("{score}");
    let wrong: Vec<&str> =
        results.iter().filter(|result| !result.is_right()).map(|result| result.name.as_str()).collect();
    assert!(wrong.is_empty(), "the gate is wrong about {}", wrong.join(", "));
    for (kind, least) in AT_LEAST {
        let count = results.iter().filter(|result| result.kind == kind).count();
        assert!(count >= least, "{kind:?}: there are {count}, and were {least}");
    }
    Ok(())
}
