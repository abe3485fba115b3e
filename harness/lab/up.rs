//! `lab up`, `lab status` and `lab down`: a lab to work in by hand.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::Args;
use harness::{
    Progress,
    lab::{Event, Facts, LabError, Settings, Standing, StandingLab},
    provider::{Provider, destroy_vagrant},
    topology::Topology,
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

/// Brings the lab up. One that is up already is left as it is.
pub fn up(options: &Options) -> miette::Result<ExitCode> {
    let settings = options.lab.settings()?;
    let progress = Progress::start();
    let lab = run_async(async {
        tokio::select! {
            lab = StandingLab::bring_up(&settings, |event| progress.phase(event)) => lab.map(Some),
            _ = tokio::signal::ctrl_c() => cancel(&settings).await.map(|()| None),
        }
    })??;
    drop(progress);
    let Some(lab) = lab else { miette::bail!("interrupted: the {} lab does not come up", settings.provider) };
    print(&settings, &lab)?;
    print_line("`lab ssh NODE` and `lab exec NAME -- COMMAND` work in it, `lab down` ends it");
    Ok(ExitCode::SUCCESS)
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
                ssh_config: Some(lab.ssh_config(settings)?),
                facts: Some(lab.facts()),
                ..nothing
            },
        })
    }
}

/// Ends the lab, if it is up or comes up, and removes what made it, where that outlives it.
pub fn down(options: &Options) -> miette::Result<ExitCode> {
    let lab = options.lab.address()?;
    let progress = Progress::start();
    run_async(async {
        let keeper = match StandingLab::find(&lab).await? {
            Standing::Up(found) => {
                if let Some(scenario) = found.lent_to() {
                    progress.phase(&Event::new(format!(
                        "waiting for the scenario {scenario}, which has the lab"
                    )));
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
            destroy_vagrant(&settings.topology, &|event| progress.phase(&event)).await?;
        }
        Ok::<_, miette::Report>(())
    })??;
    Ok(ExitCode::SUCCESS)
}

fn print(settings: &Settings, lab: &StandingLab) -> miette::Result<()> {
    let facts = lab.facts();
    print_line(format_args!(
        "the {} lab is up: {}, held by process {}",
        settings.provider,
        facts.machines,
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
    for caution in &facts.cautions {
        print_line(format_args!("note: {caution}"));
    }
    if let Some(scenario) = lab.lent_to() {
        print_line(format_args!("the scenario {scenario} has it"));
    }
    print_line(format_args!("ssh_config: {}", lab.ssh_config(settings)?));
    Ok(())
}
