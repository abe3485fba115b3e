//! Lending a lab to one scenario at a time.

use std::{
    future, io,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use camino::Utf8PathBuf;
use tokio::{
    io::{AsyncReadExt, BufReader},
    net::{UnixListener, UnixStream},
    sync::{Mutex, OwnedMutexGuard, watch},
    task::JoinSet,
    time::timeout,
};

use super::{
    pristine::{Pristine, Watched},
    queue::{Queue, Queued},
    standing_containers::StandingContainers,
};
use crate::{
    lab::{Event, FromKeeper, Grant, Refusal, Request, Seen, Take, Wanted, read_message, write_message},
    machine::{CommandError, chain},
    provider::Provider,
};

/// How long a scenario may take to answer an offer, which it does without a thought.
const TAKE_DEADLINE: Duration = Duration::from_secs(5);

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
    pub machines: Vec<Watched>,
    /// What they were like before any scenario.
    pub pristine: Pristine,
    /// A person's containers, where the lab stands.
    containers: StandingContainers,
    /// Who has it.
    scenario: std::sync::Mutex<Option<String>>,
    /// When it was found to be as it was, unless somebody had it or set containers up since.
    clean: std::sync::Mutex<Option<Instant>>,
}

impl Lendable {
    pub(super) fn new(
        grant: Grant,
        machines: Vec<Watched>,
        pristine: Pristine,
        containers: StandingContainers,
    ) -> Self {
        Self {
            grant,
            machines,
            pristine,
            containers,
            scenario: Default::default(),
            clean: Default::default(),
        }
    }

    /// Undoes what is recorded on the machines, and says what is then not as it was: nothing, if all is.
    async fn put_back(&self) -> Vec<String> {
        let different = match Pristine::put_back_and_read(&self.machines).await {
            Ok(now) => self.pristine.differences(&now),
            Err(error) => vec![chain(&error)],
        };
        self.note_clean(different.is_empty().then(Instant::now));
        different
    }

    fn note_clean(&self, when: Option<Instant>) {
        if let Ok(mut clean) = self.clean.lock() {
            *clean = when;
        }
    }

    /// Whether it has been found as it was since then, and nobody had it after that.
    fn is_clean_since(&self, then: Instant) -> bool {
        self.clean.lock().is_ok_and(|clean| clean.is_some_and(|clean| clean >= then))
    }

    /// Sets up what is not there of the containers.
    async fn set_containers_up(&self) {
        self.note_clean(None);
        self.containers.set_up_missing().await;
    }

    /// Has the containers up, or takes them away; what else a person has changed stays.
    async fn furnish(&self, bare: bool) -> Result<(), CommandError> {
        if !bare {
            self.set_containers_up().await;
        } else if self.containers.are_wanted() {
            Pristine::put_back_and_read(&self.machines).await?;
            self.containers.forget();
        }
        Ok(())
    }

    fn lent_to(&self) -> Option<String> {
        self.scenario.lock().ok().and_then(|scenario| scenario.clone())
    }

    /// Notes who has the lab, for as long as what is returned lives.
    fn note(&self, scenario: &str) -> Note<'_> {
        if let Ok(mut noted) = self.scenario.lock() {
            *noted = Some(scenario.to_owned());
        }
        Note(self)
    }
}

struct Note<'a>(&'a Lendable);

impl Drop for Note<'_> {
    fn drop(&mut self) {
        if let Ok(mut noted) = self.0.scenario.lock() {
            *noted = None;
        }
    }
}

