//! What people do of an afternoon: buyers send leads back, some are withdrawn, somebody writes a note; and lately a buyer's
//! address is one that nothing is sent to, so that there is something to look after.

use platform::Result;
use serde_json::{Value, json};

use super::api::Api;
use super::world::UNREACHABLE_DOMAIN;

/// Of so many recent deliveries a day the buyers look at, they send one back.
const ONE_OF: usize = 17;

const REJECTIONS: [&str; 4] = ["Numéro non attribué", "Déjà équipé", "Locataire, pas propriétaire", "N’a rien demandé"];

const WITHDRAWALS: [&str; 3] = ["hors_zone", "doublon", "mauvaise_commande"];

const NOTES: [&str; 3] = [
    "Rappeler jeudi matin, préfère être appelé avant 9 h.",
    "Toiture refaite en 2019, orientation plein sud.",
    "Demande un devis par e-mail avant toute visite.",
];

/// The afternoon of the `day`-th day.
pub(super) async fn afternoon(api: &Api, day: usize) -> Result<()> {
    let sent = api.get("/api/deliveries?entity=ALL&status=sent&outcome=accepted&limit=100").await?;
    for (index, delivery) in items(&sent).enumerate().filter(|(index, _)| (index + day).is_multiple_of(ONE_OF)) {
        let id = id_of(delivery);
        // What was taken back a moment ago may have taken this one with it.
        if api.get(&format!("/api/deliveries/{id}")).await?["outcome"] != "accepted" {
            continue;
        }
        let turn = index / ONE_OF + day;
        if turn % 5 == 4 {
            let reason = WITHDRAWALS[turn % WITHDRAWALS.len()];
            api.post(&format!("/api/deliveries/{id}/remove-lead"), &json!({ "reason": reason })).await?;
        } else {
            let reason = REJECTIONS[turn % REJECTIONS.len()];
            api.post(&format!("/api/deliveries/{id}/reject-leads"), &json!({ "reason": reason })).await?;
        }
    }
    let waiting = api.get("/api/leads?entity=ALL&status=routed&limit=3").await?;
    for lead in items(&waiting).take(1) {
        let note = json!({ "text": NOTES[day % NOTES.len()] });
        api.post(&format!("/api/leads/{}/notes", id_of(lead)), &note).await?;
    }
    Ok(())
}

/// A buyer's mailbox turns out to be none: its domain is blocked, and what waits for it will not leave.
pub(super) async fn lose_a_mailbox(api: &Api) -> Result<()> {
    let policy = api.get("/api/settings/email-denylist").await?;
    let known = policy["value"]["denylist"]["domains"].as_array().into_iter().flatten();
    let domains: Vec<_> = known.filter_map(Value::as_str).chain([UNREACHABLE_DOMAIN]).collect();
    api.put("/api/settings/email-denylist", &json!({ "domains": domains })).await?;
    Ok(())
}

fn items(page: &Value) -> impl Iterator<Item = &Value> {
    page["items"].as_array().into_iter().flatten()
}

fn id_of(thing: &Value) -> &str {
    thing["id"].as_str().unwrap_or_default()
}
