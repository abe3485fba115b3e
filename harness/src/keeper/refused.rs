//! What to do about a machine that ssh did not get into.

/// What to do, by what ssh said; empty where that is not known.
pub(super) fn advice(machine: &str, alias: &str, said: &str) -> String {
    let known = |word: &str| said.contains(word);
    let advice = if known("Permission denied") {
        format!(
            "{machine} takes none of your keys, and nobody is there to be asked: `ssh-copy-id {alias}` gives it one; one \
             with a passphrase has to be in the agent (`ssh-add`)"
        )
    } else if known("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        format!(
            "the host key of {machine} is not the one that is known: if it was made anew, `ssh-keygen -R {alias}` and \
             connect to it once by hand; if it was not, somebody else answers in its place"
        )
    } else if known("Host key verification failed") {
        format!(
            "the host key of {machine} is not known: connect to it once by hand and compare, which writes it to known_hosts"
        )
    } else if known("nothing was heard") {
        format!("{machine} is frozen, or the way to it is cut: look at its console")
    } else {
        return String::new();
    };
    format!("{advice}. ")
}
