//! The rows, and how they look in Markdown.

use std::fmt;

/// What was measured, row by row.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

/// One figure, with what it is compared with.
struct Row {
    what: String,
    measured: String,
    beside: String,
    ratio: String,
    goal: String,
}

/// Which side of a bound is good.
#[derive(Clone, Copy)]
pub enum Goal {
    /// The other takes at least this many times as long.
    Faster(f64),
    /// It takes at most this many times as long as the other.
    AtMost(f64),
}

impl Table {
    /// A duration beside another, in seconds.
    pub fn compare(&mut self, what: &str, seconds: f64, other: &str, others: f64, goal: Option<Goal>) {
        let (ratio, direction) = match goal {
            Some(Goal::AtMost(_)) => (seconds / others, "×"),
            _ if seconds > others => (seconds / others, "× slower"),
            _ => (others / seconds, "× faster"),
        };
        let (wanted, is_met) = match goal {
            Some(Goal::AtMost(most)) => (format!("at most {most} ×"), seconds / others <= most),
            Some(Goal::Faster(least)) => (format!("{least} × faster"), others / seconds >= least),
            None => (String::new(), true),
        };
        self.rows.push(Row {
            what: what.to_owned(),
            measured: in_seconds(seconds),
            beside: format!("{other}: {}", in_seconds(others)),
            ratio: format!("{ratio:.2} {direction}"),
            goal: if is_met { wanted } else { format!("**{wanted}: missed**") },
        });
    }

    /// A figure of its own, and whether it is as good as it should be.
    pub fn note(&mut self, what: &str, measured: String, goal: &str, is_met: bool) {
        let goal = if is_met { goal.to_owned() } else { format!("**{goal}: missed**") };
        let (beside, ratio) = (String::new(), String::new());
        self.rows.push(Row { what: what.to_owned(), measured, beside, ratio, goal });
    }
}

/// Seconds with three digits.
fn in_seconds(seconds: f64) -> String {
    match seconds {
        10.0.. => format!("{seconds:.1} s"),
        1.0.. => format!("{seconds:.2} s"),
        0.1.. => format!("{:.0} ms", seconds * 1e3),
        _ => format!("{:.2} ms", seconds * 1e3),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | measured | beside | ratio | goal |\n|---|---|---|---|---|")?;
        for Row { what, measured, beside, ratio, goal } in &self.rows {
            writeln!(f, "| {what} | {measured} | {beside} | {ratio} | {goal} |")?;
        }
        Ok(())
    }
}
