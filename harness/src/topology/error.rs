//! What can be wrong with a topology file, and where.

use std::ops::Range;

use camino::Utf8PathBuf;
use miette::{Diagnostic, NamedSource, SourceSpan};

/// A topology file that can't be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[non_exhaustive]
pub enum TopologyError {
    /// The file could not be read.
    #[error("failed to read the topology file {path}")]
    Unreadable {
        /// The file.
        path: Utf8PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something that no lab can be made of.
    #[error("{message} ({}:{line})", text.name())]
    Invalid {
        /// What is wrong.
        message: String,
        /// The line that holds the offending text, from 1.
        line: usize,
        /// The whole file.
        #[source_code]
        text: NamedSource<String>,
        /// The offending text.
        #[label("{label}")]
        span: SourceSpan,
        /// What the offending text is.
        label: String,
        /// What to do about it.
        #[help]
        help: Option<String>,
    },
}

/// A topology file's text, to point into.
pub(super) struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl<'a> Source<'a> {
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text }
    }

    pub(super) fn syntax(&self, error: &toml::de::Error) -> TopologyError {
        let span = error.span().unwrap_or(0..0);
        self.invalid(span, error.message().to_owned(), "here", None)
    }

    pub(super) fn invalid(
        &self,
        span: Range<usize>,
        message: String,
        label: &str,
        help: Option<&str>,
    ) -> TopologyError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        TopologyError::Invalid {
            message,
            line: before.matches('\n').count() + 1,
            text: NamedSource::new(self.name, self.text.to_owned()).with_language("toml"),
            span: span.into(),
            label: label.to_owned(),
            help: help.map(str::to_owned),
        }
    }
}
