//! Captures with frames of all kinds, well-formed and not.

use proptest::{collection::vec, prelude::*, sample::select};

// Boxed throughout: strategies of this size by value overflow a test's stack.

/// A frame behind its link layer's header, and how much of it is captured.
#[derive(Clone, Debug)]
pub struct Built {
    pub at: (u32, u32),
    /// Each tag's type and content.
    pub vlans: Vec<(u16, u16)>,
    pub ether_type: u16,
    pub payload: Vec<u8>,
    /// What is missing of its end.
    pub cut: usize,
    pub direction: u8,
}

/// A capture of the classic format, of one of the link types 1, 113 and 276.
pub fn pcap(link_type: u32, frames: &[Built]) -> Vec<u8> {
    let mut data = Vec::new();
    data.extend(0xa1b2_c3d4_u32.to_le_bytes());
    data.extend([2, 0, 4, 0]);
    data.extend([0; 8]);
    data.extend(262_144_u32.to_le_bytes());
    data.extend(link_type.to_le_bytes());
    for frame in frames {
        let bytes = frame.bytes(link_type);
        let captured = bytes.len().saturating_sub(frame.cut).max(1);
        for field in [frame.at.0, frame.at.1, captured as u32, bytes.len() as u32] {
            data.extend(field.to_le_bytes());
        }
        data.extend(&bytes[..captured]);
    }
    data
}

/// The same capture as pcapng: one section and one interface, whose clock counts microseconds.
pub fn pcapng(link_type: u32, frames: &[Built]) -> Vec<u8> {
    let section = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8]].concat();
    let interface = [link_type, 262_144].map(u32::to_le_bytes).concat();
    let packets = frames.iter().flat_map(|frame| block(6, &frame.packet(link_type)));
    [block(0x0a0d_0d0a, &section), block(1, &interface)].concat().into_iter().chain(packets).collect()
}

/// A block of pcapng, whose length stands at both its ends.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padding = body.len().next_multiple_of(4) - body.len();
    let length = u32::try_from(12 + body.len() + padding).expect("a block is short").to_le_bytes();
    [&kind.to_le_bytes(), &length, body, &[0; 3][..padding], &length].concat()
}

impl Built {
    /// An enhanced packet block's body.
    fn packet(&self, link_type: u32) -> Vec<u8> {
        let bytes = self.bytes(link_type);
        let captured = bytes.len().saturating_sub(self.cut).max(1);
        let at = u64::from(self.at.0) * 1_000_000 + u64::from(self.at.1);
        let fields = [0, (at >> 32) as u32, at as u32, captured as u32, bytes.len() as u32];
        [&fields.map(u32::to_le_bytes).concat(), &bytes[..captured]].concat()
    }

    fn bytes(&self, link_type: u32) -> Vec<u8> {
        let (sender, mut kinds) = ([0x52, 0x54, 0, 0xe2, 1, 1], self.tags(link_type));
        let first = kinds.remove(0);
        let mut bytes = match link_type {
            1 => [&[0xff; 6], &sender[..], &first].concat(),
            113 => [&[0, self.direction, 0, 1, 0, 6], &sender[..], &[0, 0], &first].concat(),
            _ => [&first[..], &[0, 0, 0, 0, 0, 3, 0, 1, self.direction, 6], &sender, &[0, 0]].concat(),
        };
        bytes.extend(kinds.concat());
        bytes.extend(&self.payload);
        bytes
    }

    /// The EtherType, and before it each tag's type; each tag's content comes with what follows. Of a cooked frame tcpdump takes
    /// tags of 802.1Q off and no others.
    fn tags(&self, link_type: u32) -> Vec<Vec<u8>> {
        let mut kinds = Vec::new();
        let mut tag = Vec::new();
        for (kind, content) in &self.vlans {
            let kind = if link_type == 1 { *kind } else { 0x8100 };
            kinds.push([tag.as_slice(), &kind.to_be_bytes()].concat());
            tag = content.to_be_bytes().to_vec();
        }
        kinds.push([tag.as_slice(), &self.ether_type.to_be_bytes()].concat());
        kinds
    }
}

