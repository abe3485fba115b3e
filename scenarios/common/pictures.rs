//! Pictures against the snapshots in `snapshots/`.

use harness::capture::Pictures;

use super::LeasedLab;

/// Asserts both sides' pictures of a path that may be broken.
#[track_caller]
pub fn assert_rows(lab: &LeasedLab, name: &str, pictures: &Pictures) {
    lab.assert_rows(name, pictures);
}

/// Asserts both sides' pictures: `NAME.machines.snap`, and `NAME.switch.snap` where there is a host. Both are
/// shown where both differ.
#[track_caller]
pub fn assert_pictures(lab: &LeasedLab, name: &str, pictures: &Pictures) {
    lab.assert_pictures(name, pictures);
}
