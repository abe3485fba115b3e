//! A firewall that takes a bridge's frames for packets that it forwards.

use std::fs;

use tokio::process::Command;

use super::{VagrantError, environment::output_of, hypervisor::has_local_hypervisor};

const BRIDGED: &str = "/proc/sys/net/bridge/bridge-nf-call-iptables";

/// Refuses a machine that drops what the bridge forwards, once libvirt has made its own rules.
pub(in crate::provider) async fn check(bridge: &str) -> Result<(), VagrantError> {
    let bridged = fs::read_to_string(BRIDGED).is_ok_and(|value| value.trim() == "1");
    if !bridged || !has_local_hypervisor() {
        return Ok(());
    }
    // Only root may read the rules; where they can't be read, the captures will show what is lost.
    let Ok(rules) = output_of(Command::new("iptables").arg("-S")).await else { return Ok(()) };
    if drops(&rules, bridge) { Err(VagrantError::Firewall { bridge: bridge.to_owned() }) } else { Ok(()) }
}

/// Whether `iptables -S` says that frames of the bridge are dropped. libvirt's own rules, where it
/// makes them with iptables, accept them; those that it makes with nft don't overrule a policy.
fn drops(rules: &str, bridge: &str) -> bool {
    let accepts = |rule: &str| {
        let words: Vec<&str> = rule.split_whitespace().collect();
        let has = |pair: [&str; 2]| words.windows(2).any(|there| there == pair);
        has(["-j", "ACCEPT"])
            && !words.contains(&"-p")
            && (has(["-i", bridge]) || words == ["-A", "FORWARD", "-j", "ACCEPT"])
    };
    rules.lines().any(|rule| rule == "-P FORWARD DROP") && !rules.lines().any(accepts)
}

#[cfg(test)]
mod tests {
    use super::drops;

    const DOCKER: &str = "-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n-N DOCKER\n-N DOCKER-USER\n-A FORWARD -j DOCKER-USER\n\
        -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -o docker0 -j DOCKER\n\
        -A FORWARD -i docker0 ! -o docker0 -j ACCEPT\n-A FORWARD -i docker0 -o docker0 -j ACCEPT\n-A DOCKER-USER -j RETURN\n";
    /// As libvirt 9.0 makes them.
    const LIBVIRT: &str = "-A FORWARD -j LIBVIRT_FWX\n-A FORWARD -j LIBVIRT_FWI\n-A FORWARD -j LIBVIRT_FWO\n\
        -A LIBVIRT_FWI -o bridge102 -j REJECT --reject-with icmp-port-unreachable\n\
        -A LIBVIRT_FWO -i bridge102 -j REJECT --reject-with icmp-port-unreachable\n\
        -A LIBVIRT_FWX -i bridge102 -o bridge102 -j ACCEPT\n\
        -A LIBVIRT_INP -i bridge102 -p udp -m udp --dport 53 -j ACCEPT\n";

    #[test]
    fn dockers_policy_drops_a_bridge_that_no_rule_accepts() {
        assert!(drops(DOCKER, "bridge102"));
        let service = "-A LIBVIRT_INP -i bridge102 -p udp -m udp --dport 53 -j ACCEPT\n";
        assert!(drops(&format!("{DOCKER}{service}"), "bridge102"));
    }

    #[test]
    fn libvirts_own_rules_and_an_open_policy_let_it_pass() {
        assert!(!drops(&format!("{DOCKER}{LIBVIRT}"), "bridge102"));
        assert!(!drops("-P FORWARD ACCEPT\n", "bridge102"));
        assert!(!drops(&format!("{DOCKER}-A FORWARD -j ACCEPT\n"), "bridge102"));
    }
}
