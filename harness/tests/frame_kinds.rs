//! What a frame is taken for, by the bytes that decide it.

use std::time::Duration;

use harness::{
    MacAddress,
    frame::{ArpOperation, Content, Frame, Kind, LinkType, Packet, Record},
};
use rstest::rstest;

const EVERYBODY: [u8; 6] = [0xff; 6];
const BRIDGES: [u8; 6] = [0x01, 0x80, 0xc2, 0, 0, 0];

fn record(destination: [u8; 6], ether_type: u16, payload: &[u8]) -> Record<'static> {
    let bytes = [&destination, &[0x52, 0x54, 0, 0xe2, 1, 1][..], &ether_type.to_be_bytes(), payload].concat();
    Record {
        at: Duration::ZERO,
        original_length: bytes.len() as u32,
        bytes: bytes.into(),
        link_type: LinkType::Ethernet,
        interface: None,
    }
}

fn ip(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len() as u16).to_be_bytes();
    let head = [0x45, 0, length[0], length[1], 0, 1, 0, 0, 63, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    [&head, payload].concat()
}

fn ip6(next: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16).to_be_bytes();
    let address = |last| [&[0xfe, 0x80][..], &[0; 13], &[last]].concat();
    [&[0x60, 0, 0, 0, length[0], length[1], next, 255], &address(1)[..], &address(2), payload].concat()
}

fn udp(source: u16, destination: u16) -> Vec<u8> {
    let fields = [source, destination, 8 + 4, 0];
    [&fields.map(u16::to_be_bytes).concat()[..], b"ping"].concat()
}

fn icmp6(kind: u8) -> Vec<u8> {
    [&[kind, 0, 0, 0][..], &[0; 24]].concat()
}

fn arp(operation: u8) -> Vec<u8> {
    [&[0, 1, 8, 0, 6, 4, 0, operation][..], &[1; 20]].concat()
}

#[rstest]
#[case::igmp(0x0800, ip(2, &[0x16, 0, 0, 0, 224, 0, 0, 251]), "IGMP")]
#[case::mdns(0x0800, ip(17, &udp(5353, 5353)), "mDNS")]
#[case::icmp_error(0x0800, ip(1, &[3, 1, 0, 0, 0, 0, 0, 0]), "ICMP type 3, code 1")]
#[case::tcp(0x0800, ip(6, &[0; 20]), "IPv4, protocol 6")]
#[case::mdns_over_ipv6(0x86dd, ip6(17, &udp(5353, 5353)), "mDNS")]
#[case::dns_over_ipv6(0x86dd, ip6(17, &udp(5353, 53)), "IPv6, next header 17")]
#[case::router_solicitation(0x86dd, ip6(58, &icmp6(133)), "ICMP6, router solicitation")]
#[case::router_advertisement(0x86dd, ip6(58, &icmp6(134)), "ICMP6, router advertisement")]
#[case::listener_query(0x86dd, ip6(58, &icmp6(130)), "MLD")]
#[case::listener_report(0x86dd, ip6(58, &icmp6(131)), "MLD")]
#[case::listener_done(0x86dd, ip6(58, &icmp6(132)), "MLD")]
#[case::listener_report_v2(0x86dd, ip6(58, &icmp6(143)), "MLD")]
#[case::solicitation_without_target(0x86dd, ip6(58, &[135, 0, 0, 0, 0, 0, 0, 0]), "ICMP6, neighbor solicitation")]
#[case::advertisement_without_target(0x86dd, ip6(58, &[136, 0, 0, 0, 0, 0, 0, 0]), "ICMP6, neighbor advertisement")]
#[case::icmp6_error(0x86dd, ip6(58, &icmp6(1)), "IPv6, next header 58")]
#[case::lldp(0x88cc, vec![0; 46], "LLDP")]
#[case::rarp(0x8035, arp(3), "RARP")]
#[case::reverse_in_arp(0x0806, arp(3), "ARP, not IPv4 over Ethernet")]
#[case::the_first_ether_type(0x0600, vec![0; 46], "ethertype 0x0600")]
#[case::experimental(0x88b5, vec![0; 46], "ethertype 0x88b5")]
#[case::arp_without_bytes(0x0806, vec![], "cut off")]
#[case::ipv4_without_bytes(0x0800, vec![], "cut off")]
#[case::ipv6_without_bytes(0x86dd, vec![], "cut off")]
fn a_frame_that_no_scenario_speaks_has_its_kind(
    #[case] ether_type: u16,
    #[case] payload: Vec<u8>,
    #[case] kind: &str,
) {
    // Behind a tag it is the same.
    let tagged = [&[0, 7], &ether_type.to_be_bytes()[..], &payload].concat();
    for record in [record(EVERYBODY, ether_type, &payload), record(EVERYBODY, 0x8100, &tagged)] {
        match Frame::decode(&record).content {
            Content::Other(told) => assert_eq!(told.to_string(), kind),
            other => panic!("{other:?}"),
        }
    }
}

