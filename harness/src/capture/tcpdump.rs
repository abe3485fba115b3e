//! One tcpdump at one vantage point, streamed as it captures.

use std::{
    fs::File,
    io::{self, Write as _},
    time::Duration,
};

use camino::Utf8Path;
use tokio::{
    io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, BufReader},
    sync::watch,
    task::JoinHandle,
    time::timeout,
};

use super::Evidence;
use crate::{
    frame::{Content, Frame, Kind, PcapError, PcapReader, Record},
    lab::{Endpoint, LabError},
    machine::{Failure, Patience, Reader, Running},
    vantage_point::VantagePoint,
};

/// What tcpdump prints once the kernel delivers frames to it, before the interface's name and a comma.
const READY: &str = "listening on ";
pub(super) const READY_DEADLINE: Duration = Duration::from_secs(5);
const DRAIN_DEADLINE: Duration = Duration::from_secs(5);

/// What became of a capture's data.
#[derive(Default)]
struct Read {
    damage: Option<PcapError>,
    /// Each frame's, in bytes.
    lengths: Vec<u32>,
    /// How many frames it has less of than it takes to understand them.
    cut: usize,
    /// Why its file lacks some of it.
    unwritten: Option<io::Error>,
}

/// A capture that is running.
pub(super) struct Capture {
    pub(super) point: VantagePoint,
    running: Running,
    frames: watch::Receiver<Vec<Frame>>,
    reading: JoinHandle<Read>,
    counts: JoinHandle<String>,
}

impl Capture {
    /// Starts a capture and waits until it captures. The data goes to `file` as it comes.
    pub(super) async fn start(
        point: VantagePoint,
        endpoint: Endpoint<'_>,
        options: &str,
        file: &Utf8Path,
    ) -> Result<Self, LabError> {
        let command = endpoint.command(&command(&point.interface, options));
        let machine = endpoint.machine();
        let mut running = machine.start(&command).await?;
        let output =
            File::create(file).map_err(|source| LabError::Write { path: file.to_owned(), source })?;
        let (sender, frames) = watch::channel(Vec::new());
        let missing = || machine.error(&command, Failure::Output { reason: "it has no output".to_owned() });
        let reading = tokio::spawn(read(running.take_stdout().ok_or_else(missing)?, output, sender));
        let mut stderr = BufReader::new(running.take_stderr().ok_or_else(missing)?);
        let deadline = machine.patience().deadline(READY_DEADLINE);
        let ready = timeout(deadline, until_ready(&mut stderr, &point.interface)).await;
        match ready.unwrap_or(Err(Failure::Deadline { waited: deadline })) {
            Ok(()) => {}
            Err(failure) => return Err(machine.error(&command, failure).into()),
        }
        let counts = tokio::spawn(async move {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text).await;
            text
        });
        Ok(Self { point, running, frames, reading, counts })
    }

    /// Waits until what has been captured satisfies `enough`; whether it did in time.
    pub(super) async fn wait_for(&self, within: Duration, mut enough: impl FnMut(&[Frame]) -> bool) -> bool {
        let mut frames = self.frames.clone();
        matches!(timeout(within, frames.wait_for(|frames| enough(frames))).await, Ok(Ok(_)))
    }

    /// What has been captured by now.
    pub(super) fn frames(&self) -> Vec<Frame> {
        self.frames.borrow().clone()
    }

    /// Stops tcpdump, reads what it still has, and takes its counts. A capture that can't be ended
    /// properly is no error but weak evidence.
    pub(super) async fn finish(mut self, patience: Patience) -> (VantagePoint, Vec<Frame>, Evidence) {
        // Whatever came since then is missing, and its counts don't say so.
        let early = self.reading.is_finished().then(|| "it had ended before it was stopped".to_owned());
        self.running.stop();
        let waited = patience.deadline(DRAIN_DEADLINE);
        let drained = timeout(waited, async {
            let counts = self.counts.await.unwrap_or_default();
            let read = self.reading.await.unwrap_or_default();
            self.running.wait().await.map(|_| (counts, read))
        });
        let drained = drained.await.unwrap_or(Err(Failure::Deadline { waited }));
        let (counts, read, failure) = match drained {
            Ok((counts, read)) => (counts, read, None),
            Err(failure) => (String::new(), Read::default(), Some(failure.to_string())),
        };
        let frames = self.frames.borrow().clone();
        let read_damage = read.damage.map(|error| error.to_string());
        let unwritten = read.unwritten.map(|error| format!("its file could not be written: {error}"));
        let cut = (read.cut > 0).then(|| format!("of {} frames it has the first bytes alone", read.cut));
        let mut evidence = Evidence {
            point: self.point.to_string(),
            frames: frames.len(),
            damage: early.or(failure).or(unwritten).or(read_damage).or(cut),
            lengths: read.lengths,
            ..Evidence::default()
        };
        evidence.read_counts(&counts);
        (self.point, frames, evidence)
    }
}

