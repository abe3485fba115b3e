//! One scenario's part of the page.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};

use super::{Difference, ladder, network};
use crate::{
    diagnosis::{Cause, Code, Explanation, Judgement, Verdict},
    topology::Topology,
};

/// A scenario as the page shows it.
#[derive(Clone, Debug)]
pub(super) struct ScenarioReport {
    /// Its name, which is its folder's too.
    pub(super) name: String,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// What it ran on, in words.
    pub(super) machines: String,
    /// What its frames say, where they could be read.
    pub(super) finding: Option<Finding>,
    /// Texts that are not as their snapshots.
    pub(super) differences: Vec<Difference>,
    /// Why there is no finding, or what else ended it.
    pub(super) remarks: Vec<String>,
    /// Its files, relative to the page.
    pub(super) files: Vec<String>,
}

/// How a scenario ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All was as it should be.
    Passed,
    /// Something was not.
    Failed,
    /// The evidence was not good enough to say.
    Inconclusive,
    /// It began and did not end: it was killed, or is still running.
    Unfinished,
}

/// A judgement of what was captured, with what it was made from.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    /// The machines.
    pub(super) topology: Topology,
    /// The verdict and the journeys.
    pub(super) judgement: Judgement,
    /// The verdict in words.
    pub(super) explanation: Explanation,
}

impl Outcome {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Failed, Self::Unfinished, Self::Inconclusive, Self::Passed];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
            Self::Unfinished => "unfinished",
        }
    }

    /// Whether somebody has to look.
    pub(super) fn is_good(self) -> bool {
        self == Self::Passed
    }
}

impl ScenarioReport {
    pub(super) fn draw(&self) -> Markup {
        html! {
            section id=(self.name) class=(self.outcome.word()) {
                details open[!self.outcome.is_good()] {
                    summary { h2 { (self.title()) } " " (badge(self.outcome)) }
                    @for remark in &self.remarks { p.remark { (remark) } }
                    @if let Some(finding) = &self.finding { (finding.draw()) }
                    @for difference in &self.differences { (difference.draw()) }
                    @if !self.files.is_empty() {
                        h3 { "Files" }
                        ul.files { @for file in &self.files { li { a href={ "./" (file) } { (base(file)) } } } }
                    }
                }
            }
        }
    }

    fn title(&self) -> String {
        title(&self.name)
    }
}

pub(super) fn title(name: &str) -> String {
    name.replace('_', " ")
}

pub(super) fn badge(outcome: Outcome) -> Markup {
    html! { span class={ "badge " (outcome.word()) } { (outcome.word()) } }
}

impl Finding {
    fn draw(&self) -> Markup {
        let Self { topology, judgement, explanation } = self;
        let place = match &judgement.verdict {
            Verdict::Fail(failure) => Some(&failure.place),
            _ => None,
        };
        html! {
            p.place { strong { (explanation.verdict) ": " } (explanation.explanation) }
            @if explanation.verdict == "inconclusive" {
                ul { @for weakness in &explanation.evidence { li { (weakness) } } }
            }
            @for cause in &explanation.causes { (draw_cause(cause)) }
            @if !explanation.controls.is_empty() {
                h3 { "Controls" }
                ul { @for control in &explanation.controls { li { (control) } } }
            }
            div.drawing {
                (network::draw(topology, &judgement.journeys))
                (ladder::draw(topology, &judgement.journeys, place))
            }
        }
    }
}

fn draw_cause(cause: &Cause) -> Markup {
    let certainty = if cause.is_certain || cause.code == Code::Unknown { "Cause" } else { "Possible cause" };
    html! {
        dl.cause {
            dt { (certainty) } dd { code { (cause.code) } }
            @for saw in &cause.saw { dt { "Seen" } dd { (saw) } }
            dt { "Means" } dd { (cause.means) }
            dt { "Try" } dd { (cause.advice) }
            @for fact in &cause.decided_by { dt { "Would decide" } dd { (fact) } }
        }
    }
}

fn base(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}
