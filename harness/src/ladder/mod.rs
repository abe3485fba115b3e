//! Journeys as a ladder diagram in text: vantage points are lanes, frames are arrows between them.

mod draw;
mod lane;
mod rung;

pub use draw::Ladder;