/// A frame of any covered kind: mostly whole and true, sometimes cut, sometimes wrong in a byte.
pub fn frame() -> BoxedStrategy<Built> {
    let payload = prop_oneof![
        4 => arp().prop_map(|payload| (0x0806, payload)),
        1 => arp().prop_map(|payload| (0x8035, payload)),
        4 => ip(icmp()).prop_map(|payload| (0x0800, payload)),
        4 => ip6(icmp6()).prop_map(|payload| (0x86dd, payload)),
    ];
    let padding = prop_oneof![2 => Just(0), 1 => 0..30_usize];
    let cut = prop_oneof![3 => Just(0), 1 => 1..60_usize];
    let wrong = prop_oneof![3 => Just(None), 1 => (0..64_usize, any::<u8>()).prop_map(Some)];
    let tag = (select(vec![0x8100, 0x8100, 0x88a8, 0x9100]), 0..4096_u16);
    let vlans = prop_oneof![3 => Just(vec![]), 1 => vec(tag, 1..3)];
    let at = (0..0x7fff_ffff_u32, 0..1_000_000_u32);
    (payload, padding, cut, wrong, vlans, at, 0..6_u8)
        .prop_map(|((ether_type, mut payload), padding, cut, wrong, vlans, at, direction)| {
            payload.resize(payload.len() + padding, 0);
            if let Some((place, value)) = wrong
                && let Some(byte) = payload.get_mut(place)
            {
                // A byte that makes another protocol of it would only test what is not covered.
                let is_protocol = matches!((ether_type, place), (0x0800, 9) | (0x86dd, 6) | (0x86dd, 40));
                *byte = if is_protocol { *byte } else { value };
            }
            Built { at, vlans, ether_type, payload, cut, direction }
        })
        .boxed()
}

/// The same with some bytes replaced anywhere, those that say what follows too, and cut anywhere; or noise that only begins
/// like ARP, IPv4 or IPv6.
pub fn mutated_frame() -> BoxedStrategy<Built> {
    let wrong = vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    let mutated = (frame(), wrong, prop_oneof![Just(0), 0..120_usize]).prop_map(|(mut frame, wrong, cut)| {
        for (place, value) in wrong {
            let place = place.index(frame.payload.len());
            frame.payload[place] = value;
        }
        Built { cut, ..frame }
    });
    let kinds = select(vec![(0x0806, 0), (0x0800, 0x45), (0x86dd, 0x60)]);
    let noise =
        (frame(), kinds, vec(any::<u8>(), 1..120)).prop_map(|(frame, (ether_type, first), mut payload)| {
            payload[0] = first;
            Built { ether_type, payload, cut: 0, ..frame }
        });
    prop_oneof![4 => mutated, 1 => noise].boxed()
}

fn ipv4() -> BoxedStrategy<[u8; 4]> {
    prop_oneof![4 => (1..255_u8).prop_map(|last| [192, 168, 245, last]), 1 => any::<[u8; 4]>(), 1 => Just([0; 4])].boxed()
}

fn ipv6() -> BoxedStrategy<[u8; 16]> {
    let link_local = any::<[u8; 8]>().prop_map(|end| [&[0xfe, 0x80, 0, 0, 0, 0, 0, 0], &end[..]].concat());
    let short = (0..4_u8, 0..4_u8)
        .prop_map(|(high, low)| [&[0x20, 1, 0xd, 0xb8], &[0; 8][..], &[0, high, 0, low]].concat());
    let embedded = (any::<[u8; 4]>(), select(vec![0, 0xff]))
        .prop_map(|(v4, fill)| [&[0; 10], &[fill, fill][..], &v4].concat());
    let sparse = vec(select(vec![0, 0, 0, 1, 0xff]), 16);
    prop_oneof![link_local, short, embedded, sparse, vec(any::<u8>(), 16), Just(vec![0; 16])]
        .prop_map(|address| address.try_into().unwrap())
        .boxed()
}

