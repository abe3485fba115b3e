//! What pictures survive, and what they must not hide.

use std::{
    net::{Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use harness::{
    MacAddress,
    frame::{Arp, ArpOperation, Content, Echo, EchoDirection, Frame, Kind, Neighbour, NeighbourMessage},
    picture::{Order, Picture, PictureError},
    topology::Topology,
    transcript::{Owners, transcribe},
    vantage_point::{Side, VantagePoint},
};

const HOST: u8 = 1;
const DOCKER1: u8 = 180;
const DOCKER2: u8 = 181;

fn topology() -> Topology {
    let text = include_str!("../../fixtures/topologies/tutorial.toml");
    Topology::parse("tutorial.toml", text).expect("the tutorial's topology is valid")
}

fn owners() -> Owners {
    let mut owners = Owners::new();
    for (name, number) in [("host", HOST), ("docker1", DOCKER1), ("docker2", DOCKER2)] {
        owners.owns_mac(name, mac(number));
        owners.owns_address(name, address(number));
        owners.owns_address(name, address6(number));
    }
    owners
}

fn mac(number: u8) -> MacAddress {
    MacAddress([2, 0, 0, 0, 0, number])
}

fn address(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 168, 245, number)
}

fn address6(number: u8) -> Ipv6Addr {
    Ipv6Addr::new(0xfd00, 0x245, 0, 0, 0, 0, 0, number.into())
}

/// docker1's broadcast question, `at` milliseconds after the beginning.
fn question(at: u64) -> Frame {
    arp(at, ArpOperation::Request, DOCKER1, DOCKER2)
}

fn answer(at: u64) -> Frame {
    arp(at, ArpOperation::Reply, DOCKER2, DOCKER1)
}

fn request(at: u64) -> Frame {
    echo(at, EchoDirection::Request, 1)
}

fn reply(at: u64) -> Frame {
    echo(at, EchoDirection::Reply, 1)
}

fn arp(at: u64, operation: ArpOperation, sender: u8, target: u8) -> Frame {
    let is_reply = operation == ArpOperation::Reply;
    let arp = Arp {
        operation,
        sender_hardware: mac(sender),
        sender_protocol: address(sender),
        target_hardware: if is_reply { mac(target) } else { MacAddress([0; 6]) },
        target_protocol: address(target),
    };
    let destination = if is_reply { mac(target) } else { MacAddress::BROADCAST };
    frame(at, sender, destination, Content::Arp(arp))
}

fn echo(at: u64, direction: EchoDirection, sequence: u16) -> Frame {
    let [source, destination] = match direction {
        EchoDirection::Request => [DOCKER1, DOCKER2],
        EchoDirection::Reply => [DOCKER2, DOCKER1],
    };
    let echo = Echo {
        direction,
        source: address(source),
        destination: address(destination),
        ttl: 64,
        id: 7,
        sequence,
        payload: Vec::new(),
        checksum_holds: true,
    };
    frame(at, source, mac(destination), Content::Echo(echo))
}

fn frame(at: u64, source: u8, destination: MacAddress, content: Content) -> Frame {
    Frame { at: Duration::from_millis(at), source: mac(source), destination, vlans: Vec::new(), content }
}

/// The machines' picture of what docker1, node-1, node-2 and docker2 saw.
fn draw(seen: [Vec<Frame>; 4], order: Order) -> Result<Picture, PictureError> {
    let topology = topology();
    let points = VantagePoint::along_the_path(&topology);
    let machines = points.into_iter().filter(|point| point.side == Side::Machines);
    let captures: Vec<(VantagePoint, Vec<Frame>)> = machines.zip(seen).collect();
    Picture::draw(&transcribe(&captures, &owners(), &[]), Side::Machines, order, &topology)
}

fn everywhere(frames: Vec<Frame>) -> [Vec<Frame>; 4] {
    [frames.clone(), frames.clone(), frames.clone(), frames]
}

/// The marks of each row, one character a column.
fn marks(picture: &Picture) -> Vec<String> {
    picture.rows.iter().map(|row| row.seen.iter().map(usize::to_string).collect()).collect()
}

#[test]
fn a_question_that_was_repeated_before_its_answers_is_one_row() {
    let lines = vec![question(0), question(1010), answer(1020), answer(1021)];
    let picture = draw(everywhere(lines), Order::Whole).unwrap();
    assert_eq!(marks(&picture), ["1111", "1111"]);
    assert_eq!(picture.folded.values().collect::<Vec<_>>(), [&2]);
}

#[test]
fn a_neighbour_solicitation_folds_like_an_arp_request() {
    let advertised = NeighbourMessage::Advertisement { router: false, solicited: true, overrides: true };
    let neighbour = |message, source, destination| Neighbour {
        message,
        source,
        destination,
        hop_limit: 255,
        target: address6(DOCKER2),
        link_layer: None,
        checksum_holds: true,
    };
    let group = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00, DOCKER2.into());
    let question = |at| {
        let content = neighbour(NeighbourMessage::Solicitation, address6(DOCKER1), group);
        frame(at, DOCKER1, MacAddress([0x33, 0x33, 0xff, 0, 0, DOCKER2]), Content::Neighbour(content))
    };
    let answer = |at| {
        let content = neighbour(advertised, address6(DOCKER2), address6(DOCKER1));
        frame(at, DOCKER2, mac(DOCKER1), Content::Neighbour(content))
    };
    let seen = || vec![question(0), question(1000), answer(1001), answer(1002)];
    let picture = draw([seen(), seen(), seen(), seen()], Order::Whole).unwrap();
    assert_eq!(picture.rows.len(), 2, "{picture}");
}

