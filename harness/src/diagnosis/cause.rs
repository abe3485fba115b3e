//! Why a packet died.

use serde::{Deserialize, Serialize};

use super::{Code, ControlKind};

/// One explanation of a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Its name.
    pub code: Code,
    /// Whether the evidence shows it. Otherwise it fits, and so may others.
    pub is_certain: bool,
    /// What was seen that shows it, a sentence each.
    pub saw: Vec<String>,
    /// What that means.
    pub means: String,
    /// What to try.
    pub advice: String,
    /// Which facts or further probes would decide, where it is not certain.
    pub decided_by: Vec<String>,
}

impl Cause {
    /// A cause that the evidence shows.
    pub(super) fn certain(code: Code, means: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            code,
            is_certain: true,
            saw: Vec::new(),
            means: means.into(),
            advice: advice.into(),
            decided_by: Vec::new(),
        }
    }

    /// The same, only possible, where nothing shows it.
    pub(super) fn certain_if(self, is_certain: bool) -> Self {
        Self { is_certain, ..self }
    }

    pub(super) fn saw(mut self, evidence: impl Into<String>) -> Self {
        self.saw.push(evidence.into());
        self
    }

    /// What would show it, or that it is something else.
    pub(super) fn decided_by_fact(mut self, fact: &str) -> Self {
        if !self.is_certain {
            self.decided_by.push(fact.to_owned());
        }
        self
    }

    pub(super) fn decided_by_control(self, kind: ControlKind) -> Self {
        let fact = kind.to_string();
        self.decided_by_fact(&fact)
    }
}
