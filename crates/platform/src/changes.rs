//! Changes of a thing: read from a command, told by an event.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

/// `{"old": …, "new": …}` with the fields that differ; none when nothing does.
pub fn changes(old: &impl Serialize, new: &impl Serialize) -> Option<Value> {
    let (old, new) = (object(old), object(new));
    let differs = |key: &String| old.get(key) != new.get(key);
    let pick = |from: &Map<String, Value>| -> Map<String, Value> {
        from.iter().filter(|(key, _)| differs(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    let (was, is) = (pick(&old), pick(&new));
    (!was.is_empty() || !is.is_empty()).then(|| json!({ "old": was, "new": is }))
}

/// Tells a `null` that was sent from a field that was not: left out, cleared and given are three things.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

fn object(thing: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(thing) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let old = json!({ "quota": 10, "priority": 5 });
        assert_eq!(changes(&old, &old), None);
        let new = json!({ "quota": 20, "priority": 5 });
        assert_eq!(changes(&old, &new), Some(json!({ "old": { "quota": 10 }, "new": { "quota": 20 } })));
    }
}
