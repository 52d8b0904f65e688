//! How hints travel between processes: a line of JSON a place, in payloads that PostgreSQL takes.

use std::collections::BTreeMap;

use kernel::{EntityId, TenantId};
use serde::{Deserialize, Serialize};

use super::hub::{Place, Topics};

/// PostgreSQL takes payloads below 8000 bytes.
const PAYLOAD_BYTES: usize = 7900;

/// What changed in one place.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Change {
    #[serde(rename = "t")]
    pub(super) tenant: TenantId,
    #[serde(rename = "e")]
    pub(super) entity: Option<EntityId>,
    #[serde(rename = "k")]
    pub(super) topics: Topics,
}

/// The payloads that carry all of `gathered`, as few as there can be.
pub(super) fn payloads(gathered: &BTreeMap<Place, Topics>) -> Vec<String> {
    let mut payloads = vec![String::new()];
    for ((tenant, entity), topics) in gathered {
        let change = Change { tenant: *tenant, entity: *entity, topics: topics.clone() };
        let line = serde_json::to_string(&change).expect("ids and words always serialise");
        match payloads.last_mut() {
            Some(last) if last.len() + 1 + line.len() <= PAYLOAD_BYTES => {
                last.push('\n');
                last.push_str(&line);
            }
            _ => payloads.push(line),
        }
    }
    payloads.retain(|payload| !payload.is_empty());
    payloads
}

/// Reads a payload; a line of another version is passed over.
pub(super) fn read(payload: &str) -> Vec<Change> {
    payload.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn gathered(places: u128) -> BTreeMap<Place, Topics> {
        let place = |n| (TenantId::from_uuid(Uuid::from_u128(n)), (n % 2 == 0).then(|| Uuid::from_u128(n).into()));
        (1..=places).map(|n| (place(n), Topics::from(["lead".into(), "delivery".into()]))).collect()
    }

    #[test]
    fn what_is_sent_is_read_back_whatever_its_size() {
        for places in [0, 1, 2, 500] {
            let gathered = gathered(places);
            let payloads = payloads(&gathered);
            assert!(payloads.iter().all(|payload| payload.len() < 8000 && !payload.is_empty()), "{places}");
            assert_eq!(payloads.len() > 1, places > 100, "{places}");
            let read = payloads.iter().flat_map(|payload| read(payload));
            let again: BTreeMap<_, _> = read.map(|change| ((change.tenant, change.entity), change.topics)).collect();
            assert_eq!(again, gathered);
        }
    }

    #[test]
    fn what_another_version_sends_is_passed_over() {
        let known = payloads(&gathered(1)).concat();
        assert_eq!(read(&format!("{{\"new\": 1}}\n{known}\n\njunk")).len(), 1);
    }
}
