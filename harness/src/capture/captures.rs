//! Captures at all vantage points at once.

use std::time::Duration;

use futures_util::future::{join_all, try_join_all};

use super::{CaptureError, Recording, tcpdump::Capture};
use crate::{
    container::Containers,
    frame::Frame,
    lab::{Lab, LabError},
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
    all: Vec<Capture>,
}

impl Lab {
    /// Starts a capture at every vantage point and returns once all of them capture.
    ///
    /// # Errors
    /// Where one of them does not.
    pub async fn capture_everywhere<'a>(
        &'a self,
        containers: &'a Containers,
    ) -> Result<Captures<'a>, LabError> {
        let points = VantagePoint::along_the_path(self.topology());
        let starting = points.into_iter().map(|point| async {
            let endpoint = self.endpoint(&point.machine)?;
            let file = self.folder().join(point.file_name());
            Capture::start(point, endpoint, &file).await
        });
        let all = try_join_all(starting).await?;
        tracing::debug!("all vantage points capture");
        Ok(Captures { lab: self, containers, all })
    }
}

impl Captures<'_> {
    /// Waits until the capture on a machine has seen a frame of the kind that is awaited.
    ///
    /// # Errors
    /// [`LabError::Deadline`] with how much it had seen.
    pub async fn wait_for(
        &self,
        machine: &str,
        awaited: &str,
        is_awaited: impl Fn(&Frame) -> bool,
    ) -> Result<(), LabError> {
        self.wait_for_several(machine, 1, awaited, FRAME_DEADLINE, is_awaited).await
    }

    /// Waits until the capture on a machine has seen `count` frames of the kind that is awaited,
    /// for as long as a fast lab needs `within`.
    ///
    /// # Errors
    /// [`LabError::Deadline`] with how much it had seen.
    pub async fn wait_for_several(
        &self,
        machine: &str,
        count: usize,
        awaited: &str,
        within: Duration,
        is_awaited: impl Fn(&Frame) -> bool,
    ) -> Result<(), LabError> {
        let unknown = || LabError::Unknown { kind: "capture on", name: machine.to_owned() };
        let capture = self.all.iter().find(|capture| capture.point.machine == machine).ok_or_else(unknown)?;
        let waited = self.lab.facts().patience.deadline(within);
        let seen = |frames: &[Frame]| frames.iter().filter(|frame| is_awaited(frame)).count();
        if capture.wait_for(waited, |frames| seen(frames) >= count).await {
            return Ok(());
        }
        let frames = capture.frames();
        Err(LabError::Deadline {
            awaited: format!("{awaited} ({count}) at {}", capture.point),
            seen: format!("{} of them among {} frames", seen(&frames), frames.len()),
            waited,
        })
    }

    /// Sends the markers behind the exchange, waits until each capture has seen them, and drains all.
    ///
    /// # Errors
    /// [`CaptureError::Inconclusive`] where a capture is not good enough to judge by.
    pub async fn finish(self) -> Result<Recording, CaptureError> {
        let run = std::process::id().rotate_left(12) ^ self.lab.lease_number();
        let (lab, ends) = (self.lab, self.containers.all());
        let markers: Vec<Marker> = (0..).zip(ends).map(|(number, _)| Marker::new(run, number)).collect();
        let sending = ends.iter().zip(&markers).map(|(container, marker)| {
            // ping would wait for a reply that nobody gives: it is ended when the captures are closed.
            let command = format!(
                "ping -b -n -c 1 -I {} -p {} {}",
                container.interface,
                marker.pattern(),
                Marker::DESTINATION
            );
            async move { Ok::<_, LabError>(lab.endpoint(&container.name)?.start(&command).await?) }
        });
        let pings = try_join_all(sending).await?;
        let closing = self.all.iter().map(|capture| async {
            let within = self.lab.facts().patience.deadline(MARKER_DEADLINE);
            let seen =
                |frames: &[Frame]| markers.iter().all(|marker| frames.iter().any(|frame| marker.is(frame)));
            capture.wait_for(within, seen).await
        });
        join_all(closing).await;
        tracing::debug!("the captures are closed");
        drop(pings);
        let draining = self.all.into_iter().map(|capture| capture.finish(lab.facts().patience, &markers));
        let drained = join_all(draining).await;
        tracing::debug!("the captures are drained");
        Recording::new(lab, &self.containers.owners, drained, markers.clone())
    }
}
