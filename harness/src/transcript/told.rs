//! What is told of a frame, as numbers: words are made of them where they are read.

use std::time::Duration;

use super::{
    Exchange, Part,
    letter::Letter,
    saying::Saying,
    vocabulary::{Name, Tags},
};

/// A frame in a transcript. The names are those of the transcripts' [`Vocabulary`](super::Vocabulary).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) at: Duration,
    pub(crate) words: Words,
    pub(crate) exchange: Exchange<Name>,
    pub(crate) part: Part,
}

/// Who says what to whom: the same at each point that sees a frame, and in each copy of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Words {
    pub(crate) source: Name,
    pub(crate) destination: Name,
    pub(crate) tags: Option<Tags>,
    pub(crate) saying: Saying<Name, Letter>,
}
