//! Fiscal years that close, lines that settle each other, rates with their history.

use serde_json::json;

use super::{begin, ctx, customer, day, decimal, entity, manual, posted, receipt, sale};
use crate::support::TestApp;

#[tokio::test]
async fn a_closed_year_is_carried_into_the_next_and_takes_no_entry_any_more() {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C1").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    posted(&app, sale(zr7, &customer, "FAC-1", day("2025-11-03"))).await;
    posted(&app, receipt(zr7, &customer, "100.00", day("2025-12-03"))).await;
    posted(&app, sale(zr7, &customer, "FAC-2", day("2026-01-15"))).await;
    let before = app.get("/api/ledger/trial-balance?entity=ZR7&to=2026-02-11").expect(200).await;
    let years = app.get("/api/ledger/years?entity=ZR7").expect(200).await;
    let id = |starts: &str| {
        let year = years.as_array().unwrap().iter().find(|year| year["starts_on"] == starts).unwrap();
        year["id"].as_str().unwrap().to_owned()
    };
    let (last, this) = (id("2025-01-01"), id("2026-01-01"));
    let refused = app.post(&format!("/api/ledger/years/{this}/closing"), json!({})).expect(409).await;
    assert_eq!(refused["type"], "urn:comptoir:problem:year_not_over");
    let closed = app.post(&format!("/api/ledger/years/{last}/closing"), json!({})).expect(200).await;
    assert_eq!((&closed["opening"], closed["year"]["closed_at"].is_null()), (&json!("AN000001"), false));
    let again = app.post(&format!("/api/ledger/years/{last}/closing"), json!({})).expect(409).await;
    assert_eq!(again["type"], "urn:comptoir:problem:year_closed");
    let refused = app.post("/api/ledger/entries", manual("1.00", "2025-12-31")).expect(409).await;
    assert_eq!(refused["type"], "urn:comptoir:problem:period_locked");
    let after = app.get("/api/ledger/trial-balance?entity=ZR7&to=2026-02-11").expect(200).await;
    let of = |balance: &serde_json::Value, code: &str| {
        let rows = balance["accounts"].as_array().unwrap();
        rows.iter().find(|row| row["code"] == code).map(|row| row["balance"].as_str().unwrap().to_owned())
    };
    for code in ["411000", "512000", "445712000"] {
        assert_eq!(of(&before, code), of(&after, code), "{code}");
    }
    assert_eq!((of(&before, "706000").as_deref(), of(&after, "706000").as_deref()), (Some("-225.00"), Some("-112.50")));
    assert_eq!(of(&after, "120000").as_deref(), Some("-302.40"), "the profit of the closed year");
    assert_eq!(after["total"]["balance"], "0.00");
    let closed = app.get("/api/ledger/trial-balance?entity=ZR7&from=2025-01-01&to=2025-12-31").expect(200).await;
    assert_eq!(
        (of(&closed, "706000").as_deref(), of(&closed, "120000")),
        (Some("-112.50"), None),
        "the closed year as it was"
    );
    let both = app.get("/api/ledger/trial-balance?entity=ZR7&from=2025-06-01&to=2026-02-11").expect(200).await;
    assert_eq!(of(&both, "411000"), of(&after, "411000"), "what was carried does not count twice");
    let customers = after["accounts"].as_array().unwrap().iter().find(|row| row["code"] == "411000").unwrap();
    let card =
        app.get(&format!("/api/ledger/accounts/{}/card", customers["account_id"].as_str().unwrap())).expect(200).await;
    let lines = card["items"].as_array().unwrap();
    assert_eq!((lines.len(), &lines[0]["party_code"], &lines[0]["debit"]), (2, &json!("C1"), &json!("243.89")));
    assert_eq!(lines[1]["balance"], of(&after, "411000").unwrap());
    let mut tx = ctx(&app).await.read().await.unwrap();
    assert_eq!(ledger::receivables(&mut tx, zr7, None).await.unwrap(), decimal("587.78"));
    assert_eq!(ledger::receivables(&mut tx, zr7, Some(customer.party_id)).await.unwrap(), decimal("587.78"));
    app.ledger_balances().await;
}

