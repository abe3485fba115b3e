//! A lab as it is lent to a scenario.

use std::ops::{Deref, DerefMut};

use camino::Utf8Path;

use super::{
    Event, FromKeeper, Grant, Lab, LabError, Settings,
    conversation::{Connection, ask},
    keeper_name,
    protocol::{Request, Wanted},
    run_folder,
    runner::Runner,
    start_keeper::{Keeper, KeeperSought, find},
};

/// A leased lab. Dropping it, or this process's death, ends the lease; the keeper then undoes what
/// the scenario changed.
#[derive(Debug)]
pub struct Lease {
    pub(super) lab: Lab,
    pub(super) _connection: Connection,
}

impl Deref for Lease {
    type Target = Lab;

    fn deref(&self) -> &Lab {
        &self.lab
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Lab {
        &mut self.lab
    }
}

impl Lab {
    /// Waits for the lab: the one that `lab up` holds, if that is what is wanted, or the run's own,
    /// starting it if this is the run's first scenario. `tell` hears which, and how it comes up.
    ///
    /// # Errors
    /// Where the lab can't be had, with the reason.
    pub async fn lease(
        settings: &Settings,
        scenario: &str,
        tell: impl Fn(&Event),
    ) -> Result<Lease, LabError> {
        let runner = Runner::of_this_process().map_err(LabError::keeper("identify the test runner"))?;
        let run = run_folder::of(&runner, settings)?;
        let is_first = run_folder::make(&run)?;
        let request = Request::Lease {
            scenario: scenario.to_owned(),
            wanted: Box::new(Wanted::here(&settings.topology, settings.ssh_config.as_deref())),
        };
        let (grant, connection) = match adopt(settings, &request, is_first, &tell).await? {
            Some(adopted) => adopted,
            None => lease_own(settings, &runner, &run, &request, &tell).await?,
        };
        let folder = run_folder::make_for_scenario(&run, scenario)?;
        Ok(Lease { lab: Lab::granted(settings, folder, grant)?, _connection: connection })
    }
}

/// Leases the lab that `lab up` holds, if there is one and it is what is wanted.
async fn adopt(
    settings: &Settings,
    request: &Request,
    is_first: bool,
    tell: &impl Fn(&Event),
) -> Result<Option<(Grant, Connection)>, LabError> {
    let address =
        keeper_name::standing(&settings.into()).map_err(LabError::keeper("name the keeper's socket"))?;
    let Some(stream) = find(&address)? else { return Ok(None) };
    let answer = ask(stream, request, tell).await.map_err(LabError::keeper("speak to the lab's keeper"))?;
    let once = |text: String| {
        if is_first {
            tell(&Event::new(text));
        }
    };
    match answer {
        Some((FromKeeper::Granted(grant), lease)) => {
            once("using the lab that `lab up` brought up".to_owned());
            Ok(Some((*grant, lease)))
        }
        Some((FromKeeper::Differs(why), _)) => {
            once(format!("the lab that `lab up` brought up is not used: {why}"));
            Ok(None)
        }
        Some((FromKeeper::Replaced(why), _)) => {
            tell(&Event::new(format!("the lab that `lab up` brought up has ended: {why}")));
            Ok(None)
        }
        Some((other, _)) => {
            once(format!("the lab that `lab up` brought up is not used: {}", LabError::refused(other, None)));
            Ok(None)
        }
        None => Ok(None),
    }
}

/// Leases the run's own lab.
async fn lease_own(
    settings: &Settings,
    runner: &Runner,
    run: &Utf8Path,
    request: &Request,
    tell: &impl Fn(&Event),
) -> Result<(Grant, Connection), LabError> {
    let sought = KeeperSought {
        settings,
        address: keeper_name::of_run(runner, settings)
            .map_err(LabError::keeper("name the keeper's socket"))?,
        folder: run.to_owned(),
        runner: Some(runner.watch().map_err(LabError::keeper("watch the test runner"))?),
    };
    loop {
        let (keeper, stream) = sought.find_or_start()?;
        let progress = |event: &Event| {
            if keeper == Keeper::StartedHere {
                tell(event);
            }
        };
        let answer = ask(stream, request, progress).await;
        match answer.map_err(LabError::keeper("speak to the lab's keeper"))? {
            Some((FromKeeper::Granted(grant), lease)) => return Ok((*grant, lease)),
            Some((FromKeeper::Replaced(why), _)) => tell(&Event::new(format!("the lab is replaced: {why}"))),
            // Another's keeper may have ended between our connecting and its listening to us.
            None if keeper == Keeper::Found => {}
            Some((other, _)) => return Err(LabError::refused(other, Some(&sought.log()))),
            None => return Err(LabError::KeeperEnded { tail: sought.last_words(), log: sought.log() }),
        }
    }
}
