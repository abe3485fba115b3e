//! What a ping is called.

use std::fmt;

/// The number of a ping among all, from 0: told as a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Letter(pub(super) u32);

impl From<Letter> for char {
    fn from(Letter(number): Letter) -> Self {
        Self::from_u32(u32::from('A').saturating_add(number)).unwrap_or('?')
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        char::from(*self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pings_are_lettered_from_a_and_where_there_is_no_letter_with_a_question_mark() {
        assert_eq!(
            [0, 1, 0xd800 - 0x41, u32::MAX].map(|number| char::from(Letter(number))),
            ['A', 'B', '?', '?']
        );
    }
}
