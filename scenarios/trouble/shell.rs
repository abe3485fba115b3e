//! Login shells that are not as the harness's own.

use std::time::Duration;

use super::{
    after::the_next_scenario_passes,
    existing::{Existing, lease},
    told::Told,
};

const AT_ONCE: Duration = Duration::from_secs(20);

/// Gives a machine's root another login shell, for whoever connects from now on.
pub async fn log_in_by(existing: &Existing, script: &str) {
    let shell = "/run/netns/login-shell";
    let line = format!(
        "printf '%s\\n' '#!/bin/sh' '{script}' 'exec /bin/sh \"$@\"' >{shell}; chmod +x {shell}; \
         sed 's|/bin/sh|{shell}|' /etc/passwd >/run/netns/passwd; mount --bind /run/netns/passwd /etc/passwd"
    );
    existing.ask("node-1", &line).await;
}

#[tokio::test]
async fn a_login_shell_that_prints_a_banner_is_told() {
    let existing = Existing::new("banner").await;
    log_in_by(&existing, "echo Welcome to node-1").await;
    let talkative = existing.as_reached_by(&existing.aliases());
    let told = Told::by(lease(&talkative, "trouble_banner")).await;
    told.assert(AT_ONCE, &["node-1", "Welcome to node-1", "silence"]);
    existing.ask("node-1", "umount /etc/passwd").await;
    the_next_scenario_passes(existing.settings(), "trouble_after_banner").await;
}

#[tokio::test]
async fn a_login_shell_may_speak_to_standard_error() {
    let existing = Existing::new("complaint").await;
    log_in_by(&existing, "echo Welcome to node-1 >&2").await;
    the_next_scenario_passes(existing.settings(), "trouble_complaint").await;
}

/// Germans have `ping` say "64 Bytes von".
#[tokio::test]
async fn an_account_may_speak_another_language() {
    let existing = Existing::new("language").await;
    let translated = "printf '%s\\n' '#!/bin/sh' 'case $LC_ALL in de*) /usr/bin/ping \"$@\" | sed s/bytes.from/Bytes.von/;; \
                      *) exec /usr/bin/ping \"$@\";; esac' >/run/netns/.own/ping";
    existing
        .ask("node-1", &format!("mkdir /run/netns/.own; {translated}; chmod +x /run/netns/.own/ping"))
        .await;
    log_in_by(&existing, "LC_ALL=de_DE.UTF-8; PATH=/run/netns/.own:$PATH; export LC_ALL PATH").await;
    the_next_scenario_passes(existing.settings(), "trouble_language").await;
}
