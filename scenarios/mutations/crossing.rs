//! What a scenario says of a mutation: as its test would, without a panic and without a snapshot written.

use std::time::{Duration, Instant};

use harness::{
    capture::{CaptureError, Captures, Pictures},
    container::Containers,
    diagnosis::Verdict,
    frame::{Content, EchoDirection, Frame},
    lab::Lab,
    picture::{Order, Picture},
    run_folder::RunFolder,
    stimulus::{Ping, PingReport},
};
use miette::miette;

use super::{
    injection::{self, Injected, Step},
    mutation::{Kind, Mutation},
    place::Found,
    scenario::Scenario,
};
use crate::common::{LeasedLab, hasten, lab_with};

/// How long a ping that finds no answer waits, on a fast lab.
const HASTY: Duration = Duration::from_secs(1);
/// Between several echoes: long enough for each to be answered before the next.
const INTERVAL: Duration = Duration::from_secs(1);
/// Between echoes of which something happens in the middle, on a fast lab.
const LONG_INTERVAL: Duration = Duration::from_secs(3);
/// How long a late frame is waited for, on a fast lab.
const LATE: Duration = Duration::from_secs(5);

/// What a scenario says.
#[derive(Clone, Debug)]
pub enum Said {
    Green,
    /// What is not as it should be, and the verdict on where and why.
    Red(String, Option<Box<Found>>),
    /// What is wrong with the evidence.
    Inconclusive(String),
}

/// Injects a mutation into a lab of its own, runs a scenario in it and tells what that says.
pub async fn cross(name: &str, mutation: &Mutation<'_>, scenario: &Scenario) -> miette::Result<Said> {
    let mut lab = lab_with(scenario.containers, &format!("{name}.{}", scenario.name)).await?;
    let injected = Injected::beneath(&mut lab, mutation.steps).await?;
    let said = said(&lab, mutation, scenario).await;
    let ended = injected.end().await;
    lab.is_judged();
    let said = said?;
    ended.map(|()| said)
}

async fn said(lab: &LeasedLab, mutation: &Mutation<'_>, scenario: &Scenario) -> miette::Result<Said> {
    let containers = injection::set_up(lab, mutation.steps).await?;
    injection::before(lab, mutation.steps).await?;
    let has = |wanted: fn(&Step) -> bool| mutation.steps.iter().any(wanted);
    let is_hasty = mutation.kind == Kind::Fault && !has(|step| matches!(step, Step::AtItsOwnPace));
    let is_slow = has(|step| matches!(step, Step::Slowly | Step::BetweenEchoes(..)));
    let interval = if is_slow { lab.facts().patience.deadline(LONG_INTERVAL) } else { INTERVAL };
    let mut ping = lab.ping(scenario.from, scenario.to)?.repeated(scenario.count, interval);
    if is_hasty || !scenario.is_reached {
        ping = ping.within(HASTY);
    }
    if !scenario.is_reached {
        hasten(lab, scenario.from).await?;
    }
    let captures = lab.capture_everywhere(&containers).await?;
    injection::meanwhile(lab, mutation.steps).await?;
    let report = if has(|step| matches!(step, Step::BetweenEchoes(..))) {
        send_and_change(lab, mutation.steps, &captures, scenario.from, (&ping, interval)).await?
    } else {
        ping.send().await?
    };
    if mutation.kind == Kind::Breach && !report.is_answered() {
        return Err(miette!("they do not meet: the change was without effect"));
    }
    if has(|step| matches!(step, Step::AwaitReply)) && !report.is_answered() {
        captures.wait_for_several(scenario.from, 1, "the late reply", LATE, is_reply).await;
    }
    if has(|step| matches!(step, Step::AwaitSecondAnswer)) {
        captures.wait_for_several(scenario.from, 2, "the forged reply", LATE, Frame::is_arp_reply).await;
    }
    injection::afterwards(lab, mutation.steps).await?;
    judge(lab, mutation.steps, scenario, (&containers, captures), &report).await
}

/// Sends several echoes, and makes what is changed in the middle: when the first was answered, and before the second is sent.
async fn send_and_change(
    lab: &LeasedLab,
    steps: &[Step],
    captures: &Captures<'_>,
    from: &str,
    (ping, interval): (&Ping<'_>, Duration),
) -> miette::Result<PingReport> {
    let start = Instant::now();
    let pinging = ping.start().await?;
    captures.wait_for(from, "the first reply", is_reply).await;
    injection::between_echoes(lab, steps).await?;
    if start.elapsed() >= interval {
        return Err(miette!(
            "the change took {:?}: it may have come behind the second echo",
            start.elapsed()
        ));
    }
    Ok(pinging.end().await?)
}

fn is_reply(frame: &Frame) -> bool {
    matches!(&frame.content, Content::Echo(echo) if echo.direction == EchoDirection::Reply)
}

async fn judge(
    lab: &LeasedLab,
    steps: &[Step],
    scenario: &Scenario,
    (containers, captures): (&Containers, Captures<'_>),
    report: &PingReport,
) -> miette::Result<Said> {
    let recording = match captures.finish().await {
        Ok(recording) => recording,
        // The verdict may be sure all the same: nothing passes a link that is down, captured or not.
        Err(error @ CaptureError::Inconclusive { .. }) => {
            let found = explained(lab)?;
            return Ok(match found.told.verdict {
                "fail" => Said::Red(error.to_string(), Some(Box::new(found))),
                _ => Said::Inconclusive(error.to_string()),
            });
        }
        Err(error) => return Err(error.into()),
    };
    let red = match recording.pictures(&containers.owners, Order::Whole) {
        Ok(pictures) => {
            injection::is_in_effect(steps, &recording, &pictures)?;
            differences(lab, scenario, &pictures, report)
        }
        Err(error @ (CaptureError::Bystanders { .. } | CaptureError::Picture(_))) => vec![error.to_string()],
        Err(error) => return Err(error.into()),
    };
    if red.is_empty() {
        return Ok(Said::Green);
    }
    // As a test that goes red does: what the controls tell may change the cause.
    lab.explain_further().await?;
    Ok(Said::Red(red.join("\n"), Some(Box::new(explained(lab)?))))
}

/// What a test would say is not as it should be.
fn differences(
    lab: &LeasedLab,
    scenario: &Scenario,
    pictures: &Pictures,
    report: &PingReport,
) -> Vec<String> {
    let differs = |side: &str, picture: &Picture| {
        let (expected, seen) = (lab.expected(&format!("{}.{side}", scenario.name)), picture.to_string());
        (expected.trim() != seen.trim())
            .then(|| format!("{side}, expected:\n{expected}{side}, seen:\n{seen}"))
    };
    let machines = differs("machines", &pictures.machines);
    let switch = pictures.switch.as_ref().and_then(|switch| differs("switch", switch));
    let lost_ends = pictures.lost_ends.iter().cloned();
    let ping = (report.is_answered() != scenario.is_reached).then(|| report.output.clone());
    machines.into_iter().chain(switch).chain(lost_ends).chain(ping).collect()
}

/// The verdict that the folder gives, as `lab trace` would.
fn explained(lab: &Lab) -> miette::Result<Found> {
    let case = RunFolder::open(lab.folder(), None)?.case(None)?;
    let judgement = case.judge();
    let happening = match &judgement.verdict {
        Verdict::Fail(failure) => Some(failure.place.happening),
        _ => None,
    };
    Ok(Found { told: judgement.explain(&case), happening })
}
