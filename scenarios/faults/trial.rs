//! One probe in a lab with a fault, judged from its run folder.

use std::{fmt, ops::Deref};

use harness::{
    capture::{CaptureError, Pictures},
    container::Containers,
    diagnosis::{Case, Explanation},
    frame::Kind,
    journey::Probe,
    lab::Lab,
    picture::Order,
    run_folder::RunFolder,
    state::States,
    stimulus::Ping,
};

use crate::common::{LeasedLab, REPLY_DEADLINE, assert_rows, hasten, lab_with_siblings};

/// What makes a fault: where, the command, and what undoes it. What is changed inside a container ends with it.
pub type Change = (&'static str, &'static str, &'static str);

/// Nothing is to be undone.
pub const NOTHING: &str = "true";

/// A port that forwards nothing, and one that sends back what comes from its node.
pub const CLOSED: Change =
    ("host", "bridge link set dev port-node-2 state 0", "bridge link set dev port-node-2 state 3");
pub const HAIRPIN: Change =
    ("host", "bridge link set dev port-node-1 hairpin on", "bridge link set dev port-node-1 hairpin off");

/// What was found.
pub struct Found {
    explanation: Explanation,
    /// What was captured, or why that is no picture.
    pictures: Result<Pictures, CaptureError>,
}

/// What was found, and the lab, which is held until that has been asserted.
pub struct Trial {
    found: Found,
    pub lab: LeasedLab,
}

impl Deref for Found {
    type Target = Explanation;

    fn deref(&self) -> &Explanation {
        &self.explanation
    }
}

impl Deref for Trial {
    type Target = Explanation;

    fn deref(&self) -> &Explanation {
        &self.found
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.found.fmt(f)
    }
}

impl Found {
    /// Asserts the pictures of a name: for faults that look the same each time.
    #[track_caller]
    pub fn assert_pictures_of(&self, lab: &LeasedLab, name: &str) {
        let pictures = self.pictures.as_ref().expect("all captures are whole, and agree on the order");
        assert_rows(lab, name, pictures);
    }
}

/// A lab with a container beside docker1 on its node.
pub async fn faulty_lab(name: &str) -> miette::Result<LeasedLab> {
    let lab = lab_with_siblings(name).await?;
    lab.may("makes a fault on the machines, or in the switch between them")?;
    Ok(lab)
}

impl Trial {
    /// Asserts the pictures of a name: another fault's or a scenario's, where the frames must be the same.
    #[track_caller]
    pub fn assert_pictures_of(&self, name: &str) {
        self.found.assert_pictures_of(&self.lab, name);
    }

    /// What is found from the captures and the controls alone.
    pub async fn without_facts(&self) -> miette::Result<Explanation> {
        without_facts(&self.lab).await
    }
}

/// Makes the controls of a lab that has been judged, and judges from its captures and theirs alone: nobody tells what
/// the machines are like.
pub async fn without_facts(lab: &Lab) -> miette::Result<Explanation> {
    lab.explain_further().await?;
    let case = RunFolder::open(lab.folder(), None)?.case(None)?;
    let case = Case { states: States::default(), ..case };
    Ok(case.judge().explain(&case))
}

/// Makes a fault in a lab that is set up, and probes.
pub async fn try_out(name: &str, probe: &str, changes: &[Change]) -> miette::Result<Trial> {
    let lab = faulty_lab(name).await?;
    let containers = lab.set_up().await?;
    let probe: Probe = probe.parse().expect("a probe is FROM:TO");
    hasten(&lab, &probe.from).await?;
    for (endpoint, command, undo) in changes {
        lab.endpoint(endpoint)?.change(command, undo).await?;
    }
    let ping = lab.ping(&probe.from, &probe.to)?.within(REPLY_DEADLINE);
    let found = judge(&lab, &containers, &ping).await?;
    Ok(Trial { found, lab })
}

/// Captures everywhere, pings once, and judges what is in the run's folder: as somebody else would, later.
pub async fn judge(lab: &LeasedLab, containers: &Containers, ping: &Ping<'_>) -> miette::Result<Found> {
    judge_beside(&[], lab, containers, ping).await
}

/// The same on a LAN where frames of some kinds are about.
pub async fn judge_beside(
    bystanders: &'static [Kind],
    lab: &LeasedLab,
    containers: &Containers,
    ping: &Ping<'_>,
) -> miette::Result<Found> {
    let captures = lab.capture_everywhere(containers).await?;
    ping.send().await?;
    let pictures = match captures.finish().await {
        Ok(recording) => recording.carrying(bystanders).pictures(&containers.owners, Order::Whole),
        // What is down, or gone, can't be captured: that is part of some faults.
        Err(error @ CaptureError::Inconclusive { .. }) => Err(error),
        Err(error) => return Err(error.into()),
    };
    let case = RunFolder::open(lab.folder(), None)?.case(None)?;
    let explanation = case.judge().explain(&case);
    lab.is_judged();
    Ok(Found { explanation, pictures })
}

/// Asserts where the packet died, and why.
#[track_caller]
pub fn assert_fault(found: &Explanation, last_seen: Option<&str>, missing_at: Option<&str>, cause: &str) {
    let place = (found.last_seen.as_deref(), found.missing_at.as_deref());
    assert_eq!((found.verdict, found.cause.as_deref()), ("fail", Some(cause)), "{found}");
    assert_eq!(place, (last_seen, missing_at), "{found}");
}

/// Asserts that the probe was answered, and that nothing is to be said about it.
#[track_caller]
pub fn assert_no_fault(found: &Explanation) {
    assert_eq!((found.verdict, found.causes.len()), ("pass", 0), "{found}");
}
