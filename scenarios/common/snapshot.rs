//! Pictures against the snapshots in `snapshots/`.

use harness::{capture::Pictures, lab::Lab};
use serde::Serialize;

/// What blessed a snapshot: metadata, not compared.
#[derive(Serialize)]
struct Blessed<'a> {
    provider: String,
    machines: &'a str,
    kernels: Vec<&'a String>,
}

/// Asserts both sides' pictures: `NAME.machines.snap` and `NAME.switch.snap`.
#[track_caller]
pub fn assert_pictures(lab: &Lab, name: &str, pictures: &Pictures) {
    let title = name.replace('_', " ");
    let name = name.replace('-', "_");
    let text = pictures.machines.to_string();
    assert_snapshot(lab, &format!("{name}.machines"), &format!("{title}: the machines' picture"), &text);
    let text = pictures.switch.to_string();
    assert_snapshot(lab, &format!("{name}.switch"), &format!("{title}: the switch's picture"), &text);
}

/// Asserts facts as a text: `NAME.snap`.
#[track_caller]
pub fn assert_facts(lab: &Lab, name: &str, title: &str, facts: &str) {
    assert_snapshot(lab, name, title, facts);
}

fn assert_snapshot(lab: &Lab, name: &str, title: &str, text: &str) {
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
