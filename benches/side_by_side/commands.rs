//! Commands over one SSH session, beside other clients.

use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use harness::{
    lab::{Lab as Borrowed, LabError, Settings},
    provider::Provider,
};
use miette::{IntoDiagnostic as _, WrapErr as _};

use super::{
    hyperfine,
    lab::{self, Lab, run},
    masters::Masters,
    peers::Peers,
    table::{Goal, Table},
};

const PARAMIKO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/compared/commands_with_paramiko.py");
const COMMANDS: usize = 200;

/// The command `true`, again and again, on one node of one lab.
pub fn measure(peers: &Peers, table: &mut Table) -> miette::Result<()> {
    let lab = Lab::up("netns")?;
    let ssh_config = &lab.status.ssh_config;
    let harness = by_the_harness()?;
    let what = format!("{COMMANDS} commands over one session");
    let masters = Masters::open(ssh_config)?;
    let one = [masters.words("node-1"), vec!["true".to_owned()]].concat().join(" ");
    let all = format!("i=0; while [ $i -lt {COMMANDS} ]; do {one} || exit; i=$((i + 1)); done");
    let ssh = hyperfine::measure(peers, 3, &["sh", "-c", &all])?;
    drop(masters);
    table.compare(&what, harness, "ssh with ControlMaster", ssh.seconds, Some(Goal::AtMost(1.0)));
    if let Some(python) = peers.python("python3") {
        let words = [python.as_str(), PARAMIKO, ssh_config.as_str(), "node-1", &COMMANDS.to_string()];
        let said = run(&words.map(str::to_owned))?;
        let paramiko = String::from_utf8_lossy(&said).trim().parse().into_diagnostic()?;
        table.compare(&what, harness, "paramiko", paramiko, None);
    }
    Ok(())
}

fn by_the_harness() -> miette::Result<f64> {
    let runs = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("measured");
    let settings = Settings::new(
        Provider::Netns,
        &lab::topology()?,
        &runs,
        &Utf8PathBuf::from(env!("CARGO_BIN_EXE_lab")),
    )?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.into_diagnostic().wrap_err("failed to start a runtime")?;
    runtime.block_on(async {
        let lab = Borrowed::borrow(&settings, "a measurement", runs.clone(), |_| {}).await?;
        let Some(lab) = lab else { miette::bail!("the lab is not up any more") };
        let node = lab.endpoint("node-1")?;
        let start = Instant::now();
        for _ in 0..COMMANDS {
            node.run("true").await.map_err(LabError::from)?;
        }
        Ok(start.elapsed().as_secs_f64())
    })
}
