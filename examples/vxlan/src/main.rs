//! The process that holds a lab: the scenarios start it.

fn main() -> miette::Result<()> {
    Ok(harness::keeper::main()?)
}
