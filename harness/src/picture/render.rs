//! A picture as text.

use std::fmt;

use super::{Order, Picture, Row};

/// The width of `docker1 > broadcast`, so that the texts of most rows begin in one column. It is
/// fixed: a longer name moves its own row's text and no other.
const DIRECTION_WIDTH: usize = 19;

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.headings.join("  "))?;
        if self.rows.is_empty() {
            writeln!(f, "no frame anywhere")?;
        }
        for (index, row) in self.rows.iter().enumerate() {
            let another =
                index.checked_sub(1).is_some_and(|above| !self.rows[above].exchange.is_like(&row.exchange));
            if another && self.order == Order::WithinExchanges {
                writeln!(f)?;
            }
            self.write_row(row, f)?;
        }
        Ok(())
    }
}

impl Picture {
    fn write_row(&self, row: &Row, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (heading, seen) in self.headings.iter().zip(&row.seen) {
            let mark = match seen {
                0 => "-".to_owned(),
                1 => "x".to_owned(),
                more => more.to_string(),
            };
            write!(f, "{mark:^width$}  ", width = heading.len())?;
        }
        writeln!(f, "  {:DIRECTION_WIDTH$}  {}", row.direction(), row.text)
    }
}
