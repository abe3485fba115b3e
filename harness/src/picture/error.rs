//! Why there is no picture.

use std::fmt::Write as _;

use super::Row;
use crate::{transcript::Transcript, vantage_point::VantagePoint};

/// Transcripts that make no picture.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum PictureError {
    /// Two vantage points saw two frames in different orders, and the scenario did not say that
    /// they run at the same time.
    #[error("{first} saw `{one}` before `{other}`, and {second} saw it after")]
    Disagree {
        /// The point that saw `one` first.
        first: VantagePoint,
        /// The point that saw `other` first.
        second: VantagePoint,
        /// A frame.
        one: String,
        /// Another frame.
        other: String,
        /// Both points' transcripts.
        #[help]
        transcripts: String,
    },
}

impl PictureError {
    pub(super) fn disagree(one: &Row, other: &Row, first: &Transcript, second: &Transcript) -> Self {
        let words = |row: &Row| format!("{} {}", row.direction(), row.text);
        Self::Disagree {
            first: first.point.clone(),
            second: second.point.clone(),
            one: words(one),
            other: words(other),
            transcripts: format!("{}{}", listing(first), listing(second)),
        }
    }
}

fn listing(transcript: &Transcript) -> String {
    let mut text = format!("{}:\n", transcript.point);
    for line in &transcript.lines {
        let _ = writeln!(text, "  {} > {}  {}", line.source, line.destination, line.text);
    }
    text
}
