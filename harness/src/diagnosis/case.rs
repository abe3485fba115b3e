//! All that a judgement is made from.

use super::Control;
use crate::{
    journey::{Captured, Probe},
    state::States,
    stimulus::Stimulus,
    topology::Topology,
    transcript::{Marker, Owners},
};

/// One probe's evidence.
#[derive(Clone, Debug)]
pub struct Case {
    /// The machines, and how they are connected.
    pub topology: Topology,
    /// What was asked.
    pub probe: Probe,
    /// Captures that are whole. A point without one is not known to have seen nothing.
    pub captures: Captured,
    /// What is wrong with the evidence, a sentence each.
    pub weaknesses: Vec<String>,
    /// Whose the addresses are.
    pub owners: Owners,
    /// The frames that closed the captures.
    pub markers: Vec<Marker>,
    /// What was sent, where it was recorded.
    pub stimulus: Option<Stimulus>,
    /// What the machines were like, as far as it was recorded.
    pub states: States,
    /// Further probes that tell causes apart, where some were made.
    pub controls: Vec<Control>,
}
