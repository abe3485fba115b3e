//! Machines that were saved and went on.

use super::snapshot::Draft;
use crate::machine::Answers;

/// A snapshot that lacks what its machines say of themselves. Without that it is never found by anybody.
pub(crate) struct Frozen {
    draft: Draft,
    nodes: Vec<String>,
    /// The version of the QEMU that wrote it.
    qemu: String,
}

impl Frozen {
    pub(super) fn new(draft: Draft, nodes: Vec<String>, qemu: String) -> Self {
        Self { draft, nodes, qemu }
    }

    /// Has the snapshot written to the disk while the lab is used, with what the machines have answered by now.
    pub(crate) fn finish(self, answers: Answers) {
        tokio::task::spawn_blocking(move || match self.draft.finish(&self.nodes, self.qemu, answers) {
            Ok(()) => tracing::info!("the snapshot is whole"),
            Err(error) => tracing::warn!(%error, "the snapshot could not be finished"),
        });
    }
}
