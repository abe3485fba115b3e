//! The processes that come of one, however they were started: a subreaper gets all orphans (prctl(2)).

use std::{
    fs, iter,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, WaitOptions, getpid, kill_process, pidfd_open, waitpid},
};

fn of_this_process(except: &[Pid]) -> Vec<Pid> {
    let children = children_of(getpid()).into_iter().filter(|child| !except.contains(child));
    children.flat_map(|child| iter::once(child).chain(of(child))).collect()
}

/// A process's descendants, by their parents first.
pub fn of(process: Pid) -> Vec<Pid> {
    children_of(process).into_iter().flat_map(|child| iter::once(child).chain(of(child))).collect()
}

fn children_of(process: Pid) -> Vec<Pid> {
    let threads = fs::read_dir(format!("/proc/{}/task", process.as_raw_nonzero()));
    let lists = threads.into_iter().flatten().filter_map(Result::ok);
    let lists = lists.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|pid| Pid::from_raw(pid.parse().ok()?))
        .collect()
}

/// What a process was started as.
pub fn command_line(process: Pid) -> String {
    let line = fs::read(format!("/proc/{}/cmdline", process.as_raw_nonzero())).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ").trim().to_owned()
}

/// What a process is, and what it does: of one that is on its way out its program's name alone is left, and where in the kernel
/// each of its threads is.
fn in_words(process: Pid) -> String {
    let folder = format!("/proc/{}", process.as_raw_nonzero());
    let threads = fs::read_dir(format!("{folder}/task")).into_iter().flatten().filter_map(Result::ok);
    let threads: Vec<String> = threads
        .map(|thread| {
            let read = |file: &str| fs::read_to_string(thread.path().join(file)).unwrap_or_default();
            let stack: Vec<String> =
                read("stack").lines().map(|line| line.trim_start_matches("[<0>] ").to_owned()).collect();
            format!("{}: {}", read("stat").trim(), stack.join(" < "))
        })
        .collect();
    let parts = [command_line(process)].into_iter().chain(threads);
    parts.collect::<Vec<_>>().join("\n  ")
}

/// The kind of a process, by its program: `sshd`. `None` where it has ended, and only waits to be buried.
pub fn kind(process: Pid) -> Option<String> {
    let folder = format!("/proc/{}", process.as_raw_nonzero());
    let state = fs::read_to_string(format!("{folder}/stat")).ok()?;
    // Behind the name, which may have anything in it (proc_pid_stat(5)).
    let is_dead = state.rsplit_once(") ")?.1.starts_with(['Z', 'X']);
    let name = fs::read_to_string(format!("{folder}/comm")).ok()?;
    (!is_dead).then(|| name.trim_end().to_owned())
}

/// Waits for the end of all of this process's descendants but some children of its own and theirs, and says how long that took.
///
/// # Errors
/// What those that still live were started as, and where in the kernel they are; they are killed.
pub fn all_end_within(limit: Duration, except: &[Pid]) -> Result<Duration, Vec<String>> {
    let start = Instant::now();
    match left_after(limit, except) {
        left if left.is_empty() => Ok(start.elapsed()),
        left => Err(ended_by_force(&left)),
    }
}

/// Waits for the end of the same, and no longer than `limit`. Those that live still.
pub fn left_after(limit: Duration, except: &[Pid]) -> Vec<Pid> {
    let start = Instant::now();
    loop {
        let left = of_this_process(except);
        if left.is_empty() || start.elapsed() > limit {
            return left;
        }
        // A namespace's first process ends behind all others there, and some of those may be left to this one to bury.
        let (own, is_alive) = (children_of(getpid()), |process: &Pid| kind(*process).is_some());
        let awaited = left.iter().copied().filter(|process| own.contains(process) || is_alive(process));
        any_ends_within(awaited, limit.saturating_sub(start.elapsed()));
        bury(&left);
    }
}

/// Waits until one of some processes has ended, and no longer than `limit`.
fn any_ends_within(processes: impl Iterator<Item = Pid>, limit: Duration) {
    let descriptors = processes.map(|process| pidfd_open(process, PidfdFlags::empty()));
    // One that is not there any more has ended.
    let Ok(descriptors) = descriptors.collect::<Result<Vec<_>, _>>() else { return };
    any_readable_within(&descriptors, limit);
}

/// Waits for those of some processes that are this one's children and dead.
fn bury(processes: &[Pid]) {
    for process in processes {
        // It may be another's child still.
        let _ = waitpid(Some(*process), WaitOptions::NOHANG);
    }
}

fn ended_by_force(processes: &[Pid]) -> Vec<String> {
    let lines = processes.iter().map(|process| in_words(*process)).collect();
    for process in processes {
        // It may have ended meanwhile.
        let _ = kill_process(*process, Signal::KILL);
    }
    lines
}

/// Waits until a process has ended, and no longer than `limit`. Whether it has.
pub fn ended_within(process: Pid, limit: Duration) -> bool {
    let Ok(descriptor) = pidfd_open(process, PidfdFlags::empty()) else { return true };
    any_readable_within(&[descriptor], limit)
}

fn any_readable_within(descriptors: &[OwnedFd], limit: Duration) -> bool {
    let limit = Timespec::try_from(limit).expect("a limit of seconds");
    let mut awaited: Vec<_> =
        descriptors.iter().map(|descriptor| PollFd::new(descriptor, PollFlags::IN)).collect();
    poll(&mut awaited, Some(&limit)).is_ok_and(|readable| readable > 0)
}
