//! What one may ask for in a minute, and what a flood of one tenant does to another.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::http::Method;
use platform::{Actor, Ctx, Options};

use crate::support::{Answer, TestApp};

fn left(answer: &Answer) -> u32 {
    assert_eq!(answer.header("ratelimit-limit"), "30");
    answer.header("ratelimit-remaining").parse().unwrap()
}

#[tokio::test]
async fn d_48_every_user_has_a_rate_of_his_own_and_who_is_not_signed_in_that_of_his_address() {
    let app = TestApp::with(Options { requests_per_minute: NonZeroU32::new(30), ..Options::default() }).await;
    let (one, two) = (app.member("viewer", "ZR7").await, app.member("viewer", "MDL").await);
    let me = |token: &str| app.get("/api/auth/me").by(token).from([203, 0, 113, 7]).answer();
    let mut before = left(&me(&one).await);
    assert!(before >= 25, "{before}");
    while before > 0 {
        let answer = me(&one).await;
        assert_eq!(answer.status, 200);
        // A little of it comes back every two seconds.
        let now = left(&answer);
        assert!(now < before || now <= 1, "{now} after {before}");
        before = now;
    }
    let mut refused = me(&one).await;
    if refused.status == 200 {
        refused = me(&one).await;
    }
    assert_eq!((refused.status.as_u16(), refused.code(), left(&refused)), (429, "throttled", 0));
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    assert_eq!(me(&two).await.status, 200, "behind the same address");

    let stranger = |ip: [u8; 4]| app.get("/api/clients").by("no session").from(ip).answer();
    let answers = async |ip| {
        let mut found = Vec::new();
        for _ in 0..40 {
            found.push(stranger(ip).await.status.as_u16());
        }
        found
    };
    let strangers = answers([198, 51, 100, 1]).await;
    assert_eq!((strangers[0], strangers[39]), (401, 429), "{strangers:?}");
    assert_eq!(stranger([198, 51, 100, 2]).await.status, 401, "another address");
    assert_eq!(me(&two).await.status, 200, "who is signed in is not counted by address");
    // Pages, files and probes are not counted, here by an address that has nothing left.
    for path in ["/", "/leads", "/assets/none.js", "/healthz", "/readyz"] {
        let answer = app.send(Method::GET, path, None).from([198, 51, 100, 1]).await;
        assert!(answer.status != 429 && answer.header("ratelimit-limit").is_empty(), "{path}: {}", answer.status);
    }
    assert_eq!(app.send(Method::GET, "/api/system/version", None).from([198, 51, 100, 1]).await.status, 429);
}

#[tokio::test]
async fn d_48_what_changes_something_without_a_session_has_a_rate_of_its_own() {
    let app = TestApp::with(Options::default()).await;
    let mut tried = 0;
    for route in &app.routes {
        let is_open = route.guard.access == platform::http::Access::Public && route.method != "GET";
        if !is_open {
            continue;
        }
        // A different shape of body each would be refused before it is counted: the address is what they share.
        let mut last = 0;
        for n in 0..400 {
            let body = serde_json::json!({ "email": format!("n{n}@x.example"), "password": "x", "token": "x", "session_id": format!("s{n}"),
                "form_code": "PV-001", "phone": "0612345678", "event": "view" });
            let body = match route.path.as_str() {
                "/api/auth/login" => serde_json::json!({ "email": body["email"], "password": "x" }),
                "/api/auth/forgot-password" => serde_json::json!({ "email": body["email"] }),
                "/api/auth/reset-password" => serde_json::json!({ "token": "x", "password": "correct horse battery" }),
                _ => body,
            };
            let path = format!("{}?tenant={}", route.path, app.slug);
            let path = if route.path.starts_with("/api/auth") { route.path.clone() } else { path };
            last = app.send(Method::POST, &path, Some(body)).from([203, 0, 113, 50]).await.status.as_u16();
            if last == 429 {
                break;
            }
        }
        assert_eq!(last, 429, "{} {}", route.method, route.path);
        tried += 1;
    }
    assert_eq!(tried, 7, "routes that change something for anybody");
}

/// What a piece of work took, so many times one after the other; sorted.
async fn times<F: Future<Output = ()>>(count: usize, work: impl Fn() -> F) -> Vec<Duration> {
    let mut taken = Vec::with_capacity(count);
    for _ in 0..count {
        let clock = Instant::now();
        work().await;
        taken.push(clock.elapsed());
    }
    taken.sort_unstable();
    taken
}

/// Reads for so many milliseconds.
async fn reads(ctx: &Ctx, ms: u32) -> platform::Result<()> {
    let mut tx = ctx.read().await?;
    let sleep = sqlx::query("select pg_sleep($1::double precision / 1000)").bind(f64::from(ms));
    sleep.execute(tx.conn()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_tenants_flood_of_the_database_does_not_slow_another() {
    let (app, other) = (TestApp::new().await, TestApp::new().await);
    let act = async |tenant| app.platform.act_in(tenant, Actor::System("test"), "test").await.unwrap();
    let (flooding, calm) = (act(app.tenant).await, act(other.tenant).await);
    // The other's requests come to the same service.
    let asks = async || {
        assert_eq!(app.get("/api/auth/me").by(&other.root).await.status, 200);
    };
    let calmly = async || reads(&calm, 5).await.unwrap();
    let alone = (times(40, &calmly).await, times(40, &asks).await);

    let over = Arc::new(AtomicBool::new(false));
    let flood: Vec<_> = (0..300)
        .map(|_| {
            let (ctx, over) = (flooding.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let (mut longest, mut done) = (Duration::ZERO, 0_u32);
                while !over.load(Ordering::Relaxed) {
                    let clock = Instant::now();
                    match reads(&ctx, 20).await {
                        Ok(()) => done += 1,
                        // Whoever floods may wait in vain for a turn.
                        Err(error) => assert_eq!(error.code(), "unavailable"),
                    }
                    longest = longest.max(clock.elapsed());
                }
                (longest, done)
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let beside = (times(40, &calmly).await, times(40, &asks).await);
    over.store(true, Ordering::Relaxed);
    let (mut waited, mut done) = (Duration::ZERO, 0);
    for one in flood {
        let (longest, count) = one.await.unwrap();
        (waited, done) = (waited.max(longest), done + count);
    }
    let figures = |of: &[Duration]| format!("p50 {:?}, p95 {:?}, worst {:?}", of[20], of[37], of[39]);
    println!("transactions alone: {}; beside the flood: {}", figures(&alone.0), figures(&beside.0));
    println!("requests alone: {}; beside the flood: {}", figures(&alone.1), figures(&beside.1));
    println!("the flood: {done} transactions, the longest waited {waited:?}");
    assert!(waited > Duration::from_millis(400), "it was no flood: {waited:?}");
    for (alone, beside) in [(&alone.0, &beside.0), (&alone.1, &beside.1)] {
        let bound = (alone[37] * 4).max(Duration::from_millis(200));
        assert!(beside[37] < bound, "alone {}, beside the flood {}", figures(alone), figures(beside));
    }
}
