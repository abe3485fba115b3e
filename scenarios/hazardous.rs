//! Scenarios that do to the nodes or to the switch what would hurt their other users. Machines that exist already are asked
//! for them by name (`LAB_ARM`).

mod common;

mod hazardous {
    mod crowd;
    mod parents;
    mod passthru;
    mod reflection;
}
