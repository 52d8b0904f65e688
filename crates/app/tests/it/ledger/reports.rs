//! What the books say.

use serde_json::{Value, json};

use super::{ctx, customer, day, entity, posted, receipt, sale};
use crate::support::TestApp;

#[tokio::test]
async fn an_aged_balance_sorts_what_is_open_by_its_due_date() {
    let app = TestApp::new().await;
    let (one, two) = (customer(&app, "ZR7", "C1").await, customer(&app, "ZR7", "C2").await);
    let zr7 = entity(&ctx(&app).await, "ZR7");
    // Due 30 days later: not due, 31 days late, 92 days late.
    for (customer, on) in [(&one, "2026-02-01"), (&one, "2025-12-12"), (&two, "2025-10-12")] {
        posted(&app, sale(zr7, customer, "FAC", day(on))).await;
    }
    posted(&app, receipt(zr7, &two, "400.00", day("2026-02-05"))).await;
    let aged = app.get("/api/ledger/aged-balance?entity=ZR7&on=2026-02-11").expect(200).await;
    let parties = aged["parties"].as_array().unwrap();
    assert_eq!(parties.len(), 2);
    assert_eq!(
        (&parties[0]["code"], &parties[0]["not_due"], &parties[0]["days_31_60"], &parties[0]["balance"]),
        (&json!("C1"), &json!("343.89"), &json!("343.89"), &json!("687.78"))
    );
    assert_eq!(
        (&parties[1]["days_91_plus"], &parties[1]["unallocated"], &parties[1]["balance"]),
        (&json!("0.00"), &json!("56.11"), &json!("-56.11"))
    );
    assert_eq!(aged["total"]["balance"], "631.67");
    let earlier = app.get("/api/ledger/aged-balance?entity=ZR7&on=2026-02-04").expect(200).await;
    assert_eq!(earlier["parties"][1]["days_61_90"], "343.89", "as it was before the money came");
    let suppliers = app.get("/api/ledger/aged-balance?entity=ZR7&side=suppliers").expect(200).await;
    assert_eq!(suppliers["parties"], json!([]));
}

#[tokio::test]
async fn an_account_card_runs_on_over_its_pages() {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C1").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    for n in 0..7 {
        posted(&app, sale(zr7, &customer, &format!("FAC-{n}"), day(if n < 4 { "2026-02-01" } else { "2026-02-02" })))
            .await;
    }
    let balance = app.get("/api/ledger/trial-balance?entity=ZR7").expect(200).await;
    let account = balance["accounts"].as_array().unwrap().iter().find(|row| row["code"] == "411000").unwrap();
    let path = format!("/api/ledger/accounts/{}/card", account["account_id"].as_str().unwrap());
    let whole = app.get(&path).expect(200).await;
    assert_eq!((whole["items"].as_array().unwrap().len(), &whole["items"][6]["balance"]), (7, &account["balance"]));
    let (mut lines, mut cursor) = (Vec::<Value>::new(), String::new());
    loop {
        let page = app.get(&format!("{path}?limit=2{cursor}")).expect(200).await;
        let opening = lines.last().map_or(json!("0.00"), |line| line["balance"].clone());
        assert_eq!(page["opening"], opening, "each page begins where the one before ended");
        lines.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(Value::from(lines), whole["items"]);
    let later = app.get(&format!("{path}?from=2026-02-02&party={}", customer.party_id)).expect(200).await;
    assert_eq!((&later["opening"], later["items"].as_array().unwrap().len()), (&json!("1375.56"), 3));
    for bad in ["from=2026-02-03&to=2026-02-02", "from=1700-01-01", "cursor=x", "limit=0"] {
        app.get(&format!("{path}?{bad}")).expect(400).await;
    }
}

