//! A keeper's life.

use std::{
    os::fd::{FromRawFd, OwnedFd},
    os::unix::net as unix,
    sync::Arc,
    time::Instant,
};

use camino::{Utf8Path, Utf8PathBuf};
use miette::Diagnostic as _;
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::getpid,
};
use tokio::{
    net::UnixListener,
    sync::{oneshot, watch},
    task::JoinSet,
};

use super::{
    KeeperError,
    isolate::{isolate, outer_pid},
    leases::{Lendable, State, serve},
    masters::{self, Master},
    pristine::{Pristine, on_lan},
    survey::survey,
};
use crate::{
    lab::{Event, Grant, LISTENER_FD, RUNNER_FD, Refusal},
    machine::{Machine, Patience, chain},
    provider::{self, Provided, Provider},
    topology::Topology,
};

/// What a keeper is told on its command line. It inherits its listener and the runner's pidfd.
#[derive(Clone, Debug)]
pub struct KeepOptions {
    /// What makes the lab.
    pub provider: Provider,
    /// The lab's description.
    pub topology: Utf8PathBuf,
    /// The run's folder.
    pub run: Utf8PathBuf,
}

/// Makes a lab and lends it until the runner is dead and no lease is held. To be called first in
/// the process, which has been started in fresh PID, mount, network, UTS and IPC namespaces.
///
/// # Errors
/// Where the keeper can't work at all. A lab that does not come up is no such error: it is told to
/// every scenario that asks.
pub fn keep(options: &KeepOptions) -> Result<(), KeeperError> {
    check_start()?;
    let (listener, runner) = inherited();
    let outer_pid = outer_pid()?;
    let directory = isolate(&[&listener, &runner])?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(KeeperError::io("start the runtime"))?.block_on(async {
        let listener = unix::UnixListener::from(listener);
        listener.set_nonblocking(true).map_err(KeeperError::io("use the listener"))?;
        let listener = UnixListener::from_std(listener).map_err(KeeperError::io("use the listener"))?;
        let runner = until_dead(runner);
        let (state, _) = watch::channel(State::ComingUp(Event::new("starting the lab")));
        let state = Arc::new(state);
        let making = make(options.clone(), directory, outer_pid, Arc::clone(&state));
        let making = tokio::spawn(told_if_it_panics(making, Arc::clone(&state)));
        serve(listener, runner, &state).await;
        making.abort();
        tracing::info!("the keeper ends");
        Ok(())
    })
}

#[allow(unsafe_code)] // Inherited descriptors have no safe way in; `check_start` has looked at both.
fn inherited() -> (OwnedFd, OwnedFd) {
    // SAFETY: both are open and of their kind (`check_start`), and nothing else has taken them.
    unsafe { (OwnedFd::from_raw_fd(LISTENER_FD), OwnedFd::from_raw_fd(RUNNER_FD)) }
}

/// Completes when the process behind a pidfd is dead.
fn until_dead(process: OwnedFd) -> oneshot::Receiver<()> {
    let (tell, dead) = oneshot::channel();
    // A thread, and not one of the runtime's: nothing waits for it when the keeper ends first.
    std::thread::spawn(move || {
        let mut watched = [PollFd::new(&process, PollFlags::IN)];
        while poll(&mut watched, None).is_err() {}
        let _ = tell.send(());
    });
    dead
}

/// Nothing is touched unless a scenario started this process: the first of its PID namespace, with
/// a socket and a pidfd at the two places.
fn check_start() -> Result<(), KeeperError> {
    let kind = |fd: i32| std::fs::read_link(format!("/proc/self/fd/{fd}")).unwrap_or_default();
    let is = |fd: i32, word: &str| kind(fd).to_string_lossy().contains(word);
    if getpid().as_raw_nonzero().get() == 1 && is(LISTENER_FD, "socket:") && is(RUNNER_FD, "pidfd") {
        return Ok(());
    }
    Err(KeeperError::NotByHand)
}

/// A panic would otherwise leave every scenario waiting.
async fn told_if_it_panics(
    making: impl Future<Output = ()> + Send + 'static,
    state: Arc<watch::Sender<State>>,
) {
    if let Err(error) = tokio::spawn(making).await {
        let reason = format!("the keeper failed: {error}");
        state.send_replace(State::Failed(Refusal { reason, help: None }));
    }
}

/// Brings the lab up and then holds all that it is made of.
async fn make(options: KeepOptions, directory: Utf8PathBuf, keeper: u32, state: Arc<watch::Sender<State>>) {
    let start = Instant::now();
    let tell = |event: Event| {
        tracing::info!(event.text);
        state.send_replace(State::ComingUp(event));
    };
    match bring_up(&options, &directory, keeper, &tell).await {
        Ok((held, lendable)) => {
            let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(milliseconds, machines = lendable.grant.facts.machines, "the lab is up");
            state.send_replace(State::Up(Arc::new(lendable)));
            held.until_one_ends().await;
            state.send_replace(State::Spoiled("it has lost a node, or the connection to it".to_owned()));
        }
        Err(error) => {
            let help = error.help().map(|help| help.to_string());
            let refusal = Refusal { reason: chain(&error), help };
            tracing::error!(refusal.reason, "the lab did not come up");
            state.send_replace(State::Failed(refusal));
        }
    }
}

/// The processes of a lab.
struct Held {
    provided: Provided,
    masters: Vec<Master>,
}

impl Held {
    /// Returns when a node or the way to it is lost. The scenario that has the lab then sees its
    /// own commands fail, and the log says why.
    async fn until_one_ends(self) {
        let mut processes = JoinSet::new();
        for mut child in
            self.provided.nodes.into_iter().chain(self.masters.into_iter().map(|master| master.child))
        {
            // Waiting closes a child's standard input, which is what keeps these alive.
            let input = child.stdin.take();
            processes.spawn(async move {
                let status = child.wait().await;
                drop(input);
                status
            });
        }
        let status = processes.join_next().await;
        tracing::error!(?status, "a node or the ssh connection to it ended");
    }
}

async fn bring_up(
    options: &KeepOptions,
    directory: &Utf8Path,
    keeper: u32,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<(Held, Lendable), KeeperError> {
    let topology = Topology::load(&options.topology)?;
    let provided = provider::bring_up(options.provider, &topology, directory, &options.run, tell).await?;
    let mut host = Machine::in_namespaces("host", std::process::id(), Patience::UNMEASURED)
        .map_err(KeeperError::io("open the host's namespaces"))?;
    let (mut masters, mut nodes) = (Vec::new(), Vec::new());
    for node in &topology.nodes {
        tell(Event::new(format!("{}: connecting", node.name)));
        let master = masters::connect(&node.name, &provided.ssh_config, directory).await?;
        nodes.push(Machine::over_ssh(&node.name, &master.socket, Patience::UNMEASURED));
        masters.push(master);
    }
    let facts = survey(options.provider, &provided.machines, &topology, &mut host, &mut nodes).await?;
    let machines = on_lan(&topology, &host, &nodes);
    let pristine = Pristine::sweep_and_read(&machines).await?;
    let grant = Grant { keeper, sockets: directory.to_owned(), run: options.run.clone(), number: 0, facts };
    Ok((Held { provided, masters }, Lendable { grant, machines, pristine }))
}
