//! The kernel's times between a host's questions to its neighbours (`neigh` in Documentation/networking/ip-sysctl.rst), which
//! the lab has pinned.

use harness::lab::Lab;

/// The kernel's time between two questions, shortened where no answer is expected; in milliseconds.
const RETRANSMISSION: u32 = 100;
/// Its own (`retrans_time_ms`, net/ipv4/arp.c and net/ipv6/ndisc.c), which the lab has pinned.
const PINNED_RETRANSMISSION: u32 = 1000;
/// What the lab has pinned `delay_first_probe_time` to, in seconds.
pub const PINNED_PROBE_DELAY: u32 = 600;

/// Makes an endpoint ask again sooner, for either protocol. How often it asks stays as it is: that changes pictures.
pub async fn hasten(lab: &Lab, endpoint: &str) -> miette::Result<()> {
    let interface = lab.interface(endpoint)?;
    let set = |milliseconds: u32| {
        format!(
            "sh -c 'for ip in ipv4 ipv6; do f=/proc/sys/net/$ip/neigh/{interface}/retrans_time_ms; \
             [ ! -e $f ] || echo {milliseconds} >$f; done'"
        )
    };
    lab.endpoint(endpoint)?.change(&set(RETRANSMISSION), &set(PINNED_RETRANSMISSION)).await?;
    Ok(())
}

/// Makes an endpoint, for `ipv4` or `ipv6`, make sure of a neighbour so many seconds after it has used what it only believes.
pub async fn make_sure_after(lab: &Lab, protocol: &str, endpoint: &str, seconds: u32) -> miette::Result<()> {
    let interface = lab.interface(endpoint)?;
    let set = |seconds: u32| set_probe_delay(protocol, interface, seconds);
    lab.endpoint(endpoint)?.change(&set(seconds), &set(PINNED_PROBE_DELAY)).await?;
    Ok(())
}

/// The command that says when an interface's neighbours are made sure of.
pub fn set_probe_delay(protocol: &str, interface: &str, seconds: u32) -> String {
    format!("sh -c 'echo {seconds} >/proc/sys/net/{protocol}/neigh/{interface}/delay_first_probe_time'")
}