#[rstest]
#[case::to_the_bridges(BRIDGES, 0x0026, "STP 802.1d")]
#[case::to_the_bridges_by_its_longest(BRIDGES, 0x05ff, "STP 802.1d")]
#[case::to_the_bridges_with_a_type(BRIDGES, 0x0600, "ethertype 0x0600")]
#[case::to_others(EVERYBODY, 0x0026, "ethertype 0x0000")]
fn a_frame_with_a_length_is_spanning_trees_where_bridges_hear_it(
    #[case] destination: [u8; 6],
    #[case] length: u16,
    #[case] kind: &str,
) {
    let frame = Frame::decode(&record(destination, length, &[0; 46]));
    assert!(matches!(frame.content, Content::Other(told) if told.to_string() == kind), "{frame:?}");
}

#[test]
fn tags_are_told_from_the_outer_to_the_inner() {
    let vlans = |payload: &[u8]| {
        let record = record(EVERYBODY, 0x8100, payload);
        let (frame, packet) = (Frame::decode(&record), Packet::decode(&record));
        assert_eq!((&frame.vlans, &frame.content), (&packet.vlans, &packet.content));
        assert!(matches!(frame.content, Content::Arp(arp) if arp.operation == ArpOperation::Request));
        frame.vlans
    };
    assert_eq!(vlans(&[&[0, 7, 8, 6][..], &arp(1)].concat()), [7]);
    // A priority is none of the identifier's twelve bits (IEEE 802.1Q, 9.6).
    assert_eq!(vlans(&[&[0xe0, 7, 0x81, 0, 0x0f, 0xfe, 8, 6][..], &arp(1)].concat()), [7, 4094]);
}

#[test]
fn a_datagram_has_its_ends_its_ports_and_its_length() {
    let frame = Frame::decode(&record(EVERYBODY, 0x0800, &ip(17, &udp(5353, 4242))));
    let Content::Datagram(datagram) = frame.content else { panic!("{frame:?}") };
    assert_eq!((datagram.source.to_string().as_str(), datagram.source_port), ("10.0.0.1", 5353));
    assert_eq!((datagram.destination.to_string().as_str(), datagram.destination_port), ("10.0.0.2", 4242));
    assert_eq!((datagram.ttl, datagram.length, datagram.dhcp), (63, 4, None));
}

#[rstest]
#[case::request(1, false)]
#[case::reply(2, true)]
fn an_arp_reply_is_told_from_a_request(#[case] operation: u8, #[case] is_reply: bool) {
    assert_eq!(Frame::decode(&record(EVERYBODY, 0x0806, &arp(operation))).is_arp_reply(), is_reply);
}

#[test]
fn a_kind_is_written_as_it_is_called() {
    assert_eq!(serde_json::to_string(&Kind::IcmpError(3, 1)).unwrap(), "\"ICMP type 3, code 1\"");
}

#[rstest]
#[case::to_this_machine(0, None)]
#[case::to_all(1, Some(MacAddress::BROADCAST))]
#[case::to_a_group(2, None)]
fn a_cooked_header_tells_the_receiver_of_broadcasts_alone(
    #[case] direction: u8,
    #[case] destination: Option<MacAddress>,
) {
    let header = [0, direction, 0, 1, 0, 6, 0x52, 0x54, 0, 0xe2, 1, 1, 0, 0, 8, 6];
    let bytes = [&header[..], &arp(1)].concat().into();
    let record = Record { bytes, link_type: LinkType::LinuxSll, ..record(EVERYBODY, 0x0806, &arp(1)) };
    assert_eq!(Packet::decode(&record).destination(), destination);
}
