//! What a test suite needs around its scenarios: a lab by name, pictures against snapshots, and an end that is told.
//!
//! ```no_run
//! # async fn scenario(suite: harness::scenario::Suite) -> miette::Result<()> {
//! use harness::picture::Order;
//!
//! let lab = suite.lab("docker1_pings_docker2").await?;
//! let containers = lab.set_up().await?;
//!
//! let captures = lab.capture_everywhere(&containers).await?;
//! let ping = lab.ping("docker1", "docker2")?.send().await?;
//! let recording = captures.finish().await?;
//!
//! lab.assert_pictures("docker1_pings_docker2", &recording.pictures(&containers.owners, Order::Whole)?);
//! assert!(ping.is_answered(), "{}", ping.output);
//! # Ok(())
//! # }
//! ```

mod error;
mod interrupt;
mod leased_lab;
mod pause;
mod pictures;
mod snapshot;
mod suite;

pub use error::ScenarioError;
pub use leased_lab::LeasedLab;
pub use suite::Suite;