/// A tag is on between the nodes: each frame is in two rows.
#[test]
fn a_repeated_question_folds_with_its_tag_and_without() {
    let seen = || vec![question(0), question(1010), answer(1020), answer(1021)];
    let tagged = || {
        let tag = |frame: Frame| Frame { vlans: vec![100], ..frame };
        seen().into_iter().map(tag).collect()
    };
    let picture = draw([seen(), tagged(), tagged(), seen()], Order::Whole).unwrap();
    assert_eq!(marks(&picture), ["1001", "0110", "1001", "0110"]);
}

#[test]
fn a_copy_that_was_not_answered_is_not_folded_away() {
    let picture = draw(everywhere(vec![question(0), question(1010), answer(1020)]), Order::Whole).unwrap();
    assert_eq!(picture.rows.len(), 3);
}

/// The host asks docker2: node-1 and docker1 see the question alone.
#[test]
fn a_slow_answer_to_the_host_is_no_difference() {
    let ask = |at| arp(at, ArpOperation::Request, HOST, DOCKER2);
    let tell = |at| arp(at, ArpOperation::Reply, DOCKER2, HOST);
    let near = vec![ask(0), ask(1010)];
    let far = vec![ask(0), ask(1010), tell(1020), tell(1021)];
    let picture = draw([near.clone(), near, far.clone(), far], Order::Whole).unwrap();
    assert_eq!(marks(&picture), ["1111", "0011"]);
}

#[test]
fn orders_that_make_a_circle_are_an_error() {
    let third = || frame(0, DOCKER1, mac(DOCKER2), Content::Other(Kind::IcmpError(3, 1)));
    let seen = [vec![question(0), request(1)], vec![request(0), third()], vec![third(), question(1)], vec![]];
    assert!(matches!(draw(seen, Order::Whole).unwrap_err(), PictureError::Circular { .. }));
}

#[test]
fn a_slow_machine_that_answers_both_copies_late_is_no_difference() {
    let asker = vec![question(0), question(1010), answer(1500), answer(1501)];
    let answerer = vec![question(0), answer(1), question(2), answer(3)];
    let seen = [asker.clone(), asker, answerer.clone(), answerer];
    assert_eq!(marks(&draw(seen, Order::Whole).unwrap()), ["1111", "1111"]);
}

#[test]
fn a_lost_copy_of_a_repeated_question_is_not_folded_away() {
    let near = vec![question(0), question(1010), answer(1020)];
    let far = vec![question(1010), answer(1020)];
    let picture = draw([near.clone(), near, far.clone(), far], Order::Whole).unwrap();
    assert_eq!(marks(&picture), ["1111", "1100", "1111"]);
}

#[test]
fn a_question_that_was_repeated_too_soon_is_not_folded() {
    let picture = draw(everywhere(vec![question(0), question(100), answer(110)]), Order::Whole).unwrap();
    assert_eq!(picture.rows.len(), 3);
}

#[test]
fn each_further_copy_folds_too() {
    let lines = vec![question(0), question(1010), question(2020), answer(2030), answer(2031), answer(2032)];
    let picture = draw(everywhere(lines), Order::Whole).unwrap();
    assert_eq!(marks(&picture), ["1111", "1111"]);
    assert_eq!(picture.folded.values().collect::<Vec<_>>(), [&3]);
}

#[test]
fn two_questions_at_once_are_no_retransmission_although_both_are_answered() {
    let lines = vec![question(0), question(100), answer(110), answer(111)];
    assert_eq!(draw(everywhere(lines), Order::Whole).unwrap().rows.len(), 4);
}

/// The kernel asks by unicast what it knows already, and by broadcast what it does not.
#[test]
fn another_question_is_no_copy() {
    let probe = Frame { destination: mac(DOCKER2), ..question(1010) };
    let lines = vec![question(0), probe, answer(1020), answer(1021)];
    assert_eq!(draw(everywhere(lines), Order::Whole).unwrap().rows.len(), 4);
}

#[test]
fn a_copy_that_one_point_saw_twice_is_not_folded_away() {
    let plain = vec![question(0), question(1010), answer(1020), answer(1021)];
    let reflected = vec![question(0), question(1), question(1010), answer(1020), answer(1021)];
    let picture = draw([plain.clone(), reflected, plain.clone(), plain], Order::Whole).unwrap();
    assert_eq!(picture.rows.len(), 4, "{picture}");
}

