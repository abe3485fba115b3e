//! The machines' image: built once from a distribution's packages, and kept.

use std::{
    fs::{self, File},
    io,
};

use camino::{Utf8Path, Utf8PathBuf};

use super::{
    ImageError, NetworkCard, Release,
    cache::cache,
    mmdebstrap::{INITRD, KERNEL, ROOT, mmdebstrap},
    part_folder::PartFolder,
    recipe::Recipe,
};

/// Where images are kept.
const IMAGES: &str = "images";

/// An image that machines can be started from.
#[derive(Clone, Debug)]
pub struct Image {
    release: Release,
    card: NetworkCard,
    folder: Utf8PathBuf,
}

impl Image {
    /// The image of a release for machines with that card, if it has been built by this very recipe.
    ///
    /// # Errors
    /// [`ImageError::NotBuilt`] with the way to build it.
    pub fn find(release: Release, card: NetworkCard) -> Result<Self, ImageError> {
        let folder = cache(IMAGES)?.join(Recipe::NODE.key(release, card, &[]));
        if is_whole(&folder) {
            return Ok(Self { release, card, folder });
        }
        Err(ImageError::NotBuilt { release, card, path: folder })
    }

    /// Removes what is left of builds that nobody goes on with: each is as large as an image.
    pub(super) fn sweep_builds() -> Result<(), ImageError> {
        let cache = cache(IMAGES)?;
        PartFolder::sweep(&cache).map_err(ImageError::io(format!("tidy {cache}")))
    }

    /// The folders of all images that there are, also of older recipes, with their sizes in bytes.
    ///
    /// # Errors
    /// Where the cache can't be read.
    pub fn list() -> Result<Vec<(Utf8PathBuf, u64)>, ImageError> {
        let cache = cache(IMAGES)?;
        let entries = match cache.read_dir_utf8() {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(ImageError::io(format!("read {cache}"))(error)),
        };
        let whole =
            entries.filter_map(Result::ok).filter(|entry| !entry.file_name().starts_with(PartFolder::PREFIX));
        let folders = whole.map(|entry| entry.into_path());
        let images = folders.filter_map(|folder| Some((fs::metadata(folder.join(ROOT)).ok()?.len(), folder)));
        Ok(images.map(|(size, folder)| (folder, size)).collect())
    }

    /// Builds the image of a release, in a folder beside its place, and moves it there when it is
    /// complete. `tell` gets mmdebstrap's output line by line.
    ///
    /// # Errors
    /// What mmdebstrap said, where it fails.
    pub async fn build(
        release: Release,
        card: NetworkCard,
        mut tell: impl FnMut(&str),
    ) -> Result<Self, ImageError> {
        let cache = cache(IMAGES)?;
        fs::create_dir_all(&cache).map_err(ImageError::io(format!("make {cache}")))?;
        let part = PartFolder::make(&cache).map_err(ImageError::io(format!("make a folder in {cache}")))?;
        mmdebstrap(release, card, &Recipe::NODE, part.path(), &mut tell).await?;
        write_to_disk(part.path())
            .map_err(ImageError::io(format!("write the image to the disk, in {cache}")))?;
        let folder = cache.join(Recipe::NODE.key(release, card, &[]));
        part.become_folder(&folder, is_whole)
            .map_err(ImageError::io(format!("move the image to {folder}")))?;
        Self::find(release, card)
    }

    /// What it is made of.
    pub fn release(&self) -> Release {
        self.release
    }

    /// The card that its kernel has a driver for.
    pub fn card(&self) -> NetworkCard {
        self.card
    }

    /// Where it is.
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    pub(super) fn root(&self) -> Utf8PathBuf {
        self.folder.join(ROOT)
    }

    pub(super) fn kernel(&self) -> Utf8PathBuf {
        self.folder.join(KERNEL)
    }

    pub(super) fn initrd(&self) -> Utf8PathBuf {
        self.folder.join(INITRD)
    }
}

/// Whether a folder has all that machines are started from.
fn is_whole(folder: &Utf8Path) -> bool {
    let has = |file: &&str| fs::metadata(folder.join(file)).is_ok_and(|file| file.len() > 0);
    [ROOT, KERNEL, INITRD].iter().all(has)
}

/// Otherwise a machine that loses its power has files of the right names with nothing in them.
fn write_to_disk(folder: &Utf8Path) -> io::Result<()> {
    for file in [ROOT, KERNEL, INITRD] {
        File::open(folder.join(file))?.sync_all()?;
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_with_an_empty_file_is_not_whole() {
        let folder = camino_tempfile::tempdir().unwrap();
        for file in [ROOT, KERNEL, INITRD] {
            fs::write(folder.path().join(file), "something").unwrap();
        }
        assert!(is_whole(folder.path()));
        fs::write(folder.path().join(INITRD), "").unwrap();
        assert!(!is_whole(folder.path()));
    }
}
