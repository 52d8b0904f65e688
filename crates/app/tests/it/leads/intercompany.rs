//! Spec 4.8, 5.11: what one entity owes another for a lead, once.

use serde_json::{Value, json};

use crate::support::{TestApp, owner};

fn person(n: usize) -> Value {
    json!({ "session_id": format!("s{n}"), "phone": format!("06{:03}93{:03}", n / 1000, n % 1000) })
}

/// Leads of ZR7 and nobody there who takes them; an order of MDL.
async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("MDL", "Ouest", json!({})).await;
    app
}

async fn set_price(app: &TestApp, price: &str) {
    let price = json!({ "from": "ZR7", "to": "MDL", "product": "PV", "unit_price_ht": price });
    app.put("/api/intercompany/pricing", json!({ "prices": [price] })).expect(200).await;
    app.run_jobs().await;
}

async fn send(app: &TestApp, people: std::ops::Range<usize>) {
    for n in people {
        app.lead(person(n)).expect(201).await;
    }
    app.run("daily-delivery").await;
    app.run_jobs().await;
}

async fn transfers(app: &TestApp, query: &str) -> Vec<Value> {
    let page = app.get(&format!("/api/intercompany/transfers{query}")).expect(200).await;
    page["items"].as_array().unwrap().clone()
}

async fn delivered(app: &TestApp) -> Vec<String> {
    app.value("select coalesce(array_agg(status || ' ' || outcome), '{}') from leads.delivery where tenant_id = $1")
        .await
}

/// What an invoice will do: everything pending is invoiced by some document.
async fn invoice(app: &TestApp) {
    let sql = "update leads.transfer set status = 'invoiced', document_id = gen_random_uuid() where tenant_id = $1 and status = 'pending'";
    sqlx::query(sql).bind(app.tenant.uuid()).execute(&mut owner().await).await.unwrap();
}

#[tokio::test]
async fn l_30_a_lead_sold_across_entities_is_charged_once_and_one_sold_at_home_never() {
    let app = ready().await;
    app.form("MDL-001", "MDL", "PV").await;
    set_price(&app, "25").await;
    send(&app, 0..2).await;
    app.lead(json!({ "form_code": "MDL-001", "phone": "0612349922", "session_id": "home" })).expect(201).await;
    app.run("daily-delivery").await;
    assert_eq!(delivered(&app).await.len(), 3);
    let made = transfers(&app, "").await;
    assert_eq!(made.len(), 2, "one a delivery that crossed");
    let file = app.get("/api/intercompany/transfers/export?direction=ZR7-%3EMDL").await;
    assert_eq!((file.status.as_u16(), file.text.lines().count()), (200, 3), "{}", file.text);
    assert!(file.text.contains(";ZR7;MDL;2026-W07;PV;1;25;pending;"), "{}", file.text);
    let told = &made[0];
    assert_eq!(
        (&told["from"], &told["to"], &told["status"], &told["unit_price_ht"]),
        (&json!("ZR7"), &json!("MDL"), &json!("pending"), &json!("25"))
    );
    assert_eq!(
        (&told["week"], &told["routing_mode"], &told["units"]),
        (&json!("2026-W07"), &json!("fallback_no_orders"), &json!(1))
    );
    // The reaction once more, and the delivery sent again: nothing comes of it (L-07).
    let id: kernel::DeliveryId = told["delivery_id"].as_str().unwrap().parse().unwrap();
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let again = leads::intercompany::ops::settle(&ctx, id).await.unwrap();
    assert_eq!(again, json!({ "transfer": null, "reason": "already_exists" }));
    app.post(&format!("/api/deliveries/{id}/send"), json!({ "force": true })).expect(200).await;
    app.run_jobs().await;
    assert_eq!(transfers(&app, "").await.len(), 2);
    let nobody = leads::intercompany::ops::settle(&ctx, kernel::DeliveryId::generate(ctx.now())).await.unwrap();
    assert_eq!(nobody["reason"], "delivery_not_found");
    let week = app.get("/api/billing/week?week=2026-W07").expect(200).await;
    assert_eq!(
        (&week["interfacturation"][0]["units"], &week["interfacturation"][0]["amount"]),
        (&json!(2), &json!("50.00"))
    );
}

