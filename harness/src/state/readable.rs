//! Lists of which some elements may be of a kind that is not understood.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// The elements that can be read. `ip` prints empty objects where older releases filtered, and
/// tunnels have link-layer addresses that are none.
pub(super) fn readable<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let all = Option::<Vec<Value>>::deserialize(deserializer)?;
    Ok(all.map(|all| all.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect()))
}
