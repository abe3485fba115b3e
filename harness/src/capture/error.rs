//! Captures that can't be had or can't be judged by.

use camino::Utf8PathBuf;

use crate::{lab::LabError, machine::CommandError, picture::PictureError};

/// A scenario without a judgeable recording.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum CaptureError {
    /// The evidence is not good enough: neither pass nor fail.
    #[error("inconclusive: {}\n\n{ladder}", weaknesses.join("; "))]
    #[diagnostic(help(
        "what was captured is in {folder}; `lab trace {folder}` says what it shows all the same"
    ))]
    Inconclusive {
        /// What is wrong with it, a sentence for each capture.
        weaknesses: Vec<String>,
        /// What the good captures show, as a diagram; empty where nothing was asked.
        ladder: String,
        /// The scenario's folder.
        folder: Utf8PathBuf,
    },
    /// Frames that nobody in a lab of our own should speak.
    #[error("frames of an unexpected kind in a lab where nobody else speaks: {}", kinds.join("; "))]
    #[diagnostic(help("the captures are in {folder}"))]
    Bystanders {
        /// The kinds, how many of each, and where.
        kinds: Vec<String>,
        /// The scenario's folder.
        folder: Utf8PathBuf,
    },
    /// A machine's kernel complained of itself during the exchange.
    #[error("{machine}'s kernel complained: {}", lines.join("; "))]
    #[diagnostic(help("its log is in {folder}/state.json"))]
    Kernel {
        /// The machine.
        machine: String,
        /// The lines of its log.
        lines: Vec<String>,
        /// The scenario's folder.
        folder: Utf8PathBuf,
    },
    /// The lab failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Lab(#[from] LabError),
    /// A command failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Command(#[from] CommandError),
    /// The transcripts make no picture.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Picture(#[from] PictureError),
}
