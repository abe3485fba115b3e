//! Data that has arrived and waits to be read.

/// Bytes in the order of their arrival, and where in the file they are.
#[derive(Debug, Default)]
pub(super) struct Pending {
    data: Vec<u8>,
    start: usize,
    offset: u64,
}

impl Pending {
    pub(super) fn push(&mut self, piece: &[u8]) {
        // What was read is dropped once for each piece, not once for each record.
        self.data.drain(..self.start);
        self.start = 0;
        self.data.extend_from_slice(piece);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.data[self.start..]
    }

    /// The four bytes at that place, once they have arrived.
    pub(super) fn four_at(&self, place: usize) -> Option<[u8; 4]> {
        self.bytes().get(place..)?.first_chunk().copied()
    }

    /// The place in the file of the first byte that has not been read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Steps over bytes, which must have arrived, and returns them.
    pub(super) fn take(&mut self, length: usize) -> &[u8] {
        let start = self.start;
        self.start += length;
        self.offset += length as u64;
        &self.data[start..self.start]
    }
}
