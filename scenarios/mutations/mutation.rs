//! One entry of the catalogues.

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
    /// Some scenario is inconclusive, and none is red.
    Attack,
    /// No scenario goes red.
    Benign,
}

/// Where a fault is, as a verdict tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Between two neighbours on the way, whatever the direction.
    Between(&'static str, &'static str),
    /// The frame came here last, and nothing followed.
    At(&'static str),
    /// Nothing left here.
    From(&'static str),
    /// What should not be there was first seen here.
    Entered(&'static str),
}
