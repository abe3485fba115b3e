//! A lab of virtual machines, restored as it was saved, beside one that boots.

use super::{hyperfine, lab, peers::Peers, table::Table};

/// Until all is verified and every session is open, and gone again.
pub fn measure(peers: &Peers, table: &mut Table) -> miette::Result<()> {
    let up_and_down = lab::up_and_down("qemu")?;
    // The first run, which is not measured, makes the snapshot where there is none.
    let restored = hyperfine::measure(peers, 5, &["sh", "-c", &up_and_down])?;
    let booted = hyperfine::measure(peers, 2, &["env", "LAB_BOOT=cold", "sh", "-c", &up_and_down])?;
    let what = "`lab up --bare` and `lab down`, `qemu`, restored";
    table.compare(what, restored.seconds, "machines that boot", booted.seconds, None);
    Ok(())
}
