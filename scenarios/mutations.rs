//! How far the gate can be trusted: faults that it must find, attacks on its evidence that it must see through, and
//! changes that are none of its business. Each is injected into a healthy lab and crossed with scenarios, which then
//! say what they would say as tests; none of them writes a snapshot.

mod common;
#[path = "wire/rule.rs"]
mod rule;

mod mutations {
    mod addresses;
    mod altered;
    mod answers;
    mod benign;
    mod crossing;
    mod doubled;
    mod evidence;
    mod filters;
    mod injection;
    mod isolation;
    mod late;
    mod links;
    mod lost;
    mod modes;
    mod mutation;
    mod place;
    mod recorded;
    mod scenario;
    mod score;
    mod switch;
    mod trial;
    mod wire;
}
