//! Whether the captures were open until the end of the exchange had passed them.

use std::collections::BTreeSet;

use super::hearing::Hearing;
use crate::{frame::Frame, journey::Expectation, transcript::Marker, vantage_point::VantagePoint};

/// A marker, and the container that sent it behind the exchange.
pub(crate) struct Sent {
    pub(crate) sender: String,
    /// The sender, or its node where nobody captures at the sender itself.
    pub(crate) seen_at: String,
    pub(crate) marker: Marker,
}

impl Sent {
    /// What to say if it was not even seen where it was sent.
    pub(crate) fn unseen(&self, captures: &[(VantagePoint, Vec<Frame>)]) -> Option<String> {
        let mut own = captures.iter().filter(|(point, _)| point.machine == self.seen_at);
        let is_seen = own.any(|(_, frames)| frames.iter().any(|frame| self.marker.is(frame)));
        (!is_seen).then(|| format!("the marker that ends the exchange never left {}", self.sender))
    }
}

/// What became of the markers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Closing {
    /// Markers that were not even seen where they were sent: nothing is known of the end.
    pub(crate) never_sent: Vec<String>,
    /// Markers that were sent and did not reach a point, or reached one that must not hear them: the path
    /// there is not as it should be, which is a finding and no weakness.
    pub(crate) astray: Vec<String>,
    /// The points that a marker should have reached and did not.
    pub(crate) missed_at: BTreeSet<VantagePoint>,
}

impl Closing {
    pub(crate) fn of<'a>(
        captures: &'a [(VantagePoint, Vec<Frame>)],
        sent: &[Sent],
        hearing: &Hearing<'_>,
    ) -> Self {
        let mut closing = Self::default();
        for one @ Sent { sender, marker, .. } in sent {
            let saw = |(_, frames): &&(VantagePoint, Vec<Frame>)| frames.iter().any(|frame| marker.is(frame));
            let (reached, missed): (Vec<_>, Vec<_>) = captures.iter().partition(saw);
            let among = |captures: Vec<&'a (VantagePoint, Vec<Frame>)>, expectation: Expectation| {
                let points = captures.into_iter().map(|(point, _)| point);
                points.filter(|point| hearing.expects(sender, point) == expectation).collect::<Vec<_>>()
            };
            if let Some(unseen) = one.unseen(captures) {
                closing.never_sent.push(unseen);
                continue;
            }
            let the_broadcast = format!("the broadcast that {sender} sent behind the exchange reached");
            let missed = among(missed, Expectation::Expected);
            if !missed.is_empty() {
                let reached = list(reached.iter().map(|(point, _)| point));
                closing
                    .astray
                    .push(format!("{the_broadcast} {reached}, and not {}", list(missed.iter().copied())));
                closing.missed_at.extend(missed.into_iter().cloned());
            }
            let strays = among(reached, Expectation::Excluded);
            if !strays.is_empty() {
                closing.astray.push(format!("{the_broadcast} {}, who must not hear it", list(strays)));
            }
        }
        closing
    }
}

/// The points by name.
fn list<'a>(points: impl IntoIterator<Item = &'a VantagePoint>) -> String {
    points.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use super::*;
    use crate::{MacAddress, frame::Content, topology::Topology, transcript::marker_echo};

    fn frame(marker: Marker) -> Frame {
        Frame {
            at: Duration::ZERO,
            source: MacAddress([2; 6]),
            destination: MacAddress::BROADCAST,
            vlans: Vec::new(),
            content: Content::Echo(marker_echo(marker)),
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
        let states = BTreeMap::new();
        Closing::of(
            &captures,
            &[Sent { sender: "docker1".to_owned(), seen_at: "docker1".to_owned(), marker }],
            &Hearing::new(&topology, &states),
        )
    }

    #[test]
    fn a_marker_that_reached_all_points_closes_them() {
        assert_eq!(closing(7), Closing::default());
    }

    #[test]
    fn a_marker_that_was_lost_tells_how_far_it_came() {
        let lost = "the broadcast that docker1 sent behind the exchange reached docker1/macvlan1, node-1/ens33, \
                    host/port-node-1, host/bridge102, and not host/port-node-2, node-2/ens33, docker2/macvlan1";
        let closing = closing(4);
        assert_eq!(closing.astray, [lost]);
        assert_eq!(list(&closing.missed_at), "docker2/macvlan1, host/port-node-2, node-2/ens33");
    }

    #[test]
    fn a_marker_that_was_never_sent_proves_nothing() {
        let closing = closing(0);
        assert_eq!((closing.never_sent.len(), closing.astray.len()), (1, 0));
    }
}
