//! Which kinds of links the running kernel makes.

use std::process::{Command, Stdio};

use super::Finding;
use crate::{
    machine::ADMINISTRATORS_PATH,
    provider::{Provider, is_root},
};

/// The links that a lab of namespaces is made of.
const NAMESPACES: &str = "ip link add bridge0 type bridge && ip link add veth0 type veth peer name veth1 && \
     ip link add macvlan0 link veth0 type macvlan mode bridge";
/// Those of virtual machines' host; the rest is their own kernel's.
const MACHINES: &str = "ip link add bridge0 type bridge";

/// Makes the links in a network namespace that ends with the attempt.
pub(super) fn finding(provider: Provider) -> Finding {
    let (name, links) = match provider {
        Provider::Netns => ("macvlan, veth, bridge", NAMESPACES),
        _ => ("bridge", MACHINES),
    };
    let mut unshare = Command::new("unshare");
    if !is_root() {
        unshare.arg("--map-root-user");
    }
    unshare.args(["--net", "sh", "-c", links]).env("PATH", ADMINISTRATORS_PATH).stdin(Stdio::null());
    match unshare.output() {
        Ok(output) if output.status.success() => Finding::ok(name, "the kernel makes such links"),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Finding::missing(
                name,
                format!("the kernel makes no such links: {said}"),
                "`sudo modprobe macvlan` (and veth, bridge); where there is no such module, install the kernel's other \
                 modules (linux-modules-extra-$(uname -r) on Ubuntu), or use another lab",
            )
        }
        Err(error) => Finding::missing(name, format!("it could not be tried: {error}"), "install util-linux"),
    }
}
