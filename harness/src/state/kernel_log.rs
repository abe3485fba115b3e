//! What a kernel complains of.

/// How the lines begin that tell of a fault in the kernel itself (`__warn`, kernel/panic.c; `die`, arch).
const COMPLAINTS: [&str; 4] = ["WARNING: ", "BUG: ", "Oops: ", "kernel BUG at "];

/// The complaints in a kernel's log (`dmesg`) that came later than `since`, in seconds since the boot.
pub(crate) fn complaints(log: &str, since: f64) -> Vec<String> {
    let later = log.lines().filter(|line| {
        let line = line.trim_start_matches('[').trim_start();
        let stamp = line.split(']').next().and_then(|stamp| stamp.trim().parse::<f64>().ok());
        stamp.is_some_and(|stamp| stamp > since)
    });
    later
        .filter(|line| COMPLAINTS.iter().any(|complaint| line.contains(complaint)))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_later_counts() {
        let log = "[    1.500000] WARNING: CPU: 0 PID: 1 at init/main.c:1\n[   17.250000] br0: port 1 entered disabled state\n\
                   [   18.000001] WARNING: CPU: 1 PID: 7 at net/core/dev.c:99 netif_rx+0x1\n";
        assert_eq!(complaints(log, 17.0).len(), 1);
        assert!(complaints(log, 17.0)[0].contains("net/core/dev.c:99"));
        assert_eq!(complaints(log, 18.000001), Vec::<String>::new());
    }
}
