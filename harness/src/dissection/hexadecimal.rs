//! Bytes that are shown and not understood.

use super::dissector::{Dissected, Dissector};

const BYTES_PER_LINE: usize = 16;
/// Eight pairs of bytes, each with a space before it.
const COLUMNS: usize = 40;

impl Dissector<'_> {
    /// Prints the bytes from a place on as `tcpdump -X` does.
    pub(super) fn print_hexadecimal_and_ascii(&mut self, at: usize) -> Dissected {
        for (line, bytes) in self.slice(at, self.available(at))?.chunks(BYTES_PER_LINE).enumerate() {
            let ascii: String = bytes.iter().map(|&byte| graphic(byte)).collect();
            let offset = line * BYTES_PER_LINE;
            self.print(format_args!("\n\t0x{offset:04x}: {:COLUMNS$}  {ascii}", pairs(bytes)));
        }
        Ok(())
    }

    /// Prints bytes as `tcpdump -x` does, as many as there are.
    pub(super) fn print_unknown_data(&mut self, at: usize, length: usize) -> Dissected {
        let shown = length.min(self.available(at));
        for (line, bytes) in self.slice(at, shown)?.chunks(BYTES_PER_LINE).enumerate() {
            self.print(format_args!("\n\t0x{:04x}: {}", line * BYTES_PER_LINE, pairs(bytes)));
        }
        Ok(())
    }
}

fn pairs(bytes: &[u8]) -> String {
    let hexadecimal = |pair: &[u8]| pair.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    bytes.chunks(2).map(|pair| format!(" {}", hexadecimal(pair))).collect()
}

fn graphic(byte: u8) -> char {
    if byte.is_ascii_graphic() { byte.into() } else { '.' }
}
