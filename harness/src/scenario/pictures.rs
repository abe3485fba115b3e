//! Pictures against their snapshots.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::LeasedLab;
use crate::{capture::Pictures, lab::Lab, picture::Picture};

impl LeasedLab {
    /// Asserts both sides' pictures, and that the end of the exchange reached all points.
    ///
    /// # Panics
    /// As [`Self::assert_rows`], and where it did not.
    #[track_caller]
    pub fn assert_pictures(&self, name: &str, pictures: &Pictures) {
        self.assert_rows(name, pictures);
        assert!(pictures.lost_ends.is_empty(), "{}", pictures.lost_ends.join("\n"));
    }

    /// Asserts both sides' pictures of a path that may be broken: `NAME.machines.snap`, and `NAME.switch.snap` where there
    /// is a host. Both are shown where both differ.
    ///
    /// # Panics
    /// Where one differs, with the ladder, the verdict and its cause.
    #[track_caller]
    pub fn assert_rows(&self, name: &str, pictures: &Pictures) {
        let title = name.replace('_', " ");
        let name = name.replace('-', "_");
        let assert = |side: &str, picture: &Picture| {
            let title = format!("{title}: the {side}'{} picture", if side.ends_with('s') { "" } else { "s" });
            let name = format!("{name}.{side}");
            catch_unwind(AssertUnwindSafe(|| self.assert_snapshot(&name, &title, &picture.to_string())))
        };
        let machines = assert("machines", &pictures.machines);
        let switch = pictures.switch.as_ref().map_or(Ok(()), |switch| assert("switch", switch));
        if let Err(difference) = machines.and(switch) {
            let further = explain_further(self).or_else(|| pictures.diagnosis.clone());
            eprintln!("{}", further.unwrap_or_default());
            eprintln!("{}", pictures.lost_ends.join("\n"));
            self.facts().cautions.iter().for_each(|caution| eprintln!("note: {caution}"));
            resume_unwind(difference);
        }
    }
}

/// The controls are pinged on a runtime of their own: the scenario's waits for this assertion.
fn explain_further(lab: &Lab) -> Option<String> {
    let explain = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        runtime.block_on(lab.explain_further()).ok()?
    };
    std::thread::scope(|scope| scope.spawn(explain).join().ok()?)
}
