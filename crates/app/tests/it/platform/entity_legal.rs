//! The legal identity of an entity and its logo.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const LEGAL: &str = "/api/entities/ZR7/legal";
const LOGO: &str = "/api/entities/ZR7/logo";

/// One transparent pixel.
pub(super) const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00, 0x00, 0x00, 0x0a, 0x49,
    0x44, 0x41, 0x54, 0x78, 0x9c, 0x62, 0x00, 0x01, 0x00, 0x00, 0x05, 0x00, 0x01, 0x0d, 0x0a, 0x2d, 0xb4, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];

fn full() -> Value {
    json!({ "legal_name": "ZR7 Énergie", "legal_form": "SAS", "share_capital": "10000.00",
        "address": { "line1": "1 rue de la Paix", "postal_code": "75002", "city": "Paris", "country": "fr" },
        "siret": "732 829 320 00074", "vat_number": "FR 44 732829320", "register": "RCS", "register_city": "Paris",
        "ape_code": "43.22B", "iban": "FR76 3000 6000 0112 3456 7890 189", "bic": "AGRIFRPP", "accent_color": "#0A5FFF" })
}

fn with(field: &str, value: Value) -> Value {
    let mut legal = full();
    legal[field] = value;
    legal
}

fn field_of(answer: &Answer) -> &str {
    answer.json["errors"][0]["field"].as_str().unwrap_or_default()
}

async fn put_logo(app: &TestApp, kind: &str, bytes: &[u8]) -> Answer {
    app.send(Method::PUT, LOGO, None).by(&app.root).raw(kind, bytes).await
}

#[tokio::test]
async fn an_entity_learns_what_its_invoices_still_need_until_nothing_is_missing() {
    let app = TestApp::new().await;
    let empty = app.get(LEGAL).expect(200).await;
    let missing = [
        "legal_name",
        "legal_form",
        "share_capital",
        "address.line1",
        "address.postal_code",
        "address.city",
        "siret",
        "register",
        "register_city",
        "vat_number",
        "iban",
    ];
    assert_eq!(empty["missing"], json!(missing));
    assert_eq!(
        (&empty["legal"]["vat_regime"], &empty["legal"]["fiscal_year_end"]),
        (&json!("on_invoicing"), &json!("12-31"))
    );

    app.tick();
    let filled = app.put(LEGAL, full()).expect(200).await;
    assert_eq!(filled["missing"], json!([]));
    let legal = &filled["legal"];
    assert_eq!((&legal["siren"], &legal["siret"]), (&json!("732829320"), &json!("73282932000074")));
    assert_eq!((&legal["iban"], &legal["ape_code"]), (&json!("FR7630006000011234567890189"), &json!("4322B")));
    assert_eq!(legal["accent_color"], "#0a5fff");
    assert_eq!(app.get(LEGAL).expect(200).await, filled);

    let told = app.get("/api/event-log?action=entity_legal_updated").expect(200).await;
    let details = &told["items"][0]["details"];
    assert_eq!((&details["entity"], &details["new"]["siren"]), (&json!("ZR7"), &json!("732829320")));
    assert_eq!(details["old"]["siren"], Value::Null);
    assert_eq!(details["new"].get("vat_regime"), None, "only what changed is told");
}

