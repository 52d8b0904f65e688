//! Units that need not be paid: given beforehand, or taken back after they were invoiced.

use axum::http::Method;
use serde_json::json;

use super::{W07, build, money, priced, record, send, track, week};

#[tokio::test]
async fn l_43_what_is_taken_back_after_it_was_invoiced_becomes_a_candidate_for_a_credit_note() {
    let (app, _, _) = priced("25", "33.33").await;
    send(&app, 0..3).await;
    let deliveries: Vec<String> =
        app.value("select array_agg(id::text order by id) from leads.delivery where tenant_id = $1").await;
    let take_back = |id: &str| format!("/api/deliveries/{id}/reject-leads");
    build(&app).await;
    // Before the invoice and after the build: it is told, and noted when the record is invoiced.
    app.post(&take_back(&deliveries[0]), json!({ "reason": "faux numéro" })).expect(200).await;
    assert_eq!(week(&app, "2026-W07").await["returned_since_built"], 1);
    let list = "/api/billing/credit-candidates";
    assert_eq!(app.get(list).expect(200).await["items"], json!([]));
    let id = record(&app).await["id"].clone();
    track(&app, &id, json!({ "status": "invoiced" })).await;
    app.post(&take_back(&deliveries[1]), json!({ "reason": "hors zone" })).expect(200).await;
    app.post(&take_back(&deliveries[1]), json!({ "reason": "hors zone" })).expect(200).await;
    let remove = format!("/api/deliveries/{}/remove-lead", deliveries[2]);
    app.post(&remove, json!({ "reason": "doublon" })).expect(200).await;
    let found = app.get(list).expect(200).await;
    let candidates = found["items"].as_array().unwrap();
    let sum = |key: &str| {
        candidates
            .iter()
            .map(|c| c[key].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap())
            .sum::<rust_decimal::Decimal>()
    };
    assert_eq!(
        (candidates.len(), sum("net").to_string(), sum("vat").to_string()),
        (3, "50.0000".into(), "10.0000".into())
    );
    assert!(candidates.iter().all(|c| c["status"] == "open" && c["units"] == 1 && c["record_id"] == id));
    let one = candidates[0]["id"].as_str().unwrap();
    let dismiss = format!("/api/billing/credit-candidates/{one}/dismiss");
    app.post(&dismiss, json!({ "reason": " " })).expect(422).await;
    let others = app.member("admin", "MDL").await;
    app.post(&dismiss, json!({ "reason": "x" })).by(&others).expect(404).await;
    assert_eq!(app.get(list).by(&others).expect(200).await["items"], json!([]));
    let dismissed = app.post(&dismiss, json!({ "reason": "déjà remboursé" })).expect(200).await;
    assert_eq!((&dismissed["status"], &dismissed["can"]), (&json!("dismissed"), &json!([])));
    app.post(&dismiss, json!({ "reason": "encore" })).expect(409).await;
    let open = app.get(&format!("{list}?status=open")).expect(200).await;
    assert_eq!(open["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn l_43_free_units_are_not_credited_and_a_week_built_anew_leaves_nothing_to_credit() {
    let (app, buyer, order) = priced("25", "0").await;
    send(&app, 0..2).await;
    let credit = json!({ "order_id": order, "product": "PV", "week": "2026-W07", "quantity": 1, "reason": "bug" });
    app.post(&format!("/api/clients/{buyer}/credits"), credit).expect(201).await;
    build(&app).await;
    let id = record(&app).await["id"].clone();
    track(&app, &id, json!({ "status": "invoiced" })).await;
    let deliveries: Vec<String> =
        app.value("select array_agg(id::text) from leads.delivery where tenant_id = $1").await;
    for delivery in &deliveries {
        app.post(&format!("/api/deliveries/{delivery}/reject-leads"), json!({ "reason": "x" })).expect(200).await;
    }
    let list = "/api/billing/credit-candidates";
    let found = app.get(list).expect(200).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "one was invoiced, one was free");
    track(&app, &id, json!({ "status": "not_invoiced", "reason": "à refaire" })).await;
    build(&app).await;
    let found = app.get(list).expect(200).await;
    assert_eq!(
        (&found["items"][0]["status"], &found["items"][0]["settled_reason"]),
        (&json!("dismissed"), &json!("ledger_rebuilt"))
    );
    assert_eq!(money(&week(&app, "2026-W07").await["kpis"])[0], "0");
}

#[tokio::test]
async fn l_44_a_credit_is_positive_of_the_buyers_order_and_ends_with_the_invoice() {
    let (app, buyer, order) = priced("25", "0").await;
    let (other, foreign) = app.order("ZR7", "Second", json!({ "product": "PAC" })).await;
    send(&app, 0..1).await;
    let path = format!("/api/clients/{buyer}/credits");
    let credit = |order: &str, product: &str, quantity: i64| json!({ "order_id": order, "product": product, "week": "2026-W07", "quantity": quantity, "reason": "geste_commercial" });
    for (body, field) in [
        (credit(&order, "PV", 0), "quantity"),
        (credit(&order, "PV", -4), "quantity"),
        (credit(&order, "PAC", 1), "product"),
        (credit(&foreign, "PAC", 1), "order_id"),
        (credit("00000000-0000-7000-8000-000000000001", "PV", 1), "order_id"),
        (json!({ "order_id": order, "product": "PV", "week": "2026-W99", "quantity": 1, "reason": "bug" }), "week"),
        (
            json!({ "order_id": order, "product": "PV", "week": "2026-W07", "quantity": 1, "reason": "cadeau" }),
            "reason",
        ),
    ] {
        let refused = app.post(&path, body).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let given = app.post(&path, credit(&order, "pv", 4)).expect(201).await;
    let page = week(&app, "2026-W07").await;
    assert_eq!((&page["kpis"]["free"], &page["kpis"]["invoiced"]), (&json!(1), &json!(0)), "three are lost");
    let one = |buyer: &str| format!("/api/clients/{buyer}/credits?credit_id={}", given["id"].as_str().unwrap());
    let delete = |path: String| app.send(Method::DELETE, &path, None).by(&app.root);
    delete(one(&other)).expect(404).await;
    build(&app).await;
    let id = record(&app).await["id"].clone();
    track(&app, &id, json!({ "status": "invoiced" })).await;
    delete(one(&buyer)).expect(409).await;
    app.post(&path, credit(&order, "PV", 1)).expect(409).await;
    track(&app, &id, json!({ "status": "not_invoiced", "reason": "erreur" })).await;
    delete(one(&buyer)).expect(204).await;
    assert_eq!(app.get(&path).expect(200).await["items"], json!([]));
    let actions: Vec<String> = app
        .value(
            "select array_agg(action order by id) from platform.event where tenant_id = $1 and action like 'credit%'",
        )
        .await;
    assert_eq!(actions.len(), 2, "{actions:?}");
}

#[tokio::test]
async fn a_credit_without_units_is_seen() {
    let (app, buyer, order) = priced("25", "0").await;
    let credit = json!({ "order_id": order, "product": "PV", "week": "2026-W07", "quantity": 2, "reason": "retard" });
    app.post(&format!("/api/clients/{buyer}/credits"), credit).expect(201).await;
    build(&app).await;
    let row = record(&app).await;
    assert_eq!(
        (&row["units_billable"], &row["units_free"], &row["unit_price"]),
        (&json!(0), &json!(0), &json!("25.0000"))
    );
}

/// What whoever makes invoices calls, in the order in which it does.
#[tokio::test]
async fn l_43_records_and_candidates_are_handed_to_whoever_makes_documents_once() {
    use kernel::{DocumentId, DocumentLineId};
    use leads::billing::invoicing::Invoiced;
    use leads::billing::model::BillingRecordStatus;
    let (app, buyer, _) = priced("25", "10").await;
    send(&app, 0..2).await;
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let (entity, week, buyer) =
        (ctx.entity_by_code("ZR7").unwrap().id, "2026-W07".parse().unwrap(), buyer.parse().unwrap());
    let mut tx = ctx.begin().await.unwrap();
    let early = leads::billing::lock_records_for_invoice(&mut tx, entity, week, buyer).await.unwrap_err();
    assert_eq!(early.code(), "ledger_not_built");
    drop(tx);
    build(&app).await;
    let mut tx = ctx.begin().await.unwrap();
    let records = leads::billing::lock_records_for_invoice(&mut tx, entity, week, buyer).await.unwrap();
    assert_eq!(
        (records.len(), records[0].units, records[0].amounts.net.normalize().to_string()),
        (1, 2, "45".to_owned())
    );
    let document = DocumentId::generate(ctx.now());
    let lines = [(records[0].id, DocumentLineId::generate(ctx.now()))];
    let day = |text: &str| text.parse::<kernel::Date>().unwrap();
    let invoice = Invoiced { document, issued_on: day("2026-02-16"), due_on: day("2026-03-18") };
    leads::billing::mark_invoiced(&mut tx, &lines, invoice).await.unwrap();
    leads::billing::mark_invoiced(&mut tx, &lines, invoice).await.unwrap_err();
    assert!(leads::billing::lock_records_for_invoice(&mut tx, entity, week, buyer).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    app.post(W07, json!({})).scope("ZR7").expect(409).await;
    let row = record(&app).await;
    assert_eq!((&row["status"], &row["document_id"], &row["can"]), (&json!("invoiced"), &json!(document), &json!([])));
    app.put(&format!("/api/billing/records/{}", row["id"].as_str().unwrap()), json!({ "status": "paid" }))
        .expect(409)
        .await;
    let delivery = app.delivery().await;
    app.post(&format!("/api/deliveries/{delivery}/reject-leads"), json!({ "reason": "faux" })).expect(200).await;
    let mut tx = ctx.begin().await.unwrap();
    assert_eq!(leads::billing::mark_settled(&mut tx, document, BillingRecordStatus::Overdue, None).await.unwrap(), 1);
    let paid_on = Some(day("2026-03-20"));
    assert_eq!(leads::billing::mark_settled(&mut tx, document, BillingRecordStatus::Paid, paid_on).await.unwrap(), 1);
    let open = leads::billing::lock_open_candidates(&mut tx, entity, buyer).await.unwrap();
    assert_eq!(
        (open.len(), open[0].invoice_id, open[0].net.normalize().to_string()),
        (1, Some(document), "22.5".to_owned())
    );
    let note = DocumentId::generate(ctx.now());
    leads::billing::mark_credited(&mut tx, &[open[0].id], note).await.unwrap();
    leads::billing::mark_credited(&mut tx, &[open[0].id], note).await.unwrap_err();
    tx.commit().await.unwrap();
    assert_eq!(record(&app).await["status"], "paid");
    let settled = app.get("/api/billing/credit-candidates?status=credited").expect(200).await;
    assert_eq!(settled["items"][0]["document_id"], json!(note));
}
