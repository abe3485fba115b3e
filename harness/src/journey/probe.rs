//! What is asked of a network.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Whether one endpoint reaches another: its question is answered by the other, and its echo too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Probe {
    /// Who asks: the host, a node or a container.
    pub from: String,
    /// Who is asked for.
    pub to: String,
}

impl Probe {
    /// Both ends.
    pub(crate) fn ends(&self) -> [&str; 2] {
        [&self.from, &self.to]
    }
}

/// A text that is no probe.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no probe: it is written FROM:TO, for example docker1:docker2")]
pub struct ParseProbeError(String);

impl FromStr for Probe {
    type Err = ParseProbeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((from, to)) if !from.is_empty() && !to.is_empty() && !to.contains(':') => {
                Ok(Self { from: from.to_owned(), to: to.to_owned() })
            }
            _ => Err(ParseProbeError(text.to_owned())),
        }
    }
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_two_names() {
        assert_eq!("docker1:docker2".parse::<Probe>().unwrap().to_string(), "docker1:docker2");
        assert!(
            ["docker1", ":docker2", "docker1:", "a:b:c"].iter().all(|text| text.parse::<Probe>().is_err())
        );
    }
}
