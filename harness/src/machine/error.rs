//! A command that did not do what it should.

use std::{fmt::Display, io, process::ExitStatus, time::Duration};

use super::remedy::remedy;

/// A command that failed on a machine.
#[derive(Debug, thiserror::Error)]
#[error("failed to run `{command}` on {machine}: {failure}")]
pub struct CommandError {
    /// The machine that ran it.
    pub machine: String,
    /// The command, or the script's step, that failed.
    pub command: String,
    /// How it failed.
    pub failure: Failure,
}

impl miette::Diagnostic for CommandError {
    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        remedy(self).map(|remedy| Box::new(remedy) as Box<dyn Display>)
    }
}

/// The ways in which a command fails.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// It ran and said no.
    #[error("{status}: {}", if stderr.is_empty() { "it printed no error" } else { stderr })]
    Exit {
        /// Its exit status.
        status: ExitStatus,
        /// What it printed to standard error.
        stderr: String,
    },
    /// It had not ended when its time was over.
    #[error("it had not ended after {} s", waited.as_secs())]
    Deadline {
        /// The time that it was given.
        waited: Duration,
    },
    /// The SSH session did not carry it. A command killed by a signal looks the same (openssh).
    #[error("the ssh session to the machine broke: {}", chain(source))]
    Session {
        /// What openssh says.
        source: openssh::Error,
    },
    /// The host could not start it or read from it.
    #[error("{source}")]
    Io {
        /// What the system says.
        source: io::Error,
    },
    /// What it printed was not of the form expected.
    #[error("its output can't be read: {reason}")]
    Output {
        /// What was wrong with it.
        reason: String,
    },
}

/// An error and all that caused it, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| {
        let cause = cause.to_string();
        if text.contains(&cause) { text } else { format!("{text}: {cause}") }
    })
}

/// An error with all that caused it and what to do about it, in one line.
pub(crate) fn chain_with_help<E: std::error::Error + miette::Diagnostic>(error: &E) -> String {
    let help = error.help().map(|help| format!(" ({help})")).unwrap_or_default();
    chain(error) + &help
}
