//! A text against its snapshot, with what blessed it.

use serde::Serialize;

use super::LeasedLab;
use crate::report::Difference;

/// What blessed a snapshot: metadata, not compared.
#[derive(Serialize)]
struct Blessed<'a> {
    provider: String,
    machines: &'a str,
    kernels: Vec<&'a String>,
}

impl LeasedLab {
    /// Asserts a text: `NAME.snap` in the suite's folder of snapshots. The title says what it is.
    ///
    /// # Panics
    /// Where it differs, with insta's diff.
    #[track_caller]
    pub fn assert_snapshot(&self, name: &str, title: &str, text: &str) {
        self.saw(name, text);
        let expected = self.expected(name);
        if expected.trim() != text.trim() {
            self.differs(Difference { title: title.to_owned(), expected, seen: text.to_owned() });
        }
        let facts = self.facts();
        let blessed = Blessed {
            provider: facts.provider.to_string(),
            machines: &facts.machines,
            kernels: facts.kernels.values().collect(),
        };
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(self.snapshots());
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.set_description(title);
        settings.set_info(&blessed);
        settings.bind(|| insta::assert_snapshot!(name, text));
        self.is_judged();
    }

    /// What a snapshot's file has behind its two heading lines of three dashes; nothing, where there is none.
    pub fn expected(&self, name: &str) -> String {
        let path = self.snapshots().join(format!("{name}.snap"));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.splitn(3, "---\n").nth(2).unwrap_or_default().to_owned()
    }
}
