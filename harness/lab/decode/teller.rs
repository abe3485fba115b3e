//! A capture's frames in one of the formats.

use std::io::{self, Write};

use camino::Utf8Path;
use clap::ValueEnum;
use harness::{
    JsonLine,
    capture::Notes,
    dissection::{Dissection, TimeOfDay},
    frame::{Packet, Record},
    topology::Topology,
    transcript::{Claims, Marker, Owners, narrate},
};

use super::records::{DecodeError, STANDARD_INPUT, each_record};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The project's words: owners' names in place of addresses, and what is unusual.
    Transcript,
    /// What `tcpdump -n -r FILE` prints, for ARP, ICMP and ICMPv6; of other frames the kind.
    Tcpdump,
    /// An object a line: file, time (RFC 3339, nanoseconds), length, captured_length, source,
    /// destination, vlans, kind, fields; interface, interface_index and direction where known. Kinds:
    /// arp, echo_request, echo_reply, neighbour_solicitation, neighbour_advertisement, other.
    Json,
}

/// When it is learned which MAC addresses have the topology's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Learning {
    /// There is nothing to learn.
    Never,
    /// The file is read twice.
    Before,
    /// What can't be read twice is learned from as it is told.
    Meanwhile,
}

/// Tells one capture's frames.
pub struct Teller<'a> {
    file: &'a Utf8Path,
    format: Format,
    time: TimeOfDay,
    dissection: Dissection,
    markers: Vec<Marker>,
    claims: Claims,
    owners: Owners,
    learning: Learning,
}

impl<'a> Teller<'a> {
    /// For a run's capture, what its `recording.json` knows comes before what the topology does.
    pub fn new(file: &'a Utf8Path, format: Format, topology: Option<&Topology>) -> Self {
        let time = TimeOfDay::local();
        let mut owners = topology.map(Owners::from).unwrap_or_default();
        let notes = Notes::beside(file).filter(|_| file != STANDARD_INPUT);
        let (of_run, markers) = notes.map(|notes| (notes.owners, notes.markers)).unwrap_or_default();
        owners.extend(of_run);
        Self {
            file,
            format,
            dissection: Dissection::new(time.clone()),
            time,
            markers,
            claims: Claims::new(owners.clone()),
            owners,
            learning: match topology {
                Some(_) if format == Format::Transcript && file.is_file() => Learning::Before,
                Some(_) => Learning::Meanwhile,
                None => Learning::Never,
            },
        }
    }

    /// Prints each frame that can be read.
    pub fn tell(mut self, output: &mut impl Write) -> Result<(), DecodeError> {
        if self.learning == Learning::Before {
            self.listen();
        }
        let told = each_record(self.file, |record| self.tell_record(record, output));
        // What was read is shown before anything is said about the rest.
        output.flush().map_err(DecodeError::Print)?;
        told
    }

    /// Learns which MAC addresses have the known addresses before any frame is told.
    fn listen(&mut self) {
        // The same damage is met again, and told, when the frames are.
        let _ = each_record(self.file, |record| {
            self.claims.hear(&Packet::decode(record));
            Ok(())
        });
        self.owners = self.claims.owners();
    }

    fn tell_record(&mut self, record: &Record<'_>, output: &mut impl Write) -> io::Result<()> {
        match self.format {
            Format::Transcript => match self.transcript_line(record) {
                Some(line) => writeln!(output, "{line}"),
                None => Ok(()),
            },
            Format::Tcpdump => {
                output.write_all(self.dissection.line(record).as_bytes())?;
                output.write_all(b"\n")
            }
            Format::Json => {
                let packet = Packet::decode(record);
                serde_json::to_writer(&mut *output, &JsonLine::new(self.file.as_str(), record, &packet))?;
                output.write_all(b"\n")
            }
        }
    }

    /// `None` for the markers that closed a run's capture.
    fn transcript_line(&mut self, record: &Record<'_>) -> Option<String> {
        let packet = Packet::decode(record);
        if self.markers.iter().any(|marker| marker.is_in(&packet.content)) {
            return None;
        }
        if self.learning == Learning::Meanwhile && self.claims.hear(&packet) {
            self.owners = self.claims.owners();
        }
        let interface = record.interface.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
        Some(format!("{} {interface}{}", self.time.text(record.at), narrate(&packet, &self.owners)))
    }
}
