//! One frame in words.

use std::{fmt, time::Duration};

use super::{Exchange, Part, Text, Vocabulary, told::Told};

/// A frame as a transcript tells it. Its [`Display`](fmt::Display) is who speaks to whom, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    told: &'a Told,
    vocabulary: &'a Vocabulary,
}

impl<'a> Line<'a> {
    pub(crate) fn new(told: &'a Told, vocabulary: &'a Vocabulary) -> Self {
        Self { told, vocabulary }
    }

    /// When the vantage point's kernel saw it, since the Unix epoch. Clocks of different machines
    /// are never compared.
    pub fn at(self) -> Duration {
        self.told.at
    }

    /// The owner of the Ethernet source.
    pub fn source(self) -> &'a str {
        self.vocabulary.text(self.told.words.source)
    }

    /// The owner of the Ethernet destination.
    pub fn destination(self) -> &'a str {
        self.vocabulary.text(self.told.words.destination)
    }

    /// Its VLAN tags, the outer first.
    pub fn vlans(self) -> &'a [u16] {
        self.vocabulary.vlans(self.told.words.tags)
    }

    /// What it says, in tcpdump's terms, and before that its tags.
    pub fn text(self) -> Text<'a> {
        Text::new(&self.told.words, self.vocabulary)
    }

    /// The exchange that it is part of.
    pub fn exchange(self) -> Exchange<&'a str> {
        self.told.exchange.map(|name| self.vocabulary.text(name))
    }

    /// Its part in that.
    pub fn part(self) -> Part {
        self.told.part
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} > {}  {}", self.source(), self.destination(), self.text())
    }
}
