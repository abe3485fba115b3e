//! One frame followed across all vantage points, against the way that the topology says it takes.

mod follow;
mod parties;
mod probe;
mod reflections;
mod route;
mod station;
mod way;

pub use follow::{Journey, follow};
pub use probe::{ParseProbeError, Probe};
pub use station::{Expectation, Sighting, Station};
