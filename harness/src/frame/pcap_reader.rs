//! The records of one interface's capture.

use super::{CaptureReader, LinkType, PcapError, Record};

/// Reads what tcpdump captures on an Ethernet interface, piece by piece.
#[derive(Debug, Default)]
pub struct PcapReader {
    reader: CaptureReader,
}

impl PcapReader {
    /// A reader at the beginning of the data.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece of data and returns the records that it completes.
    ///
    /// # Errors
    /// Data that is no Ethernet capture, with the offset. The records before it were returned or are
    /// lost only where one piece holds both.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<Record<'static>>, PcapError> {
        self.reader.push(piece);
        let mut records = Vec::new();
        while let Some(record) = self.reader.next_record()? {
            if record.link_type != LinkType::Ethernet {
                return Err(PcapError::NotEthernet(record.link_type));
            }
            records.push(record.into_owned());
        }
        Ok(records)
    }

    /// Says that no more data comes.
    ///
    /// # Errors
    /// [`PcapError::Truncated`] where the data ended inside the header or a record, and
    /// [`PcapError::Empty`] where there was none.
    pub fn finish(self) -> Result<(), PcapError> {
        self.reader.finish()
    }

    /// Reads all records of a complete capture, keeping those before a damage.
    pub fn read_all(data: &[u8]) -> (Vec<Record<'static>>, Option<PcapError>) {
        let mut reader = Self::new();
        let mut records = Vec::new();
        // Small pieces, so that only the damaged record is lost and not its whole neighbourhood.
        for piece in data.chunks(16) {
            match reader.push(piece) {
                Ok(more) => records.extend(more),
                Err(error) => return (records, Some(error)),
            }
        }
        (records, reader.finish().err())
    }
}
