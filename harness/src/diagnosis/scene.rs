//! What rules look at.

use std::net::IpAddr;

use super::{Case, Control, Happening, Place, talk::Talk};
use crate::{
    MacAddress,
    container::Interface,
    frame::Content,
    journey::{Journey, Station},
    state::{BridgePort, MachineState},
    stimulus::Stimulus,
    topology::Node,
    vantage_point::{Side, VantagePoint},
};

/// A failure's place, with all that is known.
pub(super) struct Scene<'a> {
    pub(super) case: &'a Case,
    pub(super) journeys: &'a [Journey],
    pub(super) place: &'a Place,
}

/// A control's frame where the lost one got lost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passage<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) is_broadcast: bool,
    pub(super) has_passed: bool,
}

impl<'a> Scene<'a> {
    pub(super) fn asker(&self) -> &'a str {
        &self.case.probe.from
    }

    pub(super) fn asked(&self) -> &'a str {
        &self.case.probe.to
    }

    pub(super) fn talk(&self) -> Talk<'a> {
        Talk { case: self.case, journeys: self.journeys }
    }

    /// The frame that was lost.
    pub(super) fn lost(&self) -> Option<&'a Journey> {
        self.place.journey.as_ref().filter(|_| self.place.happening == Happening::Lost)
    }

    /// The frame that arrived, as far as there are captures, and was not answered.
    pub(super) fn unanswered(&self) -> Option<&'a Journey> {
        self.place.journey.as_ref().filter(|_| self.place.happening == Happening::Unanswered)
    }

    /// The frame that arrived as another.
    pub(super) fn altered(&self) -> Option<&'a Journey> {
        self.place.journey.as_ref().filter(|_| self.place.happening == Happening::Altered)
    }

    /// The frame that was lost or not answered.
    pub(super) fn failed(&self) -> Option<&'a Journey> {
        self.lost().or_else(|| self.unanswered())
    }

    /// Whether nothing was sent at all.
    pub(super) fn is_silent(&self) -> bool {
        self.place.happening == Happening::NeverSent && self.place.journey.is_none()
    }

    /// What is known of an endpoint.
    pub(super) fn state(&self, endpoint: &str) -> Option<&'a MachineState> {
        self.case.states.of(endpoint)
    }

    /// What is known of a point's interface.
    pub(super) fn interface(&self, point: &VantagePoint) -> Option<&'a Interface> {
        self.state(&point.machine)?.interface(&point.interface)
    }

    /// What is known of a bridge's port.
    pub(super) fn port(&self, point: &VantagePoint) -> Option<&'a BridgePort> {
        self.state(&point.machine)?.port(&point.interface)
    }

    /// Whether the bridge knows a MAC address behind a port.
    pub(super) fn forwards(&self, port: &VantagePoint, mac: MacAddress) -> bool {
        let known = self.state(&port.machine).and_then(|state| state.forwarding.as_ref());
        known.into_iter().flatten().any(|entry| entry.mac == mac && entry.ifname == port.interface)
    }

    /// The last point that saw the lost frame, and the first that did not.
    pub(super) fn segment(&self) -> Option<(Station<'a>, Station<'a>)> {
        let journey = self.lost()?;
        Some((journey.last_seen()?, journey.rest().find(|station| station.missed())?))
    }

    /// Whether the lost frame got lost inside the switch: in by a port, or on the way to it, and not out of another.
    pub(super) fn is_lost_in_the_switch(&self) -> bool {
        let Some((last, missing)) = self.segment() else { return false };
        let Some(journey) = self.lost() else { return false };
        let ends = [journey.from(), journey.to()].map(|end| end.and_then(|end| self.node_of(end)));
        let crosses = ends[0].map(|node| &node.name) != ends[1].map(|node| &node.name);
        let is_inside = |end: usize, point: &VantagePoint| match ends[end] {
            Some(node) => {
                point.machine == node.name || (point.side == Side::Switch && point.interface == node.port)
            }
            None => point.side == Side::Switch,
        };
        crosses && is_inside(0, last.point()) && is_inside(1, missing.point())
    }

    /// Frames of the controls that came the lost frame's way where that got lost: whose they were, and whether they passed.
    pub(super) fn passages(&self) -> Vec<Passage<'a>> {
        let (Some((last, missing)), Some(lost)) = (self.segment(), self.lost()) else { return Vec::new() };
        let ends = [lost.from(), lost.to()].map(|end| end.and_then(|end| self.node_of(end)));
        let is_alike = |from: &str, to: &str| [self.node_of(from), self.node_of(to)] == ends;
        let journeys = self.case.controls.iter().flat_map(Control::journeys);
        let seen = journeys.filter_map(|journey| {
            let at = |point: &VantagePoint| journey.way().find(|station| station.point() == point);
            let has_passed = at(missing.point())?.saw();
            let (from, to) = (journey.from()?, journey.to()?);
            let is_known = has_passed || at(last.point())?.saw();
            is_known.then_some(Passage { from, to, is_broadcast: journey.is_broadcast(), has_passed })
        });
        // Of one that was answered both ways are known to be open, whether or not it was captured.
        let answered = self.case.controls.iter().filter(|control| control.is_answered).flat_map(|control| {
            let [one, other] = control.probe.ends();
            [(one, other), (other, one)].map(|(from, to)| Passage {
                from,
                to,
                is_broadcast: false,
                has_passed: true,
            })
        });
        seen.chain(answered).filter(|passage| is_alike(passage.from, passage.to)).collect()
    }

    /// The ports that the lost frame came in by and was to leave by.
    pub(super) fn ports(&self, end: Option<&str>) -> Option<VantagePoint> {
        let node = self.node_of(end?)?;
        let points = VantagePoint::towards_the_switch(&self.case.topology, &node.name)?;
        points.into_iter().find(|point| point.side == Side::Switch)
    }

    /// The node that an endpoint is, or lives on.
    pub(super) fn node_of(&self, endpoint: &str) -> Option<&'a Node> {
        let topology = &self.case.topology;
        let container = topology.container(endpoint);
        topology.node(container.map_or(endpoint, |container| &container.node))
    }

    pub(super) fn is_container(&self, endpoint: &str) -> bool {
        self.case.topology.container(endpoint).is_some()
    }

    /// The MAC addresses of an endpoint's own interface: as the machine says, else as they are known
    /// from elsewhere.
    pub(super) fn macs_of(&self, endpoint: &str) -> Vec<MacAddress> {
        let own = VantagePoint::towards_the_switch(&self.case.topology, endpoint);
        let own = own.and_then(|points| self.interface(points.first()?)?.address);
        own.map_or_else(|| self.case.owners.macs_of(endpoint).collect(), |mac| vec![mac])
    }

    /// The address that the question is about.
    pub(super) fn asked_address(&self) -> Option<IpAddr> {
        if let Some(Content::Neighbour(neighbour)) = self.failed().map(|journey| &journey.frame().content) {
            return Some(neighbour.target.into());
        }
        let pinged = self.case.stimulus.as_ref().and_then(Stimulus::address);
        pinged.or_else(|| self.declared_address())
    }

    fn declared_address(&self) -> Option<IpAddr> {
        self.case.topology.address(self.asked()).map(|network| network.addr().into())
    }

    /// The address that a frame says it is from.
    pub(super) fn sender_address(&self, journey: &Journey) -> Option<IpAddr> {
        match &journey.frame().content {
            Content::Arp(arp) => Some(arp.sender_protocol.into()),
            Content::Echo(echo) => Some(echo.source.into()),
            Content::Echo6(echo) => Some(echo.source.into()),
            Content::Neighbour(neighbour) => Some(neighbour.source.into()),
            Content::Datagram(_) | Content::Other(_) => None,
        }
    }
}
