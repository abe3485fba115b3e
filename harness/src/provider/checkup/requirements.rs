//! What a provider can't do without, with the versions of what is there.

use super::{Finding, Remedy, State, version::version};
use crate::provider::{Fix, Provider, Requirement, requirements};

pub(super) fn findings(provider: Provider, packages_only: bool) -> Vec<Finding> {
    let is_asked = |it: &Requirement| !packages_only || matches!(it.fix, Fix::Package(_));
    requirements(provider).into_iter().filter(is_asked).map(|it| finding(&it, packages_only)).collect()
}

fn finding(requirement: &Requirement, packages_only: bool) -> Finding {
    let Requirement { name, purpose, fix, .. } = requirement;
    if requirement.is_met() {
        let version = if packages_only || !requirement.is_program() { None } else { version(name) };
        let version = version.map(|version| format!(" ({version})")).unwrap_or_default();
        return Finding::ok(name, format!("{purpose}{version}"));
    }
    let fix = match fix {
        Fix::Package(package) => Remedy::Package((*package).to_owned()),
        Fix::Advice(advice) => Remedy::Advice((*advice).to_owned()),
    };
    Finding { state: State::Missing, fix: Some(fix), ..Finding::ok(name, *purpose) }
}
