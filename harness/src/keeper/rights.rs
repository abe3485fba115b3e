//! What the account may do that commands on a machine run as.

use super::KeeperError;
use crate::machine::{CommandError, Failure, Machine, Script};

/// The machine with commands run as root, whoever logs in there.
pub(super) async fn as_root(machine: Machine) -> Result<Machine, KeeperError> {
    let printed = machine.run(&Script::new().step("id -u; id -un")).await?.stdout;
    let user = match printed.lines().collect::<Vec<_>>()[..] {
        ["0", _] => return Ok(machine),
        [id, user] if id.parse::<u32>().is_ok() => user.to_owned(),
        _ => return Err(KeeperError::Noisy { machine: machine.name().to_owned(), printed }),
    };
    let machine = machine.with_sudo();
    match machine.run(&Script::new().step("true")).await {
        Ok(_) => Ok(machine),
        Err(CommandError { failure: Failure::Exit { stderr, .. }, machine, .. }) => {
            Err(KeeperError::NoRoot { machine, user, said: stderr })
        }
        Err(error) => Err(error.into()),
    }
}
