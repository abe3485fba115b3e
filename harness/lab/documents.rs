//! The documents' commands are this command's, the Makefile's and cargo's: a verb, an option, a test or a file that is not there
//! any more is told.

use std::{fs, path::Path};

use clap::CommandFactory as _;

use super::{
    Cli,
    document_commands::{commands, inline_commands},
};

const DOCUMENTS: [&str; 3] = ["README.md", "README.zh-CN.md", "CONTRIBUTING.md"];

/// The commands of a document, without their remarks.
fn lines(document: &str) -> Vec<String> {
    commands(document).into_iter().map(|(line, _)| line).collect()
}

/// What is wrong with a command; nothing where it could be run.
fn problem(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let is_setting =
        |word: &&&str| word.split_once('=').is_some_and(|(name, _)| name.chars().all(is_of_a_name));
    let words = &words[words.iter().take_while(is_setting).count()..];
    match words {
        ["cargo", "lab", arguments @ ..] | ["lab", arguments @ ..] => of_lab(arguments),
        ["make", target, ..] => of_make(target),
        ["cargo", "test" | "nextest", arguments @ ..] => of_tests(arguments),
        [script, ..] if script.contains('/') => {
            (!Path::new(script).is_file()).then(|| format!("there is no {script}"))
        }
        _ => None,
    }
}

fn is_of_a_name(c: char) -> bool {
    c.is_ascii_uppercase() || c == '_'
}

/// Up to a pipe or a redirection, which are the shell's.
fn of_lab(arguments: &[&str]) -> Option<String> {
    let own = arguments.iter().take_while(|word| !word.starts_with(['|', '>', '&']));
    let words = ["lab"].into_iter().chain(own.copied());
    Cli::command().try_get_matches_from(words).err().map(|error| error.to_string())
}

fn of_make(target: &str) -> Option<String> {
    let makefile = fs::read_to_string("Makefile").expect("there is a Makefile");
    (!makefile.contains(&format!("\n{target}:"))).then(|| format!("make has no target {target}"))
}

fn of_tests(arguments: &[&str]) -> Option<String> {
    let manifest = fs::read_to_string("Cargo.toml").expect("there is a Cargo.toml");
    let named =
        |option: &'static str| arguments.windows(2).filter(move |pair| pair[0] == option).map(|pair| pair[1]);
    let own = !arguments.contains(&"--package") && !arguments.contains(&"--manifest-path");
    let is_missing = |test: &&str| own && !manifest.contains(&format!("[[test]]\nname = \"{test}\""));
    let test = named("--test").find(is_missing).map(|test| format!("there is no test {test}"));
    let file = named("--manifest-path").find(|path| !Path::new(path).is_file());
    test.or(file.map(|path| format!("there is no {path}")))
}

#[test]
fn the_documents_commands_can_be_run() {
    for document in DOCUMENTS {
        let commands = lines(document);
        assert!(commands.len() > 3, "{document} has commands");
        for command in commands {
            assert_eq!(problem(&command), None, "in {document}: {command}");
        }
    }
}

/// In prose a verb alone is meant as its name.
#[test]
fn the_commands_in_prose_can_be_run() {
    let is_verb = |command: &str| {
        let verb = command.trim_start_matches("cargo ").trim_start_matches("lab ");
        Cli::command().find_subcommand(verb).is_some()
    };
    for (document, at_least) in [("README.md", 10), ("README.zh-CN.md", 10), ("CONTRIBUTING.md", 1)] {
        let commands = inline_commands(document);
        assert!(commands.len() >= at_least, "{document}: {commands:?}");
        for command in commands.iter().filter(|command| !is_verb(command)) {
            assert_eq!(problem(command), None, "in {document}: {command}");
        }
    }
}

#[test]
fn a_command_that_has_rotted_is_told() {
    for command in [
        "cargo lab upp",
        "LAB=netns lab ping docker1",
        "make everything",
        "cargo test --test gone",
        "LAB=netns cargo test --manifest-path examples/gone/Cargo.toml",
        "scenarios/gone netns",
    ] {
        assert!(problem(command).is_some(), "{command:?} was taken");
    }
}

#[test]
fn the_documents_agree_on_their_commands() {
    let [english, chinese] = ["README.md", "README.zh-CN.md"].map(lines);
    assert_eq!(english, chinese);
}

/// A translation that is behind lacks a section, a row of a table, or what a block shows.
#[test]
fn the_documents_have_the_same_parts() {
    let [english, chinese] = ["README.md", "README.zh-CN.md"].map(parts);
    assert_eq!(english, chinese);
}

/// The level of each heading, with how many rows of tables and edges of blocks follow it.
fn parts(document: &str) -> Vec<(usize, usize, usize)> {
    let text = fs::read_to_string(document).expect("the document is there");
    let mut parts = vec![(0, 0, 0)];
    let mut is_code = false;
    for line in text.lines() {
        let part = parts.last_mut().expect("there is one from the beginning");
        match line {
            edge if edge.trim_start().starts_with("```") => {
                is_code = !is_code;
                part.2 += 1;
            }
            row if row.starts_with('|') => part.1 += 1,
            heading if heading.starts_with('#') && !is_code => {
                parts.push((heading.chars().take_while(|c| *c == '#').count(), 0, 0));
            }
            _ => {}
        }
    }
    parts
}

/// What is hidden is for scenarios.
fn without_help(command: &clap::Command) -> Vec<String> {
    let verbs = command.get_subcommands().filter(|verb| !verb.is_hide_set());
    let lacks = |verb: &clap::Command| {
        let help = verb.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        let is_whole = help.contains("Examples:") && help.contains("xit codes: ");
        (!is_whole).then(|| verb.get_name().to_owned())
    };
    verbs.flat_map(|verb| lacks(verb).into_iter().chain(without_help(verb))).collect()
}

#[test]
fn each_verb_has_examples_and_tells_its_exit_codes() {
    assert_eq!(without_help(&Cli::command()), Vec::<String>::new());
}

#[test]
fn the_commands_definitions_hold() {
    Cli::command().debug_assert();
}
