//! The keeper's own surroundings.

use std::{ffi::CStr, fs, io};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::{
    io::{FdFlags, fcntl_setfd},
    mount::{MountFlags, mount},
};

use super::KeeperError;

/// Where a keeper keeps its lab's files: in a memory file system that nobody else has mounted.
const DIRECTORY: &str = "/run/lab";
const NO_DATA: Option<&CStr> = None;

/// This process's id as its starter's namespace knows it. Only to be had before [`isolate`].
pub(super) fn outer_pid() -> Result<u32, KeeperError> {
    // The /proc mounted here is still the starter's, and names its own reader by the starter's count.
    let link = fs::read_link("/proc/self").map_err(KeeperError::io("read /proc/self"))?;
    let pid = link.to_str().and_then(|pid| pid.parse().ok());
    pid.ok_or_else(|| KeeperError::io("read /proc/self")(io::Error::other("it names no process")))
}

/// Gives the keeper a `/proc`, a `/sys` and a `/run` of its own, and keeps what it inherited from its children.
pub(super) fn isolate(inherited: &[impl std::os::fd::AsFd]) -> Result<Utf8PathBuf, KeeperError> {
    for fd in inherited {
        fcntl_setfd(fd, FdFlags::CLOEXEC)
            .map_err(|error| KeeperError::io("guard a descriptor")(error.into()))?;
    }
    rustix::process::setsid().map_err(|error| KeeperError::io("start a session")(error.into()))?;
    mount_own("proc", "/proc")?;
    mount_own("sysfs", "/sys")?;
    mount_own("tmpfs", "/run")?;
    let directory = Utf8Path::new(DIRECTORY);
    fs::create_dir_all(directory).map_err(KeeperError::io(format!("make {directory}")))?;
    Ok(directory.to_owned())
}

fn mount_own(file_system: &str, target: &str) -> Result<(), KeeperError> {
    mount(file_system, target, file_system, MountFlags::empty(), NO_DATA)
        .map_err(|error| KeeperError::io(format!("mount a {file_system} on {target}"))(error.into()))
}
