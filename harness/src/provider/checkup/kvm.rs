//! Whether the processor's virtualisation can be used, and why not.

use std::{fs, io};

use super::Finding;
use crate::provider::{Provider, accelerator::Kvm};

const NAME: &str = "/dev/kvm";
const SLOWER: &str = "the machines are emulated, some ten times slower";

/// A machine without it is no worse, only slower.
pub(super) fn finding(provider: Provider) -> Finding {
    let opened = fs::File::options().read(true).write(true).open(NAME).map(drop);
    told(Kvm::of_this_processor(), opened.map_err(|error| error.kind()), provider)
}

fn told(kvm: Kvm, opened: Result<(), io::ErrorKind>, provider: Provider) -> Finding {
    match (opened, kvm) {
        (Ok(()), Kvm::Flagged) => Finding::ok(NAME, "works: the processor's virtualisation can be used"),
        // libvirt's daemon opens it as root.
        (Err(io::ErrorKind::PermissionDenied), Kvm::Flagged) if provider == Provider::Vagrant => {
            Finding::ok(NAME, "is there, for libvirt's daemon")
        }
        (Ok(()), Kvm::Unflagged) => Finding::note(
            NAME,
            format!(
                "opens, but the processor shows neither vmx nor svm: an ordinary kernel would hang in such a machine; {SLOWER}"
            ),
            "this machine is a virtual one itself: have its hypervisor pass virtualisation on (nested virtualisation)",
        ),
        (_, Kvm::OtherProcessor) => Finding::note(
            NAME,
            format!("is of another processor than the machines', which are x86-64; {SLOWER}"),
            "none",
        ),
        (Err(io::ErrorKind::PermissionDenied), _) => Finding::note(
            NAME,
            format!("is there, and not for this user; {SLOWER}"),
            "`sudo usermod --append --groups kvm $USER`, then log in anew",
        ),
        (Err(io::ErrorKind::NotFound), Kvm::Flagged) => Finding::note(
            NAME,
            format!("is not there, though the processor has virtualisation; {SLOWER}"),
            "`sudo modprobe kvm_intel` or `sudo modprobe kvm_amd`; where that fails, switch it on in the firmware",
        ),
        (Err(_), _) => Finding::note(
            NAME,
            format!("is not there, and the processor shows neither vmx nor svm; {SLOWER}"),
            "switch virtualisation on in the firmware, or have the hypervisor around this machine pass it on",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::checkup::State;

    #[test]
    fn a_device_that_opens_is_no_proof() {
        let finding = told(Kvm::Unflagged, Ok(()), Provider::Qemu);
        assert_eq!(finding.state, State::Note);
        assert!(finding.told.contains("would hang"), "{finding:?}");
        assert_eq!(told(Kvm::Flagged, Ok(()), Provider::Qemu).state, State::Ok);
    }

    #[test]
    fn each_reason_has_its_own_fix() {
        let told = |error, kvm| format!("{:?}", told(kvm, Err(error), Provider::Qemu).fix);
        assert!(told(io::ErrorKind::PermissionDenied, Kvm::Flagged).contains("groups kvm"));
        assert!(told(io::ErrorKind::NotFound, Kvm::Flagged).contains("modprobe"));
        assert!(told(io::ErrorKind::NotFound, Kvm::Unflagged).contains("firmware"));
    }
}
