//! The demo with two of everything that it lacks: for what is asked of every list and of every id.

use axum::http::Method;
use serde_json::{Value, json};

use crate::demo::Demo;
use crate::support::TestApp;

pub(super) async fn furnished(name: &str) -> Demo {
    let demo = crate::demo::loaded(name).await;
    let app = &demo.app;
    for n in 0..2 {
        people(app, n).await;
        money(app, n).await;
        outside(app, n).await;
    }
    // Whatever the hour at which the demo ends: two invoices at least are late.
    let late = json!({ "rules": { "invoice_overdue_7days": { "threshold": 0 } } });
    app.put("/api/settings/alerts", late).expect(200).await;
    app.post("/api/alerts/checks", json!({})).expect(200).await;
    let rest = json!({ "sections": ["schema"] });
    app.post("/api/audit/runs", rest).expect(202).await;
    app.run_jobs().await;
    demo
}

async fn ids(app: &TestApp, list: &str) -> Vec<String> {
    let page = app.get(list).expect(200).await;
    page["items"].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn people(app: &TestApp, n: usize) {
    let party = &ids(app, "/api/parties?entity=ZR7").await[0];
    let address = json!({ "kind": "site", "line1": format!("{n} rue X"), "postal_code": "75001", "city": "Paris" });
    app.post(&format!("/api/parties/{party}/addresses"), address).expect(201).await;
    let contact = json!({ "kind": "general", "name": format!("Anne {n}") });
    app.post(&format!("/api/parties/{party}/contacts"), contact).expect(201).await;
    let buyer = &ids(app, "/api/clients?entity=ZR7").await[0];
    app.post(&format!("/api/clients/{buyer}/notes"), json!({ "text": "Rappeler" })).scope("ZR7").expect(201).await;
    let orders = app.get(&format!("/api/commandes?entity=ZR7&buyer={buyer}")).expect(200).await;
    let (order, product) = (&orders["items"][0]["id"], &orders["items"][0]["product"]);
    let credit = json!({ "order_id": order, "product": product, "week": "2020-W10", "quantity": 1, "reason": "autre" });
    app.post(&format!("/api/clients/{buyer}/credits"), credit).scope("ZR7").expect(201).await;
    let lead = &ids(app, "/api/leads?entity=ZR7&limit=1").await[0];
    app.post(&format!("/api/leads/{lead}/notes"), json!({ "text": "Rappeler" })).scope("ZR7").expect(201).await;
}

async fn money(app: &TestApp, n: usize) {
    let invoices = ids(app, "/api/invoices?entity=ZR7&status=overdue").await;
    let mail = json!({ "to": ["a@b.example"] });
    app.post(&format!("/api/documents/{}/mails", invoices[0]), mail).scope("ZR7").expect(201).await;
    app.post(&format!("/api/documents/{}/reminders", invoices[n]), json!({})).scope("ZR7").expect(201).await;
    let rate = json!({ "entity": "ZR7", "from": "USD", "to": "EUR", "rate_type": "official", "on": format!("2026-02-1{n}"), "rate": "0.9" });
    app.put("/api/ledger/rates", rate).expect(200).await;
    let others = ids(app, "/api/invoices?entity=MDL&status=overdue").await;
    let file = app.get(&format!("/api/documents/{}/file", others[n])).await;
    let path = format!("/api/incoming-invoices?entity=ZR7&file_name=facture-{n}.pdf");
    let incoming = app.send(Method::POST, &path, None).by(&app.root).raw("application/octet-stream", file.bytes);
    incoming.scope("ZR7").expect(201).await;
    let day = format!("2019-0{}-01", n + 1);
    let lock = json!({ "entity": "ZR7", "starts_on": day, "ends_on": day, "reason": "TVA" });
    app.post("/api/ledger/locks", lock).expect(201).await;
}

async fn outside(app: &TestApp, n: usize) {
    let view = json!({ "page": "leads", "name": format!("View {n}"), "query": "status=new" });
    app.post("/api/views", view).expect(201).await;
    let hook =
        json!({ "entity": "ZR7", "name": format!("ERP {n}"), "url": "https://erp.example/in", "actions": ["*"] });
    let hook = app.post("/api/webhooks", hook).expect(201).await;
    for _ in 0..2 {
        app.post(&format!("/api/webhooks/{}/test", hook["id"].as_str().unwrap()), json!({})).expect(202).await;
        app.run_jobs().await;
    }
    let provider = json!({ "entity": "ZR7", "name": format!("Pub {n}"), "slug": format!("pub-{n}") });
    app.post("/api/providers", provider).expect(201).await;
    let junk: Value = json!({ "session_id": format!("j{n}"), "phone": "no phone at all" });
    let junk = app.send(Method::POST, &format!("/api/public/leads?tenant={}", app.slug), Some(junk)).await;
    assert!(junk.status.is_client_error(), "{}", junk.json);
}
