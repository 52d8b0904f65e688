//! Spec 5.1 to 5.3: what becomes of a submission.

use axum::http::Method;
use serde_json::json;

use crate::support::TestApp;

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app
}

#[tokio::test]
async fn a_lead_is_stored_whatever_happens_and_its_status_says_why() {
    let app = ready().await;
    app.put("/api/settings/source-gating", json!({ "blocked_sources": [" Bad_Source "] })).expect(200).await;
    for (session, fields, status) in [
        ("a", json!({ "phone": "123" }), "invalid"),
        ("b", json!({ "nom": " " }), "invalid"),
        ("c", json!({ "form_code": "NOWHERE" }), "pending_config"),
        ("d", json!({ "utm_source": "BAD_SOURCE" }), "hold_source"),
        ("e", json!({ "rgpd_consent": null }), "hold_source"),
        ("f", json!({ "departement": "99" }), "invalid"),
        ("g", json!({}), "no_open_orders"),
    ] {
        let answer = app.lead(json!({ "session_id": session })).await.json;
        assert!(answer["lead_id"].is_string(), "{answer}");
        let mut fields = fields;
        fields["session_id"] = json!(format!("{session}2"));
        let answer = app.lead(fields.clone()).expect(201).await;
        assert_eq!(answer["status"], status, "{fields}");
    }
    let stored: i64 = app.value("select count(*) from leads.lead where tenant_id = $1").await;
    assert_eq!(stored, 14);
}

#[tokio::test]
async fn l_02_d_16_fifty_parallel_posts_of_one_visitor_make_one_lead_and_one_delivery() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    let posts = (0..50).map(|_| async { app.lead(json!({})).await });
    let answers = futures_util::future::join_all(posts).await;
    let first = answers.iter().filter(|answer| answer.status == 201).count();
    let ids: std::collections::BTreeSet<_> = answers.iter().map(|answer| answer.json["lead_id"].to_string()).collect();
    assert_eq!((first, ids.len()), (1, 1));
    assert!(answers.iter().filter(|a| a.status == 200).all(|a| a.json["status"] == "double_submit"));
    let counts: (i64, i64, i64) = (
        app.value("select count(*) from leads.lead where tenant_id = $1").await,
        app.value("select count(*) from leads.delivery where tenant_id = $1").await,
        app.value("select count(*) from platform.event where tenant_id = $1 and action = 'lead_received'").await,
    );
    assert_eq!(counts, (1, 1, 1));
}

#[tokio::test]
async fn l_02_the_window_of_a_double_submit_is_five_seconds() {
    let app = ready().await;
    let first = app.lead(json!({})).expect(201).await;
    app.at("2026-02-11T09:00:04.9Z").await;
    let again = app.lead(json!({})).expect(200).await;
    assert_eq!((&again["status"], &again["lead_id"]), (&json!("double_submit"), &first["lead_id"]));
    app.lead(json!({ "session_id": "another" })).expect(201).await;
    app.at("2026-02-11T09:00:05.1Z").await;
    let later = app.lead(json!({})).expect(201).await;
    assert_ne!(later["lead_id"], first["lead_id"]);
}

