//! Why an ordinary user can't have namespaces.

use std::fs;

use super::Finding;
use crate::provider::is_root;

/// What the kernel says about them; nothing where root asks, who needs none, or nothing stands in the way.
pub(super) fn finding() -> Option<Finding> {
    if is_root() {
        return None;
    }
    let read =
        |path: &str| fs::read_to_string(format!("/proc/sys/{path}")).ok().map(|text| text.trim().to_owned());
    let obstacle = obstacle(&read)?;
    Some(Finding::missing("the kernel's settings", obstacle.0, obstacle.1))
}

/// A reason and its fix.
fn obstacle(read: &dyn Fn(&str) -> Option<String>) -> Option<(&'static str, &'static str)> {
    let is = |path: &str, value: &str| read(path).as_deref() == Some(value);
    if is("kernel/apparmor_restrict_unprivileged_userns", "1") {
        return Some((
            "AppArmor keeps an ordinary user's namespaces from doing anything (Ubuntu 23.10 and later)",
            "`sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`, for good in a file in /etc/sysctl.d; or run as root",
        ));
    }
    if is("kernel/unprivileged_userns_clone", "0") {
        return Some((
            "user namespaces are root's alone (a setting of Debian's kernel)",
            "`sudo sysctl kernel.unprivileged_userns_clone=1`, for good in a file in /etc/sysctl.d; or run as root",
        ));
    }
    if is("user/max_user_namespaces", "0") {
        return Some((
            "no user namespaces are allowed at all",
            "`sudo sysctl user.max_user_namespaces=15000`, for good in a file in /etc/sysctl.d; or run as root",
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::obstacle;

    #[test]
    fn each_restriction_is_told_with_its_own_setting() {
        for (path, value) in [
            ("kernel/apparmor_restrict_unprivileged_userns", "1"),
            ("kernel/unprivileged_userns_clone", "0"),
            ("user/max_user_namespaces", "0"),
        ] {
            let set = |asked: &str| (asked == path).then(|| value.to_owned());
            let (_, fix) = obstacle(&set).expect("it stands in the way");
            assert!(fix.contains(&path.replace('/', ".")), "{fix}");
        }
        assert!(obstacle(&|_: &str| None).is_none());
    }
}
