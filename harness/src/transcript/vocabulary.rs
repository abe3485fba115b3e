//! What the numbers in a transcript stand for.

use foldhash::fast::RandomState;
use indexmap::IndexSet;

/// A name, as its number: two are the same name where they are the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name(u32);

/// The VLAN tags of a frame that has some, as the number of their list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Tags(u32);

/// Things, each once, in the order in which they were first seen.
pub(crate) type Numbered<T> = IndexSet<T, RandomState>;

/// The names and the tags of all transcripts of a scenario.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    names: Numbered<String>,
    tags: Numbered<Vec<u16>>,
}

impl Vocabulary {
    pub(super) fn name(&mut self, text: impl Into<String>) -> Name {
        Name(number(self.names.insert_full(text.into()).0))
    }

    pub(crate) fn text(&self, name: Name) -> &str {
        self.names.get_index(name.0 as usize).map_or("", String::as_str)
    }

    /// The tags of these VLANs, the outer first; most frames have none.
    pub(super) fn tags(&mut self, vlans: &[u16]) -> Option<Tags> {
        (!vlans.is_empty()).then(|| Tags(number(self.tags.insert_full(vlans.to_vec()).0)))
    }

    pub(crate) fn vlans(&self, tags: Option<Tags>) -> &[u16] {
        tags.and_then(|tags| self.tags.get_index(tags.0 as usize)).map_or(&[], Vec::as_slice)
    }
}

/// The same numbers stand for the same.
impl PartialEq for Vocabulary {
    fn eq(&self, other: &Self) -> bool {
        self.names.as_slice() == other.names.as_slice() && self.tags.as_slice() == other.tags.as_slice()
    }
}

impl Eq for Vocabulary {}

/// The number of what has this place among all that was seen.
pub(crate) fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
