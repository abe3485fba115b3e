//! Answers that somebody else gives.

use super::super::{Cause, Code, scene::Scene, talk::said_hardware};
use crate::{MacAddress, journey::Journey};

/// An answer about the asked address that is not the asked endpoint's own.
struct Stranger {
    mac: MacAddress,
    /// The endpoint that gave it, where it is known.
    name: Option<String>,
    /// Whether the asked endpoint answered too.
    beside_the_owner: bool,
}

/// Two machines have the address.
pub(super) fn duplicate_ip(scene: &Scene<'_>) -> Option<Cause> {
    let stranger = stranger(scene)?;
    let asked = scene.asked_address()?;
    let holds = has_address(scene, &stranger);
    let same_machine = on_one_machine(scene, &stranger);
    if same_machine == Some(true) || holds == Some(false) {
        return None;
    }
    let cause = Cause::certain(
        Code::DuplicateIp,
        format!("two machines have the address {asked}: whose answer is first has the connection"),
        "give each its own address; a range that several nodes hand out by themselves (host-local) is a usual reason",
    );
    let is_shown = holds == Some(true);
    let cause =
        cause.certain_if(is_shown).decided_by_fact("which machines have the address (ip address, on each)");
    Some(cause.saw(answered(scene, &stranger)))
}

/// One machine has the address, or answers for it, on two interfaces.
pub(super) fn arp_flux(scene: &Scene<'_>) -> Option<Cause> {
    let stranger = stranger(scene)?;
    if on_one_machine(scene, &stranger) != Some(true) || proxies(scene, &stranger) == Some(true) {
        return None;
    }
    let holds = has_address(scene, &stranger);
    if holds == Some(false) {
        return None;
    }
    let node = scene.node_of(scene.asked())?;
    let cause = Cause::certain(
        Code::ArpFlux,
        format!(
            "{} answers for the address by two interfaces: Linux answers by any that hears the question",
            node.name
        ),
        "move the macvlan interface into its container's namespace, or set arp_ignore 1 and arp_announce 2 on the node",
    );
    let cause =
        cause.certain_if(holds == Some(true)).decided_by_fact(&format!("ip address, on {}", node.name));
    Some(cause.saw(answered(scene, &stranger)))
}

/// Somebody answers for an address that he has not.
pub(super) fn proxied_arp(scene: &Scene<'_>) -> Option<Cause> {
    let stranger = stranger(scene)?;
    let proxies = proxies(scene, &stranger);
    if proxies == Some(false) || has_address(scene, &stranger) == Some(true) {
        return None;
    }
    let name = stranger.name.clone().unwrap_or_else(|| stranger.mac.to_string());
    let cause = Cause::certain(
        Code::ProxiedArp,
        format!("{name} answers for {} in its place, as routers, clouds and fabrics do", scene.asked()),
        "where that is not meant, set proxy_arp 0 on its interface",
    );
    let cause = cause
        .certain_if(proxies == Some(true))
        .decided_by_fact("proxy_arp of whoever answers (sysctl net.ipv4.conf)");
    let cause = cause.saw(answered(scene, &stranger));
    Some(if proxies == Some(true) {
        cause.saw(format!("{name} has proxy_arp on, and not the address"))
    } else {
        cause
    })
}

/// The first answer by another hardware address than the asked endpoint's.
fn stranger(scene: &Scene<'_>) -> Option<Stranger> {
    let own = scene.macs_of(scene.asked());
    let answers: Vec<_> = scene.talk().answers(scene.asker(), scene.asked()).collect();
    let by_owner = |journey: &&&Journey| said_hardware(journey.frame()).is_some_and(|mac| own.contains(&mac));
    let beside_the_owner = answers.iter().any(|answer| by_owner(&answer));
    let other = match own.is_empty() {
        false => answers.iter().find(|answer| !by_owner(answer)),
        // It is not known who the owner is: two who say different things can't both be.
        true => {
            answers.iter().find(|answer| said_hardware(answer.frame()) != said_hardware(answers[0].frame()))
        }
    };
    let mac = said_hardware(other?.frame())?;
    let name = scene.case.owners.of_mac(mac).and_then(|names| names.split('=').next().map(str::to_owned));
    Some(Stranger { mac, name, beside_the_owner })
}

/// Whether whoever answers has the address himself.
fn has_address(scene: &Scene<'_>, stranger: &Stranger) -> Option<bool> {
    let state = scene.state(stranger.name.as_deref()?)?;
    state.addresses()?;
    Some(state.holder_of(scene.asked_address()?).is_some())
}

/// Whether whoever answers is the machine that the asked endpoint's interface is on.
fn on_one_machine(scene: &Scene<'_>, stranger: &Stranger) -> Option<bool> {
    let name = stranger.name.as_deref()?;
    Some(scene.node_of(scene.asked()).is_some_and(|node| node.name == name))
}

/// Whether whoever answers is told to answer for others.
fn proxies(scene: &Scene<'_>, stranger: &Stranger) -> Option<bool> {
    let state = scene.state(stranger.name.as_deref()?)?;
    let settings = state.settings.as_ref()?.iter();
    Some(settings.filter(|(path, _)| path.ends_with("/proxy_arp")).any(|(_, value)| value == "1"))
}

fn answered(scene: &Scene<'_>, stranger: &Stranger) -> String {
    let who = stranger.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let beside =
        if stranger.beside_the_owner { format!(", beside {} itself", scene.asked()) } else { String::new() };
    format!("{}{who} answered for {}'s address{beside}", stranger.mac, scene.asked())
}