#[tokio::test]
async fn l_31_l_32_without_a_price_the_delivery_is_fine_and_the_transfer_waits_in_its_week_for_one() {
    let app = ready().await;
    send(&app, 0..2).await;
    assert_eq!(delivered(&app).await, ["sent accepted"; 2], "missing price, delivery fine");
    let errors = transfers(&app, "?status=error").await;
    assert_eq!(errors.len(), 2);
    let first = &errors[0];
    assert_eq!(
        (&first["error_code"], &first["unit_price_ht"], &first["attempts"]),
        (&json!("pricing_missing"), &Value::Null, &json!(1))
    );
    let health = app.get("/api/intercompany/health").expect(200).await;
    assert_eq!(
        (&health["status"], &health["error"], &health["missing_prices"][0]["units"]),
        (&json!("degraded"), &json!(2), &json!(2))
    );
    app.post(
        &format!("/api/intercompany/transfers/{}/cancel", first["id"].as_str().unwrap()),
        json!({ "reason": "x" }),
    )
    .expect(409)
    .await;
    // Tried every hour, less and less often, five times; never before its time.
    assert_eq!(app.run("transfer-retry").await, json!({ "fixed": 0, "left": 0 }));
    let mut tried = 0;
    for hour in 1..=40 {
        app.clock.advance(jiff::SignedDuration::from_hours(1));
        let report = app.run("transfer-retry").await;
        tried += report["left"].as_i64().unwrap();
        assert_eq!(report["fixed"], 0, "hour {hour}");
    }
    assert_eq!(tried, 8, "four more times each");
    assert_eq!(app.get("/api/intercompany/health").expect(200).await["given_up"], 2);
    app.at("2026-02-25T09:00:00Z").await;
    set_price(&app, "25").await;
    let fixed = transfers(&app, "?week=2026-W07&status=pending").await;
    assert_eq!(fixed.len(), 2, "in place, in the week of sending, as soon as the price is set");
    let same: Vec<_> = fixed.iter().map(|t| t["id"].clone()).collect();
    assert!(errors.iter().all(|error| same.contains(&error["id"])));
    assert_eq!(
        app.post("/api/intercompany/retry-errors", json!({})).expect(200).await,
        json!({ "fixed": 0, "left": 0 })
    );
    assert_eq!(app.get("/api/intercompany/health").expect(200).await["status"], "ok");
}

#[tokio::test]
async fn l_10_what_is_taken_back_is_not_owed_and_is_credited_when_it_was_invoiced() {
    let app = ready().await;
    set_price(&app, "25").await;
    send(&app, 0..3).await;
    let ids: Vec<String> =
        app.value("select array_agg(id::text order by id) from leads.delivery where tenant_id = $1").await;
    app.post(&format!("/api/deliveries/{}/reject-leads", ids[0]), json!({ "reason": "faux" })).expect(200).await;
    let cancelled = transfers(&app, "?status=cancelled").await;
    assert_eq!(
        (cancelled.len(), cancelled[0]["delivery_id"].as_str()),
        (1, Some(ids[0].as_str())),
        "in the same transaction"
    );
    invoice(&app).await;
    app.at("2026-02-18T09:00:00Z").await;
    for _ in 0..2 {
        app.post(&format!("/api/deliveries/{}/remove-lead", ids[1]), json!({ "reason": "test" })).expect(200).await;
    }
    let credits = transfers(&app, "?status=pending").await;
    assert_eq!(credits.len(), 1, "once");
    assert_eq!(
        (&credits[0]["units"], &credits[0]["unit_price_ht"], &credits[0]["week"]),
        (&json!(-1), &json!("25"), &json!("2026-W08"))
    );
    let of = transfers(&app, "?status=invoiced").await;
    assert!(of.iter().any(|t| t["id"] == credits[0]["credit_of"] && t["delivery_id"] == json!(ids[1])));
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let mut tx = ctx.begin().await.unwrap();
    let groups = leads::intercompany::ops::pending_groups(&mut tx, "2026-W08".parse().unwrap()).await.unwrap();
    assert_eq!((groups.len(), groups[0].units, groups[0].amount.to_string().as_str()), (1, -1, "-25.00"));
}

