//! What keeps two runs apart on a machine that outlives the lab, and undoes there what a run
//! changed when the run is gone.

use std::time::Duration;

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    time::{MissedTickBehavior, interval, timeout},
};

use super::KeeperError;
use crate::machine::{Machine, Record, Running, Script};

/// How long a machine waits for a sign of life before it undoes what the run changed. A connection
/// that closes is noticed at once; this is for one that falls silent.
const TIME_TO_LIVE: Duration = Duration::from_secs(90);
/// How long another run's guard may take to undo what is left of that run.
const TAKEOVER: Duration = Duration::from_secs(5);
const DEADLINE: Duration = Duration::from_secs(60);

/// A guard on a machine: it holds the machine's lock for as long as its standard input speaks.
pub(super) struct Guard {
    machine: String,
    running: Running,
}

impl Guard {
    /// Takes the machine's lock and undoes what a run left there that could not do it itself.
    ///
    /// # Errors
    /// Where another run has the machine, and which.
    pub(super) async fn post(machine: &Machine, run: &str, holder: &str) -> Result<Self, KeeperError> {
        let mut running = machine.start_untethered(&shell(run, holder)).await?;
        let mut said = String::new();
        let heard = async {
            let stdout = running.take_stdout()?;
            BufReader::new(stdout).read_line(&mut said).await.ok()
        };
        let _ = timeout(DEADLINE, heard).await;
        if said.trim_end() == "held" {
            return Ok(Self { machine: machine.name().to_owned(), running });
        }
        let machine = machine.name().to_owned();
        if !said.is_empty() {
            return Err(KeeperError::Taken { machine, said: said.trim().to_owned() });
        }
        if let Some(mut stderr) = running.take_stderr() {
            let _ = timeout(DEADLINE, stderr.read_to_string(&mut said)).await;
        }
        Err(KeeperError::NoGuard { machine, said: said.trim().to_owned() })
    }

    /// Lets the machine go again.
    pub(super) async fn relieve(self) {
        let Self { mut running, .. } = self;
        running.stop();
        let _ = timeout(DEADLINE, running.wait()).await;
    }

    /// Gives signs of life until the guard is gone, and says whose it was.
    pub(super) async fn until_gone(self) -> String {
        let Self { machine, mut running } = self;
        let input = running.take_stdin();
        let pulse = async {
            let Some(mut input) = input else { return };
            let mut beat = interval(TIME_TO_LIVE / 3);
            beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                beat.tick().await;
                if input.write_all(b"alive\n").await.is_err() || input.flush().await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            _ = running.wait() => {}
            () = pulse => {}
        }
        machine
    }
}

/// What a guard runs, for a person to read. `head` may take more than a line from the pipe: all that comes there
/// says the same.
pub(crate) fn guard_script() -> Script {
    Script::new().step(shell("RUN", "who this run is"))
}

fn shell(run: &str, holder: &str) -> String {
    Record::guard(run, holder, TAKEOVER.as_secs(), TIME_TO_LIVE.as_secs())
}