/// Questions, answers, gratuitous ones, probes, other operations and other lengths.
fn arp() -> BoxedStrategy<Vec<u8>> {
    let operation = prop_oneof![3 => Just(1_u16), 3 => Just(2), 1 => 0..12_u16];
    let zero_or_not = prop_oneof![Just([0; 6]), any::<[u8; 6]>()];
    let plain = (operation, any::<[u8; 6]>(), ipv4(), zero_or_not, ipv4(), any::<bool>()).prop_map(
        |(operation, sender_hardware, sender, target_hardware, target, gratuitous)| {
            let target = if gratuitous { sender } else { target };
            let head = [0, 1, 8, 0, 6, 4];
            [&head, &operation.to_be_bytes()[..], &sender_hardware, &sender, &target_hardware, &target]
                .concat()
        },
    );
    let odd = (
        0..40_u16,
        select(vec![0x0800_u16, 0x1000, 0x86dd, 7]),
        0..9_u8,
        0..9_u8,
        0..12_u16,
        vec(any::<u8>(), 36),
    )
        .prop_map(|(hardware, protocol, hardware_length, protocol_length, operation, rest)| {
            // Frame relay's and ATM's are not covered.
            let hardware = if matches!(hardware, 15 | 19) { 1 } else { hardware };
            let fields = [
                hardware.to_be_bytes(),
                protocol.to_be_bytes(),
                [hardware_length, protocol_length],
                operation.to_be_bytes(),
            ];
            [&fields.concat()[..], &rest].concat()
        });
    prop_oneof![4 => plain, 1 => odd].boxed()
}

fn ip(payload: BoxedStrategy<Vec<u8>>) -> BoxedStrategy<Vec<u8>> {
    let fragment = prop_oneof![8 => Just(0_u16), 1 => Just(0x4000), 1 => Just(0x2000), 1 => any::<u16>()];
    let options = prop_oneof![6 => Just(0_u8), 1 => 0..11_u8];
    let missing = prop_oneof![8 => Just(0_i32), 1 => -50..50];
    let protocol = prop_oneof![12 => Just(1_u8), 1 => select(vec![58, 59, 200, 0])];
    (payload, ipv4(), ipv4(), fragment, options, missing, protocol, any::<u8>())
        .prop_map(|(payload, source, destination, fragment, options, missing, protocol, ttl)| {
            let header_length = 20 + usize::from(options) * 4;
            let length = (header_length as i32 + payload.len() as i32 + missing).max(0) as u16;
            let mut packet = vec![0x45 + options, 0];
            packet.extend(length.to_be_bytes());
            packet.extend([1, 2]);
            packet.extend(fragment.to_be_bytes());
            packet.extend([ttl, protocol, 0, 0]);
            packet.extend([source, destination].concat());
            packet.resize(header_length, 1);
            [packet, payload].concat()
        })
        .boxed()
}

fn icmp() -> BoxedStrategy<Vec<u8>> {
    let body = || vec(any::<u8>(), 4..60);
    let echo =
        (select(vec![0_u8, 8]), body()).prop_map(|(kind, body)| [&[kind, 0, 0, 0], &body[..]].concat());
    let original = (ipv4(), ipv4(), select(vec![1_u8, 6, 17, 47]), any::<[u8; 4]>(), 5..8_u8).prop_map(
        |(source, destination, protocol, ports, words)| {
            let mut original = vec![0x40 | words, 0, 0, 84, 0, 0, 0, 0, 64, protocol, 0, 0];
            original.extend([source, destination].concat());
            original.resize(usize::from(words) * 4, 1);
            [&original[..], &ports, &[0; 4]].concat()
        },
    );
    let mtu = prop_oneof![Just([0; 4]), any::<[u8; 4]>()];
    // A port is told by code 3 alone.
    let code = prop_oneof![1 => Just(3), 3 => 0..18_u8];
    let error = (select(vec![3_u8, 4, 5, 11, 12]), code, mtu, original)
        .prop_map(|(kind, code, field, original)| [&[kind, code, 0, 0], &field[..], &original].concat());
    // Router advertisements, type 9, are not covered.
    let other = (10..255_u8, 0..3_u8, body())
        .prop_map(|(kind, code, body)| [&[kind, code, 0, 0], &body[..]].concat());
    prop_oneof![3 => echo, 4 => error, 1 => other].boxed()
}