#[tokio::test]
async fn l_10_what_was_taken_back_before_it_could_be_settled_is_never_owed() {
    let app = ready().await;
    send(&app, 0..1).await;
    let delivery = app.delivery().await;
    app.post(&format!("/api/deliveries/{delivery}/reject-leads"), json!({ "reason": "faux" })).expect(200).await;
    set_price(&app, "25").await;
    assert_eq!(transfers(&app, "").await[0]["status"], "cancelled", "an error that is taken back is not tried again");
    sqlx::query("delete from leads.transfer where tenant_id = $1")
        .bind(app.tenant.uuid())
        .execute(&mut owner().await)
        .await
        .unwrap();
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let late = leads::intercompany::ops::settle(&ctx, delivery.parse().unwrap()).await.unwrap();
    assert_eq!(late["reason"], "taken_back");
}

#[tokio::test]
async fn l_34_what_is_owed_is_grouped_by_direction_product_and_price_and_never_netted() {
    let app = ready().await;
    app.form("MDL-009", "MDL", "ITE").await;
    app.order("ZR7", "Iso", json!({ "product": "ITE" })).await;
    set_price(&app, "25").await;
    let back = json!({ "prices": [{ "from": "MDL", "to": "ZR7", "product": "ITE", "unit_price_ht": "20" }] });
    app.put("/api/intercompany/pricing", back).expect(200).await;
    send(&app, 0..2).await;
    set_price(&app, "27").await;
    send(&app, 2..3).await;
    app.lead(json!({ "form_code": "MDL-009", "phone": "0612349933", "session_id": "ite" })).expect(201).await;
    app.run("daily-delivery").await;
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let mut tx = ctx.begin().await.unwrap();
    let week = "2026-W07".parse().unwrap();
    let groups = leads::intercompany::ops::pending_groups(&mut tx, week).await.unwrap();
    let mut told: Vec<_> = groups.iter().map(|g| (g.key.product.as_str(), g.units, g.amount.to_string())).collect();
    told.sort();
    assert_eq!(told, [("ITE", 1, "20.00".to_owned()), ("PV", 1, "27.00".to_owned()), ("PV", 2, "50.00".to_owned())]);
    let of_zr7 = groups.iter().find(|group| group.units == 2).unwrap();
    let locked = leads::intercompany::ops::lock_pending(&mut tx, of_zr7.key.from, of_zr7.key.to, week).await.unwrap();
    let document = kernel::DocumentId::generate(ctx.now());
    let ids: Vec<_> = locked.iter().map(|transfer| transfer.id).collect();
    assert_eq!(ids.len(), 3);
    leads::intercompany::ops::mark_invoiced(&mut tx, &ids, document).await.unwrap();
    leads::intercompany::ops::mark_invoiced(&mut tx, &ids, document).await.unwrap_err();
    assert_eq!(leads::intercompany::ops::pending_weeks(&mut tx, week).await.unwrap(), [week]);
    assert_eq!(leads::intercompany::ops::pending_groups(&mut tx, week).await.unwrap().len(), 1);
}