#[tokio::test]
async fn lines_that_sum_to_nothing_settle_each_other_and_come_apart_with_a_trace() {
    let app = TestApp::new().await;
    let (one, two) = (customer(&app, "ZR7", "C1").await, customer(&app, "ZR7", "C2").await);
    let zr7 = entity(&ctx(&app).await, "ZR7");
    let invoice = posted(&app, sale(zr7, &one, "FAC-1", day("2026-01-11"))).await;
    let foreign = posted(&app, sale(zr7, &two, "FAC-2", day("2026-01-11"))).await;
    let part = posted(&app, receipt(zr7, &one, "143.89", day("2026-02-01"))).await;
    let rest = posted(&app, receipt(zr7, &one, "200.00", day("2026-02-02"))).await;
    let lines = [invoice.line_ids[0], part.line_ids[1], rest.line_ids[1]];
    let letter = |lines: serde_json::Value| app.post("/api/ledger/letterings", json!({ "lines": lines }));
    for (lines, code) in [
        (json!([lines[0], lines[1]]), "lettering_unbalanced"),
        (json!([foreign.line_ids[0], lines[1], lines[2]]), "lettering_mixed"),
        (json!([lines[0], part.line_ids[0]]), "lettering_mixed"),
    ] {
        let refused = letter(lines).expect(409).await;
        assert_eq!(refused["type"], format!("urn:comptoir:problem:{code}"));
    }
    letter(json!([lines[0]])).expect(422).await;
    letter(json!([lines[0], uuid::Uuid::nil()])).expect(404).await;
    let made = letter(json!(lines)).expect(201).await;
    assert_eq!(
        (&made["code"], &made["account"], made["line_ids"].as_array().unwrap().len()),
        (&json!("AAA"), &json!("411000"), 3)
    );
    assert_eq!(letter(json!(lines)).expect(409).await["type"], "urn:comptoir:problem:lettered_already");
    let path = format!("/api/ledger/accounts/{}/card?open=true", made["account_id"].as_str().unwrap());
    let open = app.get(&path).expect(200).await;
    assert_eq!(open["items"].as_array().unwrap().len(), 1, "what is open");
    let other = app.member("admin", "MDL").await;
    letter(json!(lines)).by(&other).expect(404).await;
    let path = format!("/api/ledger/letterings/{}", made["id"].as_str().unwrap());
    app.send(axum::http::Method::DELETE, &path, None).by(&other).expect(404).await;
    let undone = app.send(axum::http::Method::DELETE, &path, None).by(&app.root).expect(200).await;
    assert_eq!((&undone["undone_by"], undone["line_ids"].as_array().unwrap().len()), (&json!("Root"), 3));
    app.send(axum::http::Method::DELETE, &path, None).by(&app.root).expect(409).await;
    assert_eq!(letter(json!(lines)).expect(201).await["code"], "AAB", "a code is used once");
    app.ledger_balances().await;
}

#[tokio::test]
async fn t_39_a_rate_that_changes_keeps_its_history_and_what_was_posted_at_it() {
    let app = TestApp::new().await;
    let put = |rate: &str, on: &str| {
        app.put(
            "/api/ledger/rates",
            json!({ "entity": "ZR7", "from": "EUR", "to": "USD", "rate_type": "market", "on": on, "rate": rate }),
        )
    };
    put("1.08", "2026-02-02").expect(200).await;
    let entry = json!({ "entity": "ZR7", "on": "2026-02-02", "label": "Dollars", "second": { "currency": "USD", "rate": "1.08", "rate_type": "market" },
        "lines": [{ "account": "471", "debit": "100.00" }, { "account": "512", "credit": "100.00" }] });
    let entry = app.post("/api/ledger/entries", entry).expect(201).await;
    app.tick();
    put("1.10", "2026-02-02").expect(200).await;
    let now = app.get("/api/ledger/rates?entity=ZR7").expect(200).await;
    assert_eq!((now["items"].as_array().unwrap().len(), &now["items"][0]["rate"]), (1, &json!("1.1")));
    let history = app.get("/api/ledger/rates?entity=ZR7&history=true").expect(200).await;
    assert_eq!(history["items"].as_array().unwrap().len(), 2);
    assert_eq!(history["items"][1]["superseded_by"], history["items"][0]["id"]);
    let same = app.get(&format!("/api/ledger/entries/{}", entry["id"].as_str().unwrap())).expect(200).await;
    assert_eq!((&same["second_rate"], &same["second_total"]), (&json!("1.08"), &json!("108.00")));
    let ask = |kind: &str, on: &str| {
        app.get(&format!("/api/ledger/rates/of-day?entity=ZR7&from=EUR&to=USD&rate_type={kind}&on={on}"))
    };
    for (on, stale) in [("2026-02-02", false), ("2026-02-09", false), ("2026-02-10", true)] {
        let found = ask("market", on).expect(200).await;
        assert_eq!((&found["rate"], &found["stale"]), (&json!("1.1"), &json!(stale)), "{on}");
    }
    for (kind, on) in [("official", "2026-02-02"), ("market", "2026-02-01")] {
        assert_eq!(
            ask(kind, on).expect(409).await["type"],
            "urn:comptoir:problem:rate_missing",
            "T-30: none is invented"
        );
    }
    for (rate, field) in [("0", "rate"), ("-1", "rate"), ("1.0000001", "rate")] {
        assert_eq!(put(rate, "2026-02-02").expect(422).await["errors"][0]["field"], field);
    }
    let mut tx = begin(&app).await;
    let zr7 = entity(tx.ctx(), "ZR7");
    let found = ledger::rate(
        &mut tx,
        zr7,
        kernel::Currency::EUR,
        kernel::Currency::USD,
        ledger::RateType::Market,
        day("2026-02-03"),
    )
    .await;
    assert_eq!(found.unwrap().dated, day("2026-02-02"));
}
