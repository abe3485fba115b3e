//! `lab up`, `lab status` and `lab down`: a lab to work in by hand.

use std::process::ExitCode;

use clap::Args;
use harness::{
    Progress,
    lab::{Event, Settings, StandingLab},
    provider::{Provider, destroy_vagrant},
};

use super::{lab_options::LabOptions, runtime::run_async};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    lab: LabOptions,
}

/// Brings the lab up. One that is up already is left as it is.
pub fn up(options: &Options) -> miette::Result<ExitCode> {
    let settings = options.lab.settings()?;
    let progress = Progress::start();
    let lab = run_async(StandingLab::bring_up(&settings, |event| progress.phase(event)))??;
    drop(progress);
    print(&settings, &lab)?;
    println!("`lab ssh NODE` and `lab exec NAME -- COMMAND` work in it, `lab down` ends it");
    Ok(ExitCode::SUCCESS)
}

/// Says what is up: success if something is.
pub fn status(options: &Options) -> miette::Result<ExitCode> {
    let settings = options.lab.settings()?;
    match run_async(StandingLab::find(&settings))?? {
        Some(lab) => {
            print(&settings, &lab)?;
            Ok(ExitCode::SUCCESS)
        }
        None => {
            println!("no {} lab is up", settings.provider);
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Ends the lab, if it is up, and removes what made it, where that outlives it.
pub fn down(options: &Options) -> miette::Result<ExitCode> {
    let settings = options.lab.settings()?;
    let progress = Progress::start();
    run_async(async {
        match StandingLab::find(&settings).await? {
            Some(lab) => {
                if let Some(scenario) = lab.lent_to() {
                    progress.phase(&Event::new(format!(
                        "waiting for the scenario {scenario}, which has the lab"
                    )));
                }
                lab.end(&settings).await?;
                println!("the {} lab is gone", settings.provider);
            }
            None => println!("no {} lab is up", settings.provider),
        }
        // Vagrant's machines outlive what holds them.
        if settings.provider == Provider::Vagrant {
            destroy_vagrant(&settings.topology, &|event| progress.phase(&event)).await?;
        }
        Ok::<_, miette::Report>(())
    })??;
    Ok(ExitCode::SUCCESS)
}

fn print(settings: &Settings, lab: &StandingLab) -> miette::Result<()> {
    let facts = lab.facts();
    println!("the {} lab is up: {}, held by process {}", settings.provider, facts.machines, lab.keeper());
    let mac = |name: &str| facts.macs.get(name).map(ToString::to_string).unwrap_or_default();
    if let Some(host) = &settings.topology.host {
        println!("host    {:10} {:20} {}", host.bridge, host.address.to_string(), mac("host"));
    }
    for node in &settings.topology.nodes {
        let kernel = facts.kernels.get(&node.name).map(String::as_str).unwrap_or_default();
        let address = node.address.to_string();
        println!("{:7} {:10} {address:20} {}  Linux {kernel}", node.name, node.uplink, mac(&node.name));
    }
    for caution in &facts.cautions {
        println!("note: {caution}");
    }
    if let Some(scenario) = lab.lent_to() {
        println!("the scenario {scenario} has it");
    }
    println!("ssh_config: {}", lab.ssh_config(settings)?);
    Ok(())
}
