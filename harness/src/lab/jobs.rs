//! How many labs a run has at once.

use std::{fs, num::NonZeroU32, sync::LazyLock, thread::available_parallelism};

use crate::provider::Provider;

/// Variable that says it.
pub(super) const VARIABLE: &str = "LAB_JOBS";
/// What two virtual machines and their emulators take of the machine's memory, in KiB.
const PAIR_OF_MACHINES: u64 = 1024 * 1024;

/// The memory that there was when this process asked first: its own labs take of it from then on, and are none the fewer.
static MEMORY: LazyLock<Option<u64>> = LazyLock::new(available_memory);

/// The number of labs that are of use at once. Scenarios in namespaces wait for the kernel's timers for most of their time, so
/// that a processor has enough for four. Machines keep theirs busy, and take memory. What exists already is there once.
pub(super) fn of(provider: Provider, asked: Option<NonZeroU32>) -> NonZeroU32 {
    if !provider.is_hermetic() {
        return NonZeroU32::MIN;
    }
    asked.unwrap_or_else(|| fitting(provider, processors(), *MEMORY))
}

fn fitting(provider: Provider, processors: u32, memory: Option<u64>) -> NonZeroU32 {
    let labs = match provider {
        Provider::Netns => processors.saturating_mul(4),
        _ => {
            let of_memory = memory.map_or(1, |memory| memory / PAIR_OF_MACHINES);
            (processors / 2).min(u32::try_from(of_memory).unwrap_or(u32::MAX))
        }
    };
    NonZeroU32::new(labs).unwrap_or(NonZeroU32::MIN)
}

fn processors() -> u32 {
    available_parallelism().ok().and_then(|count| u32::try_from(count.get()).ok()).unwrap_or(1)
}

/// `MemAvailable` (proc_meminfo(5)), in KiB.
fn available_memory() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const GIB: u64 = 1024 * 1024;

    #[rstest]
    #[case::namespaces(Provider::Netns, 2, Some(GIB / 2), 8)]
    #[case::machines_on_two_processors(Provider::Qemu, 2, Some(24 * GIB), 1)]
    #[case::machines_on_sixteen(Provider::Qemu, 16, Some(64 * GIB), 8)]
    #[case::machines_in_little_memory(Provider::Qemu, 16, Some(3 * GIB), 3)]
    #[case::a_machine_that_tells_nothing(Provider::Qemu, 16, None, 1)]
    fn labs_fit_the_machine(
        #[case] provider: Provider,
        #[case] processors: u32,
        #[case] memory: Option<u64>,
        #[case] labs: u32,
    ) {
        assert_eq!(fitting(provider, processors, memory).get(), labs);
    }

    #[test]
    fn what_exists_already_is_there_once() {
        assert_eq!(of(Provider::Ssh, NonZeroU32::new(4)).get(), 1);
        assert_eq!(of(Provider::Netns, NonZeroU32::new(3)).get(), 3);
    }
}