/// Lends the lab until the runner is dead and no scenario is left, or the lab is spoiled.
pub(super) async fn serve(
    listener: UnixListener,
    announced: Announced,
    is_standing: bool,
    runner_died: impl Future<Output = ()>,
    state: &Arc<watch::Sender<State>>,
) {
    let mut runner_died = pin!(runner_died);
    let turn = Arc::new(Mutex::new(()));
    let (count, queue) = (Arc::new(AtomicU32::new(0)), Queue::default());
    let mut visits = JoinSet::new();
    let (mut spoiled, mut failed) = (state.subscribe(), state.subscribe());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if is_ours(&stream) => {
                    let visit = Visit {
                        announced: announced.clone(), is_standing, turn: Arc::clone(&turn), count: Arc::clone(&count),
                        queue: queue.clone(), state: Arc::clone(state) };
                    visits.spawn(visit.serve(stream));
                }
                Ok(_) => tracing::warn!("another user's process asked for the lab"),
                Err(error) => tracing::warn!(%error, "a scenario could not be let in"),
            },
            _ = until_spoiled(&mut spoiled) => break,
            // Nobody's death would end it, and nobody else would try again.
            () = until_failed(&mut failed), if is_standing => break,
            _ = &mut runner_died => break,
        }
    }
    // A scenario may outlive its runner, and keeps its lab. Those that connect from here on are told that they are behind it,
    // and ask again when this process has ended and its name is free.
    let mut behind = Vec::new();
    loop {
        tokio::select! {
            visit = visits.join_next() => if visit.is_none() { break },
            Ok((mut stream, _)) = listener.accept(), if !is_standing => {
                if is_ours(&stream) && write_message(&mut stream, &FromKeeper::Queued(1)).await.is_ok() {
                    behind.push(stream);
                }
            }
        }
    }
}

/// An abstract socket has no file permissions: whose process it is tells the kernel.
fn is_ours(stream: &UnixStream) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == rustix::process::geteuid().as_raw())
}

/// What is known of a lab before it is up.
#[derive(Clone)]
pub(super) struct Announced {
    /// The keeper's process id.
    pub keeper: u32,
    /// What it is to be made from, if that could be read.
    pub wanted: Option<Wanted>,
    /// The folder of its logs.
    pub folder: Utf8PathBuf,
}

impl Announced {
    /// What ssh calls the nodes.
    fn aliases(&self, provider: Provider) -> Vec<String> {
        let nodes = self.wanted.iter().flat_map(|wanted| &wanted.topology.nodes);
        nodes.map(|node| if provider.is_hermetic() { &node.name } else { &node.ssh }).cloned().collect()
    }
}

/// Somebody who comes for the lab: a scenario, or a person by the command `lab`.
struct Visit {
    announced: Announced,
    /// Whether the lab is a person's.
    is_standing: bool,
    /// Whoever holds it has the lab: one after another, in the order in which they came.
    turn: Arc<Mutex<()>>,
    count: Arc<AtomicU32>,
    queue: Queue,
    state: Arc<watch::Sender<State>>,
}

impl Visit {
    async fn serve(self, stream: UnixStream) {
        let mut stream = BufReader::new(stream);
        let served = match read_message::<Request>(&mut stream).await {
            Ok(Some(Request::Lease { scenario, wanted })) => self.lend(&scenario, &wanted, &mut stream).await,
            Ok(Some(Request::Borrow { purpose })) => self.borrow(&purpose, &mut stream).await,
            Ok(Some(Request::Reset)) => self.reset(&mut stream).await,
            Ok(Some(Request::Await { bare })) => self.show(bare, &mut stream).await,
            Ok(Some(Request::Look)) => self.look(&mut stream).await,
            Ok(Some(Request::End)) => self.end(&mut stream).await,
            Ok(None) | Err(_) => return,
        };
        if let Err(error) = served {
            tracing::warn!(%error, "lost somebody who came for the lab");
        }
    }

    /// Tells a person when the lab is up, with its containers or without. While a scenario has it they stay away.
    async fn show(&self, bare: bool, stream: &mut BufReader<UnixStream>) -> io::Result<()> {
        let Some(lendable) = self.wait_for_lab(stream).await? else { return Ok(()) };
        if let Ok(_turn) = self.turn.try_lock()
            && let Err(error) = lendable.furnish(bare).await
        {
            let refusal = Refusal { reason: chain(&error), help: None };
            return write_message(stream, &FromKeeper::Refused(refusal)).await;
        }
        write_message(stream, &self.seen(&lendable)).await
    }

