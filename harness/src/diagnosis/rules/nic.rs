//! Frames that an interface, its queue or its driver dropped.

use std::collections::BTreeMap;

use super::super::{Cause, Code, scene::Scene};
use crate::{container::Interface, journey::Journey, state::MachineState, vantage_point::VantagePoint};

/// A parent holds broadcasts for its children in a queue, and drops those that find no room in it
/// (`macvlan_broadcast_enqueue`, drivers/net/macvlan.c); a sender's queue drops alike.
pub(super) fn dropped(scene: &Scene<'_>) -> Option<Cause> {
    let journey = scene.lost()?;
    let (last, missing) = scene.segment()?;
    broadcast_queue(scene, journey, missing.point())
        .or_else(|| queue(scene, journey, missing.point()))
        .or_else(|| counters(scene, journey, [last.point(), missing.point()]))
}

fn broadcast_queue(scene: &Scene<'_>, journey: &Journey, missing: &VantagePoint) -> Option<Cause> {
    if !journey.is_broadcast() || !scene.is_container(&missing.machine) {
        return None;
    }
    let room = scene.interface(missing)?.linkinfo.info_data.usedbcqueuelen?;
    let parent =
        VantagePoint::towards_the_switch(&scene.case.topology, &missing.machine)?.into_iter().nth(1)?;
    let dropped = rise(scene, &parent, |interface| interface.stats64.rx.dropped);
    if room > 0 && dropped.is_none_or(|dropped| dropped == 0) {
        return None;
    }
    let cause = Cause::certain(
        Code::BroadcastQueueOverflow,
        "the parent had no room for a broadcast to its children, and dropped it",
        "give the children more room: ip link set INTERFACE type macvlan bcqueuelen 1000",
    );
    let cause = cause
        .certain_if(room == 0)
        .decided_by_fact("what the parent counts as dropped while nothing else comes (ip -s link)");
    let cause = cause.saw(format!("{parent} holds up to {room} broadcasts for its children"));
    Some(match dropped {
        Some(dropped) if dropped > 0 => cause.saw(format!("{parent} dropped {dropped} frames meanwhile")),
        _ => cause,
    })
}

/// The queue of the interface that the frame was to leave by, which a capture there is behind.
fn queue(scene: &Scene<'_>, journey: &Journey, missing: &VantagePoint) -> Option<Cause> {
    let drops = |states: &BTreeMap<String, MachineState>| {
        states.get(&missing.machine).and_then(|state| state.queue_drops(&missing.interface))
    };
    let (before, after) = (drops(&scene.case.states.before)?, drops(&scene.case.states.after)?);
    if after <= before {
        return None;
    }
    let cause = Cause::certain(
        Code::NicDrops,
        format!("the queue of {missing} dropped it before it was sent"),
        format!(
            "tc -s qdisc show dev {}, on {}: find out what limits it",
            missing.interface, missing.machine
        ),
    );
    Some(cause.saw(format!("that queue dropped {} frames while {} was lost", after - before, journey.name())))
}

/// A device without room for what comes; what the kernel behind it drops for other reasons may be others' frames.
fn counters(scene: &Scene<'_>, journey: &Journey, points: [&VantagePoint; 2]) -> Option<Cause> {
    points.into_iter().find_map(|point| {
        let overruns = rise(scene, point, |interface| interface.stats64.rx.over_errors).unwrap_or(0);
        let dropped =
            rise(scene, point, |interface| interface.stats64.rx.dropped + interface.stats64.tx.dropped)
                .unwrap_or(0);
        if overruns + dropped == 0 {
            return None;
        }
        let cause = Cause::certain(
            Code::NicDrops,
            format!("{point} had no room for it"),
            "give the device more room (ethtool -G), or its processor more time",
        );
        let cause = cause
            .certain_if(overruns > 0)
            .decided_by_fact("which counter rises when the probe is sent again (ethtool -S)");
        Some(cause.saw(format!(
            "{point} dropped {} frames while {} was lost",
            overruns + dropped,
            journey.name()
        )))
    })
}

/// By how much a counter rose during the exchange.
fn rise(scene: &Scene<'_>, point: &VantagePoint, counter: impl Fn(&Interface) -> u64) -> Option<u64> {
    let states = &scene.case.states;
    let read = |states: &BTreeMap<String, MachineState>| {
        states.get(&point.machine)?.interface(&point.interface).map(&counter)
    };
    Some(read(&states.after)?.saturating_sub(read(&states.before)?))
}
