//! Where a packet died.

use std::fmt::{self, Write as _};

use crate::{
    journey::{Journey, Station},
    vantage_point::VantagePoint,
};

/// The place of a failure: never more exact than what was captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What is wrong.
    pub happening: Happening,
    /// The frame that it is about; where nothing was sent, the last one before, if any.
    pub journey: Option<Journey>,
    /// The asker's own point, and whether that was captured.
    pub(super) origin: Option<(VantagePoint, bool)>,
    /// Where the frame stopped being as it should be, without being lost.
    pub(super) turn: Option<Turn>,
    /// Where an answer that is not the asked one's own came into what was captured.
    pub(super) strangers_entry: Option<VantagePoint>,
}

/// Two neighbours on a frame's way, between which something became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// The last point where all was well.
    pub(super) last: Option<VantagePoint>,
    /// The first where it was not.
    pub(super) odd: VantagePoint,
    /// What became of the frame, in words that follow its name.
    pub(super) how: String,
}

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// The frame was seen up to a point, and not at the next that was captured.
    Lost,
    /// It came as far as there are captures, and was not answered.
    Unanswered,
    /// What should have been sent was not.
    NeverSent,
    /// It should not be there: the question has another answer, or its answer another sender.
    Unexpected,
    /// It left one point, and came to the next as another.
    Altered,
    /// It came more often than it was sent.
    Doubled,
    /// It came when its sender had given up.
    Late,
    /// The switch sent it where it had no business, though it knew better.
    Strayed,
    /// Another that goes the same way overtook it.
    Overtaken,
}

impl Place {
    /// What the frame is called.
    pub fn frame(&self) -> String {
        match (&self.journey, self.happening) {
            (None, _) => "ARP request or echo request".to_owned(),
            (Some(_), Happening::NeverSent) => "echo request".to_owned(),
            (Some(journey), _) => journey.name(),
        }
    }

    /// The last point that saw the frame.
    pub fn last_seen(&self) -> Option<&VantagePoint> {
        if let Some(turn) = &self.turn {
            return turn.last.as_ref();
        }
        let journey = self.journey.as_ref().filter(|_| self.happening != Happening::NeverSent)?;
        journey.last_seen().map(|station| station.point())
    }

    /// The first point behind that one which was captured, and did not see it.
    pub fn missing_at(&self) -> Option<&VantagePoint> {
        match self.happening {
            Happening::Lost => {
                self.journey.as_ref()?.rest().find(|station| station.missed()).map(|station| station.point())
            }
            Happening::NeverSent => self.origin(true),
            _ => None,
        }
    }

    /// The first point where a frame was that should not be there, or where it was not as it had been before.
    pub fn odd_at(&self) -> Option<&VantagePoint> {
        if let Some(turn) = &self.turn {
            return Some(&turn.odd);
        }
        self.strangers_entry.as_ref()
    }

    /// Points in between that were not captured: the frame died before, at or behind them.
    pub fn not_captured(&self) -> Vec<&VantagePoint> {
        let rest = self.journey.iter().flat_map(Journey::rest);
        match self.happening {
            Happening::Lost => {
                rest.take_while(|station| !station.missed()).map(|station| station.point()).collect()
            }
            Happening::Unanswered => rest.map(|station| station.point()).collect(),
            Happening::NeverSent => self.origin(false).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The asker's own point, if it is captured as asked.
    fn origin(&self, captured: bool) -> Option<&VantagePoint> {
        self.origin.as_ref().filter(|(_, is_captured)| *is_captured == captured).map(|(point, _)| point)
    }

    /// Its way with a mark at each point, up to the first that did not see it.
    fn marks(&self) -> String {
        let Some(journey) = &self.journey else { return String::new() };
        let end = journey.way().position(Station::missed).filter(|_| self.happening == Happening::Lost);
        let way = journey.way();
        let shown = end.map_or(way.len(), |end| (end + 1).max(journey.progress() + 1));
        let mark = |station: Station<'_>| match (station.is_captured, station.times) {
            (false, _) => "?".to_owned(),
            (true, 0) => "✗".to_owned(),
            (true, 1) => "✓".to_owned(),
            (true, times) => format!("✓×{times}"),
        };
        let marks = way.take(shown).map(|station| format!("{} {}", station.point(), mark(station)));
        marks.collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let name = |point: Option<&VantagePoint>| point.map_or("?".to_owned(), ToString::to_string);
        let last = name(self.last_seen());
        match self.happening {
            Happening::Lost if self.last_seen().is_none() => {
                write!(text, "{}: {}: never seen on its way", self.frame(), self.marks())?;
            }
            Happening::Lost => {
                let missing = name(self.missing_at());
                write!(text, "{}: {}: lost between {last} and {missing}", self.frame(), self.marks())?;
            }
            Happening::Unanswered if self.not_captured().is_empty() => {
                write!(
                    text,
                    "{}: {}: it arrived at {last}, and nothing answered",
                    self.frame(),
                    self.marks()
                )?;
            }
            Happening::Unanswered => {
                write!(
                    text,
                    "{}: {}: last seen at {last}, and nothing answered",
                    self.frame(),
                    self.marks()
                )?;
            }
            Happening::NeverSent => match self.missing_at() {
                Some(origin) => write!(text, "{}: never seen, not even at {origin}", self.frame())?,
                None => write!(text, "{}: seen nowhere", self.frame())?,
            },
            Happening::Unexpected => {
                write!(text, "{}: {}: it should not be there", self.frame(), self.marks())?;
            }
            Happening::Altered
            | Happening::Doubled
            | Happening::Late
            | Happening::Strayed
            | Happening::Overtaken => {
                let how = self.turn.as_ref().map(|turn| turn.how.as_str()).unwrap_or_default();
                write!(text, "{}: {}: {how}", self.frame(), self.marks())?;
            }
        }
        if let Some(entry) = &self.strangers_entry {
            write!(text, "; an answer that is not its own came in at {entry}")?;
        }
        let not_captured = self.not_captured().into_iter().map(ToString::to_string).collect::<Vec<_>>();
        if !not_captured.is_empty() {
            write!(text, "; nothing was captured at {}", not_captured.join(", "))?;
        }
        f.write_str(&text)
    }
}