/// tcpdump on an interface. Never promiscuous, which would repair some broken set-ups while it lasts; at once, since it
/// otherwise holds frames back for a second; as root, since the account that it would drop to is not everywhere.
pub(super) fn command(interface: &str, options: &str) -> String {
    format!("tcpdump -i {interface} -p -n -U --immediate-mode -Z root -w -{options}")
}

/// Waits until tcpdump captures, and there where it is to: the frames of another interface may be the same.
pub(super) async fn until_ready(
    stderr: &mut (impl AsyncBufRead + Unpin),
    interface: &str,
) -> Result<(), Failure> {
    let mut said = String::new();
    loop {
        let start = said.len();
        if stderr.read_line(&mut said).await? == 0 {
            return Err(Failure::Output { reason: format!("it ended before it captured: {}", said.trim()) });
        }
        let Some((_, place)) = said[start..].split_once(READY) else { continue };
        if place.strip_prefix(interface).is_some_and(|rest| rest.starts_with(',')) {
            return Ok(());
        }
        return Err(Failure::Output { reason: format!("it captures elsewhere: {}", said.trim()) });
    }
}

async fn read(mut stdout: Reader, mut file: File, frames: watch::Sender<Vec<Frame>>) -> Read {
    let mut reader = PcapReader::new();
    let mut read = Read::default();
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = stdout.read(&mut piece).await.unwrap_or(0);
        if length == 0 {
            return Read { damage: reader.finish().err(), ..read };
        }
        // A verdict is made from what the folder holds.
        if read.unwritten.is_none() {
            read.unwritten = file.write_all(&piece[..length]).err();
        }
        match reader.push(&piece[..length]) {
            Ok(records) => {
                read.lengths.extend(records.iter().map(|record| record.original_length));
                read.cut += records.iter().filter(|record| is_cut_off(record)).count();
                frames.send_modify(|frames| frames.extend(records.iter().map(Frame::decode)));
            }
            Err(error) => return Read { damage: Some(error), ..read },
        }
    }
}

/// Whether the capture took less of a frame than it needs to be understood.
fn is_cut_off(record: &Record<'_>) -> bool {
    record.bytes.len() < record.original_length as usize
        && Frame::decode(record).content == Content::Other(Kind::CutOff)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::ours(
        "tcpdump: listening on ens33, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n",
        true
    )]
    #[case::behind_a_warning(
        "tcpdump: WARNING: a warning\ntcpdump: listening on ens33, link-type EN10MB\n",
        true
    )]
    #[case::another("tcpdump: listening on port-node-1, link-type EN10MB (Ethernet)\n", false)]
    #[case::one_whose_name_begins_so("tcpdump: listening on ens33.100, link-type EN10MB (Ethernet)\n", false)]
    #[case::all_of_them("tcpdump: listening on any, link-type LINUX_SLL2 (Linux cooked v2)\n", false)]
    #[case::none("tcpdump: ens33: No such device exists\n", false)]
    #[tokio::test]
    async fn a_capture_is_ready_where_it_is_to_capture(#[case] said: &str, #[case] is_ready: bool) {
        let ready = until_ready(&mut said.as_bytes(), "ens33").await;
        assert_eq!(ready.is_ok(), is_ready, "{ready:?}");
    }
}
