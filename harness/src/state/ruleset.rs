//! What nftables does to frames, as far as that matters here: where it drops some.

use serde::Deserialize;
use serde_json::Value;

/// `nft -j list ruleset` (libnftables-json(5)). iptables' rules are in it where iptables is nft's.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Ruleset {
    nftables: Vec<Value>,
}

impl Ruleset {
    /// A chain at this hook (`ingress`, `forward`, `input`, …) that drops by its policy or by a rule, in
    /// words. A chain of an interface's own is asked for with that.
    pub fn drops(&self, hook: &str, device: Option<&str>) -> Option<String> {
        let chains = self.nftables.iter().filter_map(|object| object.get("chain"));
        let mut here = chains.filter(|chain| {
            chain["hook"] == hook && (device.is_none() || devices(chain).any(|name| Some(name) == device))
        });
        here.find_map(|chain| {
            let name =
                ["family", "table", "name"].map(|key| chain[key].as_str().unwrap_or_default()).join(" ");
            if chain["policy"] == "drop" {
                return Some(format!("the chain {name} drops at the hook {hook} by its policy"));
            }
            self.has_drop(chain).then(|| format!("a rule of the chain {name} drops at the hook {hook}"))
        })
    }

    fn has_drop(&self, chain: &Value) -> bool {
        let rules = self.nftables.iter().filter_map(|object| object.get("rule"));
        let mut here = rules.filter(|rule| {
            rule["family"] == chain["family"]
                && rule["table"] == chain["table"]
                && rule["chain"] == chain["name"]
        });
        here.any(|rule| {
            let statements = rule["expr"].as_array().into_iter().flatten();
            statements.filter_map(Value::as_object).any(|statement| statement.contains_key("drop"))
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
        assert!(ruleset("drop", counted()).drops("ingress", Some("ens33")).unwrap().contains("netdev t c"));
        assert!(ruleset("accept", json!({"drop": null})).drops("ingress", Some("ens33")).is_some());
        assert_eq!(ruleset("accept", counted()).drops("ingress", Some("ens33")), None);
        assert_eq!(ruleset("drop", counted()).drops("ingress", Some("eth0")), None);
    }
}
