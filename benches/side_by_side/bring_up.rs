//! A lab of namespaces, made and ended, beside munet's.

use super::{
    hyperfine, lab,
    peers::Peers,
    table::{Goal, Table},
};

const MUNET_LAB: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/compared/munet_lab.yaml");

/// Both with two nodes and the host's bridge; the harness's with SSH sessions that are open.
pub fn measure(peers: &Peers, table: &mut Table) -> miette::Result<()> {
    let up_and_down = lab::up_and_down("netns")?;
    let harness = hyperfine::measure(peers, 10, &["sh", "-c", &up_and_down])?;
    let what = "`lab up --bare` and `lab down`, `netns`";
    let Some(munet) = peers.munet() else {
        table.note(what, format!("{:.2} s", harness.seconds), "", true);
        return Ok(());
    };
    let folder =
        camino_tempfile::tempdir().map_err(|error| miette::miette!("no temporary folder: {error}"))?;
    // munet makes its bridge in the namespace that it is started in.
    let own = ["unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc"];
    let options = ["-d", folder.path().as_str(), "--topology-only", "--no-cli", "--no-wait"];
    let munet =
        hyperfine::measure(peers, 10, &[&own[..], &[munet.as_str(), "-c", MUNET_LAB], &options].concat())?;
    table.compare(what, harness.seconds, "munet", munet.seconds, Some(Goal::Faster(3.0)));
    Ok(())
}
