//! The frames that a judgement rests on.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use crate::{frame::Frame, vantage_point::VantagePoint};

/// The frames of each capture, in the order of its file. A copy shares them until one of the two is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captured(Arc<Vec<(VantagePoint, Vec<Frame>)>>);

impl From<Vec<(VantagePoint, Vec<Frame>)>> for Captured {
    fn from(captures: Vec<(VantagePoint, Vec<Frame>)>) -> Self {
        Self(Arc::new(captures))
    }
}

impl Deref for Captured {
    type Target = Vec<(VantagePoint, Vec<Frame>)>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Captured {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}
