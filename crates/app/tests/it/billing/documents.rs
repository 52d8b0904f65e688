//! Drafts: what they amount to, and what is refused.

use serde_json::json;

use super::{amount, decimal, id};
use crate::support::TestApp;

#[tokio::test]
async fn f_07_totals_numbers_and_states_that_are_sent_are_ignored() {
    let app = TestApp::new().await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let lines = json!([{ "name": "Pose", "quantity": "3", "unit_price": "33.33", "net": "1" }]);
    let draft = json!({ "entity": "ZR7", "party_id": party, "lines": lines, "number": "FAC-2026-9999", "status": "paid",
        "net": "1.00", "vat": "0.00", "gross": "1.00" });
    let made = app.post("/api/documents", draft).expect(201).await;
    assert_eq!((made["status"].as_str(), &made["number"]), (Some("draft"), &json!(null)));
    let totals = ["net", "vat", "gross"].map(|field| decimal(&made[field]));
    assert_eq!(totals, ["99.99", "20.00", "119.99"].map(amount));
}

#[tokio::test]
async fn f_16_f_17_a_discount_lowers_the_base_and_vat_is_rounded_per_rate() {
    let app = TestApp::new().await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let lines = json!([{ "name": "A", "unit_price": "1000" },
        { "name": "B", "unit_price": "500", "vat_rate": "10", "vat_reason": "renovation" }]);
    let draft = json!({ "entity": "ZR7", "party_id": party, "lines": lines, "discount": { "percent": "10" } });
    let made = app.post("/api/documents", draft).expect(201).await;
    let vat: Vec<_> = made["vat_lines"].as_array().unwrap().iter().map(|line| decimal(&line["vat"])).collect();
    assert_eq!(
        (decimal(&made["net"]), vat, decimal(&made["gross"])),
        (amount("1350"), vec![amount("180"), amount("45")], amount("1575"))
    );
    let lines: Vec<_> = (0..7).map(|_| json!({ "name": "C", "quantity": "3", "unit_price": "0.11" })).collect();
    let made =
        app.post("/api/documents", json!({ "entity": "ZR7", "party_id": party, "lines": lines })).expect(201).await;
    assert_eq!((decimal(&made["net"]), decimal(&made["vat"])), (amount("2.31"), amount("0.46")));
}

#[tokio::test]
async fn what_cannot_be_billed_is_refused_by_its_field_and_nothing_is_written() {
    let app = TestApp::new().await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let line = |fields: serde_json::Value| {
        let mut line = json!({ "name": "Pose", "unit_price": "10" });
        for (key, value) in fields.as_object().unwrap() {
            line[key] = value.clone();
        }
        json!({ "lines": [line] })
    };
    let cases = [
        (line(json!({ "quantity": "-1" })), "lines.0.quantity"),
        (line(json!({ "quantity": "1.00001" })), "lines.0.quantity"),
        (line(json!({ "unit_price": "-10" })), "lines.0.unit_price"),
        (line(json!({ "unit_price": "10.00001" })), "lines.0.unit_price"),
        (line(json!({ "unit_price": "100000000000000" })), "lines.0.unit_price"),
        (line(json!({ "discount_pct": "101" })), "lines.0.discount_pct"),
        (line(json!({ "name": " " })), "lines.0.name"),
        (line(json!({ "unit_code": "ZZZ9" })), "lines.0.unit_code"),
        (line(json!({ "item": "NOPE" })), "lines.0.item"),
        (line(json!({ "vat_rate": "10" })), "lines.0.vat_reason"),
        (line(json!({ "vat_rate": "0" })), "lines.0.vat_category"),
        (line(json!({ "vat": { "category": "AE", "rate": "20", "reason": "x" } })), "lines.0.rate"),
        (line(json!({ "vat": { "category": "E", "rate": "0" } })), "lines.0.reason"),
        (line(json!({ "revenue_role": "petty" })), "lines.0.revenue_role"),
        (line(json!({ "supply_from": "2026-02-02", "supply_to": "2026-02-01" })), "lines.0.supply_to"),
        (json!({ "discount": { "amount": "-1" } }), "discount"),
        (json!({ "payment_terms_days": 366 }), "payment_terms_days"),
        (json!({ "kind": "credit_note" }), "kind"),
    ];
    for (fields, field) in cases {
        let mut draft = json!({ "entity": "ZR7", "party_id": party });
        for (key, value) in fields.as_object().unwrap() {
            draft[key] = value.clone();
        }
        let answer = app.post("/api/documents", draft.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json["errors"][0]["field"].as_str()),
            (422, Some(field)),
            "{draft}: {}",
            answer.json
        );
    }
    for (field, junk) in [("currency", "euro"), ("kind", "facture"), ("language", "de")] {
        let draft = json!({ "entity": "ZR7", "party_id": party, field: junk });
        let answer = app.post("/api/documents", draft).await;
        assert_eq!(answer.status.as_u16(), 422, "{}", answer.json);
    }
    assert_eq!(app.value::<i64>("select count(*) from billing.document where tenant_id = $1").await, 0);
}

