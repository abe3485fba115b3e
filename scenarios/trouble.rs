//! Trouble on the way: whatever goes wrong outside the network under test is told within its deadline, by the machine's name
//! and with what to do; what was captured by then is kept, and the next scenario passes.

mod common;

mod trouble {
    mod after;
    mod cut;
    mod disk;
    mod door;
    mod existing;
    mod frozen;
    mod hermetic;
    mod sessions;
    mod shell;
    mod slow;
    mod told;
    mod tools;
}
