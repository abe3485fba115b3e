//! What nftables does to frames, as far as that matters here: where it drops some.

use serde::Deserialize;
use serde_json::Value;

/// `nft -j list ruleset` (libnftables-json(5)). iptables' rules are in it where iptables is nft's.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Ruleset {
    nftables: Vec<Value>,
}

/// Where a ruleset drops frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drop {
    /// The chain, and how it drops, in words.
    pub text: String,
    /// Whether it drops by its policy: what no rule accepts.
    pub by_policy: bool,
    /// Whether it drops whatever comes, and not only what some rule matches.
    pub is_total: bool,
}

impl Ruleset {
    /// A chain at this hook (`ingress`, `forward`, `input`, …) that drops by its policy or by a rule. A chain of
    /// an interface's own is asked for with that.
    pub fn drops(&self, hook: &str, device: Option<&str>) -> Option<Drop> {
        let chains = self.nftables.iter().filter_map(|object| object.get("chain"));
        let mut here = chains.filter(|chain| {
            chain["hook"] == hook && (device.is_none() || devices(chain).any(|name| Some(name) == device))
        });
        here.find_map(|chain| self.drop_of(chain, hook))
    }

    fn drop_of(&self, chain: &Value, hook: &str) -> Option<Drop> {
        let name = ["family", "table", "name"].map(|key| chain[key].as_str().unwrap_or_default()).join(" ");
        let rules: Vec<Vec<&str>> = self.rules(chain).collect();
        let total =
            |rule: &Vec<&str>| rule.iter().all(|statement| matches!(*statement, "counter" | "log" | "drop"));
        let dropping: Vec<&Vec<&str>> = rules.iter().filter(|rule| rule.contains(&"drop")).collect();
        let by_policy = chain["policy"] == "drop";
        let (how, is_total) = match by_policy {
            true => ("by its policy", rules.is_empty()),
            false => ("by a rule", dropping.iter().any(|rule| total(rule))),
        };
        (by_policy || !dropping.is_empty()).then(|| Drop {
            text: format!("the chain {name} drops at the hook {hook} {how}"),
            by_policy,
            is_total,
        })
    }

    /// What each of a chain's rules consists of.
    fn rules<'a>(&'a self, chain: &'a Value) -> impl Iterator<Item = Vec<&'a str>> {
        let rules = self.nftables.iter().filter_map(|object| object.get("rule"));
        let here = rules.filter(|rule| {
            rule["family"] == chain["family"]
                && rule["table"] == chain["table"]
                && rule["chain"] == chain["name"]
        });
        here.map(|rule| {
            let statements = rule["expr"].as_array().into_iter().flatten().filter_map(Value::as_object);
            statements.flat_map(|statement| statement.keys().map(String::as_str)).collect()
        })
    }
}

/// One interface is a text there, several are a list.
fn devices(chain: &Value) -> impl Iterator<Item = &str> {
    let dev = &chain["dev"];
    dev.as_array().into_iter().flatten().chain([dev]).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ruleset(policy: &str, expr: Value) -> Ruleset {
        let chain = json!({"family": "netdev", "table": "t", "name": "c", "hook": "ingress", "dev": "ens33", "policy": policy});
        let rule = json!({"family": "netdev", "table": "t", "chain": "c", "expr": [expr]});
        Ruleset { nftables: vec![json!({"chain": chain}), json!({"rule": rule})] }
    }

    #[test]
    fn a_policy_and_a_rule_both_drop() {
        let counted = || json!({"counter": {}});
        let by_policy = ruleset("drop", counted()).drops("ingress", Some("ens33")).unwrap();
        assert!(by_policy.by_policy && by_policy.text.contains("netdev t c"), "{by_policy:?}");
        assert!(ruleset("accept", json!({"drop": null})).drops("ingress", Some("ens33")).unwrap().is_total);
        assert_eq!(ruleset("accept", counted()).drops("ingress", Some("ens33")), None);
        assert_eq!(ruleset("drop", counted()).drops("ingress", Some("eth0")), None);
    }

    #[test]
    fn a_chain_has_the_rules_of_its_own_table() {
        for key in ["family", "table", "chain"] {
            let mut others = ruleset("accept", json!({"drop": null}));
            others.nftables[1]["rule"][key] = json!("another");
            assert_eq!(others.drops("ingress", Some("ens33")), None, "{key}");
        }
    }

    #[test]
    fn a_rule_that_matches_drops_not_all() {
        let mut some = ruleset("accept", json!({"match": {}}));
        some.nftables[1]["rule"]["expr"] = json!([{"match": {}}, {"drop": null}]);
        assert!(!some.drops("ingress", Some("ens33")).unwrap().is_total);
    }
}
