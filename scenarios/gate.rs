//! What a broken network must look like: a finding with its place, neither green nor inconclusive.

mod common;

use std::{
    io::{Read as _, Write as _},
    process::{Command, Stdio},
};

use harness::{picture::Order, stimulus::Outcome};

use crate::common::lab;

/// The switch forwards nothing from or to node-2, whose link is up all the same.
#[tokio::test]
async fn a_switch_port_that_forwards_nothing_is_a_row_that_stops() -> miette::Result<()> {
    let lab = lab("disabled_port").await?;
    let containers = lab.set_up().await?;
    let port = lab.topology().nodes[1].port.clone();
    let state = |state: u8| format!("bridge link set dev {port} state {state}");
    lab.endpoint("host")?.change(&state(0), &state(3)).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping("docker1", "docker2")?.send().await?;
    let recording = captures.finish().await?;

    let pictures = recording.pictures(&containers.owners, Order::Whole)?;
    assert_eq!(ping.outcome, Outcome::Unanswered, "{}", ping.output);
    // The kernel asks three times (`mcast_solicit`).
    let seen: Vec<&[usize]> = pictures.machines.rows.iter().map(|row| row.seen.as_slice()).collect();
    assert_eq!(seen, [[1, 1, 0, 0]; 3], "{}", pictures.machines);
    let switch = pictures.switch.expect("the lab has a host");
    let seen: Vec<&[usize]> = switch.rows.iter().map(|row| row.seen.as_slice()).collect();
    assert_eq!(seen, [[1, 1, 0]; 3], "{switch}");
    let [from_docker1, from_docker2] = &pictures.lost_ends[..] else { panic!("{:?}", pictures.lost_ends) };
    assert!(
        from_docker1.ends_with("and not host/port-node-2, node-2/ens33, docker2/macvlan1"),
        "{from_docker1}"
    );
    assert!(
        from_docker2.contains("reached host/port-node-2, node-2/ens33, docker2/macvlan1"),
        "{from_docker2}"
    );
    lab.is_judged();
    Ok(())
}

/// Nobody captures where the interface is down: that proves nothing about the network.
#[tokio::test]
async fn a_vantage_point_that_can_not_capture_is_inconclusive() -> miette::Result<()> {
    let lab = lab("no_capture").await?;
    let containers = lab.set_up().await?;
    let docker2 = lab.endpoint("docker2")?;
    docker2.run("ip link set macvlan1 down").await?;
    docker2.run("ip link set macvlan1 name elsewhere").await?;

    let captures = lab.capture_everywhere(&containers).await?;
    lab.ping("docker1", "node-2")?.send().await?;
    let error = captures.finish().await.unwrap_err().to_string();

    assert!(error.starts_with("inconclusive: "), "{error}");
    assert!(error.contains("the capture at docker2/macvlan1 was not whole: it was not ready"), "{error}");
    assert!(error.contains("never left docker2"), "{error}");
    let question = "docker1 > broadcast  ARP, Request who-has node-2 tell docker1\n";
    assert!(error.contains(question) && error.contains("●────"), "what the others saw is drawn: {error}");
    lab.is_judged();
    Ok(())
}

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
