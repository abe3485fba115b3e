//! GitHub's annotations: a remark at a scenario's source line.

use super::Gate;
use crate::visible;

/// A workflow command (docs.github.com, "Workflow commands for GitHub Actions") for each scenario that did not pass.
pub fn annotations(gate: &Gate) -> Vec<String> {
    let of_lab = |(lab, run): (&String, &super::LabRun)| {
        let bad = run.bad().map(|(name, scenario)| {
            let place = scenario.source.as_ref();
            let place = place.map(|source| format!("file={},line={},", property(&source.file), source.line));
            let title = property(&format!("{name} on {lab}: {}", scenario.outcome.word()));
            let said = scenario.finding.iter().chain(&scenario.remarks).cloned().collect::<Vec<_>>();
            let said = if said.is_empty() { "its output says why".to_owned() } else { said.join("\n") };
            format!("::error {}title={title}::{}", place.unwrap_or_default(), data(&said))
        });
        bad.collect::<Vec<_>>()
    };
    gate.labs.iter().flat_map(of_lab).collect()
}

/// Text behind the second `::`.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\n', "%0A")
}

/// A property's value, which ends at a comma.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        gate::{LabRun, Scenario},
        report::{Outcome, Source},
    };

    #[test]
    fn a_failure_is_told_at_its_source_line_and_a_pass_is_not() {
        let scenario = |outcome| Scenario {
            outcome,
            source: Some(Source { file: "scenarios/tutorial/reachability.rs".to_owned(), line: 20 }),
            finding: Some("fail: 100% lost,\nbehind node-1".to_owned()),
            told: None,
            remarks: Vec::new(),
            seen: Default::default(),
        };
        let scenarios = [("a", Outcome::Passed), ("b", Outcome::Failed)];
        let scenarios = scenarios.map(|(name, outcome)| (name.to_owned(), scenario(outcome)));
        let run = LabRun { scenarios: scenarios.into(), ..LabRun::default() };
        let gate = Gate { labs: [("netns".to_owned(), run)].into() };
        assert_eq!(
            annotations(&gate),
            [
                "::error file=scenarios/tutorial/reachability.rs,line=20,title=b on netns%3A failed::fail: 100%25 lost,%0Abehind node-1"
            ]
        );
    }
}
