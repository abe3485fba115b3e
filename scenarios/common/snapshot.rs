//! A text against its snapshot in `snapshots/`, with what blessed it.

use harness::lab::Lab;
use serde::Serialize;

/// What blessed a snapshot: metadata, not compared.
#[derive(Serialize)]
struct Blessed<'a> {
    provider: String,
    machines: &'a str,
    kernels: Vec<&'a String>,
}

/// Asserts a text: `NAME.snap`.
#[track_caller]
pub fn assert_snapshot(lab: &Lab, name: &str, title: &str, text: &str) {
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
}
