//! What the virtual machines boot.

use miette::Diagnostic as _;

use super::Finding;
use crate::provider::{Image, ImageError, NetworkCard, Release};

/// The image that `LAB_IMAGE` and `LAB_NIC` ask for. That it is not built yet is a note: the command that looks is often the first of
/// those that make a lab possible.
pub(super) fn finding() -> Finding {
    match find() {
        Ok(image) => Finding::ok("the machines' image", image.folder().as_str()),
        Err(error) => {
            let advice = error
                .help()
                .map_or_else(|| "LAB_IMAGE and LAB_NIC say which".to_owned(), |help| help.to_string());
            match error {
                ImageError::NotBuilt { .. } => {
                    Finding::note("the machines' image", error.to_string(), advice)
                }
                _ => Finding::missing("the machines' image", error.to_string(), advice),
            }
        }
    }
}

fn find() -> Result<Image, ImageError> {
    Image::find(Release::from_environment()?, NetworkCard::from_environment()?)
}
