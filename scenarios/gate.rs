//! What a broken network must look like: a finding with its place, neither green nor inconclusive.

mod common;

use harness::{picture::Order, stimulus::Outcome};

use crate::common::lab;

/// The switch forwards nothing from or to node-2, whose link is up all the same.
#[tokio::test]
async fn a_switch_port_that_forwards_nothing_is_a_row_that_stops() -> miette::Result<()> {
    let lab = lab("disabled_port").await?;
    lab.may("has the switch forward nothing from or to a node")?;
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
