//! From a topology to machines that answer SSH, and back.

use std::{fs, io};

use camino::Utf8Path;

use super::{
    VagrantError,
    environment::{Environment, output_of},
    firewall,
    host_keys::{self, known_hosts},
    hypervisor::{host_alias, host_block, host_way},
    in_use::{keep_from_use, use_machines},
    made::Made,
    preflight::check_networks,
    ssh_config::{self, Pinned},
    up::up,
};
use crate::{
    lab::Event,
    provider::{FileLock, Provided, ProviderError, Saved, host},
    topology::{Host, Topology},
};

/// Brings the machines up, or finds them up. Vagrant's output goes to `vagrant.log` in `run`.
pub(in crate::provider) async fn bring_up(
    topology: &Topology,
    directory: &Utf8Path,
    run: &Utf8Path,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<Provided, ProviderError> {
    let host = host::described(topology)?;
    let in_use = use_machines()?;
    let environment = Environment::new(topology)?;
    let of_vagrant = match machines_that_are_up(&environment).await? {
        Some(config) => {
            tell(Event::new("using the virtual machines that Vagrant has up"));
            config
        }
        None => make_machines(&environment, host, run, tell).await?,
    };
    firewall::check(&host.bridge).await?;
    provided(topology, directory, &environment, &of_vagrant, in_use).await
}

/// The machines, if Vagrant has them up.
pub(in crate::provider) async fn find(
    topology: &Topology,
    directory: &Utf8Path,
) -> Result<Option<Provided>, ProviderError> {
    if !Environment::has_machines() {
        return Ok(None);
    }
    let in_use = use_machines()?;
    let environment = Environment::new(topology)?;
    let Some(of_vagrant) = machines_that_are_up(&environment).await? else { return Ok(None) };
    provided(topology, directory, &environment, &of_vagrant, in_use).await.map(Some)
}

async fn provided(
    topology: &Topology,
    directory: &Utf8Path,
    environment: &Environment,
    of_vagrant: &str,
    in_use: FileLock,
) -> Result<Provided, ProviderError> {
    let ssh_config = directory.join("ssh_config");
    let pinned = pinned(topology)?;
    ssh_config::write(&ssh_config, &host_block(), &known_hosts(), &pinned, of_vagrant)?;
    host_keys::learn(&pinned, &ssh_config).await?;
    let machines = format!("Vagrant and libvirt, {}", environment.accelerator());
    Ok(Provided {
        ssh_config,
        machines,
        came_up: None,
        saved: Saved::default(),
        nodes: Vec::new(),
        host: host_way(),
        host_alias: host_alias(),
        lock: Some(in_use),
    })
}

/// Takes the machines away, with all that Vagrant and the harness know of them.
///
/// # Errors
/// What Vagrant says.
pub async fn destroy(topology: &Topology, tell: &(dyn Fn(Event) + Sync)) -> Result<(), VagrantError> {
    let environment = Environment::new(topology)?;
    let _kept = keep_from_use()?;
    // Vagrant knows machines by the Vagrantfile alone: those of another topology by that one.
    let environment = match Made::read()? {
        Some(made) => environment.of_made(made.topology, made.hypervisor),
        None => environment,
    };
    tell(Event::new("destroying Vagrant's virtual machines"));
    output_of(&mut environment.vagrant(&["destroy", "--force"])).await?;
    let state = Environment::state();
    match fs::remove_dir_all(&state) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(VagrantError::io(format!("remove {state}"))(error))
        }
        _ => Ok(()),
    }
}

/// The way to machines that are all up and are those that are asked for.
async fn machines_that_are_up(environment: &Environment) -> Result<Option<String>, VagrantError> {
    if !Environment::has_machines() {
        return Ok(None);
    }
    if let Some(made) = Made::read()? {
        made.fits(&Made::of(environment))?;
        if !made.complete {
            return Ok(None);
        }
    }
    // Fails where one of them is not there or not running.
    match output_of(&mut environment.vagrant(&["ssh-config"])).await {
        Ok(config) => Ok(Some(config)),
        Err(VagrantError::Command { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn make_machines(
    environment: &Environment,
    host: &Host,
    run: &Utf8Path,
    tell: &(dyn Fn(Event) + Sync),
) -> Result<String, VagrantError> {
    check_networks(host).await?;
    tell(Event::new(format!(
        "vagrant up: two virtual machines of {}, {}",
        environment.vagrant_box(),
        environment.accelerator()
    )));
    let made = Made::of(environment);
    made.write()?;
    up(environment, &run.join("vagrant.log"), tell).await?;
    Made { complete: true, ..made }.write()?;
    output_of(&mut environment.vagrant(&["ssh-config"])).await
}

fn pinned(topology: &Topology) -> Result<Vec<Pinned>, VagrantError> {
    let one = |node: &str| {
        let machine = Environment::machine_id(node)
            .map_err(VagrantError::io(format!("read Vagrant's record of {node}")))?;
        Ok(Pinned { node: node.to_owned(), machine })
    };
    topology.nodes.iter().map(|node| one(&node.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `vagrant/libvirt-in-netns cargo test --package harness machines_come -- --ignored`, as root.
    #[tokio::test]
    #[ignore = "takes libvirt and a box"]
    async fn machines_come_up_are_used_again_and_go() {
        let topology = include_str!("../../../../fixtures/topologies/tutorial.toml");
        let topology = Topology::parse("tutorial.toml", topology).unwrap();
        let folder = camino_tempfile::tempdir().unwrap();
        let tell = |event: Event| println!("{}", event.text);
        for _ in 0..2 {
            let start = std::time::Instant::now();
            let provided = bring_up(&topology, folder.path(), folder.path(), &tell).await.unwrap();
            println!("{} after {:.1} s", provided.machines, start.elapsed().as_secs_f32());
            for node in &topology.nodes {
                let mut ssh = tokio::process::Command::new("ssh");
                ssh.args([
                    "-F",
                    provided.ssh_config.as_str(),
                    &node.name,
                    "cat /etc/hostname; sudo id -u; cat",
                ]);
                ssh.arg(format!("/sys/class/net/{}/operstate", node.uplink));
                assert_eq!(output_of(&mut ssh).await.unwrap(), format!("{}\n0\nup\n", node.name));
            }
        }
        destroy(&topology, &tell).await.unwrap();
        assert!(!Environment::has_machines());
    }
}
