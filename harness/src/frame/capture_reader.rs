//! Capture data of either format, read as it arrives.

use super::{
    PcapError, Record,
    pcap::Pcap,
    pcapng::{Pcapng, SECTION_HEADER},
    pending::{Pending, Skipped},
};

/// Reads pcap or pcapng data piece by piece; holds no more than a piece, one incomplete record of 1 MiB at most, and what
/// a section says of its interfaces.
#[derive(Debug, Default)]
pub struct CaptureReader {
    format: Option<Format>,
    pending: Pending,
}

#[derive(Debug)]
enum Format {
    Pcap(Pcap),
    Pcapng(Pcapng),
}

impl CaptureReader {
    /// A reader at the beginning of the data.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of data.
    pub fn push(&mut self, piece: &[u8]) {
        self.pending.push(piece);
    }

    /// The next record, if all of it has arrived. Nothing is copied: it lasts until the next call.
    ///
    /// # Errors
    /// Data that is no capture or a damaged one, with the offset. What comes behind a damage can't
    /// be read.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>, PcapError> {
        if self.format.is_none() {
            self.format = self.begin()?;
        }
        match &mut self.format {
            None => Ok(None),
            Some(Format::Pcap(pcap)) => pcap.next(&mut self.pending),
            Some(Format::Pcapng(pcapng)) => pcapng.next(&mut self.pending),
        }
    }

    /// Says that no more data comes and that all records were taken.
    ///
    /// # Errors
    /// [`PcapError::Truncated`] where the data ended inside a header or a record, and
    /// [`PcapError::Empty`] where there was none.
    pub fn finish(mut self) -> Result<(), PcapError> {
        if let Some(Skipped { offset, missing }) = self.pending.skipped() {
            return Err(PcapError::Truncated { offset, missing });
        }
        let (left, offset) = (self.pending.bytes().len(), self.pending.offset());
        let expected = match &mut self.format {
            None if left == 0 => return Err(PcapError::Empty),
            Some(_) if left == 0 => return Ok(()),
            None => Pcap::header_length(),
            Some(Format::Pcap(pcap)) => pcap.record_length(&self.pending),
            Some(Format::Pcapng(pcapng)) => pcapng.record_length(&self.pending),
        };
        Err(PcapError::Truncated { offset, missing: expected.saturating_sub(left).max(1) })
    }

    fn begin(&mut self) -> Result<Option<Format>, PcapError> {
        match self.pending.four_at(0) {
            None => Ok(None),
            Some(SECTION_HEADER) => Ok(Some(Format::Pcapng(Pcapng::default()))),
            Some(_) => Ok(Pcap::begin(&mut self.pending)?.map(Format::Pcap)),
        }
    }
}
