//! Data that has arrived and waits to be read.

/// Bytes in the order of their arrival, and where in the file they are.
#[derive(Debug, Default)]
pub(super) struct Pending {
    data: Vec<u8>,
    start: usize,
    offset: u64,
    skipped: Option<Skipped>,
}

/// What nobody wants of what is still to arrive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skipped {
    /// Where it begins in the file.
    pub(super) offset: u64,
    /// How many bytes are missing.
    pub(super) missing: usize,
}

impl Pending {
    pub(super) fn push(&mut self, piece: &[u8]) {
        // What was read is dropped once for each piece, not once for each record.
        self.data.drain(..self.start);
        self.start = 0;
        let wanted = self.without_skipped(piece);
        self.data.extend_from_slice(wanted);
    }

    fn without_skipped<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let Some(Skipped { offset, missing }) = self.skipped else { return piece };
        let (dropped, kept) = piece.split_at(missing.min(piece.len()));
        self.offset += dropped.len() as u64;
        let missing = missing - dropped.len();
        self.skipped = (missing > 0).then_some(Skipped { offset, missing });
        kept
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

    /// Steps over bytes that may have arrived or not: those that have not are dropped when they do.
    pub(super) fn skip(&mut self, length: usize) {
        let (offset, here) = (self.offset, length.min(self.bytes().len()));
        self.take(here);
        self.skipped = (length > here).then_some(Skipped { offset, missing: length - here });
    }

    /// What is stepped over and has not arrived yet.
    pub(super) fn skipped(&self) -> Option<Skipped> {
        self.skipped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_wants_is_not_kept() {
        let mut pending = Pending::default();
        pending.push(&[1; 8]);
        pending.take(4);
        pending.skip(4 + (1 << 20));
        for _ in 0..1 << 10 {
            assert!(pending.skipped().is_some_and(|skipped| skipped.offset == 4));
            pending.push(&[2; 1 << 10]);
        }
        assert!(pending.skipped().is_none());
        pending.push(&[3; 4]);
        assert_eq!((pending.bytes(), pending.offset()), (&[3; 4][..], 8 + (1 << 20)));
        assert!(pending.data.capacity() < 1 << 10, "{}", pending.data.capacity());
    }
}
