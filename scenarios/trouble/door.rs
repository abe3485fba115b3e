//! Machines that do not let a run in.

use std::{fs, time::Duration};

use rstest::rstest;

use super::{
    after::the_next_scenario_passes,
    existing::{Existing, lease},
    told::Told,
};

/// ssh says no at once; a prompt would wait for ever.
const AT_ONCE: Duration = Duration::from_secs(20);

#[rstest]
#[case::a_password("password", "AuthorizedKeysFile=none -o PasswordAuthentication=yes")]
#[case::answers("answers", "AuthorizedKeysFile=none -o KbdInteractiveAuthentication=yes")]
#[tokio::test]
async fn a_machine_that_asks_for(#[case] what: &str, #[case] options: &str) {
    let existing = Existing::new(what).await;
    let asking = existing.with_sshd(&options.replace(" -o ", "' -o '"));
    let told = Told::by(lease(&asking, &format!("trouble_{what}"))).await;
    told.assert(AT_ONCE, &["node-1", "Permission denied", "ssh-copy-id"]);
    the_next_scenario_passes(existing.settings(), &format!("trouble_after_{what}")).await;
}

#[rstest]
#[case::another_one("another_host_key", &["host key of node-1", "ssh-keygen -R node-1"])]
#[case::one_that_nobody_knows("unknown_host_key", &["host key of node-1", "known_hosts"])]
#[tokio::test]
async fn a_host_key_is_refused_that_is(#[case] what: &str, #[case] words: &[&str]) {
    let existing = Existing::new(what).await;
    let config = existing.aliases();
    let file = config.lines().find_map(|line| line.trim().strip_prefix("UserKnownHostsFile "));
    let file = file.expect("the host keys are pinned");
    let known = fs::read_to_string(file).expect("the host keys are known");
    let known = match what {
        // Each has the other's key.
        "another_host_key" => {
            known.replace("node-1", "node-").replace("node-2", "node-1").replace("node- ", "node-2 ")
        }
        _ => String::new(),
    };
    let others = camino_tempfile::NamedUtf8TempFile::new().expect("a file for other keys");
    fs::write(&others, known).expect("it can be written");
    let misled = existing.as_reached_by(&config.replace(file, others.path().as_str()));
    Told::by(lease(&misled, &format!("trouble_{what}"))).await.assert(AT_ONCE, words);
    the_next_scenario_passes(existing.settings(), &format!("trouble_after_{what}")).await;
}
