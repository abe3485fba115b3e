//! What `tc` does to frames, as far as that matters here: where it drops some.

use serde::Deserialize;
use serde_json::Value;

use super::Drop;

/// What a direct-action program of classic BPF is that drops whatever comes: `ret TC_ACT_SHOT` (linux/pkt_cls.h).
const RETURN: u64 = 6;
const SHOT: u64 = 2;

/// One filter of `tc -j filter show dev INTERFACE ingress|egress` (tc(8)).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct TrafficFilter {
    protocol: String,
    kind: String,
    options: Value,
}

/// What a filter does to a frame that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Drops,
    TakesAway,
    /// Only its program knows.
    MayDrop,
}

impl TrafficFilter {
    /// How it keeps frames away at the hook, if it does or may.
    pub(super) fn drop(&self, interface: &str, hook: &str) -> Option<Drop> {
        let effect = self.effect()?;
        let how = match effect {
            Effect::Drops => "drops",
            Effect::TakesAway => "sends elsewhere what passes",
            Effect::MayDrop => "may drop, as its program says,",
        };
        let Self { protocol, kind, .. } = self;
        Some(Drop {
            text: format!(
                "a tc filter ({kind}, protocol {protocol}) {how} at the hook {hook} of {interface}"
            ),
            by_policy: false,
            is_total: effect != Effect::MayDrop && protocol == "all" && self.matches_all(),
        })
    }

    fn effect(&self) -> Option<Effect> {
        let actions = self.options["actions"].as_array().into_iter().flatten();
        let actions = actions.filter_map(|action| match action["control_action"]["type"].as_str()? {
            "drop" => Some(Effect::Drops),
            "stolen" => Some(Effect::TakesAway),
            _ => None,
        });
        let program = || match (self.options["direct-action"].as_bool(), self.constant()) {
            (Some(true), Some(SHOT)) => Some(Effect::Drops),
            (Some(true), None) => Some(Effect::MayDrop),
            _ => None,
        };
        actions.into_iter().next().or_else(program)
    }

    /// What a program of a single instruction returns.
    fn constant(&self) -> Option<u64> {
        let instructions = self.options["bytecode"]["insns"].as_array()?;
        let [only] = instructions.as_slice() else { return None };
        (only["code"] == RETURN).then(|| only["k"].as_u64())?
    }

    fn matches_all(&self) -> bool {
        match self.kind.as_str() {
            "matchall" => true,
            "u32" => self.options["match"]["mask"] == "0",
            "bpf" => self.constant().is_some(),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn drop(json: &str) -> Option<(String, bool)> {
        let filter: TrafficFilter = serde_json::from_str(json).unwrap();
        filter.drop("ens33", "ingress").map(|drop| (drop.text, drop.is_total))
    }

    #[test]
    fn what_drops_all_is_told_from_what_drops_some() {
        let bpf = |k: u32| {
            format!(
                r#"{{"protocol":"all","kind":"bpf","options":{{"direct-action":true,"bytecode":{{"length":1,"insns":[{{"code":6,"k":{k}}}]}}}}}}"#
            )
        };
        assert!(drop(&bpf(2)).is_some_and(|(_, is_total)| is_total));
        assert_eq!(drop(&bpf(0)), None, "TC_ACT_OK lets it pass");
        let matchall = r#"{"protocol":"all","kind":"matchall","options":{"actions":[{"kind":"gact","control_action":{"type":"drop"}}]}}"#;
        assert!(drop(matchall).is_some_and(|(_, is_total)| is_total));
        let u32 = r#"{"protocol":"ip","kind":"u32","options":{"match":{"value":"0","mask":"0"},"actions":[{"kind":"mirred","control_action":{"type":"stolen"}}]}}"#;
        let (text, is_total) = drop(u32).unwrap();
        assert!(!is_total && text.contains("u32, protocol ip) sends elsewhere"), "{text}");
    }

    #[rstest]
    #[case::whatever_it_holds("u32", json!({"mask": "0"}), true)]
    #[case::what_it_holds("u32", json!({"mask": "ffff"}), false)]
    #[case::what_its_keys_say("flower", json!(null), false)]
    fn a_filter_matches(#[case] kind: &str, #[case] matched: Value, #[case] all: bool) {
        let actions = json!([{"control_action": {"type": "drop"}}]);
        let filter =
            json!({"protocol": "all", "kind": kind, "options": {"match": matched, "actions": actions}});
        assert_eq!(drop(&filter.to_string()).map(|(_, is_total)| is_total), Some(all));
    }

    #[test]
    fn only_the_program_knows_what_a_program_does() {
        let program = r#"{"protocol":"all","kind":"bpf","options":{"direct-action":true,"prog":{"id":7}}}"#;
        assert!(drop(program).is_some_and(|(text, is_total)| !is_total && text.contains("may drop")));
        // The head of a list of filters is none itself.
        assert_eq!(drop(r#"{"protocol":"all","kind":"bpf"}"#), None);
    }
}
