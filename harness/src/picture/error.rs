//! Why there is no picture.

use std::fmt::Write as _;

use super::rows::Rows;
use crate::vantage_point::VantagePoint;

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

fn words(row: usize, rows: &Rows<'_>) -> String {
    let line = rows.line(row);
    format!("`{} > {} {}`", line.source(), line.destination(), line.text())
}

impl PictureError {
    pub(super) fn circular(circle: &[usize], rows: &Rows<'_>) -> Self {
        Self::Circular {
            frames: circle.iter().map(|&row| words(row, rows)).collect(),
            transcripts: (0..rows.columns().len()).map(|column| listing(column, rows)).collect(),
        }
    }

    /// Two rows, and the columns that saw the one before the other and after it.
    pub(super) fn disagree(one: usize, other: usize, first: usize, second: usize, rows: &Rows<'_>) -> Self {
        let point = |column: usize| rows.columns()[column].point.clone();
        Self::Disagree {
            first: point(first),
            second: point(second),
            one: words(one, rows),
            other: words(other, rows),
            transcripts: format!("{}{}", listing(first, rows), listing(second, rows)),
        }
    }
}

fn listing(column: usize, rows: &Rows<'_>) -> String {
    let mut text = format!("{}:\n", rows.columns()[column].point);
    for line in rows.lines(column) {
        let _ = writeln!(text, "  {line}");
    }
    text
}