#[tokio::test]
async fn l_20_what_cannot_be_used_is_kept_with_its_bytes_and_the_field_is_named() {
    let app = ready().await;
    let path = format!("/api/public/leads?tenant={}", app.slug);
    let long = format!("{{\"x\":\"{}\"}}", "a".repeat(65 * 1024));
    for (content_type, body, status, field) in [
        ("application/json", &b"{\"session_id\":"[..], 400, None),
        ("text/plain", b"[1,2]", 400, None),
        ("application/json", b"\xff\xfe", 400, None),
        ("application/json", br#"{"form_code":"F","phone":"1"}"#, 422, Some("session_id")),
        ("application/json", br#"{"session_id":"s","form_code":"F","phone":{}}"#, 422, Some("phone")),
        ("application/json", br#"{"session_id":"s","form_code":"F","phone":"1","nom":"a\u0000"}"#, 422, Some("nom")),
        ("application/x-www-form-urlencoded", b"session_id=s&phone=1", 422, Some("form_code")),
        ("application/json", long.as_bytes(), 413, None),
    ] {
        let answer = app.send(Method::POST, &path, None).raw(content_type, body).await;
        assert_eq!(answer.status.as_u16(), status, "{content_type} {}", answer.json);
        let named = answer.json["errors"][0]["field"].as_str();
        assert_eq!(named, field, "{}", answer.json);
    }
    let kept: i64 = app.value("select count(*) from leads.quarantine where tenant_id = $1").await;
    assert_eq!(kept, 8);
    let bytes: Vec<u8> =
        app.value("select body from leads.quarantine where tenant_id = $1 and octet_length(body) = 2").await;
    assert_eq!(bytes, b"\xff\xfe");
}

#[tokio::test]
async fn l_21_an_anonymous_caller_cannot_choose_an_entity_or_a_product() {
    let app = ready().await;
    let contradicted = app.lead(json!({ "entity": "MDL", "produit": "PAC" })).expect(201).await;
    assert_eq!((&contradicted["entity"], &contradicted["produit"]), (&json!("ZR7"), &json!("PV")));
    let unmapped = app
        .lead(json!({ "session_id": "2", "form_code": "OTHER", "entity": "MDL", "produit": "PAC" }))
        .await
        .expect(201);
    assert_eq!((&unmapped["status"], &unmapped["entity"]), (&json!("pending_config"), &json!(null)));
}

#[tokio::test]
async fn l_22_a_credential_that_is_present_but_unknown_is_refused_and_kept() {
    let app = ready().await;
    app.lead(json!({ "api_key": "prov_nobody" })).expect(401).await;
    app.lead(json!({ "api_key": "anything" })).expect(401).await;
    app.lead(json!({})).header("authorization", "Bearer prov_nobody").expect(401).await;
    app.lead(json!({})).header("authorization", "Basic abc").expect(401).await;
    let leads: i64 = app.value("select count(*) from leads.lead where tenant_id = $1").await;
    let kept: i64 = app.value("select count(*) from leads.quarantine where tenant_id = $1").await;
    assert_eq!((leads, kept), (0, 4));
}

#[tokio::test]
async fn l_22_a_supplier_is_bound_to_its_entity_until_its_key_is_rotated_or_it_is_disabled() {
    let app = ready().await;
    let provider = json!({ "entity": "ZR7", "name": "Source", "slug": "source", "consent_by_contract": true });
    let provider = app.post("/api/providers", provider).expect(201).await;
    let (id, key) = (provider["id"].as_str().unwrap(), provider["api_key"].as_str().unwrap());
    let lead = |session: &str, phone: &str, key: &str| {
        app.lead(json!({ "session_id": session, "phone": phone, "entity": "MDL", "produit": "PV", "api_key": key,
            "rgpd_consent": null }))
    };
    let stored = lead("1", "0612345679", key).expect(201).await;
    assert_eq!((&stored["entity"], &stored["status"]), (&json!("ZR7"), &json!("no_open_orders")));
    lead("2", "0606060606", key).expect(422).await;
    let rotated = app.post(&format!("/api/providers/{id}/rotate-key"), json!({})).expect(200).await;
    lead("3", "0612345670", key).expect(401).await;
    let key = rotated["api_key"].as_str().unwrap();
    lead("4", "0612345671", key).expect(201).await;
    app.put(&format!("/api/providers/{id}"), json!({ "active": false })).expect(200).await;
    lead("5", "0612345672", key).expect(401).await;
    let refused: i64 = app.value("select sum(refused) from leads.provider_day where tenant_id = $1").await;
    let locked: bool = app.value("select bool_and(entity_locked) from leads.lead where tenant_id = $1").await;
    assert_eq!((refused, locked), (1, true));
}

#[tokio::test]
async fn l_23_departements_are_read_from_postcodes_and_unknown_ones_are_invalid() {
    let app = ready().await;
    let policy = json!({ "outside_mainland": ["2A", "971"] });
    app.put("/api/settings/departements", policy).expect(200).await;
    for (n, (typed, stored)) in
        [("75001", "75"), ("1", "01"), ("2A", "2A"), ("97133", "971"), ("69", "69")].into_iter().enumerate()
    {
        let answer = app.lead(json!({ "session_id": n, "departement": typed })).expect(201).await;
        assert_eq!(answer["status"], "no_open_orders", "{typed}");
        let found: i64 =
            sqlx::query_scalar("select count(*) from leads.lead where tenant_id = $1 and departement = $2")
                .bind(app.tenant.uuid())
                .bind(stored)
                .fetch_one(&mut crate::support::owner().await)
                .await
                .unwrap();
        assert_eq!(found, 1, "{typed} -> {stored}");
    }
}

#[tokio::test]
async fn l_45_consent_is_kept_with_its_evidence_and_never_assumed() {
    let app = ready().await;
    let given = json!({ "session_id": "1", "consent_text_version": "2026-01" });
    app.lead(given).expect(201).await;
    let absent = app.lead(json!({ "session_id": "2", "rgpd_consent": null })).expect(201).await;
    let refused = app.lead(json!({ "session_id": "3", "rgpd_consent": false })).expect(201).await;
    assert_eq!((&absent["status"], &refused["status"]), (&json!("hold_source"), &json!("hold_source")));
    let evidence: String = app
        .value(
            "select consent_text_version || ' ' || consent_ip || ' ' || (consent_at is not null)
             from leads.lead where tenant_id = $1 and consent",
        )
        .await;
    assert_eq!(evidence, "2026-01 127.0.0.1 true");
    let reasons: Vec<String> = app
        .value("select array_agg(distinct hold_reason) from leads.lead where tenant_id = $1 and status = 'hold_source'")
        .await;
    assert_eq!(reasons, ["consent_missing"]);
}

#[tokio::test]
async fn l_46_the_public_answer_says_nothing_of_buyers_or_reasons() {
    let app = ready().await;
    let (buyer, order) = app.order("ZR7", "Acme", json!({})).await;
    let answer = app.lead(json!({})).expect(201).await;
    assert_eq!(answer["status"], "routed");
    let text = answer.to_string();
    for secret in [buyer.as_str(), order.as_str(), "Acme", "open_commande_found"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn l_69_leaving_the_session_out_does_not_evade_the_gating() {
    let app = ready().await;
    app.put("/api/settings/source-gating", json!({ "blocked_sources": ["bad"] })).expect(200).await;
    let held = app.lead(json!({ "session_id": "", "utm_source": " BAD " })).expect(201).await;
    assert_eq!(held["status"], "hold_source");
}

#[tokio::test]
async fn an_idempotency_key_finds_the_first_lead_again() {
    let app = ready().await;
    let first = app.lead(json!({})).header("idempotency-key", "k1").expect(201).await;
    app.at("2026-02-11T10:00:00Z").await;
    let again = app.lead(json!({})).header("idempotency-key", "k1").expect(200).await;
    assert_eq!(again["lead_id"], first["lead_id"]);
}

#[tokio::test]
async fn another_tenants_lead_is_out_of_sight() {
    let (app, other) = (ready().await, ready().await);
    let lead = app.lead(json!({})).expect(201).await;
    let log = format!("/api/event-log?entity_id={}", lead["lead_id"].as_str().unwrap());
    assert_eq!(app.get(&log).expect(200).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(other.get(&log).expect(200).await["items"].as_array().unwrap().len(), 0);
}
