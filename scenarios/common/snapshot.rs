//! A text against its snapshot in `snapshots/`, with what blessed it.

use harness::report::Difference;
use serde::Serialize;

use super::lab::LeasedLab;

/// What blessed a snapshot: metadata, not compared.
#[derive(Serialize)]
struct Blessed<'a> {
    provider: String,
    machines: &'a str,
    kernels: Vec<&'a String>,
}

/// Asserts a text: `NAME.snap`.
#[track_caller]
pub fn assert_snapshot(lab: &LeasedLab, name: &str, title: &str, text: &str) {
    let expected = expected(name);
    if expected.trim() != text.trim() {
        lab.differs(Difference { title: title.to_owned(), expected, seen: text.to_owned() });
    }
    let facts = lab.facts();
    let blessed = Blessed {
        provider: facts.provider.to_string(),
        machines: &facts.machines,
        kernels: facts.kernels.values().collect(),
    };
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_description(title);
    settings.set_info(&blessed);
    settings.bind(|| insta::assert_snapshot!(name, text));
    lab.is_judged();
}

/// What a snapshot's file has behind its two heading lines of three dashes; nothing, where there is none.
fn expected(name: &str) -> String {
    let path = format!("{}/snapshots/{name}.snap", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.splitn(3, "---\n").nth(2).unwrap_or_default().to_owned()
}
