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
    #[error("{first} saw {one} before {other}, and {second} saw it after")]
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
    /// No two points contradict each other, and yet there is no order that suits all of them.
    #[error("the vantage points' orders of these frames make a circle: {}", frames.join(", "))]
    Circular {
        /// The frames.
        frames: Vec<String>,
        /// All points' transcripts.
        #[help]
        transcripts: String,
    },
}

fn words(row: &Row) -> String {
    format!("`{} {}`", row.direction(), row.text)
}

impl PictureError {
    pub(super) fn circular(rows: &[Row], transcripts: &[&Transcript]) -> Self {
        Self::Circular {
            frames: rows.iter().map(words).collect(),
            transcripts: transcripts.iter().map(|transcript| listing(transcript)).collect(),
        }
    }

    pub(super) fn disagree(one: &Row, other: &Row, first: &Transcript, second: &Transcript) -> Self {
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
