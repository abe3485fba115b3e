//! Whether libvirt can be asked.

use std::process::{Command, Stdio};

use super::hypervisor::hypervisor;

/// How far a call to libvirt comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Reach {
    /// It answers.
    Answers,
    /// There is a daemon, which does not let this user in.
    NotPermitted,
    /// Nobody answers.
    NotRunning,
}

impl Reach {
    /// Asks libvirt for its version. Where virsh is missing nothing is known; that is told by itself.
    pub(in crate::provider) fn of_libvirt() -> Self {
        let mut virsh = Command::new("virsh");
        virsh.args(["--connect", &hypervisor(), "version"]).env("LC_ALL", "C").stdin(Stdio::null());
        match virsh.output() {
            Ok(output) if output.status.success() => Self::Answers,
            Ok(output) => Self::of_refusal(&String::from_utf8_lossy(&output.stderr)),
            Err(_) => Self::NotRunning,
        }
    }

    fn of_refusal(stderr: &str) -> Self {
        let refused = [
            "Permission denied",
            "authentication unavailable",
            "authentication failed",
            "access denied",
            "system bus",
        ];
        if refused.iter().any(|words| stderr.contains(words)) { Self::NotPermitted } else { Self::NotRunning }
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;

    #[test]
    fn a_daemon_that_is_not_there_and_one_that_says_no_are_told_apart() {
        let absent = "error: failed to connect to the hypervisor\nerror: Failed to connect socket to \
                      '/var/run/libvirt/libvirt-sock': No such file or directory\n";
        assert_eq!(Reach::of_refusal(absent), Reach::NotRunning);
        let socket = absent.replace("No such file or directory", "Permission denied");
        assert_eq!(Reach::of_refusal(&socket), Reach::NotPermitted);
        let polkit = "error: authentication unavailable: no polkit agent available to authenticate action \
                      'org.libvirt.unix.manage'\n";
        assert_eq!(Reach::of_refusal(polkit), Reach::NotPermitted);
    }
}
