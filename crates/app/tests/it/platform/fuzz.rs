//! Five thousand requests made from the OpenAPI document, some as it asks and most a little or very wrong: nothing is
//! answered with a server error, and every refusal is a problem that says what is wrong. `FUZZ_SEED=…` makes others.

use axum::http::Method;
use rand::rngs::StdRng;
use rand::seq::{IndexedMutRandom as _, IndexedRandom as _};
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Map, Value, json};

use super::openapi::operations;
use crate::support::{TestApp, owner};

const REQUESTS: usize = 5000;
const NASTY: &[&str] = &[
    "",
    " ",
    "\0",
    "a\0b",
    "null",
    "-1",
    "0",
    "1e309",
    "99999999999999999999999",
    "NaN",
    "true",
    "2026-W99",
    "2026-W53",
    "9999-12-31",
    "+262000-01-01T00:00:00Z",
    "-009999-01-01T00:00:00Z",
    "0001-01-01",
    "2026-02-30",
    "ZR7",
    "MDL",
    "ALL",
    "PV",
    "pv",
    "75",
    "2A",
    "*",
    "\u{202e}",
    "é\u{301}",
    "💥",
    "%",
    "%25",
    "' or 1=1 --",
    "../../etc/passwd",
    "{}",
    "[]",
    "<script>",
    "a@b.example",
    "@",
    "0612345679",
    "00000000-0000-0000-0000-000000000000",
    "not-an-id",
    "eyJhIjoiOTk5OTktMDEtMDEifQ",
    "AAAA",
    "2026-W07",
];

/// What generated values are drawn from.
struct Maker<'a> {
    random: StdRng,
    document: &'a Value,
    /// Ids that exist in the tenant, so that requests get past the first look-up.
    ids: Vec<String>,
}

