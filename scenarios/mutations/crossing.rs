//! What a scenario says of a mutation: as its test would, without a panic and without a snapshot written.

use std::time::Duration;

use harness::{
    capture::{CaptureError, Captures, Pictures},
    container::Containers,
    diagnosis::Explanation,
    frame::{Content, EchoDirection, Frame},
    lab::Lab,
    picture::{Order, Picture},
    run_folder::RunFolder,
    stimulus::PingReport,
};

use super::{
    injection::{self, Injected, Step},
    mutation::{Kind, Mutation},
    scenario::Scenario,
};
use crate::common::{LeasedLab, lab_with};

/// How long a ping that finds no answer waits, on a fast lab.
const HASTY: Duration = Duration::from_secs(1);
/// Between several echoes: long enough for each to be answered before the next.
const INTERVAL: Duration = Duration::from_secs(1);
/// How long a late answer is waited for, on a fast lab.
const LATE: Duration = Duration::from_secs(5);

/// What a scenario says.
#[derive(Clone, Debug)]
pub enum Said {
    Green,
    /// What is not as it should be, and the verdict on where and why.
    Red(String, Option<Box<Explanation>>),
    /// What is wrong with the evidence.
    Inconclusive(String),
}

/// Injects a mutation into a lab of its own, runs a scenario in it and tells what that says.
pub async fn cross(name: &str, mutation: &Mutation<'_>, scenario: &Scenario) -> miette::Result<Said> {
    let mut lab = lab_with(scenario.containers, &format!("{name}.{}", scenario.name)).await?;
    let injected = Injected::beneath(&mut lab, mutation.steps).await?;
    let said = said(&lab, mutation, scenario).await;
    injected.end().await;
    lab.is_judged();
    said
}

async fn said(lab: &LeasedLab, mutation: &Mutation<'_>, scenario: &Scenario) -> miette::Result<Said> {
    let containers = injection::set_up(lab, mutation.steps).await?;
    injection::before(lab, mutation.steps).await?;
    let has = |wanted: fn(&Step) -> bool| mutation.steps.iter().any(wanted);
    let is_hasty = mutation.kind == Kind::Fault && !has(|step| matches!(step, Step::AtItsOwnPace));
    let mut ping = lab.ping(scenario.from, scenario.to)?.repeated(scenario.count, INTERVAL);
    if is_hasty {
        ping = ping.within(HASTY);
    }
    let captures = lab.capture_everywhere(&containers).await?;
    injection::meanwhile(lab, mutation.steps).await?;
    let report = ping.send().await?;
    if has(|step| matches!(step, Step::AwaitReply)) && !report.is_answered() {
        captures.wait_for_several(scenario.from, 1, "the late reply", LATE, is_reply).await;
    }
    injection::afterwards(lab, mutation.steps).await?;
    judge(lab, scenario, &containers, captures, &report).await
}

fn is_reply(frame: &Frame) -> bool {
    matches!(&frame.content, Content::Echo(echo) if echo.direction == EchoDirection::Reply)
}

async fn judge(
    lab: &LeasedLab,
    scenario: &Scenario,
    containers: &Containers,
    captures: Captures<'_>,
    report: &PingReport,
) -> miette::Result<Said> {
    let recording = match captures.finish().await {
        Ok(recording) => recording,
        // The verdict may be sure all the same: nothing passes a link that is down, captured or not.
        Err(error @ CaptureError::Inconclusive { .. }) => {
            let found = explained(lab)?;
            return Ok(match found.verdict {
                "fail" => Said::Red(error.to_string(), Some(Box::new(found))),
                _ => Said::Inconclusive(error.to_string()),
            });
        }
        Err(error) => return Err(error.into()),
    };
    let red = match recording.pictures(&containers.owners, Order::Whole) {
        Ok(pictures) => differences(lab, scenario.name, &pictures, report),
        Err(error @ (CaptureError::Bystanders { .. } | CaptureError::Picture(_))) => vec![error.to_string()],
        Err(error) => return Err(error.into()),
    };
    if red.is_empty() {
        return Ok(Said::Green);
    }
    Ok(Said::Red(red.join("\n"), Some(Box::new(explained(lab)?))))
}

/// What a test would say is not as it should be.
fn differences(lab: &LeasedLab, name: &str, pictures: &Pictures, report: &PingReport) -> Vec<String> {
    let differs = |side: &str, picture: &Picture| {
        let (expected, seen) = (lab.expected(&format!("{name}.{side}")), picture.to_string());
        (expected.trim() != seen.trim())
            .then(|| format!("{side}, expected:\n{expected}{side}, seen:\n{seen}"))
    };
    let machines = differs("machines", &pictures.machines);
    let switch = pictures.switch.as_ref().and_then(|switch| differs("switch", switch));
    let lost_ends = pictures.lost_ends.iter().cloned();
    let ping = (!report.is_answered()).then(|| report.output.clone());
    machines.into_iter().chain(switch).chain(lost_ends).chain(ping).collect()
}

/// The verdict that the folder gives, as `lab trace` would.
fn explained(lab: &Lab) -> miette::Result<Explanation> {
    let case = RunFolder::open(lab.folder(), None)?.case(None)?;
    Ok(case.judge().explain(&case))
}
