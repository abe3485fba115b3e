//! The lab that stands, as a person's commands use it.

use camino::Utf8PathBuf;

use super::{
    Event, FromKeeper, Lab, LabError, Lease, Settings, Standing, StandingLab,
    conversation::{Connection, ask},
    keeper_name,
    protocol::{Request, Seen},
    start_keeper::find,
};

/// What became of a lab that was to be put back.
#[derive(Debug)]
pub enum Reset {
    /// There is none.
    Nothing,
    /// What was recorded is undone, and the lab is as it was when it came up.
    PutBack,
    /// It was not as it was even so, for this reason: another one is up in its place.
    Replaced(String),
}

impl Lab {
    /// Borrows the lab that `lab up` brought up: nobody else gets it meanwhile, and it stays as it is left. `folder`
    /// takes evidence; `tell` hears who is waited for. `None` where no lab is up.
    ///
    /// # Errors
    /// Where its keeper can't be spoken to.
    pub async fn borrow(
        settings: &Settings,
        purpose: &str,
        folder: Utf8PathBuf,
        tell: impl Fn(&Event),
    ) -> Result<Option<Lease>, LabError> {
        if let Standing::Up(lab) = StandingLab::find(&settings.into()).await?
            && let Some(scenario) = lab.lent_to()
        {
            tell(&Event::new(format!("waiting for {scenario}, which has the lab")));
        }
        let request = Request::Borrow { purpose: purpose.to_owned() };
        match ask_standing(settings, &request, tell).await? {
            None => Ok(None),
            Some((FromKeeper::Granted(grant), lease)) => {
                Ok(Some(Lease { lab: Self::granted(settings, folder, *grant)?, _connection: lease }))
            }
            Some((other, _)) => Err(LabError::refused(other, None)),
        }
    }
}

impl StandingLab {
    /// The lab, to be looked at while others use it.
    ///
    /// # Errors
    /// Where its host's namespaces can't be opened.
    pub fn watched(self, settings: &Settings) -> Result<Lab, LabError> {
        let Seen { grant, folder, .. } = self.into_seen();
        Lab::granted(settings, folder, grant)
    }

    /// Undoes what is recorded on the lab's machines. One that is then not as it was when it came up is replaced; `tell` hears
    /// how the other comes up.
    ///
    /// # Errors
    /// Where its keeper can't be spoken to, or the other one does not come up.
    pub async fn reset(settings: &Settings, tell: impl Fn(&Event)) -> Result<Reset, LabError> {
        match ask_standing(settings, &Request::Reset, &tell).await? {
            None => Ok(Reset::Nothing),
            Some((FromKeeper::Seen(_), _)) => Ok(Reset::PutBack),
            Some((FromKeeper::Replaced(why), _)) => {
                Self::bring_up(settings, false, tell).await?;
                Ok(Reset::Replaced(why))
            }
            Some((other, _)) => Err(LabError::refused(other, None)),
        }
    }
}

/// A request to the keeper of the lab that stands; `None` where none does.
async fn ask_standing(
    settings: &Settings,
    request: &Request,
    tell: impl Fn(&Event),
) -> Result<Option<(FromKeeper, Connection)>, LabError> {
    let address =
        keeper_name::standing(&settings.into()).map_err(LabError::keeper("name the keeper's socket"))?;
    let Some(stream) = find(&address)? else { return Ok(None) };
    ask(stream, request, tell).await.map_err(LabError::keeper("speak to the lab's keeper"))
}
