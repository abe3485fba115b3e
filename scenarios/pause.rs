//! `LAB_PAUSE`: the lab of a scenario that fails is held, whatever lab the run is about. It is one of namespaces here.

mod common;

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
};

use crate::common::lab;

#[tokio::test]
#[ignore = "another test runs this, to see it held"]
async fn a_scenario_that_fails() -> miette::Result<()> {
    let lab = lab("a_scenario_that_fails").await?;
    lab.set_up().await?;
    panic!("it fails")
}

/// The scenario that fails, run with or without a terminal of its own.
fn failing(with_terminal: bool) -> Command {
    let test = std::env::current_exe().expect("this test has a file");
    let run = format!("{} a_scenario_that_fails --exact --ignored", test.display());
    let mut command = Command::new(if with_terminal { "script" } else { "setsid" });
    if with_terminal {
        command.args(["--quiet", "--return", "--command", &run, "/dev/null"]);
    } else {
        command.args(["--wait", "sh", "-c", &run]);
    }
    // Its failure is none of this run's.
    command.envs([
        ("LAB", "netns"),
        ("LAB_PAUSE", "1"),
        ("LAB_RUNS", concat!(env!("CARGO_TARGET_TMPDIR"), "/held")),
    ]);
    command.env_remove("NEXTEST_RUN_ID").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_failing_scenarios_lab_is_held_until_enter() {
    let mut run = failing(true).spawn().expect("`script` is there");
    let mut output = run.stdout.take().expect("it is piped");
    let mut told = String::new();
    let mut piece = [0; 1024];
    while !told.contains("Enter lets the lab go") {
        let length = output.read(&mut piece).expect("it can be read");
        assert!(length > 0, "it was not held:\n{told}");
        told.push_str(&String::from_utf8_lossy(&piece[..length]));
    }
    let way = told.lines().find_map(|line| line.trim().strip_prefix("docker2 ")).expect("a way into docker2");
    // There is no terminal here that the shell could have.
    let way = way.trim().replace(" -t ", " -T ");
    let inside = Command::new("sh").args(["-c", &format!("echo ip -br address | {way}")]).output();
    let inside = inside.expect("the way can be tried");
    assert!(String::from_utf8_lossy(&inside.stdout).contains("192.168.245.181"), "{way}: {inside:?}");

    run.stdin.take().expect("it is piped").write_all(b"\n").expect("Enter can be pressed");
    output.read_to_string(&mut told).expect("it ends");
    assert_eq!(run.wait().expect("it ends").code(), Some(101), "the failure is one all the same");
}

#[test]
fn without_a_terminal_nothing_is_held() {
    let output = failing(false).output().expect("it ends by itself");
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    assert!(told.contains("LAB_PAUSE: the lab can't be held"), "{told}");
}
