//! Opening balances from another system.

use serde_json::{Value, json};

use super::customer;
use crate::support::TestApp;

const SOUND: &str = "account;aux;label;debit;credit\n512;;;1 000,00;\n411;Client C1;FAC-2025-1;120.00;\n101;;;;1120";

fn body(csv: &str, dry_run: bool) -> Value {
    json!({ "entity": "ZR7", "on": "2026-03-15", "csv": csv, "dry_run": dry_run })
}

#[tokio::test]
async fn opening_balances_come_in_whole_once_a_year_and_after_a_look() {
    let app = TestApp::new().await;
    customer(&app, "ZR7", "C1").await;
    let seen = app.post("/api/ledger/opening", body(SOUND, true)).expect(200).await;
    assert_eq!(
        (&seen["on"], &seen["debit"], &seen["problems"], &seen["entry_id"]),
        (&json!("2026-01-01"), &json!("1120.00"), &json!([]), &json!(null))
    );
    let count: i64 = app.value("select count(*) from ledger.entry where tenant_id = $1").await;
    assert_eq!(count, 0, "a look writes nothing");
    let made = app.post("/api/ledger/opening", body(SOUND, false)).expect(201).await;
    assert_eq!(made["reference"], "AN000001");
    let balance = app.get("/api/ledger/trial-balance?entity=ZR7").expect(200).await;
    assert_eq!((balance["accounts"].as_array().unwrap().len(), &balance["total"]["debit"]), (3, &json!("1120.00")));
    let again = app.post("/api/ledger/opening", body(SOUND, false)).expect(409).await;
    assert_eq!(again["type"], "urn:comptoir:problem:opening_exists");
    let next = json!({ "entity": "ZR7", "on": "2027-01-01", "csv": SOUND });
    assert_eq!(app.post("/api/ledger/opening", next).expect(409).await["type"], "urn:comptoir:problem:opening_carried");
    let log = app.get("/api/event-log?action=opening_imported").expect(200).await;
    assert_eq!(log["items"].as_array().unwrap().len(), 1);
    app.ledger_balances().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_file_is_told_by_line_and_nothing_is_written() {
    let app = TestApp::new().await;
    customer(&app, "ZR7", "C1").await;
    let rows = [
        ("512;;;100;\n101;;;;99,99", 0, "not equal"),
        ("512;;;100;\n999;;;;100", 2, "no account 999"),
        ("512;;;100;\n101;Nobody;;;100", 2, "no party"),
        ("512;Client C1;;100;\n101;;;;100", 1, "name no party"),
        ("512;;;1,001;\n101;;;;1,001", 1, "decimals"),
        ("512;;;100", 0, "fewer than two"),
        ("512;;;99999999999999999999999999999;\n101;;;;99999999999999999999999999999", 0, "fewer than two"),
        ("", 0, "fewer than two"),
    ];
    for (csv, line, why) in rows {
        let seen = app.post("/api/ledger/opening", body(csv, true)).expect(200).await;
        let problems = seen["problems"].as_array().unwrap();
        let found = problems
            .iter()
            .any(|problem| problem["line"] == line && problem["message"].as_str().unwrap().contains(why));
        assert!(found, "{csv}: {problems:?}");
        let refused = app.post("/api/ledger/opening", body(csv, false)).expect(422).await;
        assert_eq!(refused["type"], "urn:comptoir:problem:opening_refused", "{csv}");
    }
    let count: i64 = app.value("select count(*) from ledger.entry where tenant_id = $1").await;
    assert_eq!(count, 0);
}
