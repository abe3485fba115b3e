//! What the account may do that commands on a machine run as.

use super::KeeperError;
use crate::machine::{CommandError, Failure, Machine, Script};

/// The machine with commands run as root, whoever logs in there.
pub(super) async fn as_root(machine: Machine) -> Result<Machine, KeeperError> {
    let user = machine.run(&Script::new().step("id -u; id -un")).await?.stdout;
    let mut lines = user.lines();
    if lines.next() == Some("0") {
        return Ok(machine);
    }
    let user = lines.next().unwrap_or_default().to_owned();
    let machine = machine.with_sudo();
    match machine.run(&Script::new().step("true")).await {
        Ok(_) => Ok(machine),
        Err(CommandError { failure: Failure::Exit { stderr, .. }, machine, .. }) => {
            Err(KeeperError::NoRoot { machine, user, said: stderr })
        }
        Err(error) => Err(error.into()),
    }
}
