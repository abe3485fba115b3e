//! A mutation crossed with its scenarios, and what the gate is worth against it.

use std::fmt::Write as _;

use rstest::Context;

use super::{
    crossing::{Said, cross},
    mutation::Mutation,
    place::Found,
    score::{Cause, Result},
};

/// Crosses a mutation with its scenarios, keeps the result for the score, and fails unless the gate is right about it.
pub async fn try_out(context: &Context, mutation: Mutation<'_>) -> miette::Result<()> {
    let name = name(context);
    let mut result = Result::begun(&name, mutation.kind);
    let mut told = String::new();
    let mut placed = 0;
    for scenario in mutation.crossed {
        let said = cross(&name, &mutation, scenario).await?;
        let _ = writeln!(told, "{}: {}", scenario.name, words(&said));
        result.crossed += 1;
        match &said {
            Said::Green => {}
            Said::Inconclusive(_) => result.inconclusive += 1,
            Said::Red(_, found) => {
                result.red += 1;
                let found = found.as_deref();
                let is_placed =
                    |found: &Found| mutation.places.iter().any(|place| found.is_at(place, scenario));
                placed += usize::from(found.is_some_and(is_placed));
                result.cause = result.cause.max(cause(found, mutation.causes));
            }
        }
    }
    result.is_located = result.red > 0 && placed == result.red;
    result.told.clone_from(&told);
    result.write()?;
    assert!(result.is_right(), "{name}\n{told}");
    Ok(())
}

/// The case's name behind its test's: `are_lost.all_at_node_2`.
pub fn name(context: &Context) -> String {
    let test = context.module.rsplit("::").next().unwrap_or_default();
    format!("{test}.{}", context.description.unwrap_or(context.name))
}

fn words(said: &Said) -> String {
    match said {
        Said::Green => "green".to_owned(),
        Said::Inconclusive(why) => why.clone(),
        Said::Red(why, None) => format!("red: {why}"),
        Said::Red(why, Some(found)) => format!("red: {why}\n{}{}", found.told, place(found)),
    }
}

fn place(Found { told: found, happening }: &Found) -> String {
    let name = |point: &Option<String>| point.clone().unwrap_or_else(|| "-".to_owned());
    let (last, missing, odd) = (name(&found.last_seen), name(&found.missing_at), name(&found.odd_at));
    let (happening, frame) = (happening.map(|it| format!("{it:?}")).unwrap_or_default(), name(&found.frame));
    format!("place: {happening}, {frame}: last seen {last}, missing {missing}, odd {odd}")
}

fn cause(found: Option<&Found>, right: &[&str]) -> Cause {
    match found.and_then(|found| found.told.cause.as_deref()) {
        None | Some("unknown") => Cause::Unknown,
        Some(named) if named.split(" and ").all(|code| right.contains(&code)) => Cause::Right,
        Some(_) => Cause::Wrong,
    }
}
