//! What is said of a trouble, and how soon.

use std::time::{Duration, Instant};

use miette::Diagnostic;

/// What came of a step that ran into trouble.
pub struct Told {
    /// The error, with what to do about it.
    pub text: String,
    /// How long it took to say so.
    pub after: Duration,
}

impl Told {
    /// Waits for an error.
    #[track_caller]
    pub fn by<T, E: Diagnostic>(step: impl Future<Output = Result<T, E>>) -> impl Future<Output = Self> {
        let start = Instant::now();
        async move {
            let Err(error) = step.await else { panic!("it went well, in spite of the trouble") };
            let after = start.elapsed();
            let mut said = vec![error.to_string()];
            let mut cause = error.source();
            while let Some(error) = cause {
                said.push(error.to_string());
                cause = error.source();
            }
            said.extend(error.help().map(|help| help.to_string()));
            Self { text: said.join("\n"), after }
        }
    }

    /// Whether all of these words are said, and in time.
    #[track_caller]
    pub fn assert(&self, within: Duration, words: &[&str]) {
        println!("after {:?}: {}", self.after, self.text);
        for word in words {
            assert!(self.text.contains(word), "nothing is said of {word:?}: {}", self.text);
        }
        assert!(self.after < within, "it took {:?}, and has {within:?}: {}", self.after, self.text);
    }
}
