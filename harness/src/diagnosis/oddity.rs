//! What is not as it should be although the probe was answered, and where a frame became another.

use std::time::Duration;

use super::{Happening, Place, place::Turn, talk::Talk};
use crate::{
    journey::{Journey, Station},
    transcript::{Exchange, Part},
    vantage_point::{Side, VantagePoint},
};

impl<'a> Talk<'a> {
    /// The first frame of the probe's that was altered, lost in one of its copies, doubled, sent elsewhere
    /// too, or overtaken.
    pub(super) fn oddity(&self) -> Option<Place> {
        let own = || self.journeys.iter().filter(|journey| self.is_own(journey));
        let lost = |journey: &&Journey| journey.is_lost() && !self.is_answered_all_the_same(journey);
        (own().find_map(|journey| self.alteration(journey)))
            .or_else(|| own().find(lost).map(|journey| self.place(Happening::Lost, Some(journey))))
            .or_else(|| own().find_map(|journey| self.doubling(journey)))
            .or_else(|| own().find_map(|journey| self.straying(journey)))
            .or_else(|| own().find_map(|journey| own().find_map(|other| self.overtaking(journey, other))))
    }

    /// Where a frame that is lost goes on as another.
    pub(super) fn alteration(&self, journey: &Journey) -> Option<Place> {
        if !journey.is_lost() {
            return None;
        }
        let goes_on = |other: &&Journey| {
            let begins = other.way().position(Station::saw);
            is_alike(journey, other) && begins.is_some_and(|begins| begins >= journey.progress())
        };
        let other = self.journeys.iter().find(goes_on)?;
        let odd = other.way().find(|station| station.saw())?;
        let last = journey.last_seen()?;
        let how = format!(
            "altered between {} and {}: there it is `{} > {} {}`",
            last.point(),
            odd.point(),
            other.source(),
            other.destination(),
            other.text()
        );
        Some(self.turn(Happening::Altered, journey, Some(last.point()), odd.point(), how))
    }

    /// Where a frame got a VLAN tag that its receiver did not take off.
    pub(super) fn tagging(&self, journey: &Journey) -> Option<Place> {
        let seen: Vec<(Station<'_>, &[u16])> =
            (journey.way()).filter_map(|station| Some((station, station.first?.vlans))).collect();
        let (_, tags) = seen.last()?;
        let pair = seen.windows(2).rev().find(|pair| pair[0].1 != pair[1].1)?;
        if tags.iter().all(|tag| *tag == 0) {
            return None;
        }
        let (last, odd) = (pair[0].0.point(), pair[1].0.point());
        let how = format!("it got the tag {tags:?} between {last} and {odd}, and nothing took it off");
        Some(self.turn(Happening::Altered, journey, Some(last), odd, how))
    }

    /// Where a frame came to its receiver more often than it was sent. What a switch reflects is none: a parent's tap sees
    /// what it sends to its own children, or they to it, on both ways.
    fn doubling(&self, journey: &'a Journey) -> Option<Place> {
        let topology = &self.case.topology;
        let machine = |end: Option<&'a str>| {
            let end = end?;
            Some(topology.container(end).map_or(end, |container| container.node.as_str()))
        };
        if machine(journey.from()) == machine(journey.to()) {
            return None;
        }
        let captured: Vec<Station<'_>> = journey.way().filter(|station| station.is_captured).collect();
        let (first, end) = (captured.first()?, captured.last()?);
        if first.times == 0 || end.times <= first.times {
            return None;
        }
        let pair = captured.windows(2).rev().find(|pair| pair[0].times <= first.times)?;
        let (last, odd) = (pair[0], pair[1]);
        let how = format!(
            "seen {} times at {} and {} times at {}",
            last.times,
            last.point(),
            odd.times,
            odd.point()
        );
        Some(self.turn(Happening::Doubled, journey, Some(last.point()), odd.point(), how))
    }

