//! Scenarios in one lab, and in several side by side.

use camino::Utf8Path;

use super::{
    cpu::{self, Whole},
    lab::Lab,
    memory::Watch,
    peers::Peers,
    round_trips, suite,
    table::Table,
};

/// How many labs are tried.
const LABS: [u8; 3] = [1, 2, 4];
/// How often each runs in namespaces.
const TURNS: u8 = 2;
/// What all of the harness's processes may have with the most labs, in KiB.
const MEMORY: u64 = 100 << 10;

/// `cargo test --test e2e`, from its start to its end.
pub fn measure(_: &Peers, table: &mut Table) -> miette::Result<()> {
    let executable = suite::executable()?;
    in_namespaces(&executable, table)?;
    on_machines(&executable, table)
}

/// Each number of labs has as many turns; the cheapest counts, since what else the machine does only adds to it.
fn in_namespaces(executable: &Utf8Path, table: &mut Table) -> miette::Result<()> {
    let watched = [executable.to_owned(), suite::command_lab(executable)];
    let mut cheapest: [Option<Whole>; LABS.len()] = [const { None }; LABS.len()];
    let mut memory = 0;
    for _ in 0..TURNS {
        for (cheapest, labs) in cheapest.iter_mut().zip(LABS) {
            let watch = Watch::of(watched.to_vec());
            let whole = run(executable, "netns", labs, None)?;
            memory = watch.most().max(memory);
            if cheapest.as_ref().is_none_or(|cheapest| whole.cpu < cheapest.cpu) {
                *cheapest = Some(whole);
            }
        }
    }
    let mut of_one = None;
    for (whole, labs) in cheapest.iter().flatten().zip(LABS) {
        let cost = whole.cpu / *of_one.get_or_insert(whole.cpu);
        let what = format!("all scenarios, `netns`, `LAB_JOBS={labs}`, the cheapest of {TURNS} runs");
        let goal = "processor time at most 1.1 × that of one lab";
        table.note(&what, told(whole, cost)?, goal, cost <= 1.1);
    }
    let what = format!("memory of the harness, `LAB_JOBS={}`", LABS[LABS.len() - 1]);
    table.note(&what, format!("{memory} KiB"), "under 100 MiB", memory < MEMORY);
    Ok(())
}

/// The tutorial's scenarios, by machines that were saved before.
fn on_machines(executable: &Utf8Path, table: &mut Table) -> miette::Result<()> {
    drop(Lab::up("qemu")?);
    let mut of_one = None;
    for labs in LABS {
        let whole = run(executable, "qemu", labs, Some("tutorial::"))?;
        let cost = whole.cpu / *of_one.get_or_insert(whole.cpu);
        let what = format!("the tutorial's scenarios, `qemu`, `LAB_JOBS={labs}`");
        let (goal, is_met) = if labs == 1 { ("under 20 s", whole.seconds < 20.0) } else { ("", true) };
        table.note(&what, told(&whole, cost)?, goal, is_met);
        if labs == 1 {
            let most = round_trips::most(&suite::last_run())?;
            let what = "the most round trips that one of them takes to a node";
            table.note(what, most.to_string(), "at most 5", most <= 5);
        }
    }
    Ok(())
}

fn run(executable: &Utf8Path, provider: &str, labs: u8, filter: Option<&str>) -> miette::Result<Whole> {
    let jobs = labs.to_string();
    let words: Vec<&str> = ["--test-threads", &jobs].into_iter().chain(filter).collect();
    let mut command = suite::command(executable, provider, &words)?;
    command.env("LAB_JOBS", &jobs);
    cpu::of_all(&mut [command])
}

fn told(whole: &Whole, cost: f64) -> miette::Result<String> {
    let passed = f64::from(suite::passed(&whole.said)?);
    Ok(format!(
        "{:.1} s, {:.1} scenarios a second, processor time {:.1} s ({cost:.2} ×)",
        whole.seconds,
        passed / whole.seconds,
        whole.cpu
    ))
}