fn ip6(payload: BoxedStrategy<Vec<u8>>) -> BoxedStrategy<Vec<u8>> {
    let missing = prop_oneof![8 => Just(0_i32), 1 => -50..50, 1 => Just(i32::MIN / 2)];
    let router_alert = vec![58, 0, 5, 2, 0, 0, 1, 0];
    let options = vec(any::<u8>(), 6).prop_map(|options| [&[58, 0], &options[..]].concat());
    let extension = prop_oneof![
        6 => Just((58_u8, vec![])),
        3 => Just((0, router_alert)),
        1 => options.clone().prop_map(|options| (0, options)),
        1 => options.prop_map(|options| (60, options)),
        1 => (any::<[u8; 2]>(), any::<[u8; 4]>()).prop_map(|(offset, id)| (44, [&[58, 0], &offset[..], &id].concat())),
        1 => Just((44, vec![58, 0, 0, 1, 9, 9, 9, 9])),
        1 => select(vec![1_u8, 59, 200]).prop_map(|next| (next, vec![])),
    ];
    (payload, ipv6(), ipv6(), extension, missing, any::<u8>())
        .prop_map(|(payload, source, destination, (next, extension), missing, hops)| {
            let length = (extension.len() as i32 + payload.len() as i32 + missing).max(0) as u16;
            let length = length.to_be_bytes();
            let head = [0x60, 0, 0, 0, length[0], length[1], next, hops];
            [&head, &source[..], &destination, &extension, &payload].concat()
        })
        .boxed()
}

fn icmp6() -> BoxedStrategy<Vec<u8>> {
    let link_layer = |kind: u8| any::<[u8; 6]>().prop_map(move |mac| [&[kind, 1], &mac[..]].concat());
    let option = prop_oneof![Just(vec![]), link_layer(1), link_layer(2), vec(any::<u8>(), 0..20)];
    let neighbour = (select(vec![135_u8, 136]), any::<[u8; 4]>(), ipv6(), option.clone())
        .prop_map(|(kind, flags, target, option)| [&[kind, 0, 0, 0], &flags[..], &target, &option].concat());
    let router = (select(vec![133_u8, 134]), vec(any::<u8>(), 12), option)
        .prop_map(|(kind, body, option)| [&[kind, 0, 0, 0], &body[..], &option].concat());
    let echo = (select(vec![128_u8, 129]), vec(any::<u8>(), 4..60))
        .prop_map(|(kind, body)| [&[kind, 0, 0, 0], &body[..]].concat());
    let listener = (select(vec![130_u8, 131, 132]), any::<[u8; 4]>(), ipv6(), vec(0..3_u8, 0..24))
        .prop_map(|(kind, delay, group, sources)| [&[kind, 0, 0, 0], &delay[..], &group, &sources].concat());
    let report = (0..4_u8, ipv6(), vec(any::<u8>(), 0..8)).prop_map(|(records, group, rest)| {
        [&[143, 0, 0, 0, 0, 0, 0, records, 4, 0, 0, 0], &group[..], &rest].concat()
    });
    let original = (ipv6(), ipv6(), select(vec![6_u8, 17, 58, 0, 60, 44, 51]), vec(0..20_u8, 24)).prop_map(
        |(source, destination, next, rest)| {
            [&[0x60, 0, 0, 0, 0, 24, next, 64], &source[..], &destination, &rest].concat()
        },
    );
    let error = (1..5_u8, 0..7_u8, any::<[u8; 4]>(), original)
        .prop_map(|(kind, code, field, original)| [&[kind, code, 0, 0], &field[..], &original].concat());
    let redirect = (ipv6(), ipv6())
        .prop_map(|(target, destination)| [&[137, 0, 0, 0, 0, 0, 0, 0], &target[..], &destination].concat());
    // Router renumbering, node information and RPL are not covered.
    let other = (any::<u8>(), 0..3_u8, vec(any::<u8>(), 4..40)).prop_map(|(kind, code, body)| {
        let kind = if matches!(kind, 138..=140 | 155) { 200 } else { kind };
        [&[kind, code, 0, 0], &body[..]].concat()
    });
    prop_oneof![6 => neighbour, 2 => router, 2 => echo, 2 => listener, 2 => report, 2 => error, 1 => redirect, 1 => other].boxed()
}
