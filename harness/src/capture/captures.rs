//! Captures at all vantage points at once.

use std::time::Duration;

use futures_util::future::{join, join_all, try_join_all};
use serde_json::{Map, Value};

use super::{
    CaptureError, Evidence, Recording, closing::Sent, hearing::Hearing, judging::Around,
    last_words::LastWords, recording::Drained, scope::Scope, tcpdump::Capture,
};
use crate::{
    container::Containers,
    frame::{Content, Frame},
    journey::Expectation,
    lab::{Lab, LabError},
    machine::chain_with_help,
    state::{Extent, gather, understood},
    stimulus::Stimulus,
    topology::Container,
    transcript::Marker,
    vantage_point::VantagePoint,
};

/// How long a frame may take through a fast lab.
const FRAME_DEADLINE: Duration = Duration::from_secs(2);
/// How long a marker may take through one.
const MARKER_DEADLINE: Duration = Duration::from_secs(2);

/// All captures of a scenario.
pub struct Captures<'a> {
    lab: &'a Lab,
    containers: &'a Containers,
    scope: Scope,
    all: Vec<Capture>,
    /// Those that did not start.
    not_ready: Vec<Evidence>,
    /// What the machines were like meanwhile.
    before: Map<String, Value>,
    /// How many pings had been sent by then: they are none of what is captured.
    earlier: usize,
}

/// Captures that were started.
pub(super) struct Started {
    pub(super) captures: Vec<Capture>,
    pub(super) not_ready: Vec<Evidence>,
}

impl Lab {
    /// Starts a capture at every vantage point that there is, and returns once all of them capture. One that does
    /// not makes the recording inconclusive; the others go on.
    ///
    /// # Errors
    /// Where the topology lacks a machine.
    pub async fn capture_everywhere<'a>(
        &'a self,
        containers: &'a Containers,
    ) -> Result<Captures<'a>, LabError> {
        self.capture(containers, Scope::of(self, containers)).await
    }

    /// The same, of the frames' headers alone, for a scenario that sends much: the kernel holds a full frame's room for each
    /// that a capture has not read yet, which is soon all that it has.
    ///
    /// # Errors
    /// As [`Self::capture_everywhere`].
    pub async fn capture_headers<'a>(&'a self, containers: &'a Containers) -> Result<Captures<'a>, LabError> {
        self.capture(containers, Scope::of(self, containers).headers_alone()).await
    }

    async fn capture<'a>(
        &'a self,
        containers: &'a Containers,
        scope: Scope,
    ) -> Result<Captures<'a>, LabError> {
        let earlier = self.stimuli().by_now().len();
        let (started, before) =
            join(self.start_captures(containers, &scope), gather(self, Extent::Little)).await;
        let Started { captures: all, not_ready } = started?;
        tracing::debug!(not_ready = not_ready.len(), "the vantage points capture");
        Ok(Captures { lab: self, containers, scope, all, not_ready, before, earlier })
    }

    /// Starts a capture at every vantage point that there is, into this lab's folder.
    pub(super) async fn start_captures(
        &self,
        containers: &Containers,
        scope: &Scope,
    ) -> Result<Started, LabError> {
        let is_there = |point: &VantagePoint| {
            let is_container = self.topology().container(&point.machine).is_some();
            !is_container || containers.has(&point.machine)
        };
        let points = VantagePoint::along_the_path(self.topology()).into_iter().filter(is_there);
        let options = &scope.arguments();
        let starting = points.map(|point| async move {
            let endpoint = self.endpoint(&point.machine)?;
            let file = self.folder().join(point.file_name());
            let started = Capture::start(point.clone(), endpoint, options, &file).await;
            Ok::<_, LabError>(started.map_err(|error| Evidence::not_ready(&point, chain_with_help(&error))))
        });
        let mut all = Started { captures: Vec::new(), not_ready: Vec::new() };
        for started in try_join_all(starting).await? {
            match started {
                Ok(capture) => all.captures.push(capture),
                Err(evidence) => all.not_ready.push(evidence),
            }
        }
        Ok(all)
    }
}

impl<'a> Captures<'a> {
    /// Waits until the capture on a machine has seen a frame of the kind that is awaited. If none
    /// comes in time, that is for the picture to tell: the scenario goes on.
    pub async fn wait_for(&self, machine: &str, awaited: &str, is_awaited: impl Fn(&Frame) -> bool) {
        self.wait_for_several(machine, 1, awaited, FRAME_DEADLINE, is_awaited).await;
    }

