//! Processes that say when they are ready.

use std::{io, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

/// A process that did not say that it is ready.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FirstWordError {
    /// It could not be started or read from.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It ended, and left these last words on its standard error.
    #[error("{0}")]
    Ended(String),
    /// It said nothing.
    #[error("nothing was heard for {} s", .0.as_secs())]
    Deadline(Duration),
}

/// Starts a process and waits until it prints the line `word`; what its shell says before is passed over. It keeps
/// its standard input, and lives until that is dropped with it.
pub(crate) async fn start_and_hear(
    command: &mut Command,
    word: &str,
    within: Duration,
) -> Result<Child, FirstWordError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn()?;
    if let Some(stdout) = child.stdout.as_mut() {
        let mut lines = BufReader::new(stdout).lines();
        let heard = async {
            while let Some(line) = lines.next_line().await? {
                if line.trim_end() == word {
                    return Ok(true);
                }
            }
            Ok::<_, io::Error>(false)
        };
        if timeout(within, heard).await.map_err(|_| FirstWordError::Deadline(within))?? {
            return Ok(child);
        }
    }
    child.start_kill()?;
    let output = child.wait_with_output().await?;
    Err(FirstWordError::Ended(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}
