//! Whether the captures were open until the end of the exchange had passed them.

use crate::{frame::Frame, transcript::Marker, vantage_point::VantagePoint};

/// A marker, and the container that sent it behind the exchange.
pub(crate) struct Sent {
    pub(crate) sender: String,
    pub(crate) marker: Marker,
}

/// What became of the markers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Closing {
    /// Markers that were not even seen where they were sent: nothing is known of the end.
    pub(crate) never_sent: Vec<String>,
    /// Markers that were sent and did not reach a point: the path there is broken, which is a
    /// finding and no weakness.
    pub(crate) lost: Vec<String>,
}

impl Closing {
    pub(crate) fn of(captures: &[(VantagePoint, Vec<Frame>)], sent: &[Sent]) -> Self {
        let mut closing = Self::default();
        for Sent { sender, marker } in sent {
            let saw = |(_, frames): &&(VantagePoint, Vec<Frame>)| frames.iter().any(|frame| marker.is(frame));
            let (reached, missed): (Vec<_>, Vec<_>) = captures.iter().partition(saw);
            if !reached.iter().any(|(point, _)| point.machine == *sender) {
                closing.never_sent.push(format!("the marker that ends the exchange never left {sender}"));
            } else if !missed.is_empty() {
                closing.lost.push(format!(
                    "the broadcast that {sender} sent behind the exchange reached {}, and not {}",
                    list(&reached),
                    list(&missed)
                ));
            }
        }
        closing
    }
}

fn list(captures: &[&(VantagePoint, Vec<Frame>)]) -> String {
    let points = captures.iter().map(|(point, _)| point.to_string());
    points.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;
    use crate::{
        MacAddress,
        frame::{Content, Echo, EchoDirection},
        topology::Topology,
    };

    fn frame(marker: Marker) -> Frame {
        let payload = [vec![0; 16], marker.bytes().repeat(5)].concat();
        let echo = Echo {
            direction: EchoDirection::Request,
            source: Ipv4Addr::LOCALHOST,
            destination: Marker::DESTINATION,
            ttl: 64,
            id: 1,
            sequence: 1,
            payload,
            checksum_holds: true,
        };
        Frame {
            at: Duration::ZERO,
            source: MacAddress([2; 6]),
            destination: MacAddress::BROADCAST,
            vlans: Vec::new(),
            content: Content::Echo(echo),
        }
    }

    /// Captures along the tutorial's path of which the first `reached` saw the marker.
    fn closing(reached: usize) -> Closing {
        let text = include_str!("../../../fixtures/topologies/tutorial.toml");
        let topology = Topology::parse("tutorial.toml", text).unwrap();
        let marker = Marker::new(7, 0);
        let seen = |index| if index < reached { vec![frame(marker)] } else { Vec::new() };
        let points = VantagePoint::along_the_path(&topology).into_iter().enumerate();
        let captures: Vec<_> = points.map(|(index, point)| (point, seen(index))).collect();
        Closing::of(&captures, &[Sent { sender: "docker1".to_owned(), marker }])
    }

    #[test]
    fn a_marker_that_reached_all_points_closes_them() {
        assert_eq!(closing(7), Closing::default());
    }

    #[test]
    fn a_marker_that_was_lost_tells_how_far_it_came() {
        let lost = "the broadcast that docker1 sent behind the exchange reached docker1/macvlan1, node-1/ens33, \
                    host/port-node-1, host/bridge102, and not host/port-node-2, node-2/ens33, docker2/macvlan1";
        assert_eq!(closing(4), Closing { lost: vec![lost.to_owned()], ..Closing::default() });
    }

    #[test]
    fn a_marker_that_was_never_sent_proves_nothing() {
        let closing = closing(0);
        assert_eq!((closing.never_sent.len(), closing.lost.len()), (1, 0));
    }
}