#[tokio::test]
async fn a_wrong_number_is_refused_at_its_field_and_nothing_is_written() {
    let app = TestApp::new().await;
    let rows = [
        ("siren", json!("732829321"), "siren"),
        ("siret", json!("73282932000075"), "siret"),
        ("siren", json!("356000000"), "siret"),
        ("vat_number", json!("FR45732829320"), "vat_number"),
        ("vat_number", json!("FR39356000000"), "vat_number"),
        ("iban", json!("FR7630006000011234567890188"), "iban"),
        ("bic", json!("AGRI"), "bic"),
        ("ape_code", json!("432"), "ape_code"),
        ("address", json!({ "country": "XX" }), "address.country"),
        ("address", json!({ "postal_code": "7500" }), "address.postal_code"),
        ("email", json!("nobody"), "email"),
        ("share_capital", json!("-1"), "share_capital"),
        ("share_capital", json!("0.001"), "share_capital"),
        ("share_capital", json!("99999999999999999999"), "share_capital"),
        ("share_capital_currency", json!("EUX"), "share_capital_currency"),
        ("recovery_fee", json!("-40"), "recovery_fee"),
        ("register", json!("RNA"), "register"),
        ("vat_regime", json!("sometimes"), "vat_regime"),
        ("fiscal_year_end", json!("02-30"), "fiscal_year_end"),
        ("language", json!("de"), "language"),
        ("accent_color", json!("blue"), "accent_color"),
        ("website", json!("javascript:alert(1)"), "website"),
        ("second_currency", json!("EUR"), "second_currency"),
        ("insurance", json!({ "insurer": "x", "number": 1 }), "insurance.number"),
        ("sirene", json!("732829320"), "sirene"),
    ];
    for (field, value, named) in rows {
        let answer = app.put(LEGAL, with(field, value.clone())).await;
        assert_eq!((answer.status.as_u16(), field_of(&answer)), (422, named), "{field} {value}: {}", answer.json);
    }
    assert_eq!(app.get(LEGAL).expect(200).await["legal"]["legal_name"], Value::Null);
}

#[tokio::test]
async fn of_two_who_write_a_legal_identity_the_second_learns_of_the_first() {
    let app = TestApp::new().await;
    let seen = app.get(LEGAL).await.header("etag").to_owned();
    app.tick();
    app.put(LEGAL, full()).header("if-match", &seen).expect(200).await;
    let late = with("legal_name", json!("Other"));
    app.put(LEGAL, late).header("if-match", &seen).expect(412).await;
    assert_eq!(app.get(LEGAL).expect(200).await["legal"]["legal_name"], "ZR7 Énergie");
}

#[tokio::test]
async fn a_legal_identity_is_out_of_reach_for_another_entity_another_tenant_and_who_may_not() {
    let app = TestApp::new().await;
    app.put(LEGAL, full()).expect(200).await;
    put_logo(&app, "image/png", PNG).await.expect(200);
    let (own, other) = (app.member("admin", "ZR7").await, app.member("admin", "MDL").await);
    let viewer = app.member("viewer", "ZR7").await;
    let stranger = TestApp::new().await;
    for path in [LEGAL, LOGO] {
        assert_eq!(app.get(path).by(&own).await.status, 200);
        app.get(path).by(&other).expect(404).await;
        app.get(path).by(&viewer).expect(403).await;
        app.send(Method::DELETE, LOGO, None).by(&other).expect(404).await;
    }
    app.put(LEGAL, full()).by(&other).expect(404).await;
    // Whoever sees all entities reaches each, whichever he works in.
    assert_eq!(app.get(LEGAL).scope("MDL").expect(200).await["has_logo"], true);
    assert_eq!(stranger.get(LEGAL).expect(200).await["legal"]["legal_name"], Value::Null);
    stranger.get(LOGO).expect(404).await;
    app.get("/api/entities/NONE/legal").expect(404).await;
}

