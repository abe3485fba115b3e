//! The scenarios: each arranges containers on two machines, captures everywhere, pings, and judges
//! the frames. None of them knows what the machines are.

mod common;
mod macvlan;
mod tutorial;
