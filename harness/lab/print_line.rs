//! Printing for verbs whose output may be piped.

use std::{
    fmt,
    io::{self, Write},
    process,
};

/// Prints a line. A reader that has seen enough, as head(1) has, ends the command without complaint.
pub fn print_line(line: impl fmt::Display) {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            eprintln!("failed to print: {error}");
            process::exit(1);
        }
        Ok(()) => {}
    }
}
