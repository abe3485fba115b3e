//! The verb: its options, its files, its exit code.

use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use harness::topology::Topology;

use super::{
    records::{DecodeError, STANDARD_INPUT},
    teller::{Format, Teller},
};

#[derive(Args)]
pub struct Options {
    /// Captures, pcap or pcapng, of Ethernet or of Linux's interface "any"; - is the standard input.
    #[arg(required = true)]
    files: Vec<Utf8PathBuf>,
    /// Whose the addresses are. Without it addresses are printed, except beside a run's recording.json.
    #[arg(long)]
    topology: Option<Utf8PathBuf>,
    /// How the frames are told.
    #[arg(long, value_enum, default_value_t = Format::Transcript)]
    format: Format,
}

pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let mut output = BufWriter::new(io::stdout().lock());
    let whole = decode(options, &mut output, |error| eprintln!("Error: {error:?}"))?;
    Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Tells all files; whether all could be read to their ends.
fn decode(
    options: &Options,
    output: &mut impl Write,
    mut complain: impl FnMut(miette::Report),
) -> miette::Result<bool> {
    let topology = options.topology.as_deref().map(Topology::load).transpose()?;
    let mut whole = true;
    for (number, file) in options.files.iter().enumerate() {
        let headed = if options.are_headed() { head(number, file, output) } else { Ok(()) };
        let teller = Teller::new(file, options.format, topology.as_ref());
        match headed.map_err(DecodeError::Print).and_then(|()| teller.tell(output)) {
            Ok(()) => {}
            // Whoever reads this has seen enough.
            Err(DecodeError::Print(error)) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error @ DecodeError::Print(_)) => return Err(error.into()),
            Err(error) => {
                whole = false;
                complain(error.into());
            }
        }
    }
    Ok(whole)
}

impl Options {
    /// JSON's objects name their file themselves.
    fn are_headed(&self) -> bool {
        self.files.len() > 1 && self.format != Format::Json
    }
}

