//! podman's containers on a macvlan network: real ones, of a small root file system of our own.

use harness::{
    lab::{Lab, LabError, Need},
    machine::Script,
    topology::Container,
};

use crate::common::{assert_reached_as, lab};

/// All that podman keeps on a node, and the containers' root.
const FOLDER: &str = "/run/lab-podman";

fn podman(words: &str) -> String {
    format!(
        "podman --root {FOLDER}/root --runroot {FOLDER}/run --tmpdir {FOLDER}/tmp --storage-driver vfs \
         --network-config-dir {FOLDER}/networks --cgroup-manager cgroupfs {words}"
    )
}

/// The lines that a person would type, each with its own time. podman's own name for the namespace is long: the container's is added.
fn commands(lab: &Lab, container: &Container) -> [Script; 4] {
    let Container { name, interface, address, .. } = container;
    let node = lab.topology().node(&container.node).expect("the topology has it");
    let gateway = lab.topology().host.as_ref().map(|host| format!("--gateway {} ", host.address.addr()));
    let network = format!(
        "network create --driver macvlan --opt parent={} --subnet {} {}lan",
        node.uplink,
        address.trunc(),
        gateway.unwrap_or_default()
    );
    let run = format!(
        "run --detach --name {name} --network lan:ip={},interface_name={interface} --cap-add NET_RAW \
         --cgroups disabled --security-opt seccomp=unconfined --log-driver none --rootfs {FOLDER}/rootfs \
         sleep 100000",
        address.addr()
    );
    let process = podman(&format!("inspect --format '{{{{.State.Pid}}}}' {name}"));
    let root = Script::new()
        .change(
            format!("cd /; mkdir -p {FOLDER}/rootfs; cd {FOLDER}/rootfs; mkdir bin dev etc proc run sys tmp"),
            format!("rm -rf {FOLDER}"),
        )
        .step("cp $(command -v busybox) bin/; for tool in sh sleep ping; do ln -s busybox bin/$tool; done; cd /");
    let change = |line: String, undo: String| Script::new().change(line, undo);
    [
        root,
        change(podman(&network), podman("network rm --force lan")),
        change(
            format!("{} {}", podman(&run), Script::LETTING_GO),
            podman(&format!("rm --force --time 0 {name}")),
        ),
        change(format!("ip netns attach {name} $({process})"), format!("ip netns del {name}")),
    ]
}

/// The frames are the tutorial's.
#[tokio::test]
#[ignore = "needs a VM lab: podman"]
async fn docker1_pings_docker2_as_containers() -> miette::Result<()> {
    let lab = lab("podman").await?;
    lab.needs(Need::Podman).await?;
    lab.needs(Need::Busybox).await?;
    let containers = &lab.topology().containers;
    let [docker1, docker2] = [0, 1].map(async |index: usize| {
        let container = &containers[index];
        for command in commands(&lab, container) {
            lab.machine(&container.node)?.run(&command).await?;
        }
        Ok::<_, LabError>(())
    });
    tokio::try_join!(docker1, docker2)?;
    let stock = lab.take_stock(containers).await?;
    assert_reached_as("docker1_pings_docker2", &lab, &stock, "docker1", "docker2").await?;
    let address = containers[1].address.addr();
    lab.endpoint("node-1")?.run(&podman(&format!("exec docker1 ping -c 1 {address}"))).await?;
    Ok(())
}
