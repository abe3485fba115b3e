//! All transcripts of a scenario as one table: frames as rows, vantage points as columns.

mod error;
mod fold;
mod order;
mod render;
mod row;
mod rows;
mod sightings;

use std::collections::BTreeMap;

pub(crate) use order::as_agreed;
pub(crate) use rows::Rows;

pub use error::PictureError;
pub use order::Order;
pub use row::Row;

use crate::{
    topology::Topology,
    transcript::Transcripts,
    vantage_point::{Side, VantagePoint},
};

/// One side's view of an exchange. Its [`Display`](std::fmt::Display) is the snapshot's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The columns' headings, in the order of the path.
    pub headings: Vec<String>,
    /// The frames, in the order that all vantage points agree on.
    pub rows: Vec<Row>,
    /// How often a frame was sent again and folded into its row, by the row's text.
    pub folded: BTreeMap<String, usize>,
    order: Order,
}

impl Picture {
    /// Draws one side's picture. The transcripts are those of the points of `side`; the others are
    /// ignored, so that the machines' picture is the same with and without the host's side.
    ///
    /// # Errors
    /// [`PictureError::Disagree`] where two points saw two frames in different orders and `order`
    /// does not allow that.
    pub fn draw(
        transcripts: &Transcripts,
        side: Side,
        order: Order,
        topology: &Topology,
    ) -> Result<Self, PictureError> {
        let path = VantagePoint::along_the_path(topology);
        let mut rows = Rows::align(transcripts, |point| point.side == side, &path);
        let folded = fold::retransmissions(&mut rows);
        let arranged = order::arrange(&rows, order)?;
        let headings = rows.columns().iter().map(|column| column.point.heading(topology)).collect();
        let rows = arranged.into_iter().map(|row| rows.row(row)).collect();
        Ok(Self { headings, rows, folded, order })
    }
}
