//! What the virtual machines boot.

use miette::Diagnostic as _;

use super::Finding;
use crate::provider::{Image, ImageError, NetworkCard, Release};

/// The image that `LAB_IMAGE` and `LAB_NIC` ask for. That it is not built yet is a note: the command that looks is often the first of
/// those that make a lab possible.
pub(super) fn finding() -> Finding {
    const NAME: &str = "the machines' image";
    let error = match find() {
        Ok(image) => return Finding::ok(NAME, image.folder().as_str()),
        Err(error) => error,
    };
    let advice = error.help().map(|help| help.to_string()).unwrap_or_default();
    match error {
        ImageError::NotBuilt { .. } => Finding::note(NAME, error.to_string(), advice),
        _ => Finding::missing(NAME, error.to_string(), advice),
    }
}

fn find() -> Result<Image, ImageError> {
    Image::find(Release::from_environment()?, NetworkCard::from_environment()?)
}
