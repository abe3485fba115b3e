//! A keeper's life.

use std::{
    future,
    os::fd::{FromRawFd, OwnedFd},
    os::unix::net as unix,
    sync::Arc,
    time::Instant,
};

use camino::Utf8PathBuf;
use miette::Diagnostic as _;
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::getpid,
};
use tokio::{
    net::UnixListener,
    sync::{oneshot, watch},
};

use super::{
    KeeperError, held,
    leases::{Announced, State, serve},
    surroundings::{folder_of_own, isolate, outer_pid},
};
use crate::{
    lab::{Event, LISTENER_FD, RUNNER_FD, Refusal, Wanted},
    machine::chain,
    provider::Provider,
    topology::Topology,
};

/// What a keeper is told on its command line. It inherits its listener and, unless it is a
/// standing lab's, the runner's pidfd.
#[derive(Clone, Debug)]
pub struct KeepOptions {
    /// What makes the lab.
    pub provider: Provider,
    /// The lab's description.
    pub topology: Utf8PathBuf,
    /// The folder for the machines' logs.
    pub run: Utf8PathBuf,
    /// The file with the aliases of machines that exist already; the usual ones, where none is given.
    pub ssh_config: Option<Utf8PathBuf>,
    /// Whether the lab stands until it is told to end.
    pub standing: bool,
}

/// Makes a lab and lends it until the runner is dead and no lease is held. To be called first in
/// the process, which for a hermetic lab has been started in fresh PID, mount, network, UTS and IPC
/// namespaces.
///
/// # Errors
/// Where the keeper can't work at all. A lab that does not come up is no such error: it is told to
/// every scenario that asks.
pub fn keep(options: &KeepOptions) -> Result<(), KeeperError> {
    check_start(options)?;
    close_inherited(if options.standing { LISTENER_FD } else { RUNNER_FD });
    let (listener, runner) = (inherited(LISTENER_FD), (!options.standing).then(|| inherited(RUNNER_FD)));
    let outer_pid = outer_pid()?;
    let guarded: Vec<&OwnedFd> = [Some(&listener), runner.as_ref()].into_iter().flatten().collect();
    let directory = if options.provider.is_hermetic() {
        isolate(&guarded)?
    } else {
        folder_of_own(&guarded, &options.run)?
    };
    let announced = announce(options, outer_pid);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(KeeperError::io("start the runtime"))?.block_on(async {
        let listener = unix::UnixListener::from(listener);
        listener.set_nonblocking(true).map_err(KeeperError::io("use the listener"))?;
        let listener = UnixListener::from_std(listener).map_err(KeeperError::io("use the listener"))?;
        let (state, _) = watch::channel(State::ComingUp(Event::new("starting the lab")));
        let state = Arc::new(state);
        let making = make(options.clone(), directory, outer_pid, Arc::clone(&state));
        let making = tokio::spawn(told_if_it_panics(making, Arc::clone(&state)));
        serve(listener, announced, options.standing, until_dead(runner), &state).await;
        making.abort();
        tracing::info!("the keeper ends");
        Ok(())
    })
}

#[allow(unsafe_code)] // Inherited descriptors have no safe way in; `check_start` has looked at them.
fn inherited(fd: i32) -> OwnedFd {
    // SAFETY: it is open and of its kind (`check_start`), and nothing else has taken it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// Closes what the starter left open: a lock or a pipe of somebody else's would live as long as the lab.
#[allow(unsafe_code)] // To close what nobody here owns has no safe way; nothing has been opened yet.
fn close_inherited(last_of_ours: i32) {
    let names = std::fs::read_dir("/proc/self/fd").into_iter().flatten().filter_map(Result::ok);
    let open: Vec<i32> = names.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect();
    for fd in open.into_iter().filter(|fd| *fd > last_of_ours) {
        // SAFETY: nobody here owns it; the folder's own descriptor is closed already.
        if std::path::Path::new(&format!("/proc/self/fd/{fd}")).exists() {
            drop(unsafe { OwnedFd::from_raw_fd(fd) });
        }
    }
}

/// What can be told before the lab is up.
fn announce(options: &KeepOptions, keeper: u32) -> Announced {
    let topology = Topology::load(&options.topology).ok();
    let wanted = topology.map(|topology| Wanted::here(&topology, options.ssh_config.as_deref()));
    Announced { keeper, wanted, folder: options.run.clone() }
}

/// Completes when the process behind a pidfd is dead; without one, never.
async fn until_dead(process: Option<OwnedFd>) {
    let Some(process) = process else { return future::pending().await };
    let (tell, dead) = oneshot::channel();
    // A thread, and not one of the runtime's: nothing waits for it when the keeper ends first.
    std::thread::spawn(move || {
        let mut watched = [PollFd::new(&process, PollFlags::IN)];
        while poll(&mut watched, None).is_err() {}
        let _ = tell.send(());
    });
    let _ = dead.await;
}

/// Nothing is touched unless a run or `lab up` started this process: with a socket and a pidfd at the
/// two places and, for a hermetic lab, as the first of its PID namespace.
fn check_start(options: &KeepOptions) -> Result<(), KeeperError> {
    let kind = |fd: i32| std::fs::read_link(format!("/proc/self/fd/{fd}")).unwrap_or_default();
    let is = |fd: i32, word: &str| kind(fd).to_string_lossy().contains(word);
    let is_apart = !options.provider.is_hermetic() || getpid().as_raw_nonzero().get() == 1;
    if is_apart && is(LISTENER_FD, "socket:") && (options.standing || is(RUNNER_FD, "pidfd")) {
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
    let tell = |event: Event| match event.detail {
        None => {
            tracing::info!(event.text);
            state.send_replace(State::ComingUp(event));
        }
        detail => state.send_modify(|state| {
            if let State::ComingUp(event) = state {
                event.detail = detail;
            }
        }),
    };
    match held::bring_up(&options, &directory, keeper, &tell).await {
        Ok((mut held, lendable)) => {
            let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(milliseconds, machines = lendable.grant.facts.machines, "the lab is up");
            state.send_replace(State::Up(Arc::new(lendable)));
            let lost = held.until_one_is_lost().await;
            state.send_replace(State::Spoiled(lost));
            // What is left is the scenario's that has the lab, until the keeper ends.
            future::pending::<()>().await;
        }
        Err(error) => {
            let help = error.help().map(|help| help.to_string());
            let refusal = Refusal { reason: chain(&error), help };
            tracing::error!(refusal.reason, "the lab did not come up");
            state.send_replace(State::Failed(refusal));
        }
    }
}
