//! `lab trace`: where a recorded packet died, and why.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};
use harness::{
    diagnosis::{Case, Judgement},
    journey::Probe,
    ladder::Ladder,
    picture::{Order, Picture},
    run_folder::RunFolder,
    topology::Topology,
    transcript::transcribe,
    vantage_point::Side,
    visible,
};
use miette::IntoDiagnostic as _;

use super::{exit_code, print_line::print_line};

#[derive(Args)]
pub struct Options {
    /// A run's folder, or any folder of captures named MACHINE.INTERFACE.pcap or .pcapng.
    folder: Utf8PathBuf,
    /// What the machines are, where the folder has no topology.toml.
    #[arg(long)]
    topology: Option<Utf8PathBuf>,
    /// Who was to reach whom, for example docker1:docker2, where the folder does not say.
    #[arg(long)]
    probe: Option<Probe>,
    /// How it is told.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The pictures, a ladder diagram, the verdict, and for each cause what was seen, what it means and what to try.
    Text,
    /// One object: verdict, probe, frame, last_seen, missing_at, not_captured, cause, explanation, evidence, causes, controls.
    Json,
}

/// Judges a folder; the exit code is the verdict.
pub fn run(options: &Options) -> miette::Result<ExitCode> {
    let case = match open(options) {
        Ok(case) => case,
        Err(report) => return Ok(exit_code::of_refusal(&report)),
    };
    let judgement = case.judge();
    let text = match options.format {
        // Somebody else may have recorded it.
        Format::Text => visible(&text(&case, &judgement)),
        Format::Json => serde_json::to_string_pretty(&judgement.explain(&case)).into_diagnostic()?,
    };
    print_line(text.trim_end());
    Ok(exit_code::of_verdict(&judgement.verdict))
}

fn open(options: &Options) -> miette::Result<Case> {
    let topology = options.topology.as_deref().map(Topology::load).transpose()?;
    Ok(RunFolder::open(&options.folder, topology)?.case(options.probe.clone())?)
}

fn text(case: &Case, judgement: &Judgement) -> String {
    let ladder = Ladder::draw(&judgement.journeys, &case.topology);
    format!("{}{ladder}\n{}", pictures(case), judgement.explain(case))
}

/// Both sides' pictures, as far as the captures agree on an order.
fn pictures(case: &Case) -> String {
    let transcripts = transcribe(&case.captures, &case.owners, &case.markers);
    let drawn = [Side::Machines, Side::Switch].into_iter().filter_map(|side| {
        let is_captured = transcripts.iter().any(|transcript| transcript.point.side == side);
        let draw = |order| Picture::draw(&transcripts, side, order, &case.topology);
        draw(Order::Whole).or_else(|_| draw(Order::WithinExchanges)).ok().filter(|_| is_captured)
    });
    drawn.map(|picture| format!("{picture}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(folder: &str, topology: Option<&str>) -> Options {
        Options {
            folder: folder.into(),
            topology: topology.map(Into::into),
            probe: None,
            format: Format::Json,
        }
    }

    fn exit_code_of(folder: &str, topology: Option<&str>) -> ExitCode {
        run(&options(folder, topology)).expect("it can be printed")
    }

    #[test]
    fn the_exit_code_is_the_verdict() {
        assert_eq!(exit_code_of("fixtures/runs/healthy", None), ExitCode::SUCCESS);
        assert_eq!(exit_code_of("fixtures/runs/isolation", None), ExitCode::FAILURE);
        assert_eq!(exit_code_of("fixtures/runs/healthy-dropped-frames", None), ExitCode::from(3));
    }

    #[test]
    fn what_can_not_be_judged_is_a_matter_of_usage() {
        let tutorial = Some("fixtures/topologies/tutorial.toml");
        assert_eq!(exit_code_of("fixtures/captures/docker1-pings-docker2", tutorial), ExitCode::SUCCESS);
        assert_eq!(exit_code_of("fixtures/captures/docker1-pings-docker2", None), ExitCode::from(2));
        assert_eq!(exit_code_of("fixtures/captures/formats", tutorial), ExitCode::from(2));
    }

    #[test]
    fn a_person_gets_the_pictures_the_ladder_and_the_cause() {
        let case = open(&options("fixtures/runs/isolation", None)).expect("it can be read");
        let text = text(&case, &case.judge());
        for part in [
            "docker1  docker3  node-1  node-2  docker2",
            "✗<╌",
            "lost between node-1/ens33",
            "cause: isolation",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}
