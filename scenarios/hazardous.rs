//! Scenarios that do to the nodes or to the switch what would hurt their other users, or record what is theirs. Machines that exist already are asked
//! for them by name (`LAB_ARM`).

mod common;

mod hazardous {
    mod clones;
    mod crowd;
    mod dhcp;
    mod flux;
    mod ipv6;
    mod machines;
    mod moved_parent;
    mod parents;
    mod passthru;
    mod reboot;
    mod reflection;
}
