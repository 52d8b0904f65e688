//! Lists of money as files.

use serde_json::{Value, json};

use super::bank::PAYER;
use super::id;
use crate::support::TestApp;

async fn lines(app: &TestApp, path: &str, token: &str) -> Vec<String> {
    app.tick();
    let answer = app.get(path).by(token).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "text/csv; charset=utf-8"), "{path}");
    let text = answer.text.strip_prefix('\u{feff}').expect("a byte order mark").strip_suffix("\r\n").unwrap();
    text.split("\r\n").map(str::to_owned).collect()
}

/// What a file holds is what its list shows under the same conditions, in its order.
async fn follows(app: &TestApp, list: &str, query: &str) -> Vec<String> {
    let file = lines(app, &format!("{list}/export{query}"), &app.root).await;
    let page = app.get(&format!("{list}{query}")).expect(200).await;
    let listed: Vec<_> = page["items"].as_array().unwrap().iter().map(|row| id(row).to_owned()).collect();
    let taken: Vec<_> = file[1..].iter().map(|line| line.split(';').next().unwrap().to_owned()).collect();
    assert_eq!(taken, listed, "{list}{query}");
    file
}

async fn told(app: &TestApp, action: &str) -> Vec<Value> {
    let log = app.get(&format!("/api/event-log?action={action}")).expect(200).await;
    log["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn files_of_documents_payments_and_bank_lines_follow_their_lists_and_are_told_of() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Client Un", json!({})).await;
    let invoice = app.invoice(&party, "1000.00").await;
    app.tick();
    app.draft(&party, json!([{ "name": "=1+1", "unit_price": "5.00" }])).await;
    app.pay(&party, "200.00", json!([{ "document_id": id(&invoice), "amount": "200.00" }])).await;
    let account = app.bank(json!({})).await;
    app.told(&account, &[&format!("2026-02-10;VIR INCONNU;42.00;{PAYER};;B-1")]).await;
    let documents = follows(&app, "/api/documents", "?entity=ZR7").await;
    assert_eq!(documents.len(), 3);
    let issued = documents.iter().find(|line| line.contains(";FAC-2026-0001;")).unwrap();
    assert!(issued.contains(";EUR;1000.00;200.00;1200.00;200.00;0.00;1000.00;"), "{issued}");
    assert_eq!(follows(&app, "/api/documents", "?status=draft").await.len(), 2);
    assert_eq!(follows(&app, "/api/invoices", "?status=partial&search=client").await.len(), 2);
    let payments = follows(&app, "/api/payments", "?direction=in").await;
    assert!(payments[1].contains(";transfer;completed;2026-02-11;200.00;EUR;200.00;0.00;0.00;"), "{}", payments[1]);
    let bank = follows(&app, "/api/bank/lines", "?state=unmatched").await;
    assert!(bank[1].contains(";2026-02-10;") && bank[1].contains(";42.00;EUR;VIR INCONNU;"), "{}", bank[1]);
    let events = told(&app, "export_invoices").await;
    assert_eq!((&events[0]["details"]["status"], &events[0]["details"]["searched"]), (&json!("partial"), &json!(true)));
    assert!(!events[0]["details"].to_string().contains("client"), "not what was searched for");
    for (list, count) in [("documents", 2), ("payments", 1), ("bank_lines", 1)] {
        assert_eq!(told(&app, &format!("export_{list}")).await.len(), count, "{list}");
    }
}

#[tokio::test]
async fn a_file_needs_both_permissions_holds_one_scope_and_takes_no_page() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Client Un", json!({})).await;
    app.invoice(&party, "1000.00").await;
    let (elsewhere, ops) = (app.member("admin", "MDL").await, app.member("ops", "ZR7").await);
    let paths = [
        "/api/documents/export",
        "/api/invoices/export",
        "/api/payments/export",
        "/api/bank/lines/export",
        "/api/billing/records/export",
        "/api/intercompany/transfers/export",
    ];
    for path in paths {
        assert_eq!(lines(&app, path, &elsewhere).await.len(), 1, "{path}: the head alone");
        assert_eq!(app.get(path).by(&ops).await.status, 403, "{path}");
        assert_eq!(app.get(&format!("{path}?limit=10")).await.status, 400, "{path}");
    }
}
