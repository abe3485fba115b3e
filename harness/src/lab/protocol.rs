//! What the keeper of a lab and those who come to it say to each other: one JSON document a line.

use std::{collections::BTreeMap, io};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};

use super::Facts;
use crate::{MacAddress, provider::HostWay, topology::Topology};

/// The first and only message to a keeper.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Request {
    /// A scenario wants the lab, or any other of its run. What it is offered it takes with [`Take`], or leaves by closing
    /// the connection. Its lease lasts as long as that.
    Lease {
        /// The scenario's name.
        scenario: String,
        /// The lab that it was written for.
        wanted: Box<Wanted>,
    },
    /// A person wants the lab for as long as the connection is open, as it is: nothing is undone behind it.
    Borrow {
        /// What for, in words that stand in a scenario's place.
        purpose: String,
    },
    /// A person wants it put back to what it was when it came up.
    Reset,
    /// A person wants the lab, and waits for it.
    Await {
        /// Without the topology's containers.
        bare: bool,
    },
    /// A person wants to know what there is now.
    Look,
    /// A person wants the lab to end: at once while it comes up, else when no scenario has it.
    End,
}

/// A scenario's answer to an offer.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Take;

/// What a lab is made from. One that was made from something else is another lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wanted {
    /// Its description.
    pub topology: Topology,
    /// The file with the aliases of machines that exist already.
    pub ssh_config: Option<Utf8PathBuf>,
    /// What the environment adds to that.
    pub environment: BTreeMap<String, String>,
}

/// The variables that change what a provider makes. How many labs there are (`LAB_JOBS`) makes none of them another.
const VARIABLES: [&str; 7] = [
    "LAB_BOOT",
    "LAB_BOX",
    "LAB_BOX_URL",
    "LAB_IMAGE",
    "LAB_NIC",
    "LAB_VAGRANT_DRIVER",
    "LIBVIRT_DEFAULT_URI",
];

impl Wanted {
    /// A lab of this topology in this environment.
    pub fn here(topology: &Topology, ssh_config: Option<&Utf8Path>) -> Self {
        let set =
            |name: &str| Some((name.to_owned(), std::env::var(name).ok().filter(|value| !value.is_empty())?));
        Self {
            topology: topology.clone(),
            ssh_config: ssh_config.map(Utf8Path::to_owned),
            environment: VARIABLES.into_iter().filter_map(set).collect(),
        }
    }

    /// What another lab was made from differently, if anything.
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        if self.topology != other.topology {
            return Some("its topology file has changed since");
        }
        if self.ssh_config != other.ssh_config {
            return Some("it was brought up with another ssh_config");
        }
        (self.environment != other.environment).then_some("it was brought up with other LAB_ variables")
    }
}

/// The keeper's messages.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FromKeeper {
    /// Something happened while the lab came up.
    Event(Event),
    /// Others have the lab or are to have it first: so many.
    Queued(u32),
    /// Nobody else has the lab, and nobody gets it before this is taken or left.
    Offered,
    /// The lab is the scenario's.
    Granted(Box<Grant>),
    /// The lab is up.
    Seen(Box<Seen>),
    /// It is not up yet.
    ComingUp {
        /// The keeper's process id.
        keeper: u32,
        /// The latest phase.
        event: Event,
    },
    /// There is no lab, and there will be none.
    Refused(Refusal),
    /// This keeper ends because its lab is not clean; ask for another.
    Replaced(String),
    /// This lab is not the one that is wanted.
    Differs(String),
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
    /// What of it just now, where it takes long: the last line of a machine's console.
    pub detail: Option<String>,
}

impl Event {
    /// Reports that `text` is being done.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), detail: None }
    }

    /// Reports a detail of what is being done.
    pub(crate) fn detail(detail: String) -> Self {
        Self { text: String::new(), detail: Some(detail) }
    }
}

/// All that a scenario needs to use a lab.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// The keeper's process id. Its working folder has the lab's files: `ssh_config`, and a control
    /// socket `NODE.mux` for each node.
    pub keeper: u32,
    /// The number of this lease of the lab, from 1.
    pub number: u32,
    /// The way to the host.
    pub host: HostWay,
    /// The machines on which commands need `sudo`.
    pub sudo: Vec<String>,
    /// The run's name on machines that outlive it.
    pub run: Option<String>,
    /// What is known about the machines.
    pub facts: Facts,
}

/// A lab as a person sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// What a scenario would get.
    pub grant: Grant,
    /// The scenario that has the lab now.
    pub lent_to: Option<String>,
    /// Its nodes' names in its `ssh_config`.
    pub aliases: Vec<String>,
    /// The topology's containers.
    pub containers: ContainersSeen,
    /// The folder of the lab's logs.
    pub folder: Utf8PathBuf,
}

/// The topology's containers in a lab that stands, while no scenario has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContainersSeen {
    /// Nobody has asked for them.
    Unwanted,
    /// They were set up: the MAC address of each that is there.
    Up(BTreeMap<String, MacAddress>),
    /// A scenario has the lab, and gets it without them.
    Away,
    /// They did not come up, and why.
    Failed(String),
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
