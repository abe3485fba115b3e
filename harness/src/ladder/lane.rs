//! The lanes: one for each vantage point.

use crate::vantage_point::VantagePoint;

/// What a terminal has at least.
pub(super) const WIDTH: usize = 80;
/// A lane no wider than this keeps the arrows readable.
const LANE_WIDTH_MAX: usize = 13;

/// Where each vantage point's lane is.
pub(super) struct Lanes {
    points: Vec<VantagePoint>,
    width: usize,
}

impl Lanes {
    pub(super) fn new(points: Vec<VantagePoint>) -> Self {
        let width = (WIDTH / points.len().max(1)).clamp(2, LANE_WIDTH_MAX);
        Self { points, width }
    }

    /// The column of a point's lane.
    pub(super) fn column(&self, point: &VantagePoint) -> Option<usize> {
        let place = self.points.iter().position(|known| known == point)?;
        Some(self.middle(place)).filter(|column| *column < WIDTH)
    }

    /// A line with nothing but the lanes.
    pub(super) fn empty(&self) -> Vec<char> {
        let mut line = vec![' '; WIDTH];
        for place in 0..self.points.len() {
            if let Some(cell) = line.get_mut(self.middle(place)) {
                *cell = '│';
            }
        }
        line
    }

    /// The lanes' headings: the machine, and below it the interface, broken where it is longer than the lane.
    pub(super) fn headings(&self) -> Vec<String> {
        let names = self.points.iter().map(|point| {
            let room = self.width - 1;
            [broken(&point.machine, room), broken(&point.interface, room)]
        });
        let names: Vec<[Vec<String>; 2]> = names.collect();
        (0..2)
            .flat_map(|part| {
                let height = names.iter().map(|name| name[part].len()).max().unwrap_or(0);
                let names = &names;
                (0..height).map(move |line| {
                    let cells = names.iter().map(|name| name[part].get(line).cloned().unwrap_or_default());
                    cells.map(|cell| format!("{cell:^width$}", width = self.width)).collect::<String>()
                })
            })
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    fn middle(&self, place: usize) -> usize {
        place * self.width + (self.width - 1) / 2
    }
}

/// A name in pieces that fit, broken behind a hyphen where there is one.
fn broken(name: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in name.split_inclusive('-').flat_map(|part| pieces(part, room)) {
        match lines.last_mut() {
            Some(line) if line.chars().count() + piece.chars().count() <= room => line.push_str(&piece),
            _ => lines.push(piece),
        }
    }
    lines
}

fn pieces(part: &str, room: usize) -> Vec<String> {
    let letters: Vec<char> = part.chars().collect();
    letters.chunks(room.max(1)).map(|piece| piece.iter().collect()).collect()
}
