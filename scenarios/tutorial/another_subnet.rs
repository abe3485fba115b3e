//! The tutorial's warning: a sub-interface in another subnet cannot reach its peer.

use harness::{
    container::{Containers, Ipv6},
    lab::Lab,
    picture::Order,
    stimulus::Outcome,
};

use crate::common::{assert_arrives_in_vain, assert_pictures, lab};

/// docker1 in a subnet of its own.
async fn set_up_apart(lab: &Lab) -> miette::Result<Containers> {
    let mut containers = lab.topology().containers.clone();
    for docker1 in containers.iter_mut().filter(|container| container.name == "docker1") {
        docker1.address = "10.0.0.180/24".parse().expect("a valid address");
    }
    Ok(lab.set_up_these(&containers, Ipv6::Off).await?)
}

#[tokio::test]
async fn without_a_route_nothing_is_sent() -> miette::Result<()> {
    let lab = lab("another_subnet").await?;
    let containers = set_up_apart(&lab).await?;

    let captures = lab.capture_everywhere(&containers).await?;
    let ping = lab.ping("docker1", "docker2")?.send().await?;
    let recording = captures.finish().await?;

    assert_pictures(&lab, "another_subnet", &recording.pictures(&containers.owners, Order::Whole)?);
    let Outcome::Refused(reason) = ping.outcome else { panic!("{}", ping.output) };
    assert!(reason.ends_with("Network is unreachable"), "{reason}");
    Ok(())
}

#[tokio::test]
async fn with_an_on_link_route_the_question_arrives_and_the_answer_does_not() -> miette::Result<()> {
    let lab = lab("another_subnet_on_link").await?;
    let containers = set_up_apart(&lab).await?;
    let (lan, interface) = (lab.topology().nodes[0].address.trunc(), &containers.all()[0].interface);
    let (docker1, add) = (lab.endpoint("docker1")?, format!("ip route add {lan} dev {interface}"));
    let add = async { Ok(docker1.run(&add).await.map(drop)?) };
    assert_arrives_in_vain(&lab, &containers, add, &lab.ping("docker1", "docker2")?, "docker2").await
}
