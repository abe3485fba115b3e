//! What a scenario and the keeper of its lab say to each other: one JSON document a line.

use std::io;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};

use super::Facts;

/// The scenario's first and only message. Its lease lasts as long as the connection.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Hello {
    /// The scenario's name.
    pub scenario: String,
}

/// The keeper's messages.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FromKeeper {
    /// Something happened while the lab came up.
    Event(Event),
    /// The lab is the scenario's.
    Granted(Box<Grant>),
    /// There is no lab, and there will be none.
    Refused(Refusal),
    /// This keeper ends because its lab is not clean; ask for another.
    Replaced(String),
}

/// Why there is no lab.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refusal {
    /// What went wrong.
    pub reason: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// A progress report of a lab that is coming up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What is being done, and on which machine.
    pub text: String,
}

impl Event {
    /// Reports that `text` is being done.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

/// All that a scenario needs to use a lab.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The keeper's process id. Its namespaces are the host's.
    pub keeper: u32,
    /// The keeper's folder of control sockets, as the keeper names it.
    pub sockets: Utf8PathBuf,
    /// The folder of this run.
    pub run: Utf8PathBuf,
    /// The lease's number, from 1.
    pub number: u32,
    /// What is known about the machines.
    pub facts: Facts,
}

pub(crate) async fn write_message<T: Serialize>(
    to: &mut (impl AsyncWrite + Unpin),
    message: &T,
) -> io::Result<()> {
    let mut line = serde_json::to_vec(message)?;
    line.push(b'\n');
    to.write_all(&line).await
}

/// `None` once the other side has closed the connection.
pub(crate) async fn read_message<T: DeserializeOwned>(
    from: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Option<T>> {
    let mut line = String::new();
    if from.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&line)?))
}
