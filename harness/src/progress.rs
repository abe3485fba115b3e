//! Progress for a person: a spinner on a terminal, a plain line a phase elsewhere.

use std::{
    io::{self, IsTerminal as _, Write as _},
    mem,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::lab::Event;

/// A task that is under way. It is shown on standard error, past libtest's capture, which would
/// show it only where a test fails.
pub struct Progress {
    bar: Option<ProgressBar>,
    phase: Mutex<String>,
}

impl Progress {
    /// Begins to show a task, if this is a terminal.
    pub fn start() -> Self {
        Self { bar: io::stderr().is_terminal().then(spinner), phase: Mutex::default() }
    }

    /// Begins to tell of a task by whole lines alone: beside a test runner's own nothing else stays whole.
    pub fn in_lines() -> Self {
        Self { bar: None, phase: Mutex::default() }
    }

    /// Shows a phase, a line of its own that stays, and the step of it that is at hand.
    pub fn tell(&self, event: &Event) {
        let mut last = self.phase.lock().unwrap_or_else(PoisonError::into_inner);
        if mem::replace(&mut *last, event.text.clone()) != event.text {
            self.phase(&event.text);
        }
        if let Some(detail) = &event.detail {
            self.step(detail);
        }
    }

    fn phase(&self, text: &str) {
        match &self.bar {
            Some(bar) => {
                bar.println(text);
                bar.set_message(text.to_owned());
            }
            // Nothing is lost with a line that nobody can see.
            None => drop(writeln!(io::stderr(), "{text}")),
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