    /// Tells a person how it is.
    async fn look(&self, stream: &mut BufReader<UnixStream>) -> io::Result<()> {
        let state = self.state.borrow().clone();
        let answer = match state {
            State::Up(lendable) => {
                if let Ok(_turn) = self.turn.try_lock() {
                    lendable.containers.look().await;
                }
                self.seen(&lendable)
            }
            State::ComingUp(event) => FromKeeper::ComingUp { keeper: self.announced.keeper, event },
            State::Failed(refusal) => FromKeeper::Refused(refusal),
            State::Spoiled(why) => FromKeeper::Replaced(why),
        };
        write_message(stream, &answer).await
    }

    fn seen(&self, lendable: &Lendable) -> FromKeeper {
        FromKeeper::Seen(Box::new(Seen {
            aliases: self.announced.aliases(lendable.grant.facts.provider),
            grant: lendable.grant.clone(),
            lent_to: lendable.lent_to(),
            containers: lendable.containers.seen(),
            folder: self.announced.folder.clone(),
        }))
    }

    /// Ends the lab when nobody has it, and one that comes up at once; the keeper's death is the answer.
    async fn end(&self, stream: &mut BufReader<UnixStream>) -> io::Result<()> {
        let _turn = tokio::select! {
            () = until_closed(stream) => return Ok(()),
            turn = self.turn.lock() => turn,
        };
        self.state.send_replace(State::Spoiled("`lab down` ended it".to_owned()));
        Ok(())
    }

    async fn lend(&self, name: &str, wanted: &Wanted, stream: &mut BufReader<UnixStream>) -> io::Result<()> {
        if let Some(difference) = self.announced.wanted.as_ref().and_then(|made| made.difference(wanted)) {
            return write_message(stream, &FromKeeper::Differs(difference.to_owned())).await;
        }
        let (ahead, queued) = self.queue.join();
        write_message(stream, &FromKeeper::Queued(ahead)).await?;
        let Some((lendable, turn)) = self.take_turn(stream).await? else { return Ok(()) };
        if !is_taken(stream).await {
            return Ok(());
        }
        let lent = self.lend_now(name, &lendable, queued, stream).await;
        drop(turn);
        self.bring_containers_back(&lendable).await;
        lent
    }

    async fn lend_now(
        &self,
        name: &str,
        lendable: &Lendable,
        queued: Queued,
        stream: &mut BufReader<UnixStream>,
    ) -> io::Result<()> {
        let _note = lendable.note(name);
        if let Err(why) = self.make_way(lendable, queued.since).await {
            return write_message(stream, &FromKeeper::Differs(why)).await;
        }
        let start = Instant::now();
        self.grant(lendable, stream).await?;
        // A scenario whose lab has lost a node sees that itself, and keeps what it has of the others.
        until_closed(stream).await;
        // Whoever comes while the lab is cleaned is the next to have it.
        drop(queued);
        let used = start.elapsed();
        self.clean(name, lendable).await;
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (used, in_all) = (milliseconds(used), milliseconds(start.elapsed()));
        tracing::info!(scenario = name, used, in_all, "the scenario gave the lab back");
        Ok(())
    }

    /// Lends the lab to a person, and leaves it as that person does.
    async fn borrow(&self, purpose: &str, stream: &mut BufReader<UnixStream>) -> io::Result<()> {
        let Some((lendable, _turn)) = self.take_turn(stream).await? else { return Ok(()) };
        let _note = lendable.note(purpose);
        self.grant(&lendable, stream).await?;
        until_closed(stream).await;
        Ok(())
    }

    /// Puts the lab back, and says whether it is as it was.
    async fn reset(&self, stream: &mut BufReader<UnixStream>) -> io::Result<()> {
        let Some((lendable, turn)) = self.take_turn(stream).await? else { return Ok(()) };
        lendable.containers.make_way();
        self.clean("what was done by hand", &lendable).await;
        drop(turn);
        self.bring_containers_back(&lendable).await;
        self.look(stream).await
    }

