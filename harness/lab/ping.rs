//! `lab ping`: one ping in the lab that is up, with captures everywhere.

use std::process::ExitCode;

use clap::Args;
use harness::{
    Progress,
    container::Containers,
    diagnose::{Examination, reach},
    journey::Probe,
    lab::{Lab, LabError, Settings},
};

use super::{
    examination::{Format, print},
    exit_code,
    lab_options::LabOptions,
    runtime::run_async,
};

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    lab: LabOptions,
    /// Who pings: a container, a node, or host.
    from: String,
    /// Who is pinged.
    to: String,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Pings; the exit code is the verdict.
pub fn run(options: &Options) -> miette::Result<ExitCode> {
    match ping(options) {
        Ok(found) => print(&found, 1, options.format),
        Err(report) => Ok(exit_code::of_refusal(&report)),
    }
}

fn ping(options: &Options) -> miette::Result<Examination> {
    let settings = options.lab.settings()?;
    let probe = probe(options, &settings)?;
    run_async(async {
        let progress = Progress::start();
        let folder = options.lab.folder_for(&format!("ping-{}-{}", probe.from, probe.to))?;
        let lab = Lab::borrow(&settings, "`lab ping`", folder.clone(), |event| progress.tell(event)).await?;
        let Some(mut lab) = lab else {
            // Nothing was captured.
            let _ = std::fs::remove_dir(&folder);
            return Err(options.lab.nothing_is_up());
        };
        let containers = lab.find_containers().await?;
        for name in [&probe.from, &probe.to] {
            options.lab.check_is_there(&settings, &containers, name)?;
        }
        Ok(reach(&mut lab, &containers, &probe).await?)
    })?
}

fn probe(options: &Options, settings: &Settings) -> miette::Result<Probe> {
    let Options { from, to, .. } = options;
    for name in [from, to] {
        if !settings.topology.has_endpoint(name) {
            return Err(LabError::Unknown { kind: "host, node or container", name: name.clone() }.into());
        }
    }
    if from == to {
        miette::bail!("{from} is to ping itself: nothing of that is on the wire");
    }
    Ok(Probe { from: from.clone(), to: to.clone() })
}

impl LabOptions {
    /// Refuses a container that is not there, and says how it gets there.
    pub fn check_is_there(
        &self,
        settings: &Settings,
        containers: &Containers,
        name: &str,
    ) -> miette::Result<()> {
        let is_missing = settings.topology.container(name).is_some()
            && containers.all().iter().all(|container| container.name != name);
        if !is_missing {
            return Ok(());
        }
        Err(miette::miette!(
            help = format!(
                "`lab up --lab {lab}` sets up containers that are not there; \
                 `lab plan --lab {lab}` prints the commands that make one by hand",
                lab = self.name.lab
            ),
            "{name} is not there: nobody has set it up, or somebody has taken it away"
        ))
    }
}
