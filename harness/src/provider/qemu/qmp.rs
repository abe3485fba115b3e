//! A machine's monitor: QEMU's own protocol (QMP), a JSON document a line.
//!
//! Five commands are all that a snapshot takes; QEMU's whole schema as types (the crate `qapi`) would take longer to
//! compile than the rest of this library, and know less or more than the QEMU that is installed.

use std::{
    collections::VecDeque,
    io,
    os::{fd::OwnedFd, unix::net},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    time::timeout,
};

/// Answers take milliseconds, and the state of a machine of ours a tenth of a second to write or read. This is for a
/// QEMU that hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// A monitor that did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub(super) enum QmpError {
    /// The connection to it broke.
    #[error("the connection to QEMU's monitor broke: {0}")]
    Io(#[from] io::Error),
    /// QEMU has closed it, as it does when it ends.
    #[error("QEMU has closed its monitor")]
    Closed,
    /// What it said is not QMP.
    #[error("QEMU's monitor said {0:?}, which is not understood")]
    Unreadable(String),
    /// It said no.
    #[error("QEMU refused {command}: {reason}")]
    Refused {
        /// The command.
        command: String,
        /// What QEMU said.
        reason: String,
    },
    /// It is another QEMU than the one that wrote the state.
    #[error("the state was written by QEMU {made_by}, and this is {version}")]
    OtherVersion {
        /// Which wrote it.
        made_by: String,
        /// Which is to take it.
        version: String,
    },
    /// The state was not written, or not taken.
    #[error("the machine's state did not pass: QEMU says {0:?}")]
    Migration(String),
    /// It did not answer.
    #[error("QEMU's monitor was silent for {} s: waited for {awaited}", DEADLINE.as_secs())]
    Deadline {
        /// What was waited for.
        awaited: String,
    },
}

/// The monitor of one machine.
pub(super) struct Qmp {
    stream: BufReader<UnixStream>,
    /// What was said between a command and its answer.
    events: VecDeque<Value>,
}

impl Qmp {
    /// A monitor, and the descriptor that QEMU is to inherit for it.
    pub(super) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, qemus) = net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let stream = BufReader::new(UnixStream::from_std(ours)?);
        Ok((Self { stream, events: VecDeque::new() }, qemus.into()))
    }

    /// Waits for QEMU's greeting and answers it. QEMU's version is returned.
    pub(super) async fn greet(&mut self) -> Result<String, QmpError> {
        let greeting = self.next("its greeting").await?;
        let version = &greeting["QMP"]["version"];
        if version.is_null() {
            return Err(QmpError::Unreadable(greeting.to_string()));
        }
        let number = &version["qemu"];
        let told = format!(
            "{}.{}.{} {}",
            number["major"],
            number["minor"],
            number["micro"],
            version["package"].as_str().unwrap_or_default()
        );
        self.execute("qmp_capabilities", json!({})).await?;
        Ok(told)
    }

    /// Runs a command and waits for its answer.
    pub(super) async fn execute(&mut self, command: &str, arguments: Value) -> Result<Value, QmpError> {
        let mut line = json!({ "execute": command, "arguments": arguments }).to_string();
        line.push('\n');
        self.stream.get_mut().write_all(line.as_bytes()).await?;
        loop {
            let mut message = self.next(command).await?;
            if message.get("return").is_some() {
                return Ok(message["return"].take());
            }
            if let Some(error) = message.get("error") {
                let reason = error["desc"].as_str().unwrap_or_default().to_owned();
                return Err(QmpError::Refused { command: command.to_owned(), reason });
            }
            self.events.push_back(message);
        }
    }

    /// Waits until the state has been written or taken, which QEMU tells where it was asked to (the capability `events`).
    pub(super) async fn until_migrated(&mut self) -> Result<(), QmpError> {
        loop {
            let event = match self.events.pop_front() {
                Some(event) => event,
                None => self.next("the end of the migration").await?,
            };
            if event["event"] != "MIGRATION" {
                continue;
            }
            match event["data"]["status"].as_str() {
                Some("completed") => return Ok(()),
                Some(status @ ("failed" | "cancelled")) => {
                    return Err(QmpError::Migration(status.to_owned()));
                }
                _ => {}
            }
        }
    }

    async fn next(&mut self, awaited: &str) -> Result<Value, QmpError> {
        let mut line = String::new();
        let read = timeout(DEADLINE, self.stream.read_line(&mut line)).await;
        match read.map_err(|_| QmpError::Deadline { awaited: awaited.to_owned() })?? {
            0 => Err(QmpError::Closed),
            _ => serde_json::from_str(&line).map_err(|_| QmpError::Unreadable(line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A monitor that says these lines, whatever it is told.
    fn saying(lines: &[&str]) -> Qmp {
        let (monitor, end) = Qmp::pair().unwrap();
        let mut end = net::UnixStream::from(end);
        for line in lines {
            writeln!(end, "{line}").unwrap();
        }
        // It is open for as long as the test runs: what is told is read by nobody.
        std::mem::forget(end);
        monitor
    }

    #[tokio::test]
    async fn an_event_between_a_command_and_its_answer_is_kept() {
        let mut monitor = saying(&[
            r#"{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}}}"#,
            r#"{"return": {}}"#,
            r#"{"event": "MIGRATION", "data": {"status": "setup"}}"#,
            r#"{"event": "MIGRATION", "data": {"status": "completed"}}"#,
            r#"{"return": {"a": 1}}"#,
        ]);
        assert_eq!(monitor.greet().await.unwrap(), "7.2.22 Debian");
        assert_eq!(monitor.execute("migrate", json!({})).await.unwrap()["a"], 1);
        monitor.until_migrated().await.unwrap();
    }

    #[tokio::test]
    async fn a_refusal_and_a_failure_are_errors() {
        let mut monitor = saying(&[
            r#"{"error": {"class": "GenericError", "desc": "no such thing"}}"#,
            r#"{"event": "MIGRATION", "data": {"status": "failed"}}"#,
        ]);
        let refused = monitor.execute("stop", json!({})).await.unwrap_err();
        assert_eq!(refused.to_string(), "QEMU refused stop: no such thing");
        assert!(matches!(monitor.until_migrated().await, Err(QmpError::Migration(_))));
    }

    #[tokio::test]
    async fn a_qemu_that_ends_is_told() {
        let (mut monitor, end) = Qmp::pair().unwrap();
        drop(end);
        assert!(matches!(monitor.greet().await, Err(QmpError::Closed)));
    }
}
