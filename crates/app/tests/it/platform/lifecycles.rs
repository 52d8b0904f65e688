//! A lifecycle is declared once and enforced twice: code and database hold the same moves.

use std::collections::BTreeSet;

use platform::Lifecycle;

use crate::support::{TestApp, owner};

#[tokio::test]
async fn the_code_and_the_database_hold_the_same_moves() {
    TestApp::new().await;
    let stored: Vec<(String, String, String)> =
        sqlx::query_as("select lifecycle, from_state, to_state from platform.lifecycle_edge")
            .fetch_all(&mut owner().await)
            .await
            .unwrap();
    let mut stored: BTreeSet<_> = stored.into_iter().collect();
    for lifecycle in Lifecycle::all() {
        for (from, to) in lifecycle.edges {
            let edge = (lifecycle.name.to_owned(), (*from).to_owned(), (*to).to_owned());
            assert!(stored.remove(&edge), "{edge:?} is declared and not in the database");
        }
    }
    assert_eq!(stored, BTreeSet::new(), "in the database and not declared");
}

#[tokio::test]
async fn the_database_refuses_a_jump() {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("ZR7", "Acme", serde_json::json!({})).await;
    app.lead(serde_json::json!({})).expect(201).await;
    let jump = sqlx::query(
        "update leads.delivery set status = 'sent', outcome = 'accepted', sent_to = '{a}', send_attempts = 1,
             last_sent_at = now(), accepted_at = now() where tenant_id = $1",
    )
    .bind(app.tenant.uuid())
    .execute(&mut owner().await)
    .await;
    let refusal = jump.unwrap_err().into_database_error().unwrap();
    assert_eq!(refusal.constraint(), Some("delivery_lifecycle"), "{refusal}");
}
