//! What machines have answered, and would answer again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{CommandError, Machine, Script};

/// Answers by machine and script. A machine that is restored as it was saved says what it would have said then: it need not be
/// asked. Of machines that it was not made for nothing is noted, and nothing known.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Answers(BTreeMap<String, Mutex<BTreeMap<String, String>>>);

impl Answers {
    /// Those of these machines, none of which has been asked yet.
    pub(crate) fn of(machines: impl IntoIterator<Item = String>) -> Self {
        Self(machines.into_iter().map(|machine| (machine, Mutex::default())).collect())
    }

    /// What a machine prints: as it is known, or when it is asked now.
    pub(crate) async fn ask(&self, machine: &Machine, script: &Script) -> Result<String, CommandError> {
        match self.known(machine.name(), script) {
            Some(known) => Ok(known),
            None => Ok(machine.run(script).await?.stdout),
        }
    }

    fn known(&self, machine: &str, script: &Script) -> Option<String> {
        self.of_machine(machine)?.get(&script.lines()).cloned()
    }

    pub(crate) fn note(&self, machine: &str, script: &Script, answer: &str) {
        if let Some(mut answers) = self.of_machine(machine) {
            answers.insert(script.lines(), answer.to_owned());
        }
    }

    fn of_machine(&self, machine: &str) -> Option<MutexGuard<'_, BTreeMap<String, String>>> {
        // Each change is one insertion: a panic elsewhere leaves nothing half done.
        self.0.get(machine).map(|answers| answers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_that_was_saved_is_known_by_the_very_script() {
        let (kernel, more) =
            (Script::new().step("uname -r"), Script::new().step("uname -r").step("uname -m"));
        let answers = Answers::of(["node-1".to_owned()]);
        assert_eq!(answers.known("node-1", &kernel), None);
        answers.note("node-1", &kernel, "6.1");
        answers.note("host", &kernel, "6.12");
        let text = serde_json::to_string(&answers).unwrap();
        let read: Answers = serde_json::from_str(&text).unwrap();
        assert_eq!(read.known("node-1", &kernel).as_deref(), Some("6.1"));
        assert_eq!(read.known("node-1", &more), None, "it was asked something else");
        assert_eq!(read.known("host", &kernel), None, "the host is another each time");
    }
}
