//! A run that is killed at any instant leaves nothing behind, touches nothing of somebody else's, and does not keep the next
//! one from passing. `CRASHES` says how often it is tried (`make crash-test`: a hundred times).

mod common;

mod crashes {
    mod bystander;
    mod interrupt;
    mod trial;
}
