//! The blast radius: drawn from what is registered and mounted, with how it went in this tenant.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{TestApp, owner};

const REACTION: &str = "on.delivery.sent.settle_intercompany";

fn effect<'a>(radius: &'a Value, kind: &str) -> &'a Value {
    radius["effects"].as_array().unwrap().iter().find(|effect| effect["kind"] == kind).unwrap()
}

#[tokio::test]
async fn the_map_shows_everything_that_follows_from_something_and_every_route() {
    let app = TestApp::new().await;
    let radius = app.get("/api/audit/blast-radius").expect(200).await;
    let effects = radius["effects"].as_array().unwrap();
    let shown: BTreeSet<_> = effects.iter().map(|effect| effect["kind"].as_str().unwrap()).collect();
    assert_eq!(shown.len(), effects.len(), "each once");
    assert_eq!(shown, app.platform.registry().kinds().collect());
    let reaction = effect(&radius, REACTION);
    assert_eq!((&reaction["cause"], &reaction["when"]), (&json!("event"), &json!("delivery.sent")));
    let nightly = effect(&radius, "audit");
    assert_eq!((&nightly["cause"], &nightly["when"]), (&json!("schedule"), &json!("30 5 * * *")));
    let areas = radius["areas"].as_array().unwrap();
    let sum = |field: &str| areas.iter().map(|area| area[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sum("routes"), app.routes.len() as u64);
    assert_eq!(sum("closed") + sum("open"), sum("routes"));
}

#[tokio::test]
async fn how_it_went_is_counted_for_seven_days_and_in_this_tenant_alone() {
    let (app, other) = (TestApp::new().await, TestApp::new().await);
    let tenant = app.tenant.uuid();
    let mut owner = owner().await;
    for (days, status) in [(1, "success"), (2, "error"), (6, "lost"), (8, "success")] {
        sqlx::query(
            "insert into platform.job_run (tenant_id, id, job_id, kind, attempt, started_at, finished_at, status)
             select $1, platform.uuid_floor(at), gen_random_uuid(), $2, 1, at, at, $3
             from (select '2026-02-11T09:00:00Z'::timestamptz - make_interval(days => $4) as at) x",
        )
        .bind(tenant)
        .bind(REACTION)
        .bind(status)
        .bind(days)
        .execute(&mut owner)
        .await
        .unwrap();
    }
    let moves: [(&str, &[&str]); 3] =
        [("given up", &["running", "dead"]), ("waits", &[]), ("done", &["running", "done"])];
    for (key, states) in moves {
        sqlx::query(
            "insert into platform.job (tenant_id, id, kind, key, payload, state, run_at, attempts, max_attempts, request_id, created_at)
             values ($1, gen_random_uuid(), $2, $3, '{}', 'queued', '2026-02-12', 1, 3, 'x', '2026-02-11')",
        )
        .bind(tenant)
        .bind(REACTION)
        .bind(key)
        .execute(&mut owner)
        .await
        .unwrap();
        for state in states {
            sqlx::query(
                "update platform.job set state = $3, lease_expires_at = case $3 when 'running' then timestamptz '2026-02-13' end
                 where tenant_id = $1 and kind = $4 and key = $2",
            )
            .bind(tenant)
            .bind(key)
            .bind(state)
            .bind(REACTION)
            .execute(&mut owner)
            .await
            .unwrap();
        }
    }
    let counts = |radius: &Value| {
        let effect = effect(radius, REACTION).clone();
        ["runs", "failures", "waiting", "dead"].map(|field| effect[field].as_i64().unwrap())
    };
    assert_eq!(counts(&app.get("/api/audit/blast-radius").expect(200).await), [3, 2, 1, 1]);
    assert_eq!(counts(&other.get("/api/audit/blast-radius").expect(200).await), [0; 4]);
}
