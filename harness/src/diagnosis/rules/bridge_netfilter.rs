//! Bridged frames that the bridge's machine filters as if it routed them.

use super::super::{Cause, Code, scene::Scene};

/// With `bridge-nf-call-iptables` on, IPv4 that is only bridged passes the forward hook: ARP gets through, and
/// echoes do not. Docker sets that hook's policy to drop.
pub(super) fn bridge_netfilter(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost().filter(|journey| !journey.is_about_an_address())?;
    if !scene.is_lost_in_the_switch() {
        return None;
    }
    let host = scene.state("host");
    let calls =
        host.and_then(|host| host.setting("bridge/bridge-nf-call-iptables")).map(|value| value == "1");
    let drops = host.and_then(|host| host.ruleset.as_ref()).map(|ruleset| ruleset.drops("forward", None));
    if calls == Some(false) || matches!(drops, Some(None)) {
        return None;
    }
    let (last, missing) = scene.segment()?;
    let cause = Cause::certain(
        Code::BridgeNetfilter,
        "the machine that owns the bridge filters bridged IPv4 as if it were routed: ARP passes, and nothing else",
        "sysctl net.bridge.bridge-nf-call-iptables=0 there, or accept what is bridged in the forward chain (DOCKER-USER)",
    );
    let cause = cause
        .certain_if(
            calls == Some(true) && matches!(&drops, Some(Some(drop)) if drop.by_policy || drop.is_total),
        )
        .decided_by_fact("net.bridge.bridge-nf-call-iptables and the forward chain, on the bridge's machine");
    let cause = cause.saw(format!(
        "ARP passed; {} came to {} and not to {}",
        journey.name(),
        last.point(),
        missing.point()
    ));
    Some(match drops.flatten() {
        Some(drop) => cause.saw(format!("bridge-nf-call-iptables is on, and {}", drop.text)),
        None => cause,
    })
}
