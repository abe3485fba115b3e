//! The captures of a folder.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use super::RunFolderError;
use crate::{
    frame::{CaptureReader, Frame, LinkType, Packet, PcapError, Record},
    topology::Topology,
    transcript::Claims,
    vantage_point::VantagePoint,
};

/// A vantage point's capture, as far as it could be read.
pub(super) struct Read {
    pub(super) point: VantagePoint,
    pub(super) records: Vec<Record<'static>>,
    /// What is wrong with it.
    pub(super) weakness: Option<String>,
}

/// Reads the captures that are there, in the order of the path.
pub(super) fn read_all(folder: &Utf8Path, topology: &Topology) -> Result<Vec<Read>, RunFolderError> {
    let points = VantagePoint::along_the_path(topology);
    let files = points.iter().filter_map(|point| Some((point.clone(), file_of(folder, point)?)));
    let read: Vec<Read> = files.map(|(point, path)| read(point, path)).collect::<Result<_, _>>()?;
    if read.is_empty() {
        let expected = points.iter().map(VantagePoint::file_name).collect::<Vec<_>>().join(", ");
        return Err(RunFolderError::NoCaptures { folder: folder.to_owned(), expected });
    }
    Ok(read)
}

fn file_of(folder: &Utf8Path, point: &VantagePoint) -> Option<Utf8PathBuf> {
    let classic = folder.join(point.file_name());
    [classic.with_extension("pcapng"), classic].into_iter().rev().find(|path| path.is_file())
}

fn read(point: VantagePoint, path: Utf8PathBuf) -> Result<Read, RunFolderError> {
    let data = fs::read(&path).map_err(|source| RunFolderError::Unreadable { path, source })?;
    let (records, damage) = records(&data);
    let cooked = records.iter().any(|record| record.link_type != LinkType::Ethernet);
    // tcpdump that was ended before the first frame may have written nothing.
    let damage = damage.filter(|damage| *damage != PcapError::Empty);
    let weakness = match damage {
        Some(damage) => Some(format!("the capture at {point} can't be read to its end: {damage}")),
        None => cooked.then(|| {
            format!("the capture at {point} has no Ethernet headers: capture on the interface itself, and not on `any`")
        }),
    };
    Ok(Read { point, records, weakness })
}

fn records(data: &[u8]) -> (Vec<Record<'static>>, Option<PcapError>) {
    let mut reader = CaptureReader::new();
    reader.push(data);
    let mut records = Vec::new();
    loop {
        match reader.next_record() {
            Ok(Some(record)) => records.push(record.into_owned()),
            Ok(None) => return (records, reader.finish().err()),
            Err(damage) => return (records, Some(damage)),
        }
    }
}

impl Read {
    pub(super) fn teach(&self, claims: &mut Claims) {
        for record in &self.records {
            claims.hear(&Packet::decode(record));
        }
    }

    pub(super) fn frames(&self) -> Vec<Frame> {
        self.records.iter().map(Frame::decode).collect()
    }
}