#[tokio::test]
async fn both_sides_see_a_transfer_and_a_person_may_cancel_it_while_it_is_pending() {
    let app = ready().await;
    set_price(&app, "25").await;
    send(&app, 0..1).await;
    let (zr7, mdl, ops) =
        (app.member("admin", "ZR7").await, app.member("admin", "MDL").await, app.member("ops", "ZR7").await);
    for token in [&zr7, &mdl, &ops] {
        let page = app.get("/api/intercompany/transfers?direction=ZR7-%3EMDL").by(token).expect(200).await;
        assert_eq!(page["items"].as_array().unwrap().len(), 1);
        assert_eq!(app.get("/api/intercompany/pricing").by(token).expect(200).await[0]["unit_price_ht"], "25");
    }
    let other = app.get("/api/intercompany/transfers?direction=MDL-%3EZR7").expect(200).await;
    assert_eq!(other["items"], json!([]));
    app.get("/api/intercompany/transfers?direction=ZR7").expect(400).await;
    app.get("/api/intercompany/transfers?week=2026-W99").expect(400).await;
    let id = transfers(&app, "").await[0]["id"].as_str().unwrap().to_owned();
    let cancel = format!("/api/intercompany/transfers/{id}/cancel");
    app.post(&cancel, json!({ "reason": "accord" })).by(&ops).expect(403).await;
    app.post(&cancel, json!({ "reason": "" })).by(&mdl).expect(422).await;
    let done = app.post(&cancel, json!({ "reason": "accord" })).by(&mdl).expect(200).await;
    assert_eq!((&done["status"], &done["can"]), (&json!("cancelled"), &json!([])));
    app.post(&cancel, json!({ "reason": "encore" })).by(&mdl).expect(409).await;
    let delivery = app.delivery().await;
    app.post(&format!("/api/deliveries/{delivery}/reject-leads"), json!({ "reason": "x" })).expect(200).await;
    for (price, field) in [
        (json!({ "from": "ZR7", "to": "ZR7", "product": "PV", "unit_price_ht": "1" }), "prices.to"),
        (json!({ "from": "ZR7", "to": "ABC", "product": "PV", "unit_price_ht": "1" }), "prices.to"),
        (json!({ "from": "ZR7", "to": "MDL", "product": "FAKE", "unit_price_ht": "1" }), "prices.product"),
        (json!({ "from": "ZR7", "to": "MDL", "product": "PV", "unit_price_ht": "-1" }), "prices.unit_price_ht"),
    ] {
        let refused = app.put("/api/intercompany/pricing", json!({ "prices": [price] })).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let gone = json!({ "prices": [{ "from": "ZR7", "to": "MDL", "product": "PV", "unit_price_ht": null }] });
    assert_eq!(app.put("/api/intercompany/pricing", gone).expect(200).await, json!([]));
    let told: i64 = app
        .value("select count(*) from platform.event where tenant_id = $1 and action = 'transfer_pricing_updated'")
        .await;
    assert_eq!(told, 2);
}

#[tokio::test]
async fn terms_between_entities_are_a_setting_that_is_checked() {
    let app = ready().await;
    let path = "/api/intercompany/terms";
    let usual = app.get(path).expect(200).await;
    assert_eq!((usual["version"].as_i64(), usual["value"]["vat_rate"].as_str()), (Some(0), Some("0")));
    for (bad, field) in [
        (json!({ "vat_rate": "20.001" }), "value.vat_rate"),
        (json!({ "vat_rate": "-1" }), "value.vat_rate"),
        (json!({ "vat_rate": "0", "vat_reason": " " }), "value.vat_reason"),
        (json!({ "payment_terms_days": 366 }), "value.payment_terms_days"),
    ] {
        let refused = app.put(path, json!({ "value": bad })).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused:#}");
    }
    let terms = json!({ "vat_rate": "20", "vat_reason": "", "payment_terms_days": 45 });
    let set = app.put(path, json!({ "value": terms, "version": 0 })).expect(200).await;
    assert_eq!((set["version"].as_i64(), &set["value"]), (Some(1), &terms));
    app.put(path, json!({ "value": terms, "version": 0 })).expect(409).await;
    app.put(path, json!({ "value": terms })).by(&app.member("viewer", "ZR7").await).expect(403).await;
}

#[tokio::test]
async fn health_tells_of_transfers_in_error_and_of_missing_prices() {
    let app = ready().await;
    send(&app, 0..2).await;
    let health = app.get("/api/system/health").expect(200).await;
    let part = &health["modules"]["intercompany"];
    assert_eq!((&health["status"], &part["status"]), (&json!("degraded"), &json!("degraded")));
    assert_eq!((&part["figures"]["error"], &part["figures"]["missing_prices"]), (&json!(2), &json!(1)));
    set_price(&app, "25").await;
    app.post("/api/intercompany/retry-errors", json!({})).expect(200).await;
    assert_eq!(app.get("/api/system/health").expect(200).await["modules"]["intercompany"]["status"], "ok");
}