#[tokio::test]
async fn a_draft_is_written_anew_by_who_saw_it_and_thrown_away() {
    let app = TestApp::new().await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let draft = app.draft(&party, json!([{ "name": "Pose", "unit_price": "10" }])).await;
    let path = format!("/api/documents/{draft}");
    let seen = app.get(&path).await;
    let tag = seen.header("etag").to_owned();
    app.tick();
    let change = json!({ "party_id": party, "lines": [{ "name": "Pose", "unit_price": "20" }] });
    let changed = app.put(&path, change.clone()).header("if-match", &tag).expect(200).await;
    assert_eq!(decimal(&changed["net"]), amount("20"));
    app.put(&path, change).header("if-match", &tag).expect(412).await;
    let copy = app.post(&format!("{path}/copies"), json!({})).expect(201).await;
    assert_eq!((decimal(&copy["net"]), id(&copy) == draft), (amount("20"), false));
    app.send(axum::http::Method::DELETE, &path, None).by(&app.root).expect(204).await;
    app.get(&path).expect(404).await;
}

#[tokio::test]
async fn a_quote_is_sent_accepted_and_becomes_one_invoice() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let quote = json!({ "entity": "ZR7", "kind": "quote", "party_id": party, "lines": [{ "name": "Pose", "unit_price": "1200" }] });
    let quote = app.post("/api/documents", quote).expect(201).await;
    let path = format!("/api/documents/{}", id(&quote));
    let answer = json!({ "accepted": true, "evidence": "signé le 11/02" });
    app.post(&format!("{path}/answer"), answer.clone()).expect(409).await;
    let sent = app.post(&format!("{path}/issuance"), json!({})).expect(200).await;
    assert_eq!((sent["number"].as_str(), sent["valid_until"].as_str()), (Some("DEV-2026-0001"), Some("2026-03-13")));
    assert_eq!((&sent["entry_id"], &sent["payment_state"]), (&json!(null), &json!(null)));
    app.post(&format!("{path}/conversion"), json!({})).expect(409).await;
    app.post(&format!("{path}/answer"), answer).expect(200).await;
    let invoice = app.post(&format!("{path}/conversion"), json!({})).expect(201).await;
    assert_eq!((decimal(&invoice["gross"]), invoice["source_id"].as_str()), (amount("1440"), quote["id"].as_str()));
    app.post(&format!("{path}/conversion"), json!({})).expect(409).await;
    assert_eq!(app.account("").await, amount("0"));
}

#[tokio::test]
async fn an_offer_whose_time_is_over_can_only_expire() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let quote = json!({ "entity": "ZR7", "kind": "quote", "party_id": party, "valid_until": "2026-02-12",
        "lines": [{ "name": "Pose", "unit_price": "1200" }] });
    let quote = app.post("/api/documents", quote).expect(201).await;
    let path = format!("/api/documents/{}", id(&quote));
    app.post(&format!("{path}/issuance"), json!({})).expect(200).await;
    app.at("2026-02-12T22:59:00Z").await;
    app.run("billing-daily").await;
    assert_eq!(app.get(&path).expect(200).await["status"], "sent");
    app.at("2026-02-12T23:01:00Z").await;
    let answer = json!({ "accepted": true, "evidence": "mail" });
    assert_eq!(app.post(&format!("{path}/answer"), answer).await.code(), "quote_expired");
    app.run("billing-daily").await;
    assert_eq!(app.get(&path).expect(200).await["status"], "expired");
}

#[tokio::test]
async fn documents_belong_to_their_entity_and_tenant() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    let invoice = app.invoice(&party, "100").await;
    let other = app.member("admin", "MDL").await;
    let stranger = TestApp::new().await;
    for path in [format!("/api/documents/{}", id(&invoice)), format!("/api/documents/{}/file", id(&invoice))] {
        app.get(&path).by(&other).expect(404).await;
        stranger.get(&path).expect(404).await;
    }
    let listed = app.get("/api/invoices").by(&other).expect(200).await;
    assert_eq!(listed["items"], json!([]));
    let foreign = json!({ "entity": "MDL", "party_id": party });
    app.post("/api/documents", foreign).expect(422).await;
}
