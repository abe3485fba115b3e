//! `lab capture`: what passes one vantage point of the lab that is up, as it comes.

use std::{
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use clap::Args;
use harness::{
    capture::LiveCapture,
    container::Containers,
    dissection::TimeOfDay,
    frame::{Packet, PcapReader},
    transcript::{Claims, Owners, narrate},
    vantage_point::VantagePoint,
};
use miette::{IntoDiagnostic as _, WrapErr as _};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{lab_options::LabOptions, reader_gone::until_reader_is_gone, runtime::run_async};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    lab: LabOptions,
    /// Where: MACHINE/INTERFACE, or MACHINE alone for its own interface on the path.
    vantage: String,
    /// Write pcap data, for Wireshark or a file, in place of the transcript.
    #[arg(long)]
    raw: bool,
    /// End after so many frames.
    #[arg(long, conflicts_with = "raw")]
    count: Option<u64>,
    /// Take only what passes this filter, in tcpdump's words (pcap-filter(7)).
    #[arg(last = true)]
    filter: Vec<String>,
}

/// Captures until ^C, until nobody reads any more, or until the interface is gone.
pub fn run(options: &Options) -> miette::Result<ExitCode> {
    run_async(capture(options))??;
    Ok(ExitCode::SUCCESS)
}

async fn capture(options: &Options) -> miette::Result<()> {
    let settings = options.lab.settings()?;
    let point = VantagePoint::named(&settings.topology, &options.vantage)?;
    let lab = options.lab.standing(&settings).await?.watched(&settings)?;
    let containers = lab.find_containers().await?;
    options.lab.check_is_there(&settings, &containers, &point.machine)?;
    if containers.all().is_empty() && !lab.facts().own_nodes() {
        miette::bail!(
            "none of the topology's containers is there, and on machines that have other users nothing else is captured"
        );
    }
    let filter = (!options.filter.is_empty()).then(|| options.filter.join(" "));
    // Before it is told that ^C ends it.
    let mut interrupts = signal(SignalKind::interrupt()).into_diagnostic().wrap_err("failed to hear ^C")?;
    let mut capture = lab.capture_live(&point, &containers, filter.as_deref()).await?;
    eprintln!("{point}: capturing; ^C ends it");
    let mut sink = if options.raw { Sink::Raw } else { Sink::told(&containers, options.count) };
    let written = copy(&mut capture, &mut sink, &mut interrupts).await;
    capture.stop();
    // Read to its end, or tcpdump would wait for us.
    while let Ok(Some(_)) = capture.next_piece().await {}
    eprintln!("{}", capture.last_words().await);
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.into_diagnostic().wrap_err_with(|| format!("failed to tell what passes {point}")),
    }
}

/// Hands on what is captured, until it ends or nobody wants more.
async fn copy(capture: &mut LiveCapture, sink: &mut Sink, interrupts: &mut Signal) -> io::Result<()> {
    let gone = until_reader_is_gone();
    tokio::pin!(gone);
    let mut is_ending = false;
    loop {
        tokio::select! {
            piece = capture.next_piece() => match piece? {
                Some(piece) if sink.take(&piece)? => {}
                _ => return Ok(()),
            },
            // What tcpdump still has comes before the end.
            _ = interrupts.recv(), if !is_ending => {
                is_ending = true;
                capture.stop();
            }
            () = &mut gone, if !is_ending => return Ok(()),
        }
    }
}

/// What becomes of the data.
enum Sink {
    Raw,
    Told(Box<Transcript>),
}

struct Transcript {
    reader: PcapReader,
    time: TimeOfDay,
    claims: Claims,
    owners: Owners,
    left: Option<u64>,
}

impl Sink {
    fn told(containers: &Containers, count: Option<u64>) -> Self {
        let owners = containers.owners.clone();
        let claims = Claims::new(owners.clone());
        let (reader, time) = (PcapReader::new(), TimeOfDay::local());
        Self::Told(Box::new(Transcript { reader, time, claims, owners, left: count }))
    }

    /// Whether more is wanted.
    fn take(&mut self, piece: &[u8]) -> io::Result<bool> {
        let mut output = BufWriter::new(io::stdout().lock());
        let more = match self {
            Self::Raw => output.write_all(piece).map(|()| true)?,
            Self::Told(transcript) => transcript.tell(piece, &mut output)?,
        };
        output.flush()?;
        Ok(more)
    }
}

impl Transcript {
    fn tell(&mut self, piece: &[u8], output: &mut impl Write) -> io::Result<bool> {
        for record in self.reader.push(piece).map_err(io::Error::other)? {
            if self.left == Some(0) {
                break;
            }
            let packet = Packet::decode(&record);
            if self.claims.hear(&packet) {
                self.owners = self.claims.owners();
            }
            writeln!(output, "{} {}", self.time.text(record.at), narrate(&packet, &self.owners))?;
            self.left = self.left.map(|left| left - 1);
        }
        Ok(self.left != Some(0))
    }
}
