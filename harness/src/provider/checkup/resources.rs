//! Memory and room on disks.

use std::{env, fs, path::Path};

use super::Finding;
use crate::provider::Provider;

const MIB: u64 = 1 << 20;

/// What two machines take, in MiB: memory, and room on the disk that has their image.
fn needed(provider: Provider) -> (u64, u64) {
    match provider {
        Provider::Vagrant => (1300, 6000),
        _ => (800, 3000),
    }
}

pub(super) fn findings(provider: Provider) -> Vec<Finding> {
    let (memory, disk) = needed(provider);
    let place = match provider {
        Provider::Vagrant => "/var/lib/libvirt/images".to_owned(),
        _ => env::var("XDG_CACHE_HOME").or_else(|_| env::var("HOME")).unwrap_or_else(|_| "/".to_owned()),
    };
    let available = fs::read_to_string("/proc/meminfo").ok().and_then(|text| available_memory(&text));
    let free = free_disk(Path::new(&place));
    [
        available
            .map(|available| enough("memory", available, memory, "for two machines", "end what takes it")),
        free.map(|free| {
            let name = format!("disk ({place})");
            enough(
                &name,
                free,
                disk,
                "for their image and as they are saved",
                "make room; `lab image list` tells what images take",
            )
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn enough(name: &str, available: u64, needed: u64, purpose: &str, advice: &str) -> Finding {
    let told = format!("{available} MiB free, {needed} MiB needed {purpose}");
    if available < needed { Finding::missing(name, told, advice) } else { Finding::ok(name, told) }
}

/// `MemAvailable` in MiB (proc_meminfo(5)).
fn available_memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib / 1024)
}

/// In MiB, on the file system of the nearest folder that is there.
fn free_disk(place: &Path) -> Option<u64> {
    let folder = place.ancestors().find(|folder| folder.exists())?;
    let told = rustix::fs::statvfs(folder).ok()?;
    Some(told.f_bavail * told.f_frsize / MIB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::checkup::State;

    #[test]
    fn memory_is_told_in_mib_and_too_little_is_missing() {
        let meminfo = "MemTotal:       24689720 kB\nMemFree: 1 kB\nMemAvailable:    2097152 kB\n";
        assert_eq!(available_memory(meminfo), Some(2048));
        assert_eq!(enough("memory", 2048, 800, "", "").state, State::Ok);
        assert_eq!(enough("memory", 700, 800, "", "").state, State::Missing);
    }
}
