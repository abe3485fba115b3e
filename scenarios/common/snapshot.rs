//! A text against its snapshot in `snapshots/`.

use super::LeasedLab;

/// Asserts a text: `NAME.snap`.
#[track_caller]
pub fn assert_snapshot(lab: &LeasedLab, name: &str, title: &str, text: &str) {
    lab.assert_snapshot(name, title, text);
}
