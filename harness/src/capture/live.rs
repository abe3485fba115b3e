//! One capture that a person watches as it comes.

use std::io;

use tokio::{
    io::{AsyncReadExt, BufReader},
    task::JoinHandle,
    time::timeout,
};

use super::{scope::Scope, tcpdump};
use crate::{
    container::Containers,
    lab::{Lab, LabError},
    machine::{Failure, Reader, Running},
    vantage_point::VantagePoint,
};

/// A capture that is running.
pub struct LiveCapture {
    running: Running,
    stdout: Reader,
    said: JoinHandle<String>,
}

impl Lab {
    /// Starts a capture at one vantage point, of what passes the filter (pcap-filter(7)), and returns once it captures. On
    /// machines that have other users it takes the containers' frames alone.
    ///
    /// # Errors
    /// Where it can't be had, with what tcpdump says.
    pub async fn capture_live(
        &self,
        point: &VantagePoint,
        containers: &Containers,
        filter: Option<&str>,
    ) -> Result<LiveCapture, LabError> {
        let endpoint = self.endpoint(&point.machine)?;
        let arguments = Scope::of(self, containers).arguments_with(filter);
        let command = endpoint.command(&tcpdump::command(&point.interface, &arguments));
        let machine = endpoint.machine();
        let mut running = machine.start(&command).await?;
        let missing = || machine.error(&command, Failure::Output { reason: "it has no output".to_owned() });
        let stdout = running.take_stdout().ok_or_else(missing)?;
        let mut stderr = BufReader::new(running.take_stderr().ok_or_else(missing)?);
        let waited = machine.patience().deadline(tcpdump::READY_DEADLINE);
        let ready = timeout(waited, tcpdump::until_ready(&mut stderr, &point.interface)).await;
        ready
            .unwrap_or(Err(Failure::Deadline { waited }))
            .map_err(|failure| machine.error(&command, failure))?;
        let said = tokio::spawn(async move {
            let mut text = String::new();
            let _ = stderr.read_to_string(&mut text).await;
            text
        });
        Ok(LiveCapture { running, stdout, said })
    }
}

impl LiveCapture {
    /// The next piece of pcap data; `None` when the capture has ended.
    ///
    /// # Errors
    /// Where it can't be read.
    pub async fn next_piece(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut piece = vec![0; 64 * 1024];
        let length = self.stdout.read(&mut piece).await?;
        piece.truncate(length);
        Ok((length > 0).then_some(piece))
    }

    /// Ends it. What it still has can be read.
    pub fn stop(&mut self) {
        self.running.stop();
    }

    /// What tcpdump said in the end: how many frames it captured, and how many were lost. Read all pieces first.
    pub async fn last_words(self) -> String {
        let said = self.said.await.unwrap_or_default();
        let _ = self.running.wait().await;
        said.trim().to_owned()
    }
}
