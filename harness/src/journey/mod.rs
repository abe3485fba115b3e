//! One frame followed across all vantage points, against the way that the topology says it takes.

mod captured;
mod follow;
mod followed;
mod model;
mod parties;
mod probe;
mod reflections;
mod route;
mod station;
mod way;

pub use captured::Captured;
pub use follow::follow;
pub use model::Journey;
pub use probe::{ParseProbeError, Probe};
pub use station::{Expectation, Sighting, Station};
