//! The labs of a run: the first that is free goes to the scenario that has waited longest.
//!
//! There is no list of them, and nobody who has one: each lab's keeper has its own queue, a scenario waits in all of them and leaves
//! the others once it is offered a lab. Whoever dies leaves by that, and a keeper that dies leaves its number free.

use std::{collections::BTreeMap, io, mem, os::unix::net::UnixStream, pin::Pin};

use camino::{Utf8Path, Utf8PathBuf};
use futures_util::{StreamExt as _, stream::FuturesUnordered};

use super::{
    Event, FromKeeper, Grant, LabError, Settings,
    conversation::{Connection, next, request, send},
    keeper_name,
    protocol::{Request, Take},
    runner::Runner,
    start_keeper::{Keeper, KeeperSought, find},
};

/// Where a run's labs are, and who wants one.
pub(super) struct Pool<'a> {
    pub(super) settings: &'a Settings,
    pub(super) runner: &'a Runner,
    /// The run's folder.
    pub(super) run: &'a Utf8Path,
    pub(super) request: &'a Request,
}

/// A scenario's place in a lab's queue.
struct Place {
    /// The lab's.
    number: u32,
    keeper: Keeper,
    connection: Connection,
    /// The last phase that was told of it.
    told: String,
}

/// What a scenario knows of a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Prospect {
    /// The keeper has not said anything yet.
    Unknown,
    /// The lab comes up or is cleaned, and then nobody is before this scenario.
    Next,
    /// Others are.
    Behind,
    /// The lab did not come up, and never will.
    Failed,
}

/// A place, and what its keeper said; `None` where that is gone.
type Word = (Place, io::Result<Option<FromKeeper>>);

/// The places that a scenario has. Dropping one gives it up.
#[derive(Default)]
struct Places<'a> {
    words: FuturesUnordered<Pin<Box<dyn Future<Output = Word> + 'a>>>,
    prospects: BTreeMap<u32, Prospect>,
}

impl Places<'_> {
    fn listen(&mut self, mut place: Place, prospect: Prospect) {
        self.prospects.insert(place.number, prospect);
        self.words.push(Box::pin(async move {
            let word = next(&mut place.connection).await;
            (place, word)
        }));
    }

    /// The number of a lab that is worth to be started: of the first that this scenario does not wait for, where it is
    /// behind others everywhere.
    fn wanting(&self, labs: u32) -> Option<u32> {
        let is_behind =
            self.prospects.values().all(|prospect| matches!(prospect, Prospect::Behind | Prospect::Failed));
        // Where none comes up, another would not either.
        let may_come_up = self.prospects.is_empty() || !self.words.is_empty();
        (1..=labs).find(|number| !self.prospects.contains_key(number)).filter(|_| is_behind && may_come_up)
    }
}

impl Pool<'_> {
    /// Waits for a lab. A further one is started where somebody has each that there is; `tell` hears how that comes up.
    pub(super) async fn lease(&self, tell: &impl Fn(&Event)) -> Result<(Grant, Connection), LabError> {
        let labs = self.settings.jobs.get();
        let mut places = Places::default();
        for number in 1..=labs {
            if let Some(stream) = find(&self.sought(number)?.address)? {
                self.queue(&mut places, number, Keeper::Found, stream).await?;
            }
        }
        let mut failure = None;
        loop {
            while let Some(number) = places.wanting(labs) {
                let (keeper, stream) = self.sought(number)?.find_or_start()?;
                self.queue(&mut places, number, keeper, stream).await?;
            }
            let Some((mut place, word)) = places.words.next().await else {
                // Without a place, and without a failure, it wants the first lab.
                if let Some(failure) = failure {
                    return Err(failure);
                }
                continue;
            };
            let prospect = places.prospects.remove(&place.number).unwrap_or(Prospect::Unknown);
            match word.map_err(speak())? {
                Some(FromKeeper::Offered) => match take(place).await? {
                    Some(lease) => return Ok(lease),
                    None => continue,
                },
                Some(FromKeeper::Event(event)) => {
                    self.tell(&mut place, event, tell);
                    places.listen(place, prospect);
                }
                Some(FromKeeper::Queued(0)) => places.listen(place, Prospect::Next),
                Some(FromKeeper::Queued(_)) => places.listen(place, Prospect::Behind),
                Some(FromKeeper::Replaced(why)) => tell(&Event::new(format!("the lab is replaced: {why}"))),
                Some(other) => {
                    places.prospects.insert(place.number, Prospect::Failed);
                    failure = Some(LabError::refused(other, Some(&self.sought(place.number)?.log())));
                }
                // Another's keeper may have ended between our connecting and its listening to us.
                None if place.keeper == Keeper::Found => {}
                None => {
                    places.prospects.insert(place.number, Prospect::Failed);
                    failure = Some(self.sought(place.number)?.ended());
                }
            }
        }
    }

    /// Takes a place in a lab's queue.
    async fn queue(
        &self,
        places: &mut Places<'_>,
        number: u32,
        keeper: Keeper,
        stream: UnixStream,
    ) -> Result<(), LabError> {
        let connection = request(stream, self.request).await.map_err(speak())?;
        places.listen(Place { number, keeper, connection, told: String::new() }, Prospect::Unknown);
        Ok(())
    }

    /// Tells a phase once: an event may repeat it for a step's sake.
    fn tell(&self, place: &mut Place, event: Event, tell: &impl Fn(&Event)) {
        if place.keeper == Keeper::StartedHere
            && mem::replace(&mut place.told, event.text.clone()) != event.text
        {
            tell(&if place.number == 1 {
                event
            } else {
                Event { text: format!("lab {}: {}", place.number, event.text), ..event }
            });
        }
    }

    fn sought(&self, number: u32) -> Result<KeeperSought<'_>, LabError> {
        let Self { settings, runner, .. } = *self;
        Ok(KeeperSought {
            settings,
            address: keeper_name::of_run(runner, settings, number)
                .map_err(LabError::keeper("name the keeper's socket"))?,
            folder: self.folder(number),
            runner: Some(runner.watch().map_err(LabError::keeper("watch the test runner"))?),
        })
    }

    /// The first lab's logs are the run's.
    fn folder(&self, number: u32) -> Utf8PathBuf {
        if number == 1 { self.run.to_owned() } else { self.run.join(format!("lab-{number}")) }
    }
}

/// Takes the lab that is offered; `None` where its keeper has died meanwhile, or has given up on us.
async fn take(mut place: Place) -> Result<Option<(Grant, Connection)>, LabError> {
    send(&mut place.connection, &Take).await.map_err(speak())?;
    match next(&mut place.connection).await.map_err(speak())? {
        Some(FromKeeper::Granted(grant)) => Ok(Some((*grant, place.connection))),
        Some(other) => Err(LabError::refused(other, None)),
        None => Ok(None),
    }
}

fn speak() -> impl FnOnce(io::Error) -> LabError {
    LabError::keeper("speak to the lab's keeper")
}
