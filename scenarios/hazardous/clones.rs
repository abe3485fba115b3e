//! Nodes that are clones of one image, whose udev gives interfaces their MAC addresses.

use harness::{lab::Need, machine::Script};

use crate::common::{LeasedLab, assert_cut_off, assert_fails_by, lab, mac, set_up_behind};

/// What is read before the image's own, and where a machine's own is kept meanwhile.
const LINK_FILE: &str = "/run/systemd/network/00-lab.link";
const OWN_ID: &str = "/run/lab-machine-id";
const ID: &str = "0123456789abcdef0123456789abcdef";

/// udev makes a virtual interface's MAC address of its name and the machine's id (`MACAddressPolicy=persistent`, systemd.link(5)):
/// two clones give two interfaces of one name the same.
#[tokio::test]
#[ignore = "needs a VM lab: udev"]
async fn two_clones_give_their_containers_one_mac_address() -> miette::Result<()> {
    let lab = lab("clones").await?;
    lab.needs(Need::Udev).await?;
    lab.may("gives the nodes one machine-id, and their udev a policy")?;
    for node in ["node-1", "node-2"] {
        clone(&lab, node).await?;
    }
    let containers = set_up_behind(&lab, None, "mode bridge", "udevadm settle").await?;

    let [docker1, docker2] = ["docker1", "docker2"].map(|name| mac(&lab, &containers, name));
    assert_eq!(docker1, docker2, "the containers' MAC addresses");
    assert_cut_off(&lab, &containers, "docker1", "docker2").await?;
    assert_fails_by(&lab, "duplicate-mac")?;
    Ok(())
}

/// Makes a node one of the clones, as distributions have their udev.
async fn clone(lab: &LeasedLab, node: &str) -> miette::Result<()> {
    let script = Script::new()
        .change(
            format!("cp /etc/machine-id {OWN_ID} && echo {ID} >/etc/machine-id"),
            format!("cat {OWN_ID} >/etc/machine-id; rm -f {OWN_ID}"),
        )
        .change(
            format!(
                "mkdir -p /run/systemd/network && \
                 printf '%s\\n' '[Match]' Kind=macvlan '[Link]' MACAddressPolicy=persistent 'NamePolicy=keep kernel' >{LINK_FILE}"
            ),
            format!("rm -f {LINK_FILE}; udevadm control --reload"),
        )
        // Its workers keep what they have read.
        .step("udevadm control --reload");
    lab.machine(node)?.run(&script).await?;
    Ok(())
}
