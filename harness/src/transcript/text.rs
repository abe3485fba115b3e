//! A frame's words.

use std::fmt;

use super::{Vocabulary, letter::Letter, saying::Saying, told::Words};

/// What a frame says, in tcpdump's terms, and before that its VLAN tags. Its [`Display`](fmt::Display) is the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'a> {
    vlans: &'a [u16],
    saying: Saying<&'a str, Letter>,
}

impl<'a> Text<'a> {
    pub(crate) fn new(words: &Words, vocabulary: &'a Vocabulary) -> Self {
        Self { vlans: vocabulary.vlans(words.tags), saying: words.saying.map(|name| vocabulary.text(name)) }
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", TagWords(self.vlans), self.saying)
    }
}

/// VLAN tags, the outer first, as they are told before what a frame says.
pub(super) struct TagWords<'a>(pub(super) &'a [u16]);

impl fmt::Display for TagWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|vlan| write!(f, "vlan {vlan}, "))
    }
}