/// Heads a file as head(1) does.
fn head(number: usize, file: &Utf8Path, output: &mut impl Write) -> io::Result<()> {
    let gap = if number == 0 { "" } else { "\n" };
    let name = if file == STANDARD_INPUT { "standard input" } else { file.as_str() };
    writeln!(output, "{gap}==> {name} <==")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STALE: &str = "fixtures/captures/tutorial-node-2-ens33.pcap";
    const TUTORIAL: &str = "fixtures/topologies/tutorial.toml";

    fn options(files: &[&str], format: Format) -> Options {
        Options { files: files.iter().map(Into::into).collect(), topology: None, format }
    }

    /// What is printed, and what is complained of.
    fn told(options: &Options) -> (String, Vec<String>) {
        let (mut output, mut complaints) = (Vec::new(), Vec::new());
        let complain = |error| complaints.push(format!("{error:?}"));
        let whole = decode(options, &mut output, complain).expect("it can be printed");
        assert_eq!(whole, complaints.is_empty());
        (String::from_utf8(output).expect("it is text"), complaints)
    }

    /// A copy of a capture's first bytes, with nothing beside it.
    fn copy(folder: &camino_tempfile::Utf8TempDir, length: usize) -> Utf8PathBuf {
        let path = folder.path().join("copy.pcap");
        let data = std::fs::read(STALE).expect("the capture is there");
        std::fs::write(&path, &data[..length.min(data.len())]).expect("it can be written");
        path
    }

    #[test]
    fn a_runs_capture_is_told_in_names_without_its_markers() {
        let (text, complaints) = told(&options(&[STALE], Format::Transcript));
        assert_eq!(complaints, Vec::<String>::new());
        let words: Vec<&str> = text.lines().map(|line| &line["00:00:00.000000 ".len()..]).collect();
        assert_eq!(words.len(), 18);
        assert_eq!(words[0], "node-1 > docker2  ICMP echo request, id 416, seq 1");
        assert_eq!(
            words[12..16],
            [
                "node-1 > docker2  ARP, Request who-has docker2 tell node-1",
                "docker2 > node-1  ARP, Reply docker2 is-at docker2",
                "docker2 > node-1  ARP, Request who-has node-1 tell docker2",
                "node-1 > docker2  ARP, Reply node-1 is-at node-1",
            ]
        );
    }

    #[test]
    fn a_name_that_a_terminal_would_obey_is_shown() {
        let folder = camino_tempfile::tempdir().expect("a folder for the copy");
        let recorded = "fixtures/captures/stale-neighbours/";
        let file = folder.path().join("node-2.ens33.pcap");
        std::fs::copy(format!("{recorded}/node-2.ens33.pcap"), &file).expect("it can be copied");
        let notes = std::fs::read_to_string(format!("{recorded}/recording.json")).expect("it is there");
        let notes = notes.replace("\"docker2\"", "\"\\u001b[2Jdocker2\"");
        std::fs::write(folder.path().join("recording.json"), notes).expect("it can be written");
        let (text, _) = told(&options(&[file.as_str()], Format::Transcript));
        assert!(text.contains("␛[2Jdocker2") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn a_topology_gives_names_and_the_capture_tells_whose_the_mac_addresses_are() {
        let folder = camino_tempfile::tempdir().expect("a folder for the copy");
        let capture = copy(&folder, usize::MAX);
        let mut options = options(&[capture.as_str()], Format::Transcript);
        let (text, _) = told(&options);
        let addresses =
            "52:54:00:e2:01:01 > 36:23:b2:38:db:97  IP 192.168.245.168 > 192.168.245.181: ICMP echo request";
        assert!(text.contains(addresses), "{text}");
        options.topology = Some(TUTORIAL.into());
        let (text, _) = told(&options);
        let first = text.lines().next().unwrap_or_default();
        assert!(first.ends_with(" node-1 > docker2  ICMP echo request, id 416, seq 1"), "{first}");
    }

    #[test]
    fn a_damaged_capture_is_told_up_to_the_damage_and_the_next_file_too() {
        let folder = camino_tempfile::tempdir().expect("a folder for the copy");
        let capture = copy(&folder, 1000);
        let (text, complaints) = told(&options(&[capture.as_str(), "nothing.pcap", STALE], Format::Tcpdump));
        assert_eq!(complaints.len(), 2);
        assert!(
            complaints[0].contains("copy.pcap") && complaints[0].contains("offset 936"),
            "{complaints:?}"
        );
        assert!(complaints[1].contains("nothing.pcap"), "{complaints:?}");
        let counts: Vec<usize> = text.split("==> ").map(|file| file.trim_end().lines().count()).collect();
        assert_eq!(counts, [0, 9, 1, 21]);
        assert!(text.contains("\n\n==> nothing.pcap <==\n"), "{text}");
    }

    #[test]
    fn json_is_an_object_a_line_with_its_file_and_no_heading() {
        let cooked = "fixtures/captures/any-interface/any.sll2.pcap";
        let (text, _) = told(&options(&[STALE, cooked], Format::Json));
        let objects: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("a line is an object")).collect();
        assert_eq!(objects.len(), 20 + 27);
        assert_eq!(objects[0]["kind"], "echo_request");
        assert_eq!(objects[0]["time"], "2026-11-24T11:43:56.573056000Z");
        assert_eq!(objects[0]["fields"]["sequence"], 1);
        let advertisement = objects.iter().find(|object| object["kind"] == "neighbour_advertisement");
        let advertisement = advertisement.expect("a neighbour is advertised");
        assert_eq!(advertisement["file"], cooked);
        assert_eq!(advertisement["direction"], "in");
        assert_eq!(advertisement["interface_index"], 2);
        assert_eq!(advertisement["fields"]["target"], "fd00:245::181");
        assert_eq!(advertisement["fields"]["flags"], serde_json::json!(["solicited", "override"]));
    }

    /// A reader that closes its end after some bytes.
    struct Closing(usize);

    impl Write for Closing {
        fn write(&mut self, data: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(data.len()).ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(data.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_goes_away_is_no_failure() {
        let options = options(&[STALE, STALE], Format::Transcript);
        let complain = |error| panic!("{error:?}");
        assert!(decode(&options, &mut Closing(100), complain).expect("it ends quietly"));
    }
}
