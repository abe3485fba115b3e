//! A wire that misbehaves: all that enters one TAP leaves the other, but for what its rules say. The mutations put it
//! between a switch's port and a node; this kernel's own (netem) is not there everywhere, and neither forges nor tags.
//!
//! `wire NODE_TAP SWITCH_TAP RULES`: makes both TAPs, says `ready`, and passes frames until it is ended; the TAPs end
//! with it. RULES is JSON.

mod behaviour;
mod relay;
mod rewrite;
mod rule;

use std::process::ExitCode;

use miette::miette;

fn main() -> miette::Result<ExitCode> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [node, switch, rules] = &words[..] else {
        return Err(miette!("expected the names of two TAPs and the rules as JSON, and got {words:?}"));
    };
    let rules: Vec<rule::Rule> = serde_json::from_str(rules)
        .map_err(|error| miette!("the rules {rules} are not understood: {error}"))?;
    relay::relay(node, switch, behaviour::Behaviour::new(rules))?;
    Ok(ExitCode::SUCCESS)
}
