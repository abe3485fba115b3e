//! The tutorial's scenario beside a shell script that does the same.

use std::process::Command;

use super::{
    cpu, hyperfine,
    lab::Lab,
    masters::Masters,
    peers::Peers,
    suite,
    table::{Goal, Table},
};

const BY_HAND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/compared/scenario_by_hand.sh");
/// How often the plain script does it more than once, to be told from the lab that it makes.
const REPEATED: u8 = 10;

/// In one lab that stands, by the harness and by the script over masters that are open; then what it costs.
pub fn measure(peers: &Peers, table: &mut Table) -> miette::Result<()> {
    let executable = suite::executable()?;
    let scenario = || suite::command(&executable, "netns", &["--exact", suite::TUTORIAL]);
    let lab = Lab::up("netns")?;
    let status = &lab.status;
    let mut harness = vec!["env".to_owned()];
    harness.extend(suite::environment("netns")?.into_iter().map(|(name, value)| format!("{name}={value}")));
    harness.extend([executable.as_str(), "--exact", suite::TUTORIAL].map(str::to_owned));
    let harness = hyperfine::measure(peers, 20, &harness)?;
    let masters = Masters::open(&status.ssh_config)?;
    let by_hand = [
        "env".to_owned(),
        format!("MASTERS={}", masters.folder()),
        BY_HAND.to_owned(),
        "ssh".to_owned(),
        "1".to_owned(),
        status.ssh_config.to_string(),
        status.keeper.to_string(),
    ];
    let by_hand = hyperfine::measure(peers, 20, &by_hand)?;
    drop(masters);
    let times = |count: u8| (0..count).map(|_| scenario()).collect::<miette::Result<Vec<_>>>();
    let cost = cpu::of_all(&mut times(REPEATED)?)?.cpu / f64::from(REPEATED);
    drop(lab);
    let what = "the tutorial's scenario, `netns`, the lab is up";
    table.compare(
        what,
        harness.seconds,
        "a shell script over masters",
        by_hand.seconds,
        Some(Goal::AtMost(1.1)),
    );
    table.note(what, format!("{:.2} s", harness.seconds), "at most 0.5 s", harness.seconds <= 0.5);

    let plain = plain(peers)?;
    table.compare(what, harness.seconds, "a shell script without SSH", plain.seconds, None);
    let what = "its processor time";
    table.compare(what, cost, "the script's without SSH", plain.cpu, Some(Goal::AtMost(2.0)));
    Ok(())
}

/// One scenario of the script without SSH, the lab apart.
fn plain(peers: &Peers) -> miette::Result<Plain> {
    let words =
        |count: u8| ["unshare", "--net", "--mount", BY_HAND, "plain", &count.to_string()].map(str::to_owned);
    let seconds = |count| Ok::<_, miette::Report>(hyperfine::measure(peers, 5, &words(count))?.seconds);
    let cpu = |count| {
        let words = words(count);
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        Ok::<_, miette::Report>(cpu::of_all(&mut [command])?.cpu)
    };
    let each = |once: f64, often: f64| (often - once) / f64::from(REPEATED);
    Ok(Plain { seconds: each(seconds(1)?, seconds(1 + REPEATED)?), cpu: each(cpu(1)?, cpu(1 + REPEATED)?) })
}

/// What the script without SSH takes, in seconds.
struct Plain {
    seconds: f64,
    cpu: f64,
}
