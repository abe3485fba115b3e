//! Where images and boxes are kept.

use std::env;

use camino::Utf8PathBuf;

use super::ImageError;

/// The folder for things of this kind, in the user's cache.
pub(super) fn cache(kind: &str) -> Result<Utf8PathBuf, ImageError> {
    let folder =
        |variable: &str| env::var(variable).ok().filter(|path| path.starts_with('/')).map(Utf8PathBuf::from);
    let base = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")));
    Ok(base.ok_or(ImageError::NoCache)?.join("macvlan-e2e").join(kind))
}
