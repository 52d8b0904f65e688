//! Ten thousand dead letters go back to work at once.

use std::time::{Duration, Instant};

use kernel::TenantId;
use serde_json::json;
use sqlx::PgConnection;
use tokio::time::sleep;

use crate::support::process::Installation;

const LETTERS: i32 = 10_000;

/// How long the workers are watched: all of them take a debug build minutes.
const WATCHED: Duration = Duration::from_secs(6);

/// Jobs of the other tenant that come while they are worked off.
const OTHERS: i64 = 5;

/// Jobs of a webhook that is gone: what is proven here is the queue, not what it carries.
async fn insert(owner: &mut PgConnection, tenant: TenantId, count: i32) {
    let sql = "insert into platform.job (tenant_id, id, kind, payload, state, lane, run_at, max_attempts, request_id, created_at)
        select $1, gen_random_uuid(), 'webhook.deliver', jsonb_build_object('webhook_id', gen_random_uuid(), 'event_id', gen_random_uuid()),
            'queued', 'main', now(), 8, 'chaos', now()
        from generate_series(1, $2)";
    sqlx::query(sql).bind(tenant.uuid()).bind(count).execute(owner).await.unwrap();
}

/// Takes the jobs of a tenant the way to a dead letter.
async fn give_up(owner: &mut PgConnection, tenant: TenantId) {
    for step in [
        "update platform.job set state = 'running', attempts = 8, leased_by = 'gone', lease_expires_at = now()
            where tenant_id = $1 and kind = 'webhook.deliver'",
        "update platform.job set state = 'dead', leased_by = null, lease_expires_at = null, last_error = 'it was down', finished_at = now()
            where tenant_id = $1 and kind = 'webhook.deliver'",
    ] {
        sqlx::query(step).bind(tenant.uuid()).execute(&mut *owner).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_dead_letters_requeued_at_once_run_once_each_and_keep_no_other_tenant_waiting() {
    let installation = Installation::new("letters").await;
    let (mut owner, other) = (installation.owner().await, installation.tenant("other").await);
    let own: uuid::Uuid =
        sqlx::query_scalar("select id from platform.tenant where slug = 'own'").fetch_one(&mut owner).await.unwrap();
    insert(&mut owner, TenantId::from_uuid(own), LETTERS).await;
    give_up(&mut owner, TenantId::from_uuid(own)).await;
    let process = installation.serve(&[("COMPTOIR_WORKERS", "8"), ("COMPTOIR_LOG", "warn")]).await;

    let (status, refused) = process.call("POST", "/api/operations/jobs/requeue", &[], &json!({})).await.unwrap();
    assert_eq!(status, 401, "{refused}");
    let none = process.ask("POST", "/api/operations/jobs/requeue", json!({ "kind": "other" })).await;
    assert_eq!(none, json!({ "requeued": 0, "more": false }));
    let asked = Instant::now();
    let answer = process.ask("POST", "/api/operations/jobs/requeue", json!({ "kind": "webhook.deliver" })).await;
    let answered = asked.elapsed();
    assert_eq!(answer, json!({ "requeued": LETTERS, "more": true }));
    for _ in 0..OTHERS {
        insert(&mut owner, other, 1).await;
        sleep(Duration::from_millis(400)).await;
    }
    sleep(WATCHED.saturating_sub(asked.elapsed())).await;
    assert!(process.stop(), "it ends well, whatever waits");
    let took = asked.elapsed();

    let standing = "select count(*), count(*) filter (where state = 'done'), count(*) filter (where state = 'queued') from platform.job
        where tenant_id = $1 and kind = 'webhook.deliver'";
    let (all, done, queued): (i64, i64, i64) = sqlx::query_as(standing).bind(own).fetch_one(&mut owner).await.unwrap();
    assert_eq!((all, done + queued), (LETTERS.into(), LETTERS.into()), "each is done, or waits for its turn");
    let runs =
        "select count(*), count(distinct job_id), count(*) filter (where status = 'success') from platform.job_run
        where tenant_id = $1 and kind = 'webhook.deliver'";
    let ran: (i64, i64, i64) = sqlx::query_as(runs).bind(own).fetch_one(&mut owner).await.unwrap();
    assert_eq!(ran, (done, done, done), "what is done ran once, and well");
    assert!(done > 50, "they are worked off: {done}");
    let waits = "select max(extract(epoch from r.started_at - j.run_at)::float8), count(*) from platform.job_run r
        join platform.job j on j.tenant_id = r.tenant_id and j.id = r.job_id where r.tenant_id = $1 and r.kind = 'webhook.deliver'";
    let (longest, others): (f64, i64) = sqlx::query_as(waits).bind(other.uuid()).fetch_one(&mut owner).await.unwrap();
    assert_eq!(others, OTHERS, "those of the other tenant did not wait behind them");
    let told = "select count(*) from platform.event where tenant_id = $1 and action = 'jobs_requeued'";
    assert_eq!(
        sqlx::query_scalar::<_, i64>(told).bind(own).fetch_one(&mut owner).await.unwrap(),
        1,
        "one event tells of it"
    );

    eprintln!(
        "letters: {LETTERS} requeued in {answered:?}; {done} of them run within {took:?} by 8 workers, once each, the others in their \
         queue; a job of another tenant waited {longest:.2} s at the longest"
    );
}
