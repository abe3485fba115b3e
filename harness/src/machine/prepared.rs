//! A script that waits on its machine for the word to run.

use tokio::{io::AsyncWriteExt as _, time::timeout};

use super::{
    CommandError, Failure, Machine, Output, Running, Script, command::SCRIPT_DEADLINE, running::Writer,
    tether::tethered,
};

/// A shell that has been started with a script. What it has begun meanwhile ends when it is given the word, and with this.
pub(crate) struct Prepared<'a> {
    machine: &'a Machine,
    script: Script,
    running: Running,
    input: Option<Writer>,
}

impl Machine {
    /// Begins some commands and has a script ready behind them, in one round trip; the word that it waits for is half of another.
    ///
    /// # Errors
    /// Where the shell could not be started, or not in a script's time.
    pub(crate) async fn prepare(
        &self,
        meanwhile: &[String],
        script: Script,
    ) -> Result<Prepared<'_>, CommandError> {
        let shell = script.to_shell(self.record());
        let waited = self.patience().deadline(SCRIPT_DEADLINE);
        // A machine that is frozen does not even start it.
        let started = timeout(waited, self.start_untethered(&after_the_word(meanwhile, &shell))).await;
        let mut running = started.unwrap_or_else(|_| Err(self.error("sh", Failure::Deadline { waited })))?;
        let input = running.take_stdin();
        Ok(Prepared { machine: self, script, running, input })
    }
}

impl Prepared<'_> {
    /// Gives the word, and waits for the script's end.
    ///
    /// # Errors
    /// As [`Machine::run`].
    pub(crate) async fn run(self) -> Result<Output, CommandError> {
        let Self { machine, script, mut running, mut input } = self;
        let waited = machine.patience().deadline(SCRIPT_DEADLINE);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let ended = timeout(waited, async {
            if let Some(input) = &mut input {
                input.write_all(b"\n").await?;
                input.flush().await?;
            }
            running.read_output(&mut stdout, &mut stderr).await?;
            running.wait().await
        });
        let ended = ended.await.unwrap_or(Err(Failure::Deadline { waited }));
        machine.told(&script, ended, &stdout, &stderr)
    }
}

/// Without the word nothing of it goes on. From there on it is tethered to the same input.
fn after_the_word(meanwhile: &[String], lines: &str) -> String {
    let begun: String = meanwhile
        .iter()
        .map(|command| format!("{command} </dev/null >/dev/null 2>&1 & begun=\"$begun $!\"\n"))
        .collect();
    format!(
        "PATH=\"$PATH:/usr/sbin:/sbin\"; export PATH; begun=\n{begun}read -r _; word=$?\n\
         [ -z \"$begun\" ] || kill $begun 2>/dev/null\n[ $word = 0 ] || exit 1\n{}",
        tethered(lines)
    )
}
