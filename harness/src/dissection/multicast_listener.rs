//! Multicast listener discovery (RFC 2710, RFC 3810).

use super::dissector::{Dissected, Dissector};

/// A query or report of the first version.
const LENGTH: usize = 24;
/// A query of the second version, without sources.
const QUERY_V2_LENGTH: usize = 28;
const REPORT_V2_LENGTH: usize = 8;
const ADDRESS_LENGTH: usize = 16;

impl Dissector<'_> {
    pub(super) fn listener_query(&mut self, at: usize, length: usize) -> Dissected {
        if length == LENGTH {
            return self.listener_report(at);
        }
        if length < QUERY_V2_LENGTH {
            self.print(format_args!(" unknown-version (len {length}) "));
            return Ok(());
        }
        self.print(" v2");
        self.print(format_args!(" [gaddr {}", self.ipv6(at + 8)?));
        let sources = usize::from(self.u16(at + 26)?);
        if length < QUERY_V2_LENGTH + sources * ADDRESS_LENGTH {
            self.print(" [invalid number of sources]");
        } else if sources > 0 {
            self.print(format_args!(", {sources} source(s)"));
        }
        self.print("]");
        Ok(())
    }

    /// A report, a done, or a query of the first version.
    pub(super) fn listener_report(&mut self, at: usize) -> Dissected {
        if self.has(at, LENGTH) {
            self.print(format_args!("max resp delay: {} addr: {}", self.u16(at + 4)?, self.ipv6(at + 8)?));
        }
        Ok(())
    }

    pub(super) fn listener_report_v2(&mut self, at: usize, length: usize) -> Dissected {
        if length < REPORT_V2_LENGTH {
            self.print(format_args!(" [invalid len {length}]"));
            return Ok(());
        }
        self.print(format_args!(", {} group record(s)", self.u16(at + 6)?));
        Ok(())
    }
}
