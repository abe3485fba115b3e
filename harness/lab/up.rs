//! `lab up`, `lab status` and `lab down`: a lab to work in by hand.

use std::{collections::BTreeMap, process::ExitCode};

use camino::Utf8PathBuf;
use clap::Args;
use harness::{
    MacAddress, Progress,
    lab::{ContainersSeen, Event, Facts, LabError, Settings, Standing, StandingLab},
    provider::{Provider, destroy_vagrant},
    topology::{Container, Topology},
};
use serde::Serialize;

use super::{
    format::{Format, print_json},
    lab_options::LabOptions,
    print_line::print_line,
    runtime::run_async,
};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    pub lab: LabOptions,
}

#[derive(Args)]
pub struct StatusOptions {
    #[command(flatten)]
    lab: LabOptions,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What `lab status --format json` prints.
#[derive(Serialize)]
struct Status<'a> {
    /// `up`, `coming_up` or `nothing`.
    state: &'static str,
    lab: Provider,
    topology: &'a Topology,
    /// The process that holds it.
    keeper: Option<u32>,
    /// What is being done while it comes up.
    step: Option<String>,
    /// The scenario or the command that has it.
    lent_to: Option<&'a str>,
    ssh_config: Option<Utf8PathBuf>,
    facts: Option<&'a Facts>,
}

#[derive(Args)]
pub struct UpOptions {
    #[command(flatten)]
    lab: LabOptions,
    /// Without the topology's containers.
    #[arg(long)]
    bare: bool,
}

