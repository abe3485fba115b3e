//! Progress for a person: a spinner on a terminal, a plain line a step elsewhere.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::lab::Event;

/// A task that is under way. It is shown on standard error, past libtest's capture, which would
/// show it only where a test fails.
pub struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Begins to show a task, if this is a terminal.
    pub fn start() -> Self {
        Self { bar: io::stderr().is_terminal().then(spinner) }
    }

    /// Shows a phase: a line of its own that stays.
    pub fn phase(&self, event: &Event) {
        match &self.bar {
            Some(bar) => {
                bar.println(&event.text);
                bar.set_message(event.text.clone());
            }
            // Nothing is lost with a line that nobody can see.
            None => drop(writeln!(io::stderr(), "{}", event.text)),
        }
    }

    /// Shows the step at hand, if this is a terminal: the next one replaces it.
    pub fn step(&self, step: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(step.to_owned());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
