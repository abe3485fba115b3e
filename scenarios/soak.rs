//! The tutorial's scenarios and macvlan's again and again, while others want the machine's processors and disks: `SOAK` says how
//! many runs of a scenario there are to be (`make soak N=1000`). Nothing is tried twice; each failure is kept, and told by its kind.

mod common;
mod macvlan;
mod tutorial;

mod soak {
    mod failure;
    mod load;
    mod repeated;
    mod replaced;
    mod run;
}
