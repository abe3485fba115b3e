//! What is concluded of a scenario that ended in failure as it should.

use harness::{diagnosis::Explanation, lab::Lab, run_folder::RunFolder};

/// Judges what the scenario has recorded, and asserts that it fails and why.
#[track_caller]
pub fn assert_fails_by(lab: &Lab, cause: &str) -> miette::Result<Explanation> {
    let case = RunFolder::open(lab.folder(), None)?.case(None)?;
    let found = case.judge().explain(&case);
    assert_eq!((found.verdict, found.cause.as_deref()), ("fail", Some(cause)), "{found}");
    Ok(found)
}
