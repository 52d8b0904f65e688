//! Spec 4.6, 5.10: what buyers owe for a week, once and for good.

mod credits;

use kernel::Timestamp;
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::support::{TestApp, owner};

const W07: &str = "/api/billing/week/2026-W07/build-ledger";

fn person(n: usize) -> Value {
    json!({ "session_id": format!("s{n}"), "phone": format!("06{:03}92{:03}", n / 1000, n % 1000) })
}

/// A buyer `Acme` of ZR7 with an order for PV, priced.
async fn priced(price: &str, discount: &str) -> (TestApp, String, String) {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    let (buyer, order) = app.order("ZR7", "Acme", json!({})).await;
    set_price(&app, &buyer, price, discount).await;
    (app, buyer, order)
}

async fn set_price(app: &TestApp, buyer: &str, price: &str, discount: &str) {
    let body = json!({ "product": "PV", "unit_price_eur": price, "discount_pct": discount });
    app.post(&format!("/api/clients/{buyer}/pricing/product"), body).expect(200).await;
}

/// Leads with these numbers arrive and are sent.
async fn send(app: &TestApp, people: std::ops::Range<usize>) {
    for n in people {
        app.lead(person(n)).expect(201).await;
    }
    app.run("daily-delivery").await;
}

async fn build(app: &TestApp) -> Value {
    app.post(W07, json!({})).scope("ZR7").expect(200).await
}

async fn week(app: &TestApp, week: &str) -> Value {
    app.get(&format!("/api/billing/week?week={week}")).scope("ZR7").expect(200).await
}

/// The only record of the week.
async fn record(app: &TestApp) -> Value {
    let page = app.get("/api/billing/records?week=2026-W07").expect(200).await;
    let records = page["items"].as_array().unwrap();
    assert_eq!(records.len(), 1, "{page}");
    records[0].clone()
}

async fn track(app: &TestApp, id: &Value, body: Value) -> Value {
    app.put(&format!("/api/billing/records/{}", id.as_str().unwrap()), body).expect(200).await
}

fn money(row: &Value) -> [String; 3] {
    ["net", "vat", "gross"].map(|key| {
        let amount: rust_decimal::Decimal = row[key].as_str().unwrap().parse().unwrap();
        amount.normalize().to_string()
    })
}

/// Lines and records of the tenant but for times.
async fn snapshot(app: &TestApp) -> String {
    app.value(
        "select coalesce(string_agg(x, ';' order by x), '') from (
             select (to_jsonb(l) - 'tenant_id')::text as x from leads.ledger_line l where tenant_id = $1
             union all select (to_jsonb(r) - 'created_at' - 'updated_at')::text from leads.billing_record r where tenant_id = $1) y",
    )
    .await
}

