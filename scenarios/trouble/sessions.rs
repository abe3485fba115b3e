//! An sshd that gives no more sessions over one connection: ten, where nobody has said otherwise (`MaxSessions`).

use std::{
    future::ready,
    time::{Duration, Instant},
};

use harness::{lab::Lease, machine::Running};

use super::{
    after::{passes, the_next_scenario_passes},
    existing::{Existing, lease},
    frozen::assert_kept,
    told::Told,
};

const AT_ONCE: Duration = Duration::from_secs(5);
const FINISH_DEADLINE: Duration = Duration::from_secs(40);

/// Takes all sessions that there are on node-1, and returns them with what is said of one more.
async fn take_all(lab: &Lease) -> (Vec<Running>, Told) {
    let node = lab.machine("node-1").expect("there is node-1");
    let mut held = Vec::new();
    while held.len() < 11 {
        let start = Instant::now();
        match node.start("tail -f /dev/null").await {
            Ok(running) => held.push(running),
            Err(error) => {
                let after = start.elapsed();
                let told = Told::by(ready(Err::<(), _>(error))).await;
                return (held, Told { after, ..told });
            }
        }
    }
    panic!("there is no end of sessions");
}

async fn give_back(held: impl IntoIterator<Item = Running>) {
    for mut running in held {
        running.stop();
        running.output().await.expect("it ends");
    }
}

#[tokio::test]
async fn the_eleventh_channel_is_refused_and_the_others_live() {
    let existing = Existing::new("eleventh").await;
    let lab = lease(&existing.with_sshd("MaxSessions=10"), "trouble_eleventh")
        .await
        .expect("the machines are free");
    let (held, told) = take_all(&lab).await;
    told.assert(AT_ONCE, &["on node-1", "no session left", "MaxSessions"]);
    give_back(held).await;
    passes(&lab).await;
}

#[tokio::test]
async fn captures_without_a_session_are_inconclusive_and_say_so() {
    let existing = Existing::new("sessions").await;
    let settings = existing.with_sshd("MaxSessions=10");
    let lab = lease(&settings, "trouble_sessions").await.expect("the machines are free");
    let containers = lab.set_up().await.expect("the containers come up");
    let (mut held, _) = take_all(&lab).await;
    give_back(held.pop()).await;
    let captures = lab.capture_everywhere(&containers).await.expect("the others start");
    let told = Told::by(captures.finish()).await;
    told.assert(FINISH_DEADLINE, &["inconclusive", "on node-1", "no session left", "MaxSessions"]);
    assert_kept(&lab, "docker2.macvlan1.pcap");
    give_back(held).await;
    drop(lab);
    the_next_scenario_passes(&settings, "trouble_after_sessions").await;
}