#[tokio::test]
async fn d_19_a_logo_is_an_image_that_nothing_executes_and_what_it_is_declared_as() {
    let app = TestApp::new().await;
    app.get(LOGO).expect(404).await;
    let written = put_logo(&app, "image/png", PNG).await;
    let version = written.header("etag").to_owned();
    let written = written.expect(200);
    assert_eq!((&written["content_type"], &written["width"]), (&json!("image/png"), &json!(1)));
    assert_eq!(written["sha256"].as_str().map(str::len), Some(64));
    let shown = app.get(LOGO).await;
    assert_eq!((shown.header("content-type"), shown.header("etag")), ("image/png", version.as_str()));
    assert_eq!(shown.header("x-content-type-options"), "nosniff");
    assert_eq!(app.get(LEGAL).expect(200).await["has_logo"], true);

    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let mut huge = PNG.to_vec();
    huge[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
    for (kind, bytes) in
        [("image/svg+xml", &svg[..]), ("image/png", &svg[..]), ("image/png", &[]), ("image/png", &huge[..])]
    {
        let refused = put_logo(&app, kind, bytes).await;
        assert_eq!((refused.status.as_u16(), field_of(&refused)), (422, "logo"), "{}", refused.json);
    }
    put_logo(&app, "image/png", &vec![0; 200 * 1024 + 1]).await.expect(413);
    for declared in ["image/jpeg", "image/svg+xml", "text/html"] {
        let refused = put_logo(&app, declared, PNG).await;
        assert_eq!((refused.status.as_u16(), field_of(&refused)), (422, "logo"), "{declared}: {}", refused.json);
    }
    let kept = app.get(LOGO).await;
    assert_eq!(
        (kept.header("etag"), kept.bytes.as_slice()),
        (version.as_str(), PNG),
        "what was refused changed nothing"
    );

    app.tick();
    put_logo(&app, "image/png", PNG).await.expect(200);
    let late = app.send(Method::DELETE, LOGO, None).by(&app.root).header("if-match", &version);
    late.expect(412).await;
    app.send(Method::DELETE, LOGO, None).by(&app.root).expect(204).await;
    app.get(LOGO).expect(404).await;
    let late = app.send(Method::PUT, LOGO, None).by(&app.root).raw("image/png", PNG).header("if-match", &version);
    late.expect(412).await;
    let told = app.get("/api/event-log?action=entity_logo_removed").expect(200).await;
    assert_eq!(told["items"][0]["details"]["entity"], "ZR7");
}

#[tokio::test]
async fn d_27_what_an_image_tells_besides_its_pixels_is_not_kept() {
    let app = TestApp::new().await;
    let mut told = PNG[..33].to_vec();
    told.extend(8_u32.to_be_bytes());
    told.extend(b"eXIfGPS 48.8crc!");
    told.extend(&PNG[33..]);
    told.extend(b"GPS 48.8 behind its end");
    put_logo(&app, "image/png", &told).await.expect(200);
    assert_eq!(app.get(LOGO).await.bytes, PNG);
    let broken = put_logo(&app, "image/png", &PNG[..PNG.len() - 5]).await;
    assert_eq!(
        (broken.status.as_u16(), field_of(&broken)),
        (422, "logo"),
        "what cannot be followed to its end is refused"
    );
    assert_eq!(app.get(LOGO).await.bytes, PNG);
}

#[tokio::test]
async fn what_older_writers_left_in_an_identity_keeps_nobody_from_filling_it_in() {
    let app = TestApp::new().await;
    let sql = "update platform.entity set legal = '{\"siret\": \"42\", \"capital\": 5, \"bank_name\": \"B\"}' where tenant_id = $1 and code = 'ZR7' returning true";
    assert!(app.value::<bool>(sql).await);
    assert_eq!(app.get(LEGAL).expect(200).await["legal"]["bank_name"], "B");
    let entities = app.get("/api/entities").expect(200).await;
    let zr7 = entities.as_array().unwrap().iter().find(|entity| entity["code"] == "ZR7").unwrap();
    let path = format!("/api/entities/{}", zr7["id"].as_str().unwrap());
    app.put(&path, json!({ "name": "ZR7", "legal": { "siret": "42" } })).expect(422).await;
    app.put(&path, json!({ "name": "ZR7", "legal": full() })).expect(200).await;
    app.put(&path, json!({ "name": "ZR7 bis" })).expect(200).await;
    assert_eq!(app.get(LEGAL).expect(200).await["missing"], json!([]), "what is left out stays");
}