/// Brings the lab up. Of one that is up already, containers that are gone are set up again.
pub fn up(options: &UpOptions) -> miette::Result<ExitCode> {
    let settings = options.lab.settings()?;
    let progress = Progress::start();
    let lab = run_async(async {
        tokio::select! {
            lab = StandingLab::bring_up(&settings, options.bare, |event| progress.tell(event)) => lab.map(Some),
            _ = tokio::signal::ctrl_c() => cancel(&settings).await.map(|()| None),
        }
    })??;
    drop(progress);
    let Some(lab) = lab else { miette::bail!("interrupted: the {} lab does not come up", settings.provider) };
    print(&settings, &lab)?;
    print_line("`lab ssh NODE` and `lab exec NAME -- COMMAND` work in it, `lab down` ends it");
    Ok(match lab.containers() {
        ContainersSeen::Failed(_) => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

/// Ends a lab that is coming up.
async fn cancel(settings: &Settings) -> Result<(), LabError> {
    match StandingLab::find(&settings.into()).await? {
        Standing::ComingUp { keeper, .. } => StandingLab::end(&settings.into(), keeper).await,
        _ => Ok(()),
    }
}

/// Says what is up: success if something is.
pub fn status(options: &StatusOptions) -> miette::Result<ExitCode> {
    let settings = options.lab.settings()?;
    let standing = run_async(StandingLab::find(&(&settings).into()))??;
    match options.format {
        Format::Text => tell_status(&settings, &standing)?,
        Format::Json => print_json(&Status::of(&settings, &standing)?)?,
    }
    Ok(if matches!(standing, Standing::Up(_)) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell_status(settings: &Settings, standing: &Standing) -> miette::Result<()> {
    match standing {
        Standing::Up(lab) => print(settings, lab)?,
        Standing::ComingUp { keeper, event } => print_line(format_args!(
            "the {} lab is coming up, held by process {keeper}: {}",
            settings.provider, event.text
        )),
        Standing::Nothing => print_line(format_args!("no {} lab is up", settings.provider)),
    }
    Ok(())
}

impl<'a> Status<'a> {
    fn of(settings: &'a Settings, standing: &'a Standing) -> miette::Result<Self> {
        let nothing = Self {
            state: "nothing",
            lab: settings.provider,
            topology: &settings.topology,
            keeper: None,
            step: None,
            lent_to: None,
            ssh_config: None,
            facts: None,
        };
        Ok(match standing {
            Standing::Nothing => nothing,
            Standing::ComingUp { keeper, event } => {
                Self { state: "coming_up", keeper: Some(*keeper), step: Some(event.text.clone()), ..nothing }
            }
            Standing::Up(lab) => Self {
                state: "up",
                keeper: Some(lab.keeper()),
                lent_to: lab.lent_to(),
                ssh_config: Some(lab.ssh_config()?),
                facts: Some(lab.facts()),
                ..nothing
            },
        })
    }
}

/// Ends the lab, if it is up or comes up, and removes what made it, where that outlives it.
pub fn down(options: &Options) -> miette::Result<ExitCode> {
    let lab = options.lab.name.address()?;
    let progress = Progress::start();
    run_async(async {
        let keeper = match StandingLab::find(&lab).await? {
            Standing::Up(found) => {
                if let Some(scenario) = found.lent_to() {
                    progress
                        .tell(&Event::new(format!("waiting for the scenario {scenario}, which has the lab")));
                }
                Some(found.keeper())
            }
            Standing::ComingUp { keeper, .. } => Some(keeper),
            Standing::Nothing => None,
        };
        match keeper {
            Some(keeper) => {
                StandingLab::end(&lab, keeper).await?;
                print_line(format_args!("the {} lab is gone", lab.provider));
            }
            None => print_line(format_args!("no {} lab is up", lab.provider)),
        }
        // Vagrant's machines outlive what holds them.
        if lab.provider == Provider::Vagrant {
            let settings = options.lab.settings()?;
            destroy_vagrant(&settings.topology, &|event| progress.tell(&event)).await?;
        }
        Ok::<_, miette::Report>(())
    })??;
    Ok(ExitCode::SUCCESS)
}

fn print(settings: &Settings, lab: &StandingLab) -> miette::Result<()> {
    let facts = lab.facts();
    print_line(format_args!(
        "the {} lab is up: {}{}, held by process {}",
        settings.provider,
        facts.machines,
        facts.came_up.iter().map(|how| format!(", {how}")).collect::<String>(),
        lab.keeper()
    ));
    let mac = |name: &str| facts.macs.get(name).map(ToString::to_string).unwrap_or_default();
    if let Some(host) = &settings.topology.host {
        print_line(format_args!(
            "host    {:10} {:20} {}",
            host.bridge,
            host.address.to_string(),
            mac("host")
        ));
    }
    for node in &settings.topology.nodes {
        let kernel = facts.kernels.get(&node.name).map(String::as_str).unwrap_or_default();
        let address = node.address.to_string();
        print_line(format_args!(
            "{:7} {:10} {address:20} {}  Linux {kernel}",
            node.name,
            node.uplink,
            mac(&node.name)
        ));
    }
    print_containers(&settings.topology, lab);
    for caution in &facts.cautions {
        print_line(format_args!("note: {caution}"));
    }
    print_line(format_args!("ssh_config: {}", lab.ssh_config()?));
    Ok(())
}

fn print_containers(topology: &Topology, lab: &StandingLab) {
    match (lab.containers(), lab.lent_to()) {
        (ContainersSeen::Away, Some(scenario)) => print_line(format_args!(
            "the scenario {scenario} has it, as new; its containers come back afterwards"
        )),
        (_, Some(scenario)) => print_line(format_args!("the scenario {scenario} has it")),
        (ContainersSeen::Up(macs), None) => {
            topology.containers.iter().for_each(|container| print_container(container, macs));
        }
        (ContainersSeen::Unwanted, None) => print_line("it has no containers: `lab up` sets them up"),
        (ContainersSeen::Away, None) => print_line("its containers come back now: a scenario had it"),
        (ContainersSeen::Failed(why), None) => print_line(format_args!(
            "its containers did not come up: {why}\nwhen that is mended, `lab up` sets them up"
        )),
    }
}

fn print_container(container: &Container, macs: &BTreeMap<String, MacAddress>) {
    let Container { name, interface, address, node, .. } = container;
    match macs.get(name) {
        Some(mac) => {
            let address = address.to_string();
            print_line(format_args!("{name:7} {interface:10} {address:20} {mac}  on {node}"));
        }
        None => print_line(format_args!("{name:7} is gone from {node}: `lab up` sets it up again")),
    }
}