    /// Waits until the capture on a machine has seen `count` frames of the kind that is awaited,
    /// for as long as a fast lab needs `within`. If they do not come in time, that is for the
    /// picture to tell.
    pub async fn wait_for_several(
        &self,
        machine: &str,
        count: usize,
        awaited: &str,
        within: Duration,
        is_awaited: impl Fn(&Frame) -> bool,
    ) {
        let Some(capture) = self.all.iter().find(|capture| capture.point.machine == machine) else { return };
        let waited = self.lab.facts().patience.deadline(within);
        let seen = |frames: &[Frame]| frames.iter().filter(|frame| is_awaited(frame)).count();
        if !capture.wait_for(waited, |frames| seen(frames) >= count).await {
            let (frames, point) = (capture.frames(), &capture.point);
            tracing::warn!(%point, awaited, count, seen = seen(&frames), frames = frames.len(), "it did not come");
        }
    }

    /// Containers have come up meanwhile: markers from these close the captures.
    pub fn joined_by<'b>(self, containers: &'b Containers) -> Captures<'b>
    where
        'a: 'b,
    {
        Captures { containers, ..self }
    }

    /// Sends the markers behind the exchange, waits until each capture has seen them, and drains all.
    ///
    /// # Errors
    /// [`CaptureError::Inconclusive`] where a capture is not good enough to judge by.
    pub async fn finish(self) -> Result<Recording, CaptureError> {
        let (lab, containers, all) = (self.lab, self.containers, &self.all);
        let run = std::process::id().rotate_left(12) ^ lab.lease_number();
        let sent: Vec<Sent> = (0..)
            .zip(containers.all())
            .map(|(number, container)| Sent {
                sender: container.name.clone(),
                seen_at: self.nearest(container).to_owned(),
                marker: Marker::new(run, number),
            })
            .collect();
        let markers: Vec<(&Container, Marker)> =
            containers.all().iter().zip(&sent).map(|(container, sent)| (container, sent.marker)).collect();
        let last_words = LastWords::begin(lab, &markers, self.to_be_read()).await;
        let before = understood(&self.before);
        let hearing = Hearing::new(lab.topology(), &before);
        let closing = all.iter().map(|capture| async {
            let within = lab.facts().patience.deadline(MARKER_DEADLINE);
            let heard = sent
                .iter()
                .filter(|sent| hearing.expects(&sent.sender, &capture.point) == Expectation::Expected);
            let heard: Vec<Marker> = heard.map(|sent| sent.marker).collect();
            let saw = |frames: &[Frame], marker: Marker| frames.iter().any(|frame| marker.is(frame));
            capture.wait_for(within, |frames| heard.iter().all(|marker| saw(frames, *marker))).await
        });
        join_all(closing).await;
        tracing::debug!("the captures are closed");
        self.drain(sent, last_words).await
    }

    /// Ends the captures without a marker, which is a broadcast: when each has seen `echoes` echo requests and replies, or the
    /// time of a marker is over.
    ///
    /// # Errors
    /// As [`Self::finish`].
    pub(crate) async fn finish_unmarked(self, echoes: usize) -> Result<Recording, CaptureError> {
        let within = self.lab.facts().patience.deadline(MARKER_DEADLINE);
        let count = |frames: &[Frame]| {
            frames.iter().filter(|frame| matches!(frame.content, Content::Echo(_))).count()
        };
        let closing = self.all.iter().map(|one| one.wait_for(within, |frames| count(frames) >= echoes));
        join_all(closing).await;
        let last_words = LastWords::begin(self.lab, &[], self.to_be_read()).await;
        self.drain(Vec::new(), last_words).await
    }

    /// How much of the machines is read behind the exchange: all, where a ping has no answer that is then to be explained.
    fn to_be_read(&self) -> Extent {
        let stimuli = self.lab.stimuli().by_now();
        let is_answered = stimuli[self.earlier..].iter().all(Stimulus::is_answered);
        if is_answered { Extent::Little } else { Extent::All }
    }

    /// The machine whose capture is the first to see what a container sends.
    fn nearest<'c>(&self, container: &'c Container) -> &'c str {
        let is_captured = self.all.iter().any(|capture| capture.point.machine == container.name);
        if is_captured { &container.name } else { &container.node }
    }

    async fn drain(self, sent: Vec<Sent>, last_words: LastWords<'_>) -> Result<Recording, CaptureError> {
        let Self { lab, containers, scope, all, not_ready, before, earlier } = self;
        let draining = join_all(all.into_iter().map(|capture| capture.finish(lab.facts().patience)));
        let (drained, (after, extent)) = join(draining, last_words.read()).await;
        tracing::debug!("the captures are drained");
        let states = Around { before, after, extent };
        Recording::new(
            lab,
            containers,
            Drained { captures: drained, not_ready, scope, earlier },
            sent,
            states,
        )
        .await
    }
}

/// The broadcast that a container sends behind the exchange.
pub(crate) fn marker_command(container: &Container, marker: Marker) -> String {
    let (interface, pattern) = (&container.interface, marker.pattern());
    format!("ping -b -n -c 1 -I {interface} -p {pattern} {}", Marker::DESTINATION)
}
