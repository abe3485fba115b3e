//! What the machines that there are were made from.

use std::{
    fs,
    io::{self, Write as _},
};

use camino::Utf8PathBuf;
use camino_tempfile::NamedUtf8TempFile;
use serde::{Deserialize, Serialize};

use super::{VagrantError, environment::Environment};

/// Kept beside Vagrant's own record for as long as that.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Made {
    /// The topology, as the Vagrantfile read it.
    pub topology: String,
    /// The box.
    pub vagrant_box: String,
    /// libvirt's address of the hypervisor.
    pub hypervisor: String,
    /// Whether `vagrant up` came to its end. Machines that it was taken from are running, perhaps,
    /// and are no nodes yet.
    pub complete: bool,
}

impl Made {
    pub(super) fn of(environment: &Environment) -> Self {
        Self {
            topology: environment.topology().to_owned(),
            vagrant_box: environment.vagrant_box().to_owned(),
            hypervisor: environment.hypervisor().to_owned(),
            complete: false,
        }
    }

    /// What was recorded, if anything was.
    pub(super) fn read() -> Result<Option<Self>, VagrantError> {
        let path = path();
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|error| VagrantError::io(format!("read {path}"))(error.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(VagrantError::io(format!("read {path}"))(error)),
        }
    }

    pub(super) fn write(&self) -> Result<(), VagrantError> {
        let path = path();
        let write = || {
            let folder = Environment::state();
            fs::create_dir_all(&folder)?;
            // Whoever is killed here leaves the record that there was.
            let mut part = NamedUtf8TempFile::new_in(folder)?;
            part.write_all(&serde_json::to_vec(self)?)?;
            part.persist(&path).map(drop).map_err(io::Error::from)
        };
        write().map_err(VagrantError::io(format!("write {path}")))
    }

    /// Refuses machines that are not what is asked for. Those made by hand are taken as they are.
    pub(super) fn fits(&self, wanted: &Self) -> Result<(), VagrantError> {
        if self.topology != wanted.topology {
            return Err(VagrantError::Another { what: "topology" });
        }
        if self.vagrant_box != wanted.vagrant_box {
            return Err(VagrantError::Another { what: "box" });
        }
        if self.hypervisor != wanted.hypervisor {
            return Err(VagrantError::Another { what: "hypervisor" });
        }
        Ok(())
    }
}

fn path() -> Utf8PathBuf {
    Environment::state().join("made.json")
}
