//! The ends of an SSH connection.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};

/// An SSH connection as sshd tells it (`SSH_CONNECTION`, ssh(1)): of all the traffic on a LAN, the
/// harness's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SshConnection {
    /// The client's address and TCP port.
    pub client: (IpAddr, u16),
    /// The server's.
    pub server: (IpAddr, u16),
}

impl SshConnection {
    /// The filter that lets this connection alone pass (pcap-filter(7)).
    pub fn filter(&self) -> String {
        let Self { client, server } = self;
        format!("tcp and host {} and port {} and host {} and port {}", client.0, client.1, server.0, server.1)
    }
}

impl fmt::Display for SshConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, server } = self;
        write!(f, "{} port {} to {} port {}", client.0, client.1, server.0, server.1)
    }
}

/// The text is not of `SSH_CONNECTION`'s form.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not two addresses and ports, as sshd puts them into SSH_CONNECTION")]
pub struct ParseSshConnectionError(String);

impl FromStr for SshConnection {
    type Err = ParseSshConnectionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let parse = || {
            let [client, client_port, server, server_port] = words[..] else { return None };
            let end = |address: &str, port: &str| Some((address.parse().ok()?, port.parse().ok()?));
            Some(Self { client: end(client, client_port)?, server: end(server, server_port)? })
        };
        parse().ok_or_else(|| ParseSshConnectionError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_names_both_ends() {
        let connection: SshConnection = "192.168.245.1 50022 192.168.245.168 22\n".parse().unwrap();
        assert_eq!(
            connection.filter(),
            "tcp and host 192.168.245.1 and port 50022 and host 192.168.245.168 and port 22"
        );
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "192.168.245.1 50022", "a 1 b 2", "10.0.0.1 70000 10.0.0.2 22"] {
            assert!(text.parse::<SshConnection>().is_err(), "{text:?} was taken");
        }
    }
}
