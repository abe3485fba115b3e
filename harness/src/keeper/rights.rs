//! What the account may do that commands on a machine run as.

use super::KeeperError;
use crate::{
    lab::SshConnection,
    machine::{CommandError, Failure, Machine, Script},
};

/// The machine with commands run as root, whoever logs in there.
pub(super) async fn as_root(machine: Machine) -> Result<Machine, KeeperError> {
    over_connection(machine).await.map(|(machine, _)| machine)
}

/// The same, and the SSH connection as the machine knows it.
pub(super) async fn over_connection(
    machine: Machine,
) -> Result<(Machine, Option<SshConnection>), KeeperError> {
    // Asked before sudo, which keeps the variable from what it runs.
    let script = Script::new().step("id -u; id -un; echo \"$SSH_CONNECTION\"");
    let printed = machine.run(&script).await?.stdout;
    let (user, connection) = match printed.lines().collect::<Vec<_>>()[..] {
        ["0", _, connection] => return Ok((machine, connection.parse().ok())),
        [id, user, connection] if id.parse::<u32>().is_ok() => (user.to_owned(), connection.parse().ok()),
        _ => return Err(KeeperError::Noisy { machine: machine.name().to_owned(), printed }),
    };
    let machine = machine.with_sudo();
    match machine.run(&Script::new().step("true")).await {
        Ok(_) => Ok((machine, connection)),
        Err(CommandError { failure: Failure::Exit { stderr, .. }, machine, .. }) => {
            Err(KeeperError::NoRoot { machine, user, said: stderr })
        }
        Err(error) => Err(error.into()),
    }
}
