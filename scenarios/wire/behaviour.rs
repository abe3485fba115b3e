//! What leaves a wire for what enters it.

use std::time::Duration;

use harness::frame::{ArpOperation, Content, EchoDirection, Frame, LinkType, Record};

use crate::{
    rewrite::{arp_reply, corrupt, pad, route, speak_as, tag, translate},
    rule::{Act, Kind, Rule, Towards, Which},
};

/// A frame that leaves a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// By which end.
    pub towards: Towards,
    /// How much later than what it came of.
    pub after: Duration,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A wire's rules, and what it remembers.
pub struct Behaviour {
    rules: Vec<(Rule, usize)>,
    /// Frames that wait for the next one, by their direction.
    waiting: Vec<(Towards, Vec<u8>)>,
}

impl Behaviour {
    pub fn new(rules: Vec<Rule>) -> Self {
        Self { rules: rules.into_iter().map(|rule| (rule, 0)).collect(), waiting: Vec::new() }
    }

    /// What a frame that goes towards an end makes leave.
    pub fn pass(&mut self, towards: Towards, bytes: Vec<u8>) -> Vec<Leaving> {
        let act = self.act_on(towards, &bytes);
        let mut leaving = done(act, towards, bytes, &mut self.waiting);
        // What waited goes behind the first that leaves the same way.
        if act != Some(Act::FallBehind) && leaving.iter().any(|one| one.towards == towards) {
            let late = self.waiting.extract_if(.., |(direction, _)| *direction == towards);
            leaving.extend(late.map(|(towards, bytes)| at_once(towards, bytes)));
        }
        leaving
    }

    /// The act of the first rule that fits. Each rule counts what it is about.
    fn act_on(&mut self, towards: Towards, bytes: &[u8]) -> Option<Act> {
        let frame = decoded(bytes);
        let mut acts = self.rules.iter_mut().filter_map(|(rule, count)| {
            let is_about = rule.which.is_about(towards, &frame);
            *count += usize::from(is_about);
            (is_about && rule.which.nth.is_none_or(|nth| nth == *count)).then_some(rule.act)
        });
        let act = acts.next();
        // Those behind the first count too.
        acts.for_each(drop);
        act
    }
}

/// What a frame's bytes say.
pub fn decoded(bytes: &[u8]) -> Frame {
    Frame::decode(&Record {
        at: Duration::ZERO,
        original_length: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        bytes: bytes.into(),
        link_type: LinkType::Ethernet,
        interface: None,
    })
}

fn at_once(towards: Towards, bytes: Vec<u8>) -> Leaving {
    Leaving { towards, after: Duration::ZERO, bytes }
}

fn done(
    act: Option<Act>,
    towards: Towards,
    bytes: Vec<u8>,
    waiting: &mut Vec<(Towards, Vec<u8>)>,
) -> Vec<Leaving> {
    let one = |bytes: Vec<u8>| vec![at_once(towards, bytes)];
    let answer = |mac| arp_reply(&bytes, mac).map(|bytes| at_once(opposite(towards), bytes));
    match act {
        None => one(bytes),
        Some(Act::Drop) => Vec::new(),
        Some(Act::DropLongerThan(longest)) => {
            if ip_length(&bytes) > longest {
                Vec::new()
            } else {
                one(bytes)
            }
        }
        Some(Act::Double) => vec![at_once(towards, bytes.clone()), at_once(towards, bytes)],
        Some(Act::Delay(milliseconds)) => {
            vec![Leaving { towards, after: Duration::from_millis(milliseconds), bytes }]
        }
        Some(Act::FallBehind) => {
            waiting.push((towards, bytes));
            Vec::new()
        }
        Some(Act::Corrupt) => one(corrupt(bytes)),
        Some(Act::Tag(vlan)) => one(tag(bytes, vlan)),
        Some(Act::Pad) => one(pad(bytes)),
        Some(Act::Route(mac)) => one(route(bytes, mac)),
        Some(Act::Translate(from, to)) => one(translate(bytes, from, to)),
        Some(Act::AnswerFor(mac)) => answer(mac).into_iter().collect(),
        Some(Act::AnswerBeside(mac)) => answer(mac).into_iter().chain(one(bytes)).collect(),
        Some(Act::Repeat(mac, milliseconds)) => {
            let after = Duration::from_millis(milliseconds);
            let forged = Leaving { towards, after, bytes: speak_as(bytes.clone(), mac) };
            one(bytes).into_iter().chain([forged]).collect()
        }
    }
}

