//! What executes a virtual machine's instructions.

use std::{
    fmt,
    fs::{self, File},
    path::Path,
};

/// The processor that is emulated: what programs of today are built for (x86-64-v2 of the x86-64 psABI), and random numbers. With all that
/// QEMU can do (`max`) a process takes a tenth longer to start, for vector registers that are saved and page tables of five levels.
const EMULATED_PROCESSOR: &str = "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+rdrand,+rdseed";

/// How a machine is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accelerator {
    /// The processor's own virtualisation.
    Kvm,
    /// Translation of every instruction: slow, and works everywhere.
    Emulation,
}

/// What the processor says of its virtualisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kvm {
    /// It has it.
    Flagged,
    /// It shows none.
    Unflagged,
    /// It is of no use to machines that are x86.
    OtherProcessor,
}

impl Kvm {
    pub(super) fn of_this_processor() -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        match has_virtualisation(&processor) {
            _ if cfg!(not(target_arch = "x86_64")) => Self::OtherProcessor,
            true => Self::Flagged,
            false => Self::Unflagged,
        }
    }
}

impl Accelerator {
    /// KVM where it can work. That `/dev/kvm` opens is no proof: without the processor's flag
    /// (`vmx` of Intel, `svm` of AMD) it makes a machine in which an ordinary kernel hangs.
    pub fn of_this_machine() -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        // The machines are x86, so that another processor's KVM is of no use to them.
        let flag = cfg!(target_arch = "x86_64") && has_virtualisation(&processor);
        let opens = File::options().read(true).write(true).open("/dev/kvm").is_ok();
        if flag && opens { Self::Kvm } else { Self::Emulation }
    }

    /// KVM where libvirt's daemon can use it, which is root's: the device need not be this user's.
    pub(super) fn of_libvirt() -> Self {
        let processor = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let there = Path::new("/dev/kvm").exists();
        if cfg!(target_arch = "x86_64") && has_virtualisation(&processor) && there {
            Self::Kvm
        } else {
            Self::Emulation
        }
    }

    /// The options of `qemu-system-x86_64`.
    pub(super) fn options(self) -> [&'static str; 4] {
        match self {
            Self::Kvm => ["-accel", "kvm", "-cpu", "host"],
            Self::Emulation => ["-accel", "tcg,thread=multi", "-cpu", EMULATED_PROCESSOR],
        }
    }
}

impl fmt::Display for Accelerator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kvm => "with KVM",
            Self::Emulation => "emulated (KVM does not work here)",
        })
    }
}

fn has_virtualisation(processor: &str) -> bool {
    let flags = processor.lines().filter(|line| line.starts_with("flags"));
    flags.flat_map(str::split_whitespace).any(|flag| flag == "vmx" || flag == "svm")
}

#[cfg(test)]
mod tests {
    use super::has_virtualisation;

    #[test]
    fn only_the_processors_own_flag_counts() {
        assert!(has_virtualisation("processor\t: 0\nflags\t\t: fpu vme vmx est\n"));
        assert!(has_virtualisation("flags\t\t: fpu svm\n"));
        assert!(!has_virtualisation("flags\t\t: fpu hypervisor\nbugs\t: vmxfoo svm\n"));
    }
}
