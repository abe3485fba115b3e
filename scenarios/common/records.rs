//! What a capture's bytes tell, and its picture leaves out.

use harness::{
    frame::{PcapReader, Record},
    lab::Lab,
    vantage_point::VantagePoint,
};
use miette::IntoDiagnostic as _;

/// What a point's finished capture holds.
pub fn records_at(lab: &Lab, point: &VantagePoint) -> miette::Result<Vec<Record<'static>>> {
    let data = std::fs::read(lab.folder().join(point.file_name())).into_diagnostic()?;
    let (records, damage) = PcapReader::read_all(&data);
    damage.map_or(Ok(records), Err).into_diagnostic()
}