fn opposite(towards: Towards) -> Towards {
    match towards {
        Towards::Node => Towards::Switch,
        _ => Towards::Node,
    }
}

/// The bytes behind an Ethernet header without tags.
fn ip_length(bytes: &[u8]) -> usize {
    bytes.len().saturating_sub(14)
}

impl Which {
    fn is_about(self, towards: Towards, frame: &Frame) -> bool {
        let is_kind = match (&frame.content, self.kind) {
            (Content::Arp(_) | Content::Echo(_), Kind::Any) => true,
            (Content::Arp(arp), Kind::ArpRequest) => arp.operation == ArpOperation::Request,
            (Content::Arp(arp), Kind::ArpReply) => arp.operation == ArpOperation::Reply,
            (Content::Echo(_), Kind::Echo) => true,
            (Content::Echo(echo), Kind::EchoRequest) => echo.direction == EchoDirection::Request,
            (Content::Echo(echo), Kind::EchoReply) => echo.direction == EchoDirection::Reply,
            _ => false,
        };
        let is_marker = matches!(frame.content, Content::Echo(_)) && frame.destination.is_group();
        (self.kind == Kind::All || (is_kind && !is_marker))
            && (self.towards == Towards::Both || self.towards == towards)
    }
}

#[cfg(test)]
mod tests {
    use harness::MacAddress;

    use super::*;

    const STRANGER: MacAddress = MacAddress([2, 0, 0, 0, 0, 0xee]);

    /// docker1's question for docker2.
    fn question() -> Vec<u8> {
        let header = [[0xff; 6], [2, 0, 0, 0, 0, 1]].concat();
        let arp = [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 192, 168, 245, 180, 0, 0, 0, 0, 0, 0];
        [header.as_slice(), &[8, 6], &arp, &[192, 168, 245, 181]].concat()
    }

    fn behaviour(nth: Option<usize>, act: Act) -> Behaviour {
        let which = Which { kind: Kind::ArpRequest, towards: Towards::Node, nth };
        Behaviour::new(vec![Rule { which, act }])
    }

    fn count_towards_node(behaviour: &mut Behaviour) -> usize {
        let leaving = behaviour.pass(Towards::Node, question());
        leaving.iter().filter(|one| one.towards == Towards::Node).count()
    }

    #[test]
    fn a_wire_without_rules_passes_all() {
        let mut behaviour = Behaviour::new(Vec::new());
        assert_eq!(behaviour.pass(Towards::Node, question()), [at_once(Towards::Node, question())]);
    }

    #[test]
    fn only_the_one_that_is_meant_is_lost() {
        let mut behaviour = behaviour(Some(2), Act::Drop);
        let left: Vec<usize> = (0..3).map(|_| count_towards_node(&mut behaviour)).collect();
        assert_eq!(left, [1, 0, 1]);
        assert_eq!(behaviour.pass(Towards::Switch, question()).len(), 1);
    }

    #[test]
    fn what_falls_behind_leaves_after_the_next() {
        let mut behaviour = behaviour(Some(1), Act::FallBehind);
        let (first, mut second) = (question(), question());
        second[5] = 0;
        assert!(behaviour.pass(Towards::Node, first.clone()).is_empty());
        assert_eq!(behaviour.pass(Towards::Switch, second.clone()).len(), 1);
        let left = behaviour.pass(Towards::Node, second.clone());
        assert_eq!(left, [at_once(Towards::Node, second), at_once(Towards::Node, first)]);
    }

    #[test]
    fn a_stranger_answers_and_the_question_goes_on_or_not() {
        let left = behaviour(None, Act::AnswerFor(STRANGER)).pass(Towards::Node, question());
        assert!(matches!(&left[..], [answer] if answer.towards == Towards::Switch));
        let Content::Arp(arp) = decoded(&left[0].bytes).content else { panic!("it is no ARP") };
        assert_eq!((arp.sender_hardware, arp.sender_protocol), (STRANGER, [192, 168, 245, 181].into()));
        assert_eq!(arp.target_protocol, std::net::Ipv4Addr::from([192, 168, 245, 180]));
        let left = behaviour(None, Act::AnswerBeside(STRANGER)).pass(Towards::Node, question());
        assert_eq!(left.iter().map(|one| one.towards).collect::<Vec<_>>(), [Towards::Switch, Towards::Node]);
    }
}
