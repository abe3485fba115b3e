//! The tutorial, step by step, and what it concludes.

mod another_subnet;
mod conclusions;
mod reachability;
mod set_up;
mod stale_neighbours;
