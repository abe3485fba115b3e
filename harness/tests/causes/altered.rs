//! Recorded runs with other facts, and what is said of them.

use std::net::Ipv4Addr;

use harness::{
    MacAddress,
    container::Interface,
    diagnosis::{Case, Code, Control, ControlKind, Explanation},
    frame::{Content, EchoDirection, Frame},
    state::{MachineState, States},
};

use super::recorded::case;

pub const SWITCHES: [Code; 5] = [
    Code::ForgedTransmitsRejected,
    Code::PromiscuousRejected,
    Code::PortNotForwarding,
    Code::StpListening,
    Code::BridgeNetfilter,
];

pub fn without_states(run: &str) -> Case {
    Case { states: States::default(), ..case(run) }
}

pub fn codes(found: &Explanation) -> Vec<Code> {
    found.causes.iter().map(|cause| cause.code).collect()
}

/// What was known of a machine afterwards.
pub fn state<'a>(case: &'a mut Case, machine: &str) -> &'a mut MachineState {
    case.states.after.get_mut(machine).expect("the machine was read")
}

pub fn interface<'a>(case: &'a mut Case, machine: &str, name: &str) -> &'a mut Interface {
    let interfaces = state(case, machine).interfaces.iter_mut().flatten();
    interfaces.into_iter().find(|interface| interface.ifname == name).expect("the machine has it")
}

pub fn mac_of(case: &Case, name: &str) -> MacAddress {
    case.owners.macs_of(name).next().expect("its owner is known")
}

/// The frames of some points' captures.
pub fn frames<'a>(case: &'a mut Case, points: &'a [&str]) -> impl Iterator<Item = &'a mut Vec<Frame>> {
    let of = case.captures.iter_mut().filter(|(point, _)| points.contains(&point.to_string().as_str()));
    of.map(|(_, frames)| frames)
}

pub fn is_echo(frame: &Frame, direction: EchoDirection) -> bool {
    matches!(&frame.content, Content::Echo(echo) if echo.direction == direction)
}

/// docker1's question for docker2, that some points did not see.
pub fn lost_question(missing_at: &[&str]) -> Case {
    let mut case = Case { stimulus: None, ..without_states("no-address") };
    frames(&mut case, missing_at).for_each(Vec::clear);
    case
}

/// The host's question for docker2, that left the host's bridge and came to no port.
pub fn hosts_question() -> Case {
    let mut case = lost_question(&FAR);
    case.probe.from = "host".to_owned();
    let host = mac_of(&case, "host");
    for (point, frames) in case.captures.iter_mut() {
        frames.retain(|frame| point.interface == "bridge102" && matches!(frame.content, Content::Arp(_)));
        for frame in frames {
            frame.source = host;
            if let Content::Arp(arp) = &mut frame.content {
                (arp.sender_hardware, arp.sender_protocol) = (host, Ipv4Addr::new(192, 168, 245, 1));
            }
        }
    }
    case
}

/// docker1's echo request to docker2, alike: the question before it was answered.
pub fn lost_echo(missing_at: &[&str]) -> Case {
    let mut case = Case { stimulus: None, ..without_states("healthy") };
    for (_, frames) in case.captures.iter_mut() {
        frames.retain(|frame| !is_echo(frame, EchoDirection::Reply));
    }
    frames(&mut case, missing_at)
        .for_each(|frames| frames.retain(|frame| !is_echo(frame, EchoDirection::Request)));
    case
}

/// Further probes that were answered.
pub fn answered(probes: &[&str]) -> Vec<Control> {
    let control = |probe: &&str| {
        Control::uncaptured(ControlKind::NodeToOtherChild, probe.parse().expect("it is a probe"), true)
    };
    probes.iter().map(control).collect()
}

/// Whether a cause is named, and if so, whether for certain.
pub fn is_certain(found: &Explanation, code: Code) -> Option<bool> {
    found.causes.iter().find(|cause| cause.code == code).map(|cause| cause.is_certain)
}

pub const FAR: [&str; 3] = ["host/port-node-2", "node-2/ens33", "docker2/macvlan1"];

pub fn unaltered(_: &mut Case) {}
