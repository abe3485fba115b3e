//! A machine looked over for a lab: every requirement, what it is like, and what would go wrong later.

mod finding;
mod image;
mod kernel;
mod kvm;
mod machines;
mod network;
mod requirements;
mod resources;
mod user_namespaces;
mod version;

use crate::{lab::Settings, provider::Provider};

pub use finding::{Finding, Remedy, State};

/// Looks over this machine for a lab and, where the lab is of machines that exist already, those. Changes nothing.
/// `packages_only` leaves out what runs or is permitted.
pub async fn check_up(settings: &Settings, packages_only: bool) -> Vec<Finding> {
    let provider = settings.provider;
    let mut findings = requirements::findings(provider, packages_only);
    if packages_only {
        return findings;
    }
    if provider.is_hermetic() {
        findings.extend(user_namespaces::finding());
        findings.push(kernel::finding(provider));
    }
    if matches!(provider, Provider::Qemu | Provider::Vagrant) {
        findings.push(kvm::finding(provider));
        findings.extend(resources::findings(provider));
    }
    if provider == Provider::Qemu {
        findings.push(image::finding());
    }
    if provider == Provider::Vagrant {
        findings.extend(network::findings(&settings.topology).await);
    }
    if provider.is_hermetic() {
        findings
            .push(Finding::ok("addresses", "the lab's are in namespaces of its own, and clash with nothing"));
    } else {
        findings.extend(machines::findings(settings).await);
    }
    findings
}
