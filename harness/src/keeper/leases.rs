//! Lending a lab to one scenario at a time.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::{Mutex, oneshot, watch},
    task::JoinSet,
};

use super::pristine::{OnLan, Pristine};
use crate::{
    lab::{Event, FromKeeper, Grant, Hello, Refusal, read_message, write_message},
    machine::chain,
};

/// Where a lab stands.
#[derive(Clone)]
pub(super) enum State {
    /// It is being made; this was the latest step.
    ComingUp(Event),
    /// It can be lent.
    Up(Arc<Lendable>),
    /// It did not come up.
    Failed(Refusal),
    /// It is not clean any more, has lost a node, or nobody is left to use it: it is not lent again.
    Spoiled(String),
}

/// A lab that is up.
pub(super) struct Lendable {
    /// What each scenario is told; the number is its own.
    pub grant: Grant,
    /// Its machines.
    pub machines: Vec<OnLan>,
    /// What they were like before any scenario.
    pub pristine: Pristine,
}

/// Lends the lab until the runner is dead and no scenario is left, or the lab is spoiled.
pub(super) async fn serve(
    listener: UnixListener,
    mut runner_died: oneshot::Receiver<()>,
    state: &Arc<watch::Sender<State>>,
) {
    let turn = Arc::new(Mutex::new(()));
    let count = Arc::new(AtomicU32::new(0));
    let mut scenarios = JoinSet::new();
    let mut spoiled = state.subscribe();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if is_ours(&stream) => {
                    let scenario = Scenario { turn: Arc::clone(&turn), count: Arc::clone(&count), state: Arc::clone(state) };
                    scenarios.spawn(scenario.serve(stream));
                }
                Ok(_) => tracing::warn!("another user's process asked for the lab"),
                Err(error) => tracing::warn!(%error, "a scenario could not be let in"),
            },
            _ = until_spoiled(&mut spoiled) => break,
            _ = &mut runner_died => break,
        }
    }
    // Those that connect from here on find nobody, and ask again when this process has ended and its
    // name is free. A scenario may outlive its runner, and keeps its lab.
    while scenarios.join_next().await.is_some() {}
}

/// An abstract socket has no file permissions: whose process it is tells the kernel.
fn is_ours(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}

struct Scenario {
    turn: Arc<Mutex<()>>,
    count: Arc<AtomicU32>,
    state: Arc<watch::Sender<State>>,
}

impl Scenario {
    async fn serve(self, stream: UnixStream) {
        let mut stream = BufReader::new(stream);
        let name = match read_message::<Hello>(&mut stream).await {
            Ok(Some(hello)) => hello.scenario,
            _ => return,
        };
        if let Err(error) = self.lend(&name, &mut stream).await {
            tracing::warn!(scenario = name, %error, "lost a scenario");
        }
    }

    async fn lend(&self, name: &str, stream: &mut BufReader<UnixStream>) -> io::Result<()> {
        let Some(lendable) = self.wait_for_lab(stream).await? else { return Ok(()) };
        let mut spoiled = self.state.subscribe();
        let _turn = tokio::select! {
            biased;
            why = until_spoiled(&mut spoiled) => return write_message(stream, &FromKeeper::Replaced(why)).await,
            () = until_closed(stream) => return Ok(()),
            turn = self.turn.lock() => turn,
        };
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let start = Instant::now();
        let grant = Grant { number, ..lendable.grant.clone() };
        write_message(stream, &FromKeeper::Granted(Box::new(grant))).await?;
        tokio::select! {
            () = until_closed(stream) => {}
            _ = until_spoiled(&mut spoiled) => return Ok(()),
        }
        let used = start.elapsed();
        self.clean(name, &lendable).await;
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (used, in_all) = (milliseconds(used), milliseconds(start.elapsed()));
        tracing::info!(scenario = name, used, in_all, "the scenario gave the lab back");
        Ok(())
    }

    /// Tells a scenario how the lab comes up. `None` where there will be none, which it has been
    /// told, and where it has died.
    async fn wait_for_lab(&self, stream: &mut BufReader<UnixStream>) -> io::Result<Option<Arc<Lendable>>> {
        let mut changes = self.state.subscribe();
        loop {
            let state = changes.borrow_and_update().clone();
            let last_word = match state {
                State::Up(lendable) => return Ok(Some(lendable)),
                State::ComingUp(event) => {
                    write_message(stream, &FromKeeper::Event(event)).await?;
                    tokio::select! {
                        _ = changes.changed() => continue,
                        () = until_closed(stream) => return Ok(None),
                    }
                }
                State::Failed(refusal) => FromKeeper::Refused(refusal),
                State::Spoiled(why) => FromKeeper::Replaced(why),
            };
            return write_message(stream, &last_word).await.map(|()| None);
        }
    }

    /// Undoes what the scenario did; a lab that is then not as it was is not lent again.
    async fn clean(&self, name: &str, lendable: &Lendable) {
        let spoiled = match Pristine::sweep_and_read(&lendable.machines).await {
            Ok(now) => lendable.pristine.differences(&now),
            Err(error) => vec![chain(&error)],
        };
        if !spoiled.is_empty() {
            let why = format!("after {name} it was not as before: {}", spoiled.join("; "));
            tracing::warn!(why, "the lab is not clean and is replaced");
            self.state.send_replace(State::Spoiled(why));
        }
    }
}

/// A lease lasts as long as its connection: the scenario closes it, or dies.
async fn until_closed(stream: &mut BufReader<UnixStream>) {
    let mut ignored = [0; 64];
    while stream.read(&mut ignored).await.is_ok_and(|length| length > 0) {}
}

/// Waits until the lab is not lent again, and says why.
async fn until_spoiled(state: &mut watch::Receiver<State>) -> String {
    match state.wait_for(|state| matches!(state, State::Spoiled(_))).await.as_deref() {
        Ok(State::Spoiled(why)) => why.clone(),
        _ => String::new(),
    }
}
