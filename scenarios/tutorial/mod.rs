//! The tutorial, step by step.

mod reachability;
