//! A scenario that failed, and what kind of failure it is.

use std::fmt;

/// What failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There was no lab.
    Boot,
    /// Something took longer than its deadline.
    Deadline,
    /// Frames that nobody should have sent.
    UnexpectedFrame,
    /// The captures were not good enough to judge by.
    CaptureRace,
    /// A frame was lost.
    Loss,
    /// Something else: a picture that differs, or a scenario's own assertion.
    Other,
}

/// The words that tell a kind. The first that is said counts: captures that are late for a deadline's sake are too late,
/// and not badly captured.
const WORDS: [(Kind, &[&str]); 5] = [
    (Kind::Boot, &["there is no lab", "keeper ended without a word", "the lab's keeper"]),
    (Kind::Deadline, &["had not ended after", "waited "]),
    (Kind::UnexpectedFrame, &["frames of an unexpected kind", "it should not be there"]),
    (Kind::CaptureRace, &["inconclusive: "]),
    (
        Kind::Loss,
        &[
            "lost between",
            "and nothing answered",
            "never seen",
            "seen nowhere",
            "sent behind the exchange reached",
        ],
    ),
];

impl Kind {
    /// The kind of a failure that was told so.
    pub fn of(told: &str) -> Self {
        let is_said = |words: &[&str]| words.iter().any(|word| told.contains(word));
        WORDS.iter().find(|(_, words)| is_said(words)).map_or(Self::Other, |(kind, _)| *kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Boot => "boot",
            Self::Deadline => "deadline",
            Self::UnexpectedFrame => "unexpected frame",
            Self::CaptureRace => "capture race",
            Self::Loss => "real loss",
            Self::Other => "other",
        })
    }
}

/// One failure.
pub struct Failure {
    /// The test.
    pub test: String,
    pub kind: Kind,
    /// What it said, whole.
    pub told: String,
}

impl Failure {
    pub fn new(test: &str, told: &str) -> Self {
        Self { test: test.to_owned(), kind: Kind::of(told), told: told.to_owned() }
    }

    /// The line that says most in a table.
    pub fn summary(&self) -> &str {
        let is_of_words = |line: &&str| line.starts_with(char::is_alphanumeric);
        let lines = || self.told.lines().map(str::trim).filter(is_of_words);
        let error = lines().find(|line| line.starts_with("Error:"));
        error.or_else(|| lines().find(|line| !line.starts_with("thread "))).unwrap_or("it said nothing")
    }
}

#[rstest::rstest]
#[case::no_lab("Error: there is no lab: ssh did not connect to node-1", Kind::Boot)]
#[case::slow("failed to run `ip link` on node-1: it had not ended after 10 s", Kind::Deadline)]
#[case::slow_capture(
    "inconclusive: the capture at a/b was not ready: it had not ended after 5 s",
    Kind::Deadline
)]
#[case::bad_capture("inconclusive: the kernel dropped 3 frames at node-1/ens33", Kind::CaptureRace)]
#[case::stranger(
    "frames of an unexpected kind in a lab where nobody else speaks: 1 x MLD",
    Kind::UnexpectedFrame
)]
#[case::lost("fail: lost between node-1/ens33 and host/port-node-1", Kind::Loss)]
#[case::unanswered(
    "fail: echo request seq 1: docker2/macvlan1 ✓: it arrived at docker2/macvlan1, and nothing answered",
    Kind::Loss
)]
#[case::a_frame_too_many(
    "fail: ARP reply docker2 is-at ?1: docker1/macvlan1 ✓: it should not be there",
    Kind::UnexpectedFrame
)]
#[case::else_("assertion failed: ping.is_answered()", Kind::Other)]
fn a_failure_is_told_by_its_kind(#[case] told: &str, #[case] kind: Kind) {
    assert_eq!(Kind::of(told), kind);
}

/// What is looked for is what is said.
#[test]
fn failures_say_these_words() {
    let sources = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("harness/src");
    let text = sources_in(&sources);
    let words = WORDS.iter().flat_map(|(_, words)| words.iter());
    let unsaid: Vec<_> = words.filter(|words| !text.contains(**words)).collect();
    assert!(unsaid.is_empty(), "nobody says {unsaid:?}");
}

fn sources_in(folder: &camino::Utf8Path) -> String {
    let entries = folder.read_dir_utf8().expect("it is there").filter_map(Result::ok);
    let text = entries.map(|entry| match entry.path().is_dir() {
        true => sources_in(entry.path()),
        false => code_of(&std::fs::read_to_string(entry.path()).expect("it can be read")),
    });
    text.collect()
}

/// A source without its comments and its tests.
fn code_of(source: &str) -> String {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}
