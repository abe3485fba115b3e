//! Two virtual machines.
use super::{Provided, ProviderError};
use crate::{lab::Event, topology::Topology};
use camino::Utf8Path;
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("x")]
pub struct ImageError;
pub struct Image;
pub struct Release;
pub(super) async fn bring_up(
    _: &Topology,
    _: &Utf8Path,
    _: &(dyn Fn(Event) + Sync),
) -> Result<Provided, ProviderError> {
    Err(ImageError.into())
}
