//! One line of a checkup.

use serde::Serialize;

/// What was looked at, how it is, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The program, the file or the matter.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What is there: a version, a reason.
    pub told: String,
    /// How to get what is missing.
    pub fix: Option<Remedy>,
}

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// The lab runs without; slower, or with a risk that is told.
    Note,
    /// The lab can't run.
    Missing,
}

/// How to get what is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Remedy {
    /// Install Debian's and Ubuntu's package of this name.
    Package(String),
    /// Do what this says.
    Advice(String),
}

impl Finding {
    pub(super) fn ok(name: &str, told: impl Into<String>) -> Self {
        Self { name: name.to_owned(), state: State::Ok, told: told.into(), fix: None }
    }

    pub(super) fn note(name: &str, told: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Note, fix: Some(Remedy::Advice(advice.into())), ..Self::ok(name, told) }
    }

    pub(super) fn missing(name: &str, told: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Missing, ..Self::note(name, told, advice) }
    }
}