#[test]
fn a_question_that_was_asked_again_after_its_answer_is_not_folded() {
    let lines = vec![question(0), answer(1), question(2000), answer(2001)];
    assert_eq!(draw(everywhere(lines), Order::Whole).unwrap().rows.len(), 4);
}

#[test]
fn a_second_answer_to_one_question_is_a_row() {
    let lines = vec![question(0), answer(1), request(2), reply(3), answer(4)];
    assert_eq!(draw(everywhere(lines), Order::Whole).unwrap().rows.len(), 5);
}

#[test]
fn unanswered_questions_are_counted() {
    let picture = draw(everywhere(vec![question(0), question(1010), question(2030)]), Order::Whole).unwrap();
    assert_eq!(picture.rows.len(), 3);
}

#[test]
fn a_frame_that_is_seen_once_at_its_origin_and_twice_elsewhere_is_a_reflection() {
    let twice = vec![question(0), question(0), answer(1)];
    let seen =
        [vec![question(0), answer(1)], twice, vec![question(0), answer(1)], vec![question(0), answer(1)]];
    let picture = draw(seen, Order::Whole).unwrap();
    assert_eq!(marks(&picture), ["1211", "1111"]);
    assert!(picture.to_string().contains("   x       2       x        x   "), "{picture}");
}

#[test]
fn a_frame_that_never_arrived_is_a_row_that_stops() {
    let near = vec![question(0)];
    let picture = draw([near.clone(), near, vec![], vec![]], Order::Whole).unwrap();
    assert_eq!(marks(&picture), ["1100"]);
}

#[test]
fn points_that_disagree_give_an_error_with_both_transcripts() {
    let (one, other) = (vec![request(0), question(1)], vec![question(0), request(1)]);
    let error = draw([one.clone(), one, other.clone(), other], Order::Whole).unwrap_err();
    assert_eq!(
        error.to_string(),
        "docker1/macvlan1 saw `docker1 > docker2 ICMP echo request, id A, seq 1` before `docker1 > broadcast ARP, Request who-has \
         docker2 tell docker1`, and node-2/ens33 saw it after"
    );
    let PictureError::Disagree { transcripts, .. } = &error else { panic!("{error}") };
    assert!(
        transcripts.contains("docker2/macvlan1:") || transcripts.contains("node-2/ens33:"),
        "{transcripts}"
    );
}

#[test]
fn exchanges_that_run_at_the_same_time_may_be_seen_in_any_order() {
    let one = vec![request(0), question(1), answer(2), reply(3)];
    let other = vec![question(0), answer(1), request(2), reply(3)];
    let draw = |seen| draw(seen, Order::WithinExchanges).unwrap().to_string();
    let mixed = draw([one.clone(), one.clone(), other.clone(), other.clone()]);
    assert_eq!(mixed, draw(everywhere(one)));
    assert_eq!(mixed, draw(everywhere(other)));
}

#[test]
fn the_order_inside_an_exchange_is_never_free() {
    let (one, other) = (vec![request(0), reply(1)], vec![reply(0), request(1)]);
    assert!(draw([one.clone(), one, other.clone(), other], Order::WithinExchanges).is_err());
}

/// Those are what the scenario says to run at the same time.
#[test]
fn exchanges_in_different_orders_are_not_what_is_told_of_a_disagreement() {
    let (one, other) = (vec![question(0), reply(1), request(2)], vec![request(0), question(1), reply(2)]);
    let error = draw([one.clone(), one, other.clone(), other], Order::WithinExchanges).unwrap_err();
    let PictureError::Disagree { one, other, .. } = &error else { panic!("{error}") };
    assert!(one.contains("echo") && other.contains("echo"), "{error}");
}

/// Nobody saw both of them.
#[test]
fn an_exchange_that_has_begun_comes_to_its_end_before_another() {
    let of = |sequence, times: [u64; 2]| {
        let [asked, answered] = times;
        [echo(asked, EchoDirection::Request, sequence), echo(answered, EchoDirection::Reply, sequence)]
    };
    let (first, second) = (of(1, [1, 2]), of(2, [0, 1]));
    let both = vec![second[0].clone(), first[0].clone(), first[1].clone()];
    let picture = draw([both, second.to_vec(), vec![], vec![]], Order::Whole).unwrap();
    let order: Vec<String> = picture.rows.iter().map(|row| row.text.clone()).collect();
    let expected =
        ["request, id A, seq 2", "reply, id A, seq 2", "request, id A, seq 1", "reply, id A, seq 1"];
    assert_eq!(order, expected.map(|text| format!("ICMP echo {text}")));
}

#[test]
fn nothing_seen_is_said() {
    let picture = draw(everywhere(vec![]), Order::Whole).unwrap();
    assert_eq!(picture.to_string(), "docker1  node-1  node-2  docker2\nno frame anywhere\n");
}