impl Maker<'_> {
    fn chance(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    fn text(&mut self) -> String {
        match self.random.random_range(0..20) {
            0 => "x".repeat(10_000),
            1 => (0..40).map(|_| self.random.random::<char>()).collect(),
            2..=5 => self.ids.choose(&mut self.random).unwrap().clone(),
            _ => (*NASTY.choose(&mut self.random).unwrap()).to_owned(),
        }
    }

    fn junk(&mut self) -> Value {
        match self.random.random_range(0..9) {
            0 => Value::Null,
            1 => json!(self.random.random::<bool>()),
            2 => json!(self.random.random::<i64>()),
            3 => json!(-1),
            4 => json!(1.5e300),
            5 => json!([[[[]]]]),
            6 => json!({ "unknown": self.text() }),
            _ => json!(self.text()),
        }
    }

    /// A value of this schema, mostly.
    fn value(&mut self, schema: &Value, depth: u32) -> Value {
        if depth > 8 || self.chance(6) {
            return self.junk();
        }
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.rsplit('/').next().unwrap();
            let found = &self.document["components"]["schemas"][name];
            return self.value(found, depth + 1);
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(choices) = schema[choice].as_array() {
                let chosen = choices.choose(&mut self.random).unwrap().clone();
                return self.value(&chosen, depth + 1);
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            for part in parts {
                if let Value::Object(fields) = self.value(part, depth + 1) {
                    whole.extend(fields);
                }
            }
            return Value::Object(whole);
        }
        if let Some(words) = schema["enum"].as_array() {
            return words.choose(&mut self.random).unwrap().clone();
        }
        let kinds: Vec<String> = match &schema["type"] {
            Value::String(kind) => vec![kind.clone()],
            Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap().to_owned()).collect(),
            _ => vec!["object".to_owned()],
        };
        match kinds.choose(&mut self.random).unwrap().as_str() {
            "integer" => [json!(1), json!(0), json!(5), json!(-7), json!(i64::MAX), json!(40)]
                .choose(&mut self.random)
                .unwrap()
                .clone(),
            "number" => [json!(1.5), json!(0), json!(-1e300)].choose(&mut self.random).unwrap().clone(),
            "boolean" => json!(self.random.random::<bool>()),
            "null" => Value::Null,
            "array" => (0..self.random.random_range(0..4)).map(|_| self.value(&schema["items"], depth + 1)).collect(),
            "object" => self.object(schema, depth),
            _ => json!(self.string(schema)),
        }
    }

    fn object(&mut self, schema: &Value, depth: u32) -> Value {
        let mut fields = Map::new();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let is_required =
                schema["required"].as_array().is_some_and(|names| names.iter().any(|other| other == name));
            if self.chance(if is_required { 96 } else { 40 }) {
                fields.insert(name.clone(), self.value(field, depth + 1));
            }
        }
        if schema["additionalProperties"].is_object() {
            let key = self.text();
            fields.insert(key, self.value(&schema["additionalProperties"], depth + 1));
        }
        if self.chance(5) {
            fields.insert("surplus".to_owned(), self.junk());
        }
        Value::Object(fields)
    }

    fn string(&mut self, schema: &Value) -> String {
        if self.chance(30) {
            return self.text();
        }
        if let Some(example) =
            schema["examples"].as_array().and_then(|examples| examples.first()).and_then(Value::as_str)
        {
            return example.to_owned();
        }
        match schema["format"].as_str().unwrap_or_default() {
            "uuid" => self.ids.choose(&mut self.random).unwrap().clone(),
            "date" => "2026-02-12".to_owned(),
            "date-time" => "2026-02-12T08:00:00Z".to_owned(),
            _ => ["ZR7", "PV", "75", "0.25", "Acme", "a@b.example", "0612345679"]
                .choose(&mut self.random)
                .unwrap()
                .to_string(),
        }
    }

    fn path(&mut self, path: &str, operation: &Value) -> String {
        let mut path = path.to_owned();
        let mut query = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            if parameter["in"] == "path" {
                let value =
                    if self.chance(75) { self.ids.choose(&mut self.random).unwrap().clone() } else { self.text() };
                path = path.replace(&format!("{{{name}}}"), &encoded(&value));
            } else if self.chance(35) {
                let value = match self.value(&parameter["schema"], 0) {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                query.push(format!("{name}={}", encoded(&value)));
            }
        }
        if self.chance(4) {
            query.push(format!("{}={}", encoded(&self.text()), encoded(&self.text())));
        }
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// A body, and what it claims to be.
    fn body(&mut self, operation: &Value) -> Option<(String, Vec<u8>)> {
        let (kind, media) = operation["requestBody"]["content"].as_object()?.iter().next()?;
        let value = self.value(&media["schema"], 0);
        let mut bytes = value.to_string().into_bytes();
        let mut kind = kind.as_str();
        match self.random.random_range(0..60) {
            0 => bytes.truncate(bytes.len() / 2),
            1 => bytes.extend([0xff, 0xfe]),
            2 => bytes = vec![b'['; 70_000],
            3 => bytes = format!("\"{}\"", "y".repeat(66_000)).into_bytes(),
            4 => kind = "application/xml",
            5 => kind = "multipart/form-data",
            6 => bytes.clear(),
            _ => {}
        }
        Some((kind.to_owned(), bytes))
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// A session for somebody whom the run itself signed out, deactivated, or gave another password.
async fn signed_in_again(app: &TestApp, email: &str) -> String {
    let undo = "with again as (update platform.membership m set is_active = true from platform.user u where u.id = m.user_id and u.email = $1)
        update platform.user set must_change_password = false, password_hash = (select password_hash from platform.user where email = $2)
        where email = $1";
    let root = format!("root@{}.example", app.slug);
    sqlx::query(undo).bind(email).bind(root).execute(&mut owner().await).await.unwrap();
    app.sign_in(email).await
}

#[tokio::test]
async fn t_28_five_thousand_requests_from_the_document_meet_no_server_error() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    for entity in ["ZR7", "MDL"] {
        let (buyer, _) = app.order(entity, &format!("Buyer{entity}"), json!({})).await;
        app.order_of(entity, &buyer, json!({ "product": "PAC" })).await;
    }
    let mut users = vec![(format!("root@{}.example", app.slug), app.root.clone())];
    for (role, entity) in [("admin", "ZR7"), ("ops", "MDL")] {
        users.push((format!("{role}.{}@{}.example", entity.to_lowercase(), app.slug), app.member(role, entity).await));
    }
    for n in 0..6 {
        app.lead(json!({ "session_id": format!("s{n}"), "phone": format!("06123492{n:02}") })).expect(201).await;
    }
    app.run("daily-delivery").await;
    let ids: Vec<String> = app
        .value("select array_agg(id::text) from (select id from leads.lead where tenant_id = $1 union all select id from leads.delivery where tenant_id = $1
            union all select id from leads.buyer where tenant_id = $1 union all select id from leads.standing_order where tenant_id = $1
            union all select id from platform.job where tenant_id = $1 union all select id from platform.mail where tenant_id = $1
            union all select id from platform.membership where tenant_id = $1 union all select id from platform.event where tenant_id = $1
            union all select user_id from platform.membership where tenant_id = $1) x")
        .await;
    let seed: u64 = std::env::var("FUZZ_SEED").map_or(20_260_211, |seed| seed.parse().unwrap());
    let document = app.document();
    let mut maker = Maker { random: StdRng::seed_from_u64(seed), document: &document, ids };
    let operations = operations(&document);
    let mut answered = std::collections::BTreeMap::<u16, usize>::new();
    for n in 0..REQUESTS {
        let (method, path, operation) =
            if n < operations.len() { &operations[n] } else { operations.choose(&mut maker.random).unwrap() };
        let uri = maker.path(path, operation);
        let body = maker.body(operation);
        let method: Method = method.parse().unwrap();
        let shown = format!(
            "request {n} of seed {seed}: {method} {uri} {}",
            body.as_ref().map_or(String::new(), |(kind, bytes)| {
                format!("{kind} {}", String::from_utf8_lossy(&bytes[..bytes.len().min(2000)]))
            })
        );
        let (email, token) = users.choose_mut(&mut maker.random).unwrap();
        let mut call = app.send(method, &uri, None).by(token);
        if let Some((kind, bytes)) = body {
            call = call.raw(&kind, bytes);
        }
        let scope = ["", "ZR7", "BOTH", "XX"].choose(&mut maker.random).unwrap();
        if !scope.is_empty() {
            call = call.scope(scope);
        }
        let answer = call.await;
        let status = answer.status.as_u16();
        let is_declared = operation["responses"][status.to_string()].is_object();
        assert!(status >= 300 || is_declared, "{shown}: {status} is not what the document says");
        assert!(status < 500, "{shown}: {status} {:#}", answer.json);
        if status >= 400 && !path.starts_with("/api/public/") {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{shown}: {status}");
            assert_eq!(answer.json["status"], status, "{shown}");
        }
        *answered.entry(status).or_default() += 1;
        if status == 401 || status == 428 {
            *token = signed_in_again(&app, email).await;
        }
    }
    let accepted: usize = answered.range(200..300).map(|(_, count)| count).sum();
    assert!(accepted > REQUESTS / 10, "too few requests got through to mean anything: {answered:?}");
    for status in [400, 403, 404, 409, 422] {
        assert!(answered.contains_key(&status), "no {status} among {answered:?}");
    }
}
