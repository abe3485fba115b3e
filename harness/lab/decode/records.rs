//! A capture file's records, one after another.

use std::{
    fs::File,
    io::{self, Read},
};

use camino::{Utf8Path, Utf8PathBuf};
use harness::frame::{CaptureReader, PcapError, Record};

const PIECE: usize = 64 * 1024;
/// What stands for the standard input.
pub const STANDARD_INPUT: &str = "-";

/// A capture that can't be read, or told, to its end.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum DecodeError {
    #[error("failed to read the capture {file}")]
    Read { file: Utf8PathBuf, source: io::Error },
    #[error("failed to decode the capture {file}")]
    Decode { file: Utf8PathBuf, source: PcapError },
    #[error("failed to print")]
    Print(#[source] io::Error),
}

/// Hands each record of a capture on, up to its end or its first damage. Holds one at a time.
pub fn each_record(
    file: &Utf8Path,
    mut take: impl FnMut(&Record<'_>) -> io::Result<()>,
) -> Result<(), DecodeError> {
    let unreadable = |source| DecodeError::Read { file: file.to_owned(), source };
    let damaged = |source| DecodeError::Decode { file: file.to_owned(), source };
    let mut data: Box<dyn Read> = match file.as_str() {
        STANDARD_INPUT => Box::new(io::stdin().lock()),
        _ => Box::new(File::open(file).map_err(unreadable)?),
    };
    let mut reader = CaptureReader::new();
    let mut piece = vec![0; PIECE];
    loop {
        let length = match data.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            length => length.map_err(unreadable)?,
        };
        if length == 0 {
            return reader.finish().map_err(damaged);
        }
        reader.push(&piece[..length]);
        while let Some(record) = reader.next_record().map_err(damaged)? {
            take(&record).map_err(DecodeError::Print)?;
        }
    }
}
