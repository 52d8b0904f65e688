//! What is told: an event without anything personal, signed.

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, header};
use kernel::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{Ctx, Error, Result, StoredEvent};

/// The action of a test.
pub(super) const TEST: &str = "webhook_test";

/// A message as it is sent, the same at every attempt.
pub(super) struct Message {
    pub(super) id: Uuid,
    pub(super) action: String,
    pub(super) body: Bytes,
}

/// The body, in the form that Standard Webhooks recommends.
#[derive(Serialize)]
struct Body<'a> {
    id: Uuid,
    r#type: &'a str,
    timestamp: Timestamp,
    tenant: &'a str,
    data: Value,
}

impl Message {
    /// The message of an event.
    pub(super) fn of_event(ctx: &Ctx, event: &StoredEvent) -> Result<Self> {
        let data = json!({
            "entity": event.entity_id.map(|id| ctx.entity_code(id)),
            "actor": { "kind": event.actor_kind, "id": event.actor_id },
            "subject": { "kind": event.subject_kind, "id": event.subject_id },
            "related": event.related,
            "severity": event.severity,
            "details": impersonal(&event.details),
        });
        Self::new(ctx, event.id.uuid(), &event.action, event.at, data)
    }

    /// A message that tells of nothing, for trying.
    pub(super) fn test(ctx: &Ctx, id: Uuid, at: Timestamp) -> Result<Self> {
        Self::new(ctx, id, TEST, at, json!({}))
    }

    fn new(ctx: &Ctx, id: Uuid, action: &str, timestamp: Timestamp, data: Value) -> Result<Self> {
        let body = Body { id, r#type: action, timestamp, tenant: &ctx.tenant().slug, data };
        let body = serde_json::to_vec(&body).map_err(|error| Error::internal("writing a webhook's message", error))?;
        Ok(Self { id, action: action.to_owned(), body: body.into() })
    }

    /// The headers, with one signature for each secret; `at` is the instant of the attempt.
    pub(super) fn headers(&self, secrets: &[String], at: Timestamp) -> Result<HeaderMap> {
        let signing = |error| Error::internal("signing a webhook's message", format!("{error}"));
        let (id, seconds) = (self.id.to_string(), at.jiff().as_second());
        let signatures = secrets.iter().map(|secret| {
            let key = standardwebhooks::Webhook::new(secret).map_err(signing)?;
            key.sign(&id, seconds, &self.body).map_err(signing)
        });
        let signatures = signatures.collect::<Result<Vec<_>>>()?.join(" ");
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in [
            (standardwebhooks::HEADER_WEBHOOK_ID, id),
            (standardwebhooks::HEADER_WEBHOOK_TIMESTAMP, seconds.to_string()),
            (standardwebhooks::HEADER_WEBHOOK_SIGNATURE, signatures),
        ] {
            let value = HeaderValue::from_str(&value).map_err(|error| Error::internal("writing a header", error))?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// Parts of a key's name under which people are named, or may say what they like.
const PERSONAL: &[&str] = &[
    "name",
    "nom",
    "mail",
    "phone",
    "tel",
    "address",
    "adresse",
    "recipient",
    "contact",
    "login",
    "user",
    "ip",
    "note",
    "comment",
    "text",
    "message",
    "reason",
    "error",
    "answer",
    "url",
    "subject",
    "secret",
    "token",
    "password",
    "birth",
    "street",
    "city",
    "line1",
    "line2",
    "iban",
    "search",
];

/// What of an event's details may leave: numbers, switches, and texts that are words of ours, codes, ids, dates or amounts. What a
/// person wrote and what names one is left out: who needs it reads it with the API, under his own permissions.
fn impersonal(details: &Value) -> Value {
    match details {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(key, _)| !is_personal(key));
            let kept = kept.filter_map(|(key, value)| Some((key.clone(), impersonal_value(value)?)));
            Value::Object(kept.collect::<Map<_, _>>())
        }
        _ => json!({}),
    }
}

fn impersonal_value(value: &Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.clone()),
        Value::String(text) => is_word(text).then(|| value.clone()),
        Value::Array(items) => Some(items.iter().filter_map(impersonal_value).collect()),
        Value::Object(_) => Some(impersonal(value)),
    }
}

fn is_personal(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    PERSONAL.iter().any(|part| key.split('_').any(|word| word.trim_end_matches('s') == *part || word.ends_with(part)))
}

/// Whether a text is a word of ours, a code, an id, a date, an instant or an amount: nothing that reads as a name, and no number that
/// somebody could be called by.
fn is_word(text: &str) -> bool {
    if Uuid::try_parse(text).is_ok()
        || text.parse::<jiff::Timestamp>().is_ok()
        || text.parse::<jiff::civil::Date>().is_ok()
    {
        return true;
    }
    let allowed = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-/:".contains(&b));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let amount = letters == 0 && text.contains('.');
    let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
    let code = digits > 0 || text.len() <= 4;
    allowed
        && (1..=60).contains(&text.len())
        && (amount || (letters > 0 && (lower || code)) || (letters == 0 && digits < 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_details_only_what_names_nobody_leaves() {
        let details = json!({
            "status": "sent", "old": { "quota": 5, "email": "anne@example.com" }, "number": "FA-2026-0001", "currency": "EUR",
            "amount": "1234567890.50", "week": "2026-W07", "entity": "ZR7", "on": "2026-02-11", "at": "2026-02-11T09:00:00Z",
            "id": "01a1fc65-3b34-7132-8044-50af971882c2", "shared": true, "none": null, "départements": ["75", "2A"],
            "name": "martin", "buyer_name": "x", "recipients": ["a@b.example"], "phone_last": "79", "city": "Paris", "reason": "late",
            "who": "Anne Martin", "surname": "MARTIN", "family": "Martin", "number_called": "0612345678", "web": "https://x.example/?a",
            "written": "anything at all", "list": [{ "user": "anne", "count": 2 }, "DUPONT", "done"],
        });
        assert_eq!(
            impersonal(&details),
            json!({
                "status": "sent", "old": { "quota": 5 }, "number": "FA-2026-0001", "currency": "EUR", "amount": "1234567890.50",
                "week": "2026-W07", "entity": "ZR7", "on": "2026-02-11", "at": "2026-02-11T09:00:00Z",
                "id": "01a1fc65-3b34-7132-8044-50af971882c2", "shared": true, "none": null, "départements": ["75", "2A"],
                "list": [{ "count": 2 }, "done"],
            })
        );
        assert_eq!(impersonal(&json!("Anne")), json!({}));
    }

    #[test]
    fn each_secret_signs_and_a_changed_byte_shows() {
        let message = Message { id: Uuid::nil(), action: TEST.into(), body: Bytes::from_static(b"{\"a\":1}") };
        let secrets = [super::super::model::write_secret([1; 32]), super::super::model::write_secret([2; 32])];
        let now = <kernel::SystemClock as kernel::Clock>::now(&kernel::SystemClock);
        let headers = message.headers(&secrets, now).unwrap();
        for secret in &secrets {
            let key = standardwebhooks::Webhook::new(secret).unwrap();
            key.verify(&message.body, &headers).unwrap();
            assert!(key.verify(b"{\"a\":2}", &headers).is_err());
        }
        let stranger = standardwebhooks::Webhook::new(&super::super::model::write_secret([3; 32])).unwrap();
        assert!(stranger.verify(&message.body, &headers).is_err());
        let late = message.headers(&secrets, now.minus(jiff::SignedDuration::from_mins(6))).unwrap();
        assert!(standardwebhooks::Webhook::new(&secrets[0]).unwrap().verify(&message.body, &late).is_err());
    }
}