    /// Waits until the lab is up and nobody has it. `None` where that will not be, which whoever waits has been
    /// told, and where they have gone.
    async fn take_turn(
        &self,
        stream: &mut BufReader<UnixStream>,
    ) -> io::Result<Option<(Arc<Lendable>, OwnedMutexGuard<()>)>> {
        let Some(lendable) = self.wait_for_lab(stream).await? else { return Ok(None) };
        let mut spoiled = self.state.subscribe();
        tokio::select! {
            biased;
            why = until_spoiled(&mut spoiled) => {
                write_message(stream, &FromKeeper::Replaced(why)).await.map(|()| None)
            }
            () = until_closed(stream) => Ok(None),
            turn = Arc::clone(&self.turn).lock_owned() => Ok(Some((lendable, turn))),
        }
    }

    /// Hands the lab over.
    async fn grant(&self, lendable: &Lendable, stream: &mut BufReader<UnixStream>) -> io::Result<()> {
        lendable.note_clean(None);
        let number = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        let grant = Grant { number, ..lendable.grant.clone() };
        write_message(stream, &FromKeeper::Granted(Box::new(grant))).await
    }

    /// Takes a person's containers away for a scenario. A lab in which the person has changed more than those is left
    /// to them. One that was cleaned behind another scenario while this one waited has been looked at.
    async fn make_way(&self, lendable: &Lendable, came: Instant) -> Result<(), String> {
        if !self.is_standing {
            return Ok(());
        }
        lendable.containers.make_way();
        if lendable.is_clean_since(came) {
            return Ok(());
        }
        let changed = lendable.put_back().await;
        if changed.is_empty() {
            Ok(())
        } else {
            Err(format!("somebody has changed it: {}", changed.join("; ")))
        }
    }

    /// Sets a person's containers up again, behind the scenarios that wait for the lab.
    async fn bring_containers_back(&self, lendable: &Lendable) {
        let _turn = self.turn.lock().await;
        let is_up = matches!(*self.state.borrow(), State::Up(_));
        if is_up && lendable.containers.are_away() {
            lendable.set_containers_up().await;
        }
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
        let spoiled = lendable.put_back().await;
        if !spoiled.is_empty() {
            let why = format!("after {name} it was not as before: {}", spoiled.join("; "));
            tracing::warn!(why, "the lab is not clean and is replaced");
            self.state.send_replace(State::Spoiled(why));
        }
    }
}

/// Offers the lab. A scenario that has been lent another one meanwhile is gone, and one that dies is too. One that is stopped keeps
/// the lab from nobody: it finds its place gone, and comes again.
async fn is_taken(stream: &mut BufReader<UnixStream>) -> bool {
    let offered = write_message(stream, &FromKeeper::Offered).await;
    offered.is_ok() && matches!(timeout(TAKE_DEADLINE, read_message::<Take>(stream)).await, Ok(Ok(Some(_))))
}

/// A lease lasts as long as its connection: the scenario closes it, or dies.
async fn until_closed(stream: &mut BufReader<UnixStream>) {
    let mut ignored = [0; 64];
    while stream.read(&mut ignored).await.is_ok_and(|length| length > 0) {}
}

/// Waits until it is certain that the lab does not come up.
async fn until_failed(state: &mut watch::Receiver<State>) {
    if state.wait_for(|state| matches!(state, State::Failed(_))).await.is_err() {
        future::pending().await
    }
}

/// Waits until the lab is not lent again, and says why.
async fn until_spoiled(state: &mut watch::Receiver<State>) -> String {
    match state.wait_for(|state| matches!(state, State::Spoiled(_))).await.as_deref() {
        Ok(State::Spoiled(why)) => why.clone(),
        _ => String::new(),
    }
}
