//! Events: written with their change, for good, and sealed.

use platform::event::seal::{Verdict, seal_events, verify};
use platform::{Actor, Event};
use serde_json::json;
use std::future::{Future as _, poll_fn};
use std::task::Poll;
use tokio::task::yield_now;

use crate::support::{TestApp, owner};

async fn app_with_events() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.lead(json!({})).expect(201).await;
    // Past the time in which a transaction could still commit.
    app.at("2026-02-11T09:10:00Z").await;
    app
}

async fn verdict(app: &TestApp) -> Verdict {
    let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    verify(&mut ctx.begin().await.unwrap()).await.unwrap()
}

#[tokio::test]
async fn a_sealed_chain_is_intact_until_an_event_is_changed_or_removed() {
    for tampering in [
        "update platform.event set details = '{}' where tenant_id = $1 and action = 'lead_received'",
        "delete from platform.event where tenant_id = $1 and action = 'lead_received'",
        "update platform.event_seal set hash = sha256('x') where tenant_id = $1 and seq = 1",
    ] {
        let app = app_with_events().await;
        let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
        let sealed = seal_events(ctx).await.unwrap();
        let Verdict::Intact { events } = verdict(&app).await else { panic!("broken before anything was touched") };
        assert_eq!(sealed["sealed"], events);
        assert!(events >= 5, "{events}");
        sqlx::query(tampering).bind(app.tenant.uuid()).execute(&mut owner().await).await.unwrap();
        assert_eq!(verdict(&app).await, Verdict::Broken { seq: 1 }, "{tampering}");
    }
}

#[tokio::test]
async fn an_event_is_gone_when_its_transaction_is() {
    let app = TestApp::new().await;
    let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    let count = "select count(*) from platform.event where tenant_id = $1 and action = 'tried'";
    let mut tx = ctx.begin().await.unwrap();
    tx.emit(Event::new("tried", "test", app.tenant));
    drop(tx);
    assert_eq!(app.value::<i64>(count).await, 0);
    let mut tx = ctx.begin().await.unwrap();
    tx.emit(Event::new("tried", "test", app.tenant));
    tx.commit().await.unwrap();
    assert_eq!(app.value::<i64>(count).await, 1);
}

#[tokio::test]
async fn a_transaction_for_reading_writes_nothing() {
    let app = TestApp::new().await;
    let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    let mut tx = ctx.read().await.unwrap();
    tx.emit(Event::new("tried", "test", app.tenant));
    let error = tx.commit().await.unwrap_err();
    assert!(error.chain().contains("read-only transaction"), "{}", error.chain());
    assert_eq!(
        app.value::<i64>("select count(*) from platform.event where tenant_id = $1 and action = 'tried'").await,
        0
    );
}

#[tokio::test]
async fn a_reader_who_goes_away_leaves_no_transaction_to_the_next() {
    let app = TestApp::new().await;
    let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    for steps in (0..60).map(|round| 1 + round % 4) {
        let mut reading = Box::pin(ctx.read());
        for _ in 0..steps {
            if poll_fn(|task| Poll::Ready(reading.as_mut().poll(task).is_ready())).await {
                break;
            }
            yield_now().await;
        }
        // Where it stands, as when a browser leaves the page; the next one gets a connection of the pool.
        drop(reading);
        let mut tx = ctx.begin().await.unwrap();
        tx.emit(Event::new("tried", "test", app.tenant));
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn l_58_settings_and_orders_leave_their_trace() {
    let app = TestApp::new().await;
    let (_, order) = app.order("ZR7", "Acme", json!({ "quota_semaine": 5 })).await;
    app.put(&format!("/api/commandes/{order}"), json!({ "quota_semaine": 9 })).expect(200).await;
    app.post(&format!("/api/commandes/{order}/toggle"), json!({})).expect(200).await;
    app.put("/api/settings/source-gating", json!({ "blocked_sources": ["x"] })).expect(200).await;
    let log = app.get("/api/event-log?limit=200").expect(200).await;
    let actions: Vec<_> =
        log["items"].as_array().unwrap().iter().map(|event| event["action"].as_str().unwrap()).collect();
    for action in ["client_created", "order_created", "order_updated", "order_deactivate", "setting_changed", "login"] {
        assert!(actions.contains(&action), "{action} is missing from {actions:?}");
    }
    let events = log["items"].as_array().unwrap();
    let change = events.iter().find(|event| event["action"] == "order_updated").unwrap();
    assert!(change["entity_id"].is_string(), "an event of an entity carries it: {change}");
    assert!(change["details"].to_string().contains('9'), "{change}");
}