#[tokio::test]
async fn the_vat_return_tells_what_is_due_by_month_and_rate() {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C1").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    let january = posted(&app, sale(zr7, &customer, "FAC-1", day("2026-01-31"))).await;
    posted(&app, sale(zr7, &customer, "FAC-2", day("2026-01-01"))).await;
    let mut tx = super::begin(&app).await;
    ledger::reverse(&mut tx, january.id, day("2026-02-01"), "Annulation").await.unwrap();
    tx.commit().await.unwrap();
    let told = app.get("/api/ledger/vat-return?entity=ZR7&from=2026-01-01&to=2026-02-28").expect(200).await;
    let rows: Vec<_> = told["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            format!(
                "{} {} {} {} {}",
                row["month"].as_str().unwrap(),
                row["direction"].as_str().unwrap(),
                row["rate"].as_str().unwrap(),
                row["base"].as_str().unwrap(),
                row["vat"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "2026-01-01 output 10 379.80 37.98",
            "2026-01-01 output 20 225.00 45.00",
            "2026-02-01 output 10 -189.90 -18.99",
            "2026-02-01 output 20 -112.50 -22.50",
        ]
    );
    assert_eq!((&told["months"][0]["net"], &told["months"][1]["net"]), (&json!("82.98"), &json!("-41.49")));
}

#[tokio::test]
async fn f_21_the_bounds_of_a_period_are_its_first_and_last_day() {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C1").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    for on in ["2025-12-31", "2026-01-01", "2026-01-31", "2026-02-01"] {
        posted(&app, sale(zr7, &customer, "FAC", day(on))).await;
    }
    let reversed = posted(&app, sale(zr7, &customer, "FAC", day("2026-01-15"))).await;
    let mut tx = super::begin(&app).await;
    ledger::reverse(&mut tx, reversed.id, day("2026-01-20"), "Avoir").await.unwrap();
    tx.commit().await.unwrap();
    let revenue = async |from: &str, to: &str| {
        let balance = app.get(&format!("/api/ledger/trial-balance?entity=ZR7&from={from}&to={to}")).expect(200).await;
        let income =
            balance["classes"].as_array().unwrap().iter().find(|class| class["class"] == "income").cloned().unwrap();
        (income["opening"].as_str().unwrap().to_owned(), income["balance"].as_str().unwrap().to_owned())
    };
    assert_eq!(
        revenue("2026-01-01", "2026-01-31").await,
        ("-302.40".into(), "-907.20".into()),
        "two of January, less what was credited"
    );
    assert_eq!(revenue("2026-01-02", "2026-01-30").await, ("-604.80".into(), "-604.80".into()));
    app.at("2026-01-31T22:59:59Z").await;
    let today = app.get("/api/ledger/trial-balance?entity=ZR7").expect(200).await;
    assert_eq!(today["to"], "2026-01-31", "23:59:59 in Paris");
    app.at("2026-01-31T23:00:00Z").await;
    assert_eq!(app.get("/api/ledger/trial-balance?entity=ZR7").expect(200).await["to"], "2026-02-01");
}

#[tokio::test]
async fn journals_and_the_trial_balance_are_files_too() {
    let app = TestApp::new().await;
    let customer = customer(&app, "ZR7", "C1").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    posted(&app, sale(zr7, &customer, "=FAC-1", day("2026-02-01"))).await;
    let file = app.get("/api/ledger/entries/export?entity=ZR7&journal=VE").await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "text/csv; charset=utf-8"));
    let lines: Vec<_> =
        file.text.strip_prefix('\u{feff}').unwrap().trim_end().split("\r\n").map(str::to_owned).collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(
        lines[1],
        "VE;VE000001;2026-02-01;411000;Clients;C1;Client C1;\t=FAC-1;2026-02-01;Facture =FAC-1;343,89;0,00;2026-03-03;;"
    );
    let file = app.get("/api/ledger/trial-balance/export?entity=ZR7").await;
    assert!(file.text.contains("411000;Clients;asset;0,00;0,00;343,89;0,00;343,89;0,00\r\n"), "{}", file.text);
    app.get("/api/ledger/entries/export?entity=ZR7&limit=5").expect(400).await;
}
