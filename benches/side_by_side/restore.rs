//! A pair of virtual machines until its first command, restored as it was saved, beside others that come up.

use std::process::Command;

use miette::IntoDiagnostic as _;

use super::{
    hyperfine::{self, line},
    lab::{self, run},
    peers::Peers,
    saved_pair::{OWN_NAMESPACES, SavedPair},
    table::{Goal, Table},
};

const BY_HAND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/compared/restore_by_hand.sh");
const LEFT_RUNNING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/compared/left_running.sh");
const VAGRANT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vagrant");

/// Until all is verified and every session is open; what others take to one command on each machine. None is measured while it is torn
/// down.
pub fn measure(peers: &Peers, table: &mut Table) -> miette::Result<()> {
    let up = [lab::words("up", "qemu")?, vec!["--bare".to_owned()]].concat();
    let down = line(&lab::words("down", "qemu")?);
    // The first run, which is not measured, makes the snapshot where there is none.
    let restored = hyperfine::measure_undone(peers, None, 5, &up, &down)?;
    let pair = SavedPair::take()?;
    let by_hand = |pair: &SavedPair| {
        let folder = pair.folder().as_str();
        let words = [&[LEFT_RUNNING, folder], &OWN_NAMESPACES[..], &[BY_HAND, folder]].concat();
        hyperfine::measure_undone(peers, None, 5, &words, &line(&[LEFT_RUNNING, folder]))
    };
    let (stock, light) = (by_hand(&pair.with_stock_sshd()?)?, by_hand(&pair)?);
    let cold: Vec<String> = ["env", "LAB_BOOT=cold"].map(str::to_owned).into_iter().chain(up).collect();
    let booted = hyperfine::measure_undone(peers, None, 2, &cold, &down)?;
    let what = "`lab up --bare`, `qemu`, restored";
    let floor = "QEMU's `-incoming` and a command by ssh";
    table.compare(what, restored.seconds, floor, stock.seconds, Some(Goal::AtMost(1.3)));
    let lighter = "the same with the lab's own sshd";
    table.compare(what, restored.seconds, lighter, light.seconds, None);
    table.compare(what, restored.seconds, "machines that boot", booted.seconds, None);
    if peers.has_vagrant() {
        let vagrant = vagrant_up(peers)?;
        table.compare(
            what,
            restored.seconds,
            "`vagrant up` of a box of the same release",
            vagrant,
            Some(Goal::Faster(20.0)),
        );
    }
    Ok(())
}

/// Vagrant alone, in a libvirt that has the box already: the project's own, of the same release as the lab's image.
fn vagrant_up(peers: &Peers) -> miette::Result<f64> {
    let said = run(&[env!("CARGO_BIN_EXE_lab"), "image", "build", "--box"].map(str::to_owned))?;
    let said = String::from_utf8(said).into_diagnostic()?;
    let topology = run(&[env!("CARGO_BIN_EXE_lab").to_owned(), "topology".to_owned()])?;
    let mut libvirt = Command::new(format!("{VAGRANT}/libvirt-in-netns"));
    libvirt
        .env("VAGRANT_CWD", VAGRANT)
        .env("LAB_BOX", said.lines().last().unwrap_or_default())
        .env("LAB_TOPOLOGY_JSON", String::from_utf8(topology).into_diagnostic()?);
    let up = ["vagrant", "up", "--provider", "libvirt"];
    Ok(hyperfine::measure_undone(peers, Some(libvirt), 2, &up, "vagrant destroy --force")?.seconds)
}
