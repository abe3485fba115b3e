//! Whether a verdict names a place, and nothing else.

use harness::diagnosis::{Explanation, Happening};

use super::{
    mutation::{At, Place},
    scenario::Scenario,
};

/// What a folder's captures say.
#[derive(Clone, Debug)]
pub struct Found {
    pub told: Explanation,
    /// What happened, where the verdict is that something did.
    pub happening: Option<Happening>,
}

/// The points of a verdict: the last that saw the frame, the first that missed it, the first where it was odd.
type Points<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// All points, docker1's way to docker2.
const PATH: [&str; 8] = [
    "docker1/macvlan1",
    "docker3/macvlan1",
    "node-1/ens33",
    "host/port-node-1",
    "host/bridge102",
    "host/port-node-2",
    "node-2/ens33",
    "docker2/macvlan1",
];

impl Found {
    /// Whether this is what the mutation does to a scenario: the happening, the frame and the points, and their order.
    pub fn is_at(&self, place: &Place, scenario: &Scenario) -> bool {
        let frame = place.frame.replace("FROM", scenario.from).replace("TO", scenario.to);
        let told = &self.told;
        let points = (told.last_seen.as_deref(), told.missing_at.as_deref(), told.odd_at.as_deref());
        self.happening == Some(place.happening)
            && told.frame.as_deref() == Some(frame.as_str())
            && place.points(scenario) == Some(points)
    }
}

impl Place {
    /// The points that a verdict about a scenario must name; `None` where none of its frames goes that way.
    fn points(&self, scenario: &Scenario) -> Option<Points<'static>> {
        match self.at {
            At::Between(one, other) => self.between(in_order(one, other, self.receiver(scenario)), scenario),
            At::FromTo(one, other) => {
                let goes_so = in_order(one, other, self.receiver(scenario)) == (one, other);
                goes_so.then(|| self.between((one, other), scenario))?
            }
            At::Point(point) => Some(match self.happening {
                Happening::NeverSent => (None, Some(point), None),
                Happening::Unexpected => (Some(end_of(self.receiver(scenario))), None, Some(point)),
                _ => (Some(point), None, None),
            }),
            At::Astray(last, odd) => Some((Some(last), None, Some(odd))),
        }
    }

    fn between(
        &self,
        (one, other): (&'static str, &'static str),
        scenario: &Scenario,
    ) -> Option<Points<'static>> {
        // The bridge's own interface is on the way of the host's frames alone, and then a port less is.
        let of_the_host = [scenario.from, scenario.to].contains(&"host");
        let is_inside = [one, other].iter().all(|point| point.starts_with("host/"));
        if is_inside && of_the_host != [one, other].contains(&"host/bridge102") {
            return None;
        }
        Some(match self.happening {
            Happening::Lost => (Some(one), Some(other), self.stranger_at),
            _ => (Some(one), None, Some(other)),
        })
    }

    /// Who is to have the frame.
    fn receiver(&self, scenario: &Scenario) -> &'static str {
        let is_answer = ["ARP reply", "echo reply"].iter().any(|begin| self.frame.starts_with(begin));
        if is_answer { scenario.from } else { scenario.to }
    }
}

/// An endpoint's own point.
fn end_of(endpoint: &str) -> &'static str {
    let is_end = |point: &&&str| point.split('/').next() == Some(endpoint) && !point.contains("/port-");
    PATH.iter().find(is_end).expect("an endpoint has a point")
}

/// Two neighbours on the way to a receiver.
fn in_order(one: &'static str, other: &'static str, receiver: &str) -> (&'static str, &'static str) {
    let place = |point: &str| PATH.iter().position(|known| *known == point).expect("a known point");
    let distance = |point| place(point).abs_diff(place(end_of(receiver)));
    if distance(one) > distance(other) { (one, other) } else { (other, one) }
}
