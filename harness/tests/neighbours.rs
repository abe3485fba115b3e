//! IPv6 neighbour discovery and echoes in words.

use std::{fs, net::Ipv6Addr, time::Duration};

use camino::Utf8Path;
use harness::{
    frame::{Content, Frame, NeighbourMessage, Packet, PcapReader, Record},
    journey::{Captured, follow},
    topology::Topology,
    transcript::{Exchange, Line, Owners, Transcripts, narrate, transcribe},
    vantage_point::VantagePoint,
};
use rstest::rstest;

fn root() -> &'static Utf8Path {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the harness is in the project")
}

/// docker1 asks for docker2 over IPv6, and later whether fd00:245::182 is taken.
fn records() -> Vec<Record<'static>> {
    let data = fs::read(root().join("fixtures/captures/formats/nanoseconds.pcap"));
    let (records, damage) = PcapReader::read_all(&data.expect("the capture is there"));
    assert_eq!(damage, None);
    records
}

fn owners() -> Owners {
    let mut owners = Owners::new();
    for (name, mac, address) in
        [("docker1", "da:98:d6:83:01:35", "fd00:245::180"), ("docker2", "8e:15:fc:7e:58:a5", "fd00:245::181")]
    {
        owners.owns_mac(name, mac.parse().expect("a MAC address"));
        owners.owns_address(name, address.parse::<Ipv6Addr>().expect("an address"));
    }
    owners
}

fn transcripts(alter: impl Fn(&mut Frame)) -> Transcripts {
    let topology = Topology::load(&root().join("fixtures/topologies/tutorial.toml")).expect("it is valid");
    let point = VantagePoint::along_the_path(&topology).remove(0);
    let mut frames: Vec<Frame> = records().iter().map(Frame::decode).collect();
    frames.iter_mut().for_each(alter);
    transcribe(&[(point, frames)], &owners(), &[])
}

fn texts(alter: impl Fn(&mut Frame)) -> Vec<String> {
    let texts = transcripts(alter).lines().map(|line| line.text().to_string()).collect::<Vec<_>>();
    texts.into_iter().filter(|text| text.contains("ICMP6")).collect()
}

#[test]
fn an_exchange_is_told_in_names() {
    let texts = texts(|_| {});
    assert_eq!(
        texts[..5],
        [
            "ICMP6, neighbor solicitation, who has docker2",
            "ICMP6, neighbor advertisement, tgt is docker2",
            "ICMP6, echo request, id B, seq 1",
            "ICMP6, echo reply, id B, seq 1",
            "IP6 :: > ff02::1:ff00:182: ICMP6, neighbor solicitation, who has fd00:245::182",
        ]
    );
}

/// A switch that reflects gives its sender a frame back, and ping sends no request twice.
#[rstest]
#[case::of_ipv4(|content: &Content| matches!(content, Content::Echo(_)))]
#[case::of_ipv6(|content: &Content| matches!(content, Content::Echo6(_)))]
fn an_echo_request_that_comes_back_late_is_no_other(#[case] is_echo: fn(&Content) -> bool) {
    let topology = Topology::load(&root().join("fixtures/topologies/tutorial.toml")).expect("it is valid");
    let point = VantagePoint::along_the_path(&topology).remove(0);
    let followed = |frames: &[Frame]| {
        let captured = Captured::from(vec![(point.clone(), frames.to_vec())]);
        follow(&captured, &owners(), &[], &topology).len()
    };
    let mut frames: Vec<Frame> = records().iter().map(Frame::decode).collect();
    let before = followed(&frames);
    let request = frames.iter().find(|frame| frame.is_echo_request() && is_echo(&frame.content));
    let request = request.expect("somebody pings").clone();
    frames.push(Frame { at: request.at + Duration::from_secs(1), ..request });
    assert_eq!(followed(&frames), before);
}

#[test]
fn a_solicitation_and_its_advertisement_are_one_exchange() {
    let transcripts = transcripts(|_| {});
    let is_ipv6 = |line: &Line<'_>| line.text().to_string().contains("ICMP6");
    let exchanges: Vec<_> = transcripts.lines().filter(is_ipv6).map(|line| line.exchange()).collect();
    let exchange = Exchange::Neighbour { asker: "docker1", target: "docker2" };
    assert_eq!(exchanges[..2], [exchange, exchange]);
}

#[test]
fn what_is_unusual_shows() {
    let texts = texts(|frame| {
        if let Content::Neighbour(neighbour) = &mut frame.content {
            neighbour.link_layer =
                neighbour.link_layer.map(|_| "02:00:00:00:00:63".parse().expect("a MAC address"));
            neighbour.hop_limit = 254;
            neighbour.checksum_holds = false;
        }
    });
    let expected = "ICMP6, neighbor advertisement, tgt is docker2 at unknown#1, hlim 254, wrong checksum";
    assert_eq!(texts[1], expected);
}

/// An advertisement that was not asked for, or leaves a known address alone, is another one.
#[rstest]
#[case::of_a_router(true, true, true, ", flags [router, solicited, override]")]
#[case::unasked(false, false, true, ", flags [override]")]
#[case::that_overrides_nothing(false, true, false, ", flags [solicited]")]
#[case::without_any(false, false, false, ", flags [none]")]
#[case::as_hosts_answer(false, true, true, "")]
fn an_advertisements_flags_show_where_a_host_would_set_others(
    #[case] router: bool,
    #[case] solicited: bool,
    #[case] overrides: bool,
    #[case] told: &str,
) {
    let texts = texts(|frame| {
        if let Content::Neighbour(neighbour) = &mut frame.content
            && neighbour.message != NeighbourMessage::Solicitation
        {
            neighbour.message = NeighbourMessage::Advertisement { router, solicited, overrides };
        }
    });
    assert_eq!(texts[1], format!("ICMP6, neighbor advertisement, tgt is docker2{told}"));
}

#[test]
fn what_is_for_all_has_not_been_asked_for() {
    let told = |solicited| {
        let texts = texts(|frame| {
            if let Content::Neighbour(neighbour) = &mut frame.content
                && neighbour.message != NeighbourMessage::Solicitation
            {
                neighbour.destination = "ff02::1".parse().expect("an address");
                neighbour.message =
                    NeighbourMessage::Advertisement { router: false, solicited, overrides: true };
            }
        });
        texts[1].clone()
    };
    assert!(told(false).ends_with("tgt is docker2"), "{}", told(false));
    assert!(told(true).ends_with("tgt is docker2, flags [solicited, override]"), "{}", told(true));
}

#[test]
fn a_single_frame_is_told_without_the_rest() {
    let told: Vec<String> =
        records().iter().map(|record| narrate(&Packet::decode(record), &owners())).collect();
    assert!(told.contains(&"docker2 > docker1  ICMP6, neighbor advertisement, tgt is docker2".to_owned()));
    assert!(
        told.contains(&"docker1 > docker2's group  ICMP6, neighbor solicitation, who has docker2".to_owned())
    );
    assert!(
        told.iter().any(|line| line.starts_with("docker1 > docker2  ICMP6, echo request, id ")),
        "{told:?}"
    );
}