    /// A port that a frame for one receiver left by, although the switch had heard that receiver at another.
    fn straying(&self, journey: &Journey) -> Option<Place> {
        if journey.is_broadcast() {
            return None;
        }
        let is_port = |station: &Station<'_>| station.point().side == Side::Switch && station.saw();
        let home = journey.way().rev().find(is_port)?;
        let strange = journey.elsewhere().find(is_port)?;
        let at = strange.first?.at;
        let heard = self.journeys.iter().any(|other| {
            let there = other.stations().find(|station| station.point() == home.point());
            other.frame().source == journey.frame().destination
                && there.and_then(|station| station.first).is_some_and(|frame| frame.at < at)
        });
        heard.then(|| {
            let how = format!("it left by {} too, where {} is not", strange.point(), journey.destination());
            self.turn(
                Happening::Strayed,
                journey,
                journey.last_seen().map(|last| last.point()),
                strange.point(),
                how,
            )
        })
    }

    /// Where a frame overtook another one that goes the same way. A broadcast is none: a child gets it by a queue.
    fn overtaking(&self, journey: &'a Journey, other: &Journey) -> Option<Place> {
        if journey.is_broadcast()
            || other.is_broadcast()
            || (journey.from(), journey.to()) != (other.from(), other.to())
        {
            return None;
        }
        let order = |(station, beside): (Station<'a>, Station<'_>)| {
            Some((station.point(), station.first?.place? < beside.first?.place?))
        };
        let orders: Vec<(&VantagePoint, bool)> = journey.way().zip(other.way()).filter_map(order).collect();
        let pair = orders.windows(2).find(|pair| pair[0].1 && !pair[1].1)?;
        let (last, odd) = (pair[0].0, pair[1].0);
        let how = format!("{} overtook it between {last} and {odd}", other.name());
        Some(self.turn(Happening::Overtaken, journey, Some(last), odd, how))
    }

    /// Where the time went of an echo whose reply came when ping had waited in vain.
    pub(super) fn lateness(&self, deadline: Duration) -> Option<Place> {
        let request =
            self.journeys.iter().find(|journey| journey.is_echo_request() && self.is_own(journey))?;
        let reply = self
            .journeys
            .iter()
            .find(|journey| journey.part() == Part::Answer && journey.exchange() == request.exchange())?;
        let waited = |station: Station<'a>| -> Option<(&'a VantagePoint, Duration)> {
            let asked = request.stations().find(|other| other.point() == station.point())?;
            let waited = station.first?.at.checked_sub(asked.first?.at)?;
            Some((station.point(), waited))
        };
        let times: Vec<_> = reply.way().filter_map(waited).collect();
        times.last().filter(|(_, waited)| *waited >= deadline)?;
        let slowest = times.windows(2).max_by_key(|pair| pair[1].1.saturating_sub(pair[0].1))?;
        let [(last, before), (odd, after)] = slowest else { return None };
        let how = format!(
            "ping had given it up: {last} saw it {} s after the request, and {odd} {} s",
            before.as_secs_f32(),
            after.as_secs_f32()
        );
        Some(self.turn(Happening::Late, reply, Some(last), odd, how))
    }

    /// Whether a frame is between the probe's two ends, asks for one of them or answers that.
    fn is_own(&self, journey: &Journey) -> bool {
        let probe = &self.case.probe;
        let ends = probe.ends();
        let is_followed =
            journey.is_about_an_address() || matches!(journey.exchange(), Exchange::Echo { .. });
        is_followed
            && [journey.from(), journey.to()].iter().all(|end| end.is_some_and(|end| ends.contains(&end)))
    }

    fn turn(
        &self,
        happening: Happening,
        journey: &Journey,
        last: Option<&VantagePoint>,
        odd: &VantagePoint,
        how: String,
    ) -> Place {
        let turn = Turn { last: last.cloned(), odd: odd.clone(), how };
        Place { turn: Some(turn), ..self.place(happening, Some(journey)) }
    }
}

/// Whether two frames are the same part of the same talk, whatever else they say.
fn is_alike(one: &Journey, other: &Journey) -> bool {
    let is_same = match (one.exchange(), other.exchange()) {
        (Exchange::Echo { sequence: one, .. }, Exchange::Echo { sequence: other, .. }) => one == other,
        (one, other) => one == other,
    };
    is_same
        && (one.from(), one.to(), one.part()) == (other.from(), other.to(), other.part())
        && !one.says_the_same_as(other)
}
