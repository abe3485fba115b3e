//! One probe in a lab that stands: captured everywhere, and judged.

use super::{DiagnoseError, Examination};
use crate::{
    capture::CaptureError, container::Containers, diagnosis::Loss, journey::Probe, lab::Lab,
    run_folder::RunFolder,
};

/// Sends one ping between endpoints of a lab, of which `containers` are there, and judges it as a scenario would be. After a
/// failure it makes the controls that tell causes apart.
///
/// # Errors
/// Whatever keeps it from being done; a ping that fails is none.
pub async fn reach(
    lab: &mut Lab,
    containers: &Containers,
    probe: &Probe,
) -> Result<Examination, DiagnoseError> {
    lab.replace_containers(containers.all().to_vec());
    let captures = lab.capture_everywhere(containers).await?;
    lab.ping(&probe.from, &probe.to)?.send().await.map_err(CaptureError::from)?;
    let recorded = match containers.all() {
        // Nobody is there who could send a marker.
        [] => captures.finish_unmarked(2).await,
        _ => captures.finish().await,
    };
    match recorded {
        Ok(_) | Err(CaptureError::Inconclusive { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    lab.explain_further().await?;
    let case = RunFolder::open(lab.folder(), None)?.case(Some(probe.clone()))?;
    let judgement = case.judge();
    let losses = vec![Loss::of(probe, 1, &judgement.journeys)];
    Ok(Examination { folder: lab.folder().to_owned(), case, judgement, losses })
}
