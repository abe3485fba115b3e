//! A keeper's own command, for suites that bring no `lab` along.

use std::io;

use super::{KeepOptions, KeeperError, keep};
use crate::provider::Provider;

/// What a package's command `lab` does whose scenarios lease labs of this library's: it holds them. The scenarios call it
/// as `lab keep`, with a socket and a process to watch.
///
/// # Errors
/// Where a person calls it, or the keeper can't work at all.
pub fn main() -> Result<(), KeeperError> {
    let options = options(std::env::args().skip(1)).ok_or(KeeperError::NotByHand)?;
    log_to_stdout();
    keep(&options)
}

/// The keeper's standard output is its log: a JSON document a line.
pub fn log_to_stdout() {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(io::stdout)
        .log_internal_errors(false)
        .init();
}

/// The words that a keeper is started with.
fn options(mut words: impl Iterator<Item = String>) -> Option<KeepOptions> {
    if words.next()? != "keep" {
        return None;
    }
    let (mut provider, mut topology, mut run, mut ssh_config, mut standing) = (None, None, None, None, false);
    for word in words {
        match word.split_once('=') {
            Some(("--lab", name)) => provider = Some(name.parse::<Provider>().ok()?),
            Some(("--topology", path)) => topology = Some(path.into()),
            Some(("--run", path)) => run = Some(path.into()),
            Some(("--ssh-config", path)) => ssh_config = Some(path.into()),
            None if word == "--standing" => standing = true,
            _ => return None,
        }
    }
    Some(KeepOptions { provider: provider?, topology: topology?, run: run?, ssh_config, standing })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Option<KeepOptions> {
        options(words.split(' ').map(str::to_owned))
    }

    #[test]
    fn a_keepers_words_are_understood_and_a_persons_are_not() {
        let options = read("keep --lab=netns --topology=/a=b.toml --run=/runs/1 --standing").unwrap();
        assert_eq!((options.provider, options.topology.as_str()), (Provider::Netns, "/a=b.toml"));
        assert!(options.standing && options.ssh_config.is_none());
        for words in ["", "keep", "up --lab=netns", "keep --lab=moon --topology=a --run=b", "keep --help"] {
            assert!(read(words).is_none(), "{words:?} was taken");
        }
    }
}
