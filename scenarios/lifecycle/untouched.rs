//! What a lab must not touch on the machine that it runs on.

use std::{collections::BTreeSet, fs};

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Untouched {
    links: BTreeSet<String>,
    mounts: BTreeSet<String>,
    namespaces: BTreeSet<String>,
}

impl Untouched {
    pub(super) fn now() -> Self {
        Self {
            links: names("/sys/class/net"),
            mounts: (fs::read_to_string("/proc/self/mounts")
                .expect("there are mounts")
                .lines()
                .map(str::to_owned))
            .collect(),
            namespaces: names("/run/netns"),
        }
    }
}

pub(super) fn names(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}
