//! What is to be diagnosed.

use std::{fmt, str::FromStr};

use crate::machine::quoted;

/// A node by its ssh alias, or a container there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The node's alias in the `ssh_config`.
    pub alias: String,
    /// The container; without one it is the node's root namespace.
    pub(super) namespace: Option<Namespace>,
}

/// How a container's network namespace is found on its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Namespace {
    /// By the name that `ip netns` has for it.
    Name(String),
    /// As that of a process.
    Pid(u32),
    /// By its path.
    Path(String),
    /// As that of a pod's sandbox, which `crictl` knows.
    Pod(String),
}

/// A text that names no target.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no place to diagnose: it is written ALIAS:CONTAINER, the container a namespace's name, a process id, a \
     namespace's path or pod:ID; or ALIAS alone for the node itself"
)]
pub struct ParseTargetError(String);

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseTargetError(text.to_owned());
        let (alias, container) =
            text.split_once(':').map_or((text, None), |(alias, container)| (alias, Some(container)));
        let namespace = container.map(|container| namespace(container).ok_or_else(refuse)).transpose()?;
        if alias.starts_with('-') || !is_plain(alias, "._-@") {
            return Err(refuse());
        }
        Ok(Self { alias: alias.to_owned(), namespace })
    }
}

fn namespace(text: &str) -> Option<Namespace> {
    if let Some(id) = text.strip_prefix("pod:") {
        return is_plain(id, "._-").then(|| Namespace::Pod(id.to_owned()));
    }
    if let Ok(pid) = text.parse() {
        return Some(Namespace::Pid(pid));
    }
    if text.starts_with('/') {
        return is_plain(text, "/._-:").then(|| Namespace::Path(text.to_owned()));
    }
    (is_plain(text, "._-") && !text.starts_with(['-', '.'])).then(|| Namespace::Name(text.to_owned()))
}

/// Whether a text is of letters, digits and the characters `more`: no shell reads anything else in it.
pub(super) fn is_plain(text: &str, more: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

impl Namespace {
    /// A shell word that is the namespace's path.
    pub(super) fn path(&self) -> String {
        match self {
            Self::Name(name) => format!("/run/netns/{name}"),
            Self::Pid(pid) => format!("/proc/{pid}/ns/net"),
            Self::Path(path) => quoted(path),
            Self::Pod(id) => format!(
                "/proc/$(crictl inspectp --output go-template --template '{{{{.info.pid}}}}' {id})/ns/net"
            ),
        }
    }

    /// What a host may be named after it (RFC 1123).
    pub(super) fn host_name(&self) -> String {
        match self {
            Self::Name(name) => host_name(name),
            Self::Pid(pid) => format!("pid-{pid}"),
            Self::Path(path) => match path.strip_prefix("/proc/").and_then(|rest| rest.split_once('/')) {
                Some((pid, _)) => host_name(&format!("pid-{pid}")),
                None => host_name(path.rsplit('/').next().unwrap_or_default()),
            },
            Self::Pod(id) => host_name(&format!("pod-{}", id.get(..12).unwrap_or(id))),
        }
    }
}

/// A text as a host name that no other kind of machine has.
pub(super) fn host_name(text: &str) -> String {
    let name: String = text
        .to_ascii_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(40)
        .collect();
    let is_fit =
        name.starts_with(|c: char| c.is_ascii_lowercase()) && !["host", "broadcast"].contains(&&*name);
    if is_fit { name } else { format!("c-{name}") }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "the network namespace {name:?}"),
            Self::Pid(pid) => write!(f, "the process {pid}"),
            Self::Path(path) => write!(f, "the network namespace {path}"),
            Self::Pod(id) => write!(f, "the pod {id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<String> {
        text.parse::<Target>().unwrap().namespace.map(|namespace| namespace.host_name())
    }

    #[test]
    fn each_form_has_a_host_name() {
        assert_eq!(name("node-1"), None);
        assert_eq!(name("node-1:docker1").as_deref(), Some("docker1"));
        assert_eq!(name("node-1:1234").as_deref(), Some("pid-1234"));
        assert_eq!(name("node-1:/proc/7/ns/net").as_deref(), Some("pid-7"));
        assert_eq!(name("node-1:/var/run/docker/netns/5F_a").as_deref(), Some("c-5f-a"));
        assert_eq!(name("node-1:pod:0123456789abcdef").as_deref(), Some("pod-0123456789ab"));
    }

    #[test]
    fn nothing_that_a_shell_would_read_is_taken() {
        for text in ["", ":docker1", "node-1:", "-v:docker1", "node-1:a;b", "node-1:/a b", "node-1:pod:"] {
            assert!(text.parse::<Target>().is_err(), "{text:?} was taken");
        }
    }
}
