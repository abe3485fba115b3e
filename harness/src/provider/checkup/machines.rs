//! Machines that exist already, looked at as a run looks before it changes anything.

use miette::Diagnostic as _;

use super::Finding;
use crate::{keeper, lab::Settings};

/// What a run would refuse or warn of there. The only frames that it sends ask whether the containers' addresses are free.
pub(super) async fn findings(settings: &Settings) -> Vec<Finding> {
    let advice = "nothing was changed there";
    match keeper::look(settings).await {
        Ok(None) => Vec::new(),
        Ok(Some(cautions)) if cautions.is_empty() => {
            vec![Finding::ok("the machines", "are reached, and fit: tools, uplinks, addresses, machine-ids")]
        }
        Ok(Some(cautions)) => {
            cautions.into_iter().map(|caution| Finding::note("the machines", caution, advice)).collect()
        }
        // Of machines that can't be used there are all reasons, a line each.
        Err(error) => {
            let advice = error.help().map_or_else(|| advice.to_owned(), |help| help.to_string());
            let told = error.to_string();
            let reasons = told.lines().filter(|line| !line.ends_with(':'));
            let reasons = reasons.map(|line| line.trim_start_matches("- "));
            reasons.map(|reason| Finding::missing("the machines", reason, advice.clone())).collect()
        }
    }
}
