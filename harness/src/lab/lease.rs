//! A lab as it is lent to a scenario.

use std::{
    io,
    ops::{Deref, DerefMut},
    os::unix::net::UnixStream,
};

use super::{
    Event, FromKeeper, Grant, Lab, LabError, Settings,
    conversation::{Connection, next, request, send},
    keeper_name,
    pool::Pool,
    protocol::{Request, Take, Wanted},
    run_folder,
    runner::Runner,
    start_keeper::find,
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
    /// Waits for a lab: the one that `lab up` holds, if that is what is wanted, or one of the run's own, which are
    /// started as scenarios come. `tell` hears which, and how it comes up.
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
            None => Pool { settings, runner: &runner, run: &run, request: &request }.lease(&tell).await?,
        };
        let folder = run_folder::make_for_scenario(&run, scenario)?;
        Ok(Lease { lab: Lab::granted(settings, folder, grant)?, _connection: connection })
    }
}

/// Leases the lab that `lab up` holds, if there is one and it is what is wanted.
async fn adopt(
    settings: &Settings,
    wanted: &Request,
    is_first: bool,
    tell: &impl Fn(&Event),
) -> Result<Option<(Grant, Connection)>, LabError> {
    let address =
        keeper_name::standing(&settings.into()).map_err(LabError::keeper("name the keeper's socket"))?;
    let Some(stream) = find(&address)? else { return Ok(None) };
    let answer = answer(stream, wanted, tell).await.map_err(LabError::keeper("speak to the lab's keeper"))?;
    let once = |text: String| {
        if is_first {
            tell(&Event::new(text));
        }
    };
    match answer {
        Some((FromKeeper::Granted(grant), lease)) => {
            let alone = if settings.jobs.get() > 1 { ", one scenario after another" } else { "" };
            once(format!("using the lab that `lab up` brought up{alone}"));
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

/// Waits for the one lab of a keeper and takes it. The keeper's last word; `None` where it died first.
async fn answer(
    stream: UnixStream,
    wanted: &Request,
    tell: &impl Fn(&Event),
) -> io::Result<Option<(FromKeeper, Connection)>> {
    let mut connection = request(stream, wanted).await?;
    loop {
        match next(&mut connection).await? {
            Some(FromKeeper::Event(event)) => tell(&event),
            Some(FromKeeper::Queued(_)) => {}
            Some(FromKeeper::Offered) => send(&mut connection, &Take).await?,
            Some(last) => return Ok(Some((last, connection))),
            None => return Ok(None),
        }
    }
}
