//! What a snapshot says and what was seen, line by line.

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

/// A text that is not as its snapshot has it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Difference {
    /// Which text.
    pub title: String,
    /// The snapshot's.
    pub expected: String,
    /// What there is instead.
    pub seen: String,
}

impl Difference {
    pub(super) fn draw(&self) -> Markup {
        let difference = TextDiff::from_lines(&self.expected, &self.seen);
        html! {
            h4 { (self.title) }
            pre.difference {
                @for change in difference.iter_all_changes() {
                    @let (class, sign) = mark(change.tag());
                    span class=(class) { (sign) " " (change.value().trim_end_matches('\n')) } "\n"
                }
            }
        }
    }
}

fn mark(tag: ChangeTag) -> (&'static str, char) {
    match tag {
        ChangeTag::Equal => ("same", ' '),
        ChangeTag::Delete => ("expected", '-'),
        ChangeTag::Insert => ("seen", '+'),
    }
}
