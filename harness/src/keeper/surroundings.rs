//! The keeper's own surroundings.

use std::{env, ffi::CStr, fs, io, os::fd::AsFd};

use camino::{Utf8Path, Utf8PathBuf};
use rustix::{
    io::{FdFlags, fcntl_setfd},
    mount::{MountFlags, mount},
};

use super::KeeperError;

/// Where the keeper of a hermetic lab keeps its files: in a memory file system that nobody else has mounted.
const DIRECTORY: &str = "/run/lab";
const NO_DATA: Option<&CStr> = None;

/// This process's id as its starter's namespace knows it. Only to be had before [`isolate`].
pub(super) fn outer_pid() -> Result<u32, KeeperError> {
    // The /proc mounted here is still the starter's, and names its own reader by the starter's count.
    let link = fs::read_link("/proc/self").map_err(KeeperError::io("read /proc/self"))?;
    let pid = link.to_str().and_then(|pid| pid.parse().ok());
    pid.ok_or_else(|| KeeperError::io("read /proc/self")(io::Error::other("it names no process")))
}

/// Gives the keeper of a hermetic lab a `/proc`, a `/sys` and a `/run` of its own, and its working folder there.
pub(super) fn isolate(inherited: &[impl AsFd]) -> Result<Utf8PathBuf, KeeperError> {
    close_on_exec(inherited)?;
    mount_own("proc", "/proc")?;
    mount_own("sysfs", "/sys")?;
    mount_own("tmpfs", "/run")?;
    work_in(Utf8Path::new(DIRECTORY))
}

/// Gives the keeper of another lab a working folder in the run's.
pub(super) fn folder_of_own(inherited: &[impl AsFd], run: &Utf8Path) -> Result<Utf8PathBuf, KeeperError> {
    close_on_exec(inherited)?;
    for number in 1.. {
        let folder = run.join(format!("lab-{number}"));
        match fs::create_dir(&folder) {
            Ok(()) => return work_in(&folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(KeeperError::io(format!("make {folder}"))(error)),
        }
    }
    unreachable!("there are more numbers than folders")
}

/// Keeps from the keeper's children what it inherited.
fn close_on_exec(inherited: &[impl AsFd]) -> Result<(), KeeperError> {
    for fd in inherited {
        fcntl_setfd(fd, FdFlags::CLOEXEC)
            .map_err(|error| KeeperError::io("guard a descriptor")(error.into()))?;
    }
    Ok(())
}

fn work_in(directory: &Utf8Path) -> Result<Utf8PathBuf, KeeperError> {
    let failed = || KeeperError::io(format!("make {directory} and go there"));
    fs::create_dir_all(directory).map_err(failed())?;
    env::set_current_dir(directory).map_err(failed())?;
    Ok(directory.to_owned())
}

fn mount_own(file_system: &str, target: &str) -> Result<(), KeeperError> {
    mount(file_system, target, file_system, MountFlags::empty(), NO_DATA)
        .map_err(|error| KeeperError::io(format!("mount a {file_system} on {target}"))(error.into()))
}