#[tokio::test]
async fn a_preview_and_the_built_week_are_the_same_figures() {
    let (app, buyer, order) = priced("25", "10").await;
    send(&app, 0..14).await;
    let credit = json!({ "order_id": order, "product": "PV", "week": "2026-W07", "quantity": 3, "reason": "qualite" });
    app.post(&format!("/api/clients/{buyer}/credits"), credit).expect(201).await;
    let preview = week(&app, "2026-W07").await;
    assert_eq!(
        (&preview["is_preview"], money(&preview["kpis"])),
        (&json!(true), ["247.5", "49.5", "297"].map(String::from))
    );
    let built = build(&app).await;
    assert_eq!((&built[0]["generation"], &built[0]["billable"]), (&json!(1), &json!(14)));
    let page = week(&app, "2026-W07").await;
    assert_eq!(page["is_preview"], false);
    for key in ["units", "billable", "free", "invoiced", "missing_prices"] {
        assert_eq!(page["kpis"][key], preview["kpis"][key], "{key}");
    }
    assert_eq!(money(&page["kpis"]), money(&preview["kpis"]));
    assert_eq!((&page["kpis"]["free"], &page["kpis"]["invoiced"]), (&json!(3), &json!(11)));
    let id = page["weekly"][0]["id"].as_str().unwrap();
    let mut lines = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/billing/records/{id}/lines?limit=5&cursor={cursor}");
        let answer = app.get(&path).expect(200).await;
        lines.extend(answer["items"].as_array().unwrap().clone());
        let Some(next) = answer["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(lines.len(), 14, "every figure opens the rows behind it");
    assert_eq!(app.get(&format!("/api/billing/records/{id}")).expect(200).await, page["weekly"][0]);
    for (month, records) in [("2026-01", 0), ("2026-02", 1), ("2026-03", 0)] {
        let listed = app.get(&format!("/api/billing/records?month={month}")).expect(200).await;
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(records), "{month}");
    }
    let empty = week(&app, "2099-W01").await;
    assert_eq!((&empty["weekly"], &empty["kpis"]["units"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn l_11_a_unit_is_billed_in_the_week_it_was_sent_even_when_the_week_before_is_invoiced() {
    let (app, _, _) = priced("25", "0").await;
    send(&app, 0..1).await;
    app.at("2026-02-13T16:00:00Z").await;
    app.lead(person(1)).expect(201).await;
    build(&app).await;
    let first = record(&app).await;
    assert_eq!(first["units_sent"], 1, "what is not sent yet is not of this week");
    track(&app, &first["id"], json!({ "status": "invoiced", "external_invoice_number": "F-1" })).await;
    app.at("2026-02-16T09:00:00Z").await;
    app.run("daily-delivery").await;
    let built = app.post("/api/billing/week/2026-W08/build-ledger", json!({})).scope("ZR7").expect(200).await;
    assert_eq!((&built[0]["billable"], &built[0]["records"]), (&json!(1), &json!(1)));
    assert_eq!(record(&app).await["units_sent"], 1);
    // Sunday 23:30 in UTC is Monday in Paris (L-24); sending again changes nothing.
    app.at("2026-02-22T23:30:00Z").await;
    app.lead(person(2)).expect(201).await;
    let delivery = app.delivery().await;
    app.post(&format!("/api/deliveries/{delivery}/send"), json!({})).expect(200).await;
    app.run_jobs().await;
    app.at("2026-03-02T09:00:00Z").await;
    app.post(&format!("/api/deliveries/{delivery}/send"), json!({ "force": true })).expect(200).await;
    app.run_jobs().await;
    assert_eq!(week(&app, "2026-W08").await["kpis"]["units"], 1);
    assert_eq!(week(&app, "2026-W09").await["kpis"]["units"], 1);
    assert_eq!(week(&app, "2026-W10").await["kpis"]["units"], 0);
}

#[tokio::test]
async fn l_34_a_price_that_changes_within_the_week_makes_two_records_whose_sum_is_the_weeks() {
    let (app, buyer, _) = priced("25", "0").await;
    send(&app, 0..2).await;
    app.at("2026-02-12T09:00:00Z").await;
    set_price(&app, &buyer, "27", "0").await;
    send(&app, 2..3).await;
    let built = build(&app).await;
    assert_eq!(built[0]["records"], 2);
    let page = week(&app, "2026-W07").await;
    let rows: Vec<_> =
        page["weekly"].as_array().unwrap().iter().map(|row| (row["position"].clone(), money(row)[0].clone())).collect();
    assert_eq!(rows, [(json!(1), "50".into()), (json!(2), "27".into())]);
    assert_eq!(money(&page["kpis"])[0], "77");
    let preview = snapshot(&app).await;
    set_price(&app, &buyer, "99", "0").await;
    assert_eq!(snapshot(&app).await, preview, "a price changed after changes nothing until the week is built again");
}

#[tokio::test]
async fn l_42_a_week_is_built_as_often_as_wanted_until_something_of_it_is_invoiced() {
    let (app, _, _) = priced("25", "0").await;
    send(&app, 0..3).await;
    build(&app).await;
    let id = record(&app).await["id"].clone();
    track(&app, &id, json!({ "external_invoice_number": "F-7", "external_invoice_ttc": "90.00" })).await;
    let first = snapshot(&app).await;
    build(&app).await;
    assert_eq!(snapshot(&app).await, first, "twice is once, and what was noted is kept");
    let together = futures_util::future::join_all((0..4).map(|_| app.post(W07, json!({})).scope("ZR7").answer())).await;
    assert!(together.iter().all(|answer| answer.status == 200));
    assert_eq!(snapshot(&app).await, first);
    assert_eq!(app.value::<i32>("select generation from leads.billing_week where tenant_id = $1").await, 6);
    let told =
        app.value::<i64>("select count(*) from platform.event where tenant_id = $1 and action = 'ledger_built'").await;
    assert_eq!(told, 6);
    for (status, more) in [("invoiced", json!({})), ("overdue", json!({})), ("paid", json!({}))] {
        let mut body = json!({ "status": status });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        track(&app, &id, body).await;
        let refused = app.post(W07, json!({})).scope("ZR7").expect(409).await;
        assert_eq!(
            refused["type"].as_str().unwrap().rsplit(['/', ':']).next(),
            Some("week_locked"),
            "{status}: {refused}"
        );
    }
    assert_eq!(week(&app, "2026-W07").await["is_locked"], true);
    let path = format!("/api/billing/records/{}", id.as_str().unwrap());
    app.put(&path, json!({ "status": "overdue" })).expect(409).await;
    app.put(&path, json!({ "status": "invoiced" })).expect(422).await;
    app.put(&path, json!({ "status": "invoiced", "reason": "payé par erreur" })).expect(200).await;
    let open = app.put(&path, json!({ "status": "not_invoiced", "reason": "à refaire" })).expect(200).await;
    assert_eq!((&open["paid_on"], &open["external_invoice_number"]), (&Value::Null, &json!("F-7")));
    build(&app).await;
    let again = record(&app).await;
    assert_eq!((&again["id"], &again["external_invoice_number"]), (&id, &json!("F-7")));
}

#[tokio::test]
async fn l_42_a_builder_that_dies_in_the_middle_leaves_the_ledger_that_was() {
    let (app, buyer, order) = priced("25", "0").await;
    send(&app, 0..3).await;
    build(&app).await;
    let before = snapshot(&app).await;
    set_price(&app, &buyer, "30", "0").await;
    // Whoever holds the order holds up the record that refers to it, when lines and records are deleted already.
    let mut holder = owner().await;
    let mut waiting = holder.begin().await.unwrap();
    let hold = sqlx::query("select from leads.standing_order where id = $1::uuid for update").bind(&order);
    hold.execute(&mut *waiting).await.unwrap();
    let building = app.post(W07, json!({})).scope("ZR7").answer();
    let killing = async {
        let mut watcher = owner().await;
        loop {
            let sql = "select pg_terminate_backend(pid) from pg_stat_activity
                 where wait_event_type = 'Lock' and query like '%insert into leads.billing_record%' and pid <> pg_backend_pid()";
            let killed: Option<bool> = sqlx::query_scalar(sql).fetch_optional(&mut watcher).await.unwrap();
            if killed == Some(true) {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    let (answer, ()) = tokio::join!(building, killing);
    waiting.rollback().await.unwrap();
    assert!(answer.status.is_server_error(), "{}", answer.json);
    assert_eq!(snapshot(&app).await, before);
    build(&app).await;
    assert_eq!(money(&week(&app, "2026-W07").await["kpis"])[0], "90", "and it can be built anew");
}

#[tokio::test]
async fn l_59_vat_and_terms_come_from_the_buyer_alone_and_a_missing_price_is_told() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    let client = json!({ "entity": "ZR7", "name": "Export", "email": "export@buyer.example", "vat_rate": "0", "payment_terms_days": 45 });
    let buyer = app.post("/api/clients", client).expect(201).await["id"].as_str().unwrap().to_owned();
    app.order_of("ZR7", &buyer, json!({})).await;
    app.put(&format!("/api/clients/{buyer}/pricing"), json!({ "discount_pct_global": "10" })).expect(200).await;
    send(&app, 0..2).await;
    let missing = week(&app, "2026-W07").await;
    assert_eq!(
        (&missing["kpis"]["missing_prices"], &missing["weekly"][0]["pricing_source"]),
        (&json!(2), &json!("client_pricing_global"))
    );
    let future = json!({ "product": "PV", "unit_price_eur": "30", "discount_pct": "5", "valid_from": "2026-02-12" });
    app.post(&format!("/api/clients/{buyer}/pricing/product"), future).expect(200).await;
    assert_eq!(week(&app, "2026-W07").await["kpis"]["missing_prices"], 2, "a price of tomorrow says nothing of today");
    set_price(&app, &buyer, "30", "5").await;
    build(&app).await;
    let row = record(&app).await;
    assert_eq!((money(&row), &row["vat_rate"]), (["57", "0", "57"].map(String::from), &json!("0")));
    let invoiced = track(&app, &row["id"], json!({ "status": "invoiced" })).await;
    assert_eq!((&invoiced["issued_on"], &invoiced["due_on"]), (&json!("2026-02-11"), &json!("2026-03-28")));
}

#[tokio::test]
async fn l_63_the_week_counts_the_same_units_in_the_cockpit_with_deliveries_at_the_buyer_and_in_billing() {
    let (app, buyer, _) = priced("25", "0").await;
    send(&app, 0..5).await;
    let deliveries: Vec<String> =
        app.value("select array_agg(id::text) from leads.delivery where tenant_id = $1").await;
    app.post(&format!("/api/deliveries/{}/reject-leads", deliveries[0]), json!({ "reason": "x" })).expect(200).await;
    app.post(&format!("/api/deliveries/{}/remove-lead", deliveries[1]), json!({ "reason": "test" })).expect(200).await;
    build(&app).await;
    let billed = week(&app, "2026-W07").await["kpis"].clone();
    let stats = app.get("/api/deliveries/stats?week=2026-W07").expect(200).await;
    let cockpit = app.get("/api/leads/dashboard-stats?week=2026-W07").expect(200).await;
    let at_buyer = app.get(&format!("/api/clients/{buyer}")).expect(200).await;
    assert_eq!((&billed["units"], &billed["billable"]), (&json!(5), &json!(3)));
    assert_eq!((&stats["sent"], &stats["billable"]), (&json!(5), &json!(3)));
    assert_eq!(cockpit["deliveries"]["billable"], 3, "{cockpit}");
    assert_eq!(at_buyer["leads_this_week"], 3);
    let month = app.get("/api/billing/month-summary?month=2026-02").scope("ZR7").expect(200).await;
    assert_eq!((&month["units_billable"], money(&month)), (&json!(3), ["75", "15", "90"].map(String::from)));
}

#[tokio::test]
async fn a_unit_counts_in_the_month_it_was_sent_and_the_week_between_is_cut() {
    let (app, _, _) = priced("25", "0").await;
    app.at("2026-04-29T09:00:00Z").await;
    send(&app, 0..1).await;
    app.at("2026-05-01T09:00:00Z").await;
    send(&app, 1..3).await;
    for scope in ["preview", "built"] {
        for (month, units, net) in [("2026-04", 1, "25"), ("2026-05", 2, "50"), ("2026-06", 0, "0")] {
            let page = app.get(&format!("/api/billing/month-summary?month={month}")).scope("ZR7").expect(200).await;
            assert_eq!((&page["units_billable"], money(&page)[0].as_str()), (&json!(units), net), "{month} {scope}");
        }
        app.post("/api/billing/week/2026-W18/build-ledger", json!({})).scope("ZR7").expect(200).await;
    }
    let id = app.get("/api/billing/records?week=2026-W18").expect(200).await["items"][0]["id"].clone();
    track(&app, &id, json!({ "status": "invoiced" })).await;
    let may = app.get("/api/billing/month-summary?month=2026-05").scope("ZR7").expect(200).await;
    assert_eq!(may["rows"][0]["status"], "invoiced");
}

#[tokio::test]
async fn units_paid_in_advance_stand_apart_and_in_no_sum_of_money() {
    let (app, buyer, _) = priced("20", "0").await;
    let prepaid = json!({ "product": "PV", "unit_price_eur": "20", "billing_mode": "PREPAID" });
    app.post(&format!("/api/clients/{buyer}/pricing/product"), prepaid).expect(200).await;
    app.post(&format!("/api/clients/{buyer}/prepayment/add-units"), json!({ "product": "PV", "units": 5 }))
        .expect(200)
        .await;
    send(&app, 0..2).await;
    build(&app).await;
    let page = week(&app, "2026-W07").await;
    assert_eq!(
        (&page["weekly"], &page["kpis"]["billable"], money(&page["kpis"])[0].as_str()),
        (&json!([]), &json!(2), "0")
    );
    assert_eq!(page["prepaid"][0]["units_billable"], 2);
    let id = page["prepaid"][0]["id"].as_str().unwrap();
    app.put(&format!("/api/billing/records/{id}"), json!({ "status": "invoiced" })).expect(409).await;
}

#[tokio::test]
async fn l_66_weeks_and_months_that_do_not_exist_are_400_and_other_entities_are_not_seen() {
    let (app, _, _) = priced("25", "0").await;
    send(&app, 0..1).await;
    app.post(W07, json!({})).expect(200).await;
    for path in [
        "/api/billing/week?week=2026-W99",
        "/api/billing/records?week=x",
        "/api/billing/month-summary?month=2026-13",
        "/api/billing/month-summary",
    ] {
        app.get(path).expect(400).await;
    }
    app.post("/api/billing/week/2026-W99/build-ledger", json!({})).expect(400).await;
    let id = record(&app).await["id"].as_str().unwrap().to_owned();
    let others = app.member("admin", "MDL").await;
    app.get(&format!("/api/billing/records/{id}/lines")).by(&others).expect(404).await;
    app.put(&format!("/api/billing/records/{id}"), json!({ "status": "invoiced" })).by(&others).expect(404).await;
    assert_eq!(app.get("/api/billing/records").by(&others).expect(200).await["items"], json!([]));
    assert_eq!(app.get("/api/billing/week?week=2026-W07").by(&others).expect(200).await["kpis"]["units"], 0);
    let built = app.post(W07, json!({})).by(&others).expect(200).await;
    assert_eq!((built.as_array().unwrap().len(), &built[0]["entity"]), (1, &json!("MDL")));
    for body in [
        json!({ "external_invoice_ttc": "-1" }),
        json!({ "external_invoice_ttc": "1.234" }),
        json!({ "paid_on": "2026-02-11" }),
        json!({ "issued_on": "2026-02-11", "due_on": "2026-02-10" }),
    ] {
        app.put(&format!("/api/billing/records/{id}"), body).expect(422).await;
    }
}

/// The price in the database's view is that of the rule, for every day.
#[tokio::test]
async fn the_ledger_prices_a_unit_as_the_rule_does() {
    use leads::rules::pricing::{BillingMode, DiscountVersion, PriceVersion, price_on};
    let (app, buyer, _) = priced("25", "10").await;
    let (mut versions, mut discounts) = (Vec::new(), Vec::new());
    let base: Timestamp = "2026-02-11T09:00:00Z".parse().unwrap();
    let today = base.date_in(&kernel::Zone::named("Europe/Paris").unwrap());
    versions.push((today, "25", "10", true));
    for (days, price, discount, active) in [(1, "26", "0", true), (5, "26", "0", false), (7, "30.5", "33.33", true)] {
        versions.push((today.plus_days(days), price, discount, active));
        let body = json!({ "product": "PV", "unit_price_eur": price, "discount_pct": discount, "active": active, "valid_from": today.plus_days(days) });
        app.post(&format!("/api/clients/{buyer}/pricing/product"), body).expect(200).await;
    }
    discounts.push((today.plus_days(6), "12"));
    let general = json!({ "discount_pct_global": "12", "valid_from": today.plus_days(6) });
    app.put(&format!("/api/clients/{buyer}/pricing"), general).expect(200).await;
    let versions: Vec<_> = versions
        .into_iter()
        .map(|(valid_from, price, discount, active)| PriceVersion {
            valid_from,
            unit_price: price.parse().unwrap(),
            discount_pct: discount.parse().unwrap(),
            mode: BillingMode::WeeklyInvoice,
            active,
        })
        .collect();
    let discounts: Vec<_> = discounts
        .into_iter()
        .map(|(valid_from, discount)| DiscountVersion { valid_from, discount_pct: discount.parse().unwrap() })
        .collect();
    for (n, day) in [0, 1, 2, 5, 6, 7, 8].into_iter().enumerate() {
        app.at(&base.minus_days(-i64::from(day)).to_string()).await;
        app.lead(person(n)).expect(201).await;
        let delivery = app.delivery().await;
        app.post(&format!("/api/deliveries/{delivery}/send"), json!({})).expect(200).await;
        app.run_jobs().await;
        let expected = price_on(today.plus_days(day), &versions, &discounts);
        let got: (rust_decimal::Decimal, rust_decimal::Decimal, String) = sqlx::query_as(
            "select unit_price, discount_pct, pricing_source from leads.sold_unit where delivery_id = $1::uuid",
        )
        .bind(&delivery)
        .fetch_one(&mut owner().await)
        .await
        .unwrap();
        let expected = (expected.unit_price, expected.discount_pct, expected.source.as_str().to_owned());
        assert_eq!(got, expected, "day {day}");
    }
}

#[tokio::test]
async fn records_invoiced_elsewhere_become_overdue_by_a_job_the_day_after_they_are_due_and_their_file_says_so() {
    let (app, _, _) = priced("25", "0").await;
    send(&app, 0..1).await;
    build(&app).await;
    let id = record(&app).await["id"].clone();
    app.run("billing-records-overdue").await;
    assert_eq!(record(&app).await["status"], "not_invoiced", "what is not invoiced is not late");
    track(&app, &id, json!({ "status": "invoiced", "external_invoice_number": "F-9", "due_on": "2026-03-12" })).await;
    app.at("2026-03-12T09:00:00Z").await;
    assert_eq!(app.run("billing-records-overdue").await["overdue"], 0, "it may be paid today");
    app.at("2026-03-13T09:00:00Z").await;
    assert_eq!(app.run("billing-records-overdue").await["overdue"], 1);
    assert_eq!(app.run("billing-records-overdue").await["overdue"], 0, "told once");
    assert_eq!(record(&app).await["status"], "overdue");
    let file = app.get("/api/billing/records/export?status=overdue&week=2026-W07").await;
    assert_eq!(file.status, 200);
    assert!(file.text.contains(";30.00;overdue;F-9;2026-02-11;2026-03-12;;"), "{}", file.text);
    track(&app, &id, json!({ "status": "paid" })).await;
    assert_eq!(app.run("billing-records-overdue").await["overdue"], 0);
}
