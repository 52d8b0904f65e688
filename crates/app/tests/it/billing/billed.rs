//! Work and parts on invoices: at their prices of sale, and each thing once.

use std::future::IntoFuture as _;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{amount, decimal, id};
use crate::support::TestApp;

/// What a mission leaves to be billed: an hour and a half of work, and a part that went in twice.
fn of_mission() -> Value {
    json!([
        { "item": "MO", "quantity": "1.5", "kind": "labor",
            "bills": [{ "kind": "time_entry", "reference": "T-1" }] },
        { "item": "JOINT", "quantity": "2", "kind": "parts",
            "bills": [{ "kind": "stock_movement", "reference": "M-1" }, { "kind": "stock_movement", "reference": "M-2" }] },
    ])
}

async fn shop() -> (TestApp, String) {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let hour = json!({ "code": "MO", "name": "Main d'œuvre", "unit_code": "HUR", "sale_price": "45" });
    app.post("/api/products", hour).expect(201).await;
    let part = json!({ "code": "JOINT", "name": "Joint de porte", "kind": "goods", "sale_price": "18.99" });
    app.post("/api/products", part).expect(201).await;
    let party = app.customer("ZR7", "Acme", json!({})).await;
    (app, party)
}

fn bills(kind: &str, reference: &str) -> Value {
    json!([{ "name": "Pose", "unit_price": "10", "bills": [{ "kind": kind, "reference": reference }] }])
}

#[tokio::test]
async fn f_06_f_20_an_invoice_from_a_mission_goes_from_its_work_and_parts_to_the_books() {
    let (app, party) = shop().await;
    let mission =
        json!({ "entity": "ZR7", "party_id": party, "subject": "Intervention INT-2026-0001", "lines": of_mission() });
    let draft = app.post("/api/documents", mission).expect(201).await;
    let issued = app.post(&format!("/api/documents/{}/issuance", id(&draft)), json!({})).expect(200).await;
    assert_eq!(issued["number"], "FAC-2026-0001");
    // 1.5 × 45.00 and 2 × 18.99 at their prices of sale; VAT 20 % of 105.48, by rate.
    assert_eq!(
        [&issued["net"], &issued["vat"], &issued["gross"]].map(decimal),
        ["105.48", "21.10", "126.58"].map(amount)
    );
    assert_eq!(issued["lines"][1]["bills"], of_mission()[1]["bills"]);
    let accounts = [app.account("411").await, app.account("706").await, app.account("707").await];
    assert_eq!(accounts, ["126.58", "-67.50", "-37.98"].map(amount));
    let page = app.get(&format!("/api/documents/{}/file", id(&draft))).await;
    assert!(page.bytes.starts_with(b"%PDF-1.7"));
    let found = app.get("/api/documents?bills=stock_movement:M-2").expect(200).await;
    assert_eq!((found["items"].as_array().unwrap().len(), &found["items"][0]["id"]), (1, &draft["id"]));
    assert_eq!(app.get("/api/documents?bills=stock_movement:M-3").expect(200).await["items"], json!([]));
    app.get("/api/documents?bills=M-2").expect(400).await;
}

#[tokio::test]
async fn f_20_each_movement_and_time_entry_is_billed_once() {
    let (app, party) = shop().await;
    let draft = app.draft(&party, of_mission()).await;
    let write = |lines: Value| json!({ "entity": "ZR7", "party_id": party, "lines": lines });
    let again = app.post("/api/documents", write(bills("stock_movement", "M-2"))).expect(409).await;
    assert_eq!(
        (again["type"].as_str(), again["detail"].as_str()),
        (Some("urn:comptoir:problem:already_billed"), Some("stock_movement M-2 is billed already, in a draft."))
    );
    // The same reference of another kind is another thing; so is that of another entity.
    app.draft(&party, bills("mission", "M-2")).await;
    let elsewhere = app.customer("MDL", "Autre", json!({})).await;
    let there = json!({ "entity": "MDL", "party_id": elsewhere, "lines": bills("stock_movement", "M-2") });
    app.post("/api/documents", there).expect(201).await;
    // A draft that is written anew keeps what it bills, and lets go of what it bills no more.
    let path = format!("/api/documents/{draft}");
    app.put(&path, write(json!([of_mission()[0]]))).expect(200).await;
    let second = app.draft(&party, bills("stock_movement", "M-2")).await;
    app.put(&path, write(of_mission())).expect(409).await;
    assert_eq!(app.get(&path).expect(200).await["lines"].as_array().unwrap().len(), 1);
    // One that is thrown away lets go of all.
    app.send(axum::http::Method::DELETE, &format!("/api/documents/{second}"), None).by(&app.root).expect(204).await;
    app.put(&path, write(of_mission())).expect(200).await;
    // Neither a copy nor an issued invoice changes that; one that is taken back as a whole does.
    app.post(&format!("{path}/issuance"), json!({})).expect(200).await;
    let copy = app.post(&format!("{path}/copies"), json!({})).expect(201).await;
    assert_eq!(copy["lines"][0]["bills"], Value::Null);
    let refused = app.post("/api/documents", write(of_mission())).expect(409).await;
    assert_eq!(refused["detail"], "stock_movement M-1 is billed already, on FAC-2026-0001.");
    let joint = json!({ "name": "Joint", "unit_price": "18.99" });
    let rest = json!([joint, { "name": "Main d'œuvre", "unit_price": "67.50" }]);
    for (lines, status) in [(json!([joint]), 409), (rest, 201)] {
        let note = json!({ "reason": "Retour", "lines": lines });
        let note = app.post(&format!("{path}/credit-notes"), note).expect(201).await;
        app.post(&format!("/api/documents/{}/issuance", id(&note)), json!({})).expect(200).await;
        app.post("/api/documents", write(of_mission())).expect(status).await;
    }
}

#[tokio::test]
async fn f_20_of_ten_invoices_at_once_for_the_same_hour_one_is_written() {
    let (app, party) = shop().await;
    let write = |at: i32| {
        let mut lines = of_mission();
        if at % 2 == 1 {
            lines.as_array_mut().unwrap().reverse();
        }
        json!({ "entity": "ZR7", "party_id": party, "lines": lines })
    };
    let answers = join_all((0..10).map(|at| app.post("/api/documents", write(at)).into_future())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().filter(|answer| answer.status != 201).all(|answer| answer.code() == "already_billed"));
    let drafts = app.get("/api/documents?status=draft").expect(200).await;
    assert_eq!(drafts["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_billed_has_a_name_and_stands_on_invoices_only() {
    let (app, party) = shop().await;
    let twice = json!([{ "name": "A", "unit_price": "1", "bills": [{ "kind": "t", "reference": "1" }] },
        { "name": "B", "unit_price": "1", "bills": [{ "kind": "t", "reference": "1" }] }]);
    let cases = [
        (json!({ "lines": bills("Time", "1") }), "lines.0.bills"),
        (json!({ "lines": bills("time", " 1") }), "lines.0.bills"),
        (json!({ "lines": twice }), "lines.1.bills"),
        (json!({ "kind": "quote", "lines": bills("time", "1") }), "lines.0.bills"),
    ];
    for (fields, field) in cases {
        let mut draft = json!({ "entity": "ZR7", "party_id": party });
        for (name, value) in fields.as_object().unwrap() {
            draft[name] = value.clone();
        }
        let answer = app.post("/api/documents", draft).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json["errors"][0]["field"].as_str()),
            (422, Some(field)),
            "{fields}"
        );
    }
}
