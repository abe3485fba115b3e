//! Pictures against the snapshots in `snapshots/`.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use harness::{capture::Pictures, lab::Lab, picture::Picture};
use serde::Serialize;

/// What blessed a snapshot: metadata, not compared.
#[derive(Serialize)]
struct Blessed<'a> {
    provider: String,
    machines: &'a str,
    kernels: Vec<&'a String>,
}

/// Asserts both sides' pictures: `NAME.machines.snap`, and `NAME.switch.snap` where there is a host. Both are
/// shown where both differ.
#[track_caller]
pub fn assert_pictures(lab: &Lab, name: &str, pictures: &Pictures) {
    let title = name.replace('_', " ");
    let name = name.replace('-', "_");
    let assert = |side: &str, picture: &Picture| {
        let title = format!("{title}: the {side}'{} picture", if side.ends_with('s') { "" } else { "s" });
        let name = format!("{name}.{side}");
        catch_unwind(AssertUnwindSafe(|| assert_snapshot(lab, &name, &title, &picture.to_string())))
    };
    let machines = assert("machines", &pictures.machines);
    let switch = pictures.switch.as_ref().map_or(Ok(()), |switch| assert("switch", switch));
    if let Err(difference) = machines.and(switch) {
        eprintln!("{}", pictures.lost_ends.join("\n"));
        resume_unwind(difference);
    }
    assert!(pictures.lost_ends.is_empty(), "{}", pictures.lost_ends.join("\n"));
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
