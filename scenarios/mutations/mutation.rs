//! One entry of the catalogues.

use harness::diagnosis::Happening;
use serde::{Deserialize, Serialize};

use super::{injection::Step, scenario::Scenario};

/// What is injected, and what must be said of it.
#[derive(Clone, Copy, Debug)]
pub struct Mutation<'a> {
    /// What the gate must make of it.
    pub kind: Kind,
    /// How it is made, in this order.
    pub steps: &'a [Step],
    /// What it is crossed with.
    pub crossed: &'a [Scenario],
    /// The places that may be named; none for what is no fault.
    pub places: &'a [Place],
    /// The causes that are right. `unknown` always may be said.
    pub causes: &'a [&'a str],
}

/// What the gate must make of a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Some scenario goes red.
    Fault,
    /// Every scenario goes red: who must not meet do. There is no place where anything is lost.
    Breach,
    /// All scenarios are inconclusive.
    Attack,
    /// No scenario goes red.
    Benign,
}

/// Where a fault is, what it does, and to which frame: as a verdict of a scenario tells it, word for word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// What happens there.
    pub happening: Happening,
    /// To which frame, with `FROM` and `TO` for the scenario's ends.
    pub frame: &'static str,
    /// Where.
    pub at: At,
    /// Where an answer came in that led it astray.
    pub stranger_at: Option<&'static str>,
}

/// Where something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Between two neighbours on the frame's way: the one that is nearer to its sender first, whichever that is in a scenario.
    Between(&'static str, &'static str),
    /// Between the same, for a frame that goes from the first to the second and no other.
    FromTo(&'static str, &'static str),
    /// The one point.
    Point(&'static str),
    /// Behind the one point the frame should not have come to the other.
    Astray(&'static str, &'static str),
}

/// The frames of a ping with cold caches.
pub const QUESTION: &str = "ARP request who-has TO tell FROM";
pub const ANSWER: &str = "ARP reply TO is-at TO";
pub const ECHO: &str = "echo request seq 1";
pub const ECHO_REPLY: &str = "echo reply seq 1";
/// What a probe is before anything of it was seen.
pub const NOTHING_YET: &str = "ARP request or echo request";

impl Place {
    /// A frame is seen at one of two neighbours and not at the other.
    pub const fn lost(frame: &'static str, (one, other): (&'static str, &'static str)) -> Self {
        Self { happening: Happening::Lost, frame, at: At::Between(one, other), stranger_at: None }
    }

    /// It arrives there, and nothing comes of it.
    pub const fn unanswered(frame: &'static str, point: &'static str) -> Self {
        Self { happening: Happening::Unanswered, frame, at: At::Point(point), stranger_at: None }
    }

    /// It does not leave.
    pub const fn never_sent(frame: &'static str, point: &'static str) -> Self {
        Self { happening: Happening::NeverSent, frame, at: At::Point(point), stranger_at: None }
    }

    /// Something else than a loss happens to it between two neighbours.
    pub const fn turned(
        happening: Happening,
        frame: &'static str,
        (one, other): (&'static str, &'static str),
    ) -> Self {
        Self { happening, frame, at: At::Between(one, other), stranger_at: None }
    }

    /// A stranger's frame comes in.
    pub const fn entered(frame: &'static str, point: &'static str) -> Self {
        Self { happening: Happening::Unexpected, frame, at: At::Point(point), stranger_at: None }
    }

    /// The same, since a stranger has answered, whose answer came in at a point.
    pub const fn by_a_stranger_at(self, point: &'static str) -> Self {
        Self { stranger_at: Some(point), ..self }
    }

    /// The same, for whatever goes that way.
    pub const fn one_way(self) -> Self {
        let at = match self.at {
            At::Between(one, other) => At::FromTo(one, other),
            at => at,
        };
        Self { at, ..self }
    }
}
