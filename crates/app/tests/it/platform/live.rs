//! Live updates: who is told of what, for how long.

use std::time::Duration;

use platform::{Actor, Event, Options, Platform};
use serde_json::json;

use crate::support::served::Served;
use crate::support::{TestApp, owner, service_pool};

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.form("MDL-001", "MDL", "PV").await;
    app
}

async fn serve(app: &TestApp) -> Served {
    Served::start(app.platform.clone(), app.router.clone()).await
}

/// Another instance over the same database.
async fn another(app: &TestApp) -> Served {
    let options = Options { unthrottled: true, worker_name: "another".to_owned(), ..Options::default() };
    let platform = Platform::new(service_pool().await, app.clock.clone(), app::wiring::registry(), options);
    let router = app::http::build(&platform, app::telemetry::no_metrics()).router;
    Served::start(platform, router).await
}

/// Something of this kind changes in the tenant as a whole, after everything before it.
async fn mark(app: &TestApp, kind: &'static str) {
    let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    let mut tx = ctx.begin().await.unwrap();
    tx.emit(Event::new("marked", kind, app.tenant));
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_change_is_told_to_its_own_tenant_and_to_no_other() {
    let (app, other) = (ready().await, ready().await);
    let (served, elsewhere) = (serve(&app).await, serve(&other).await);
    let (mut own, mut stranger) = (served.follow(&app.root).await, elsewhere.follow(&other.root).await);
    mark(&other, "start").await;
    stranger.until("start").await;
    app.lead(json!({})).expect(201).await;
    own.until("lead").await;
    mark(&other, "end").await;
    assert_eq!(stranger.until("end").await, ["end"]);
}

#[tokio::test]
async fn who_sees_one_entity_is_told_nothing_of_another_and_jobs_are_told_to_who_runs_them() {
    let app = ready().await;
    let served = serve(&app).await;
    let zr7 = app.member("admin", "ZR7").await;
    let (mut root, mut admin) = (served.follow(&app.root).await, served.follow(&zr7).await);
    mark(&app, "start").await;
    admin.until("start").await;
    app.order("MDL", "Other", json!({})).await;
    app.lead(json!({ "form_code": "MDL-001" })).expect(201).await;
    app.run("daily-delivery").await;
    mark(&app, "end").await;
    assert_eq!(admin.until("end").await, ["end"]);
    let told = root.until("end").await;
    for topic in ["client", "order", "lead", "delivery", "mail", "job"] {
        assert!(told.iter().any(|other| other == topic), "{topic} is missing from {told:?}");
    }
    app.lead(json!({ "session_id": "s2", "phone": "0698765431" })).expect(201).await;
    admin.until("lead").await;
}

#[tokio::test]
async fn what_routing_and_sending_change_besides_what_they_tell_of_is_told_too() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    let viewer = app.member("viewer", "ZR7").await;
    let served = serve(&app).await;
    let mut screen = served.follow(&viewer).await;
    mark(&app, "start").await;
    screen.until("start").await;
    app.lead(json!({})).expect(201).await;
    mark(&app, "received").await;
    assert_eq!(screen.until("received").await, ["delivery", "lead", "received"]);
    let id = app.delivery().await;
    app.post(&format!("/api/deliveries/{id}/send"), json!({})).expect(200).await;
    mark(&app, "sending").await;
    assert!(screen.until("sending").await.contains(&"delivery".to_owned()), "it is on its way");
    app.run_jobs().await;
    mark(&app, "sent").await;
    let told = screen.until("sent").await;
    assert!(told.contains(&"lead".to_owned()) && told.contains(&"delivery".to_owned()), "{told:?}");
    app.post(&format!("/api/deliveries/{id}/reject-leads"), json!({ "reason": "x" })).expect(200).await;
    mark(&app, "returned").await;
    let told = screen.until("returned").await;
    assert!(told.contains(&"lead".to_owned()) && told.contains(&"delivery".to_owned()), "{told:?}");
}

#[tokio::test]
async fn every_instance_over_one_database_tells_its_screens() {
    let app = ready().await;
    let (here, there) = (serve(&app).await, another(&app).await);
    let (mut near, mut far) = (here.follow(&app.root).await, there.follow(&app.root).await);
    app.lead(json!({})).expect(201).await;
    near.until("lead").await;
    far.until("lead").await;
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_when_its_user_is_deactivated() {
    let options = Options { unthrottled: true, live_check: Some(Duration::from_millis(50)), ..Options::default() };
    let app = TestApp::with(options).await;
    let served = serve(&app).await;
    let mut root = served.follow(&app.root).await;
    for ending in [
        "delete from platform.session where tenant_id = $1 and token_hash = sha256(convert_to($2, 'UTF8'))",
        "update platform.membership m set is_active = false from platform.session s
         where m.tenant_id = $1 and s.user_id = m.user_id and s.token_hash = sha256(convert_to($2, 'UTF8'))",
    ] {
        let role = if ending.starts_with("delete") { "ops" } else { "viewer" };
        let token = app.member(role, "ZR7").await;
        let mut follower = served.follow(&token).await;
        sqlx::query(ending).bind(app.tenant.uuid()).bind(&token).execute(&mut owner().await).await.unwrap();
        while follower.next().await.is_some() {}
        assert!(matches!(served.try_follow(&token).await.err(), Some(401 | 403)), "{role}");
    }
    app.put("/api/settings/source-gating", json!({ "blocked_sources": [] })).expect(200).await;
    root.until("setting").await;
}

#[tokio::test]
async fn the_thirteenth_stream_of_a_user_is_refused_until_another_ends() {
    let app = TestApp::new().await;
    let served = serve(&app).await;
    let mut open = Vec::new();
    for _ in 0..12 {
        open.push(served.follow(&app.root).await);
    }
    assert_eq!(served.try_follow(&app.root).await.err(), Some(429));
    let viewer = app.member("viewer", "ZR7").await;
    served.follow(&viewer).await;
    open.pop();
    // The service learns that a browser is gone when it writes to it, or when the connection closes.
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while served.try_follow(&app.root).await.is_err() {
        assert!(std::time::Instant::now() < deadline, "the place stays taken");
    }
}

#[tokio::test]
async fn a_lost_connection_is_made_anew_and_screens_are_told_to_read_again() {
    let app = ready().await;
    let served = serve(&app).await;
    let mut follower = served.follow(&app.root).await;
    mark(&app, "start").await;
    follower.until("start").await;
    let cut = served.listener(0).await;
    sqlx::query("select pg_terminate_backend($1)").bind(cut).execute(&mut owner().await).await.unwrap();
    served.listener(cut).await;
    while follower.next().await.unwrap().0 != "refresh" {}
    mark(&app, "end").await;
    follower.until("end").await;
}

#[tokio::test]
async fn the_service_stops_at_once_although_screens_are_open() {
    let app = TestApp::new().await;
    let served = serve(&app).await;
    let mut followers = Vec::new();
    for _ in 0..3 {
        followers.push(served.follow(&app.root).await);
    }
    assert!(served.stop().await, "the streams kept it");
    for follower in &mut followers {
        while follower.next().await.is_some() {}
    }
}
