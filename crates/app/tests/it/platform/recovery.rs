//! Forgotten passwords: a link by mail, once, within the hour, and nothing told to who has no account.

use axum::http::Method;
use platform::Options;
use serde_json::{Value, json};

use crate::support::smtp::{Behaviour, Sink};
use crate::support::{Answer, PASSWORD, TestApp};

const NEW: &str = "another long password";

async fn ask(app: &TestApp, email: &str) -> Answer {
    app.send(Method::POST, "/api/auth/forgot-password", Some(json!({ "email": email }))).await
}

async fn choose(app: &TestApp, token: &str, password: &str) -> (u16, Value) {
    let body = json!({ "token": token, "password": password });
    let answer = app.send(Method::POST, "/api/auth/reset-password", Some(body)).await;
    (answer.status.as_u16(), answer.json)
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> u16 {
    let body = json!({ "email": email, "password": password, "tenant": app.slug });
    app.send(Method::POST, "/api/auth/login", Some(body)).await.status.as_u16()
}

/// The tokens in the mails of the folder, whose lines are written as quoted-printable (RFC 2045 §6.7).
fn tokens(app: &TestApp) -> Vec<String> {
    let link = "https://comptoir.example/reset-password#token=";
    let plain = |mail: &String| mail.replace("=\r\n", "").replace("=3D", "=");
    let token = |mail: String| {
        let tokens: Vec<_> =
            mail.split(link).skip(1).map(|rest| rest.split("\r\n").next().unwrap().to_owned()).collect();
        assert!(tokens.len() == 2 && tokens[0] == tokens[1], "one link, in both languages: {mail}");
        tokens[0].clone()
    };
    app.mails().iter().map(plain).map(token).collect()
}

/// Asks for a link and takes it from the mail.
async fn token(app: &TestApp, email: &str) -> String {
    let before = tokens(app);
    assert_eq!(ask(app, email).await.status, 204);
    app.run_jobs().await;
    let mut after = tokens(app);
    after.retain(|token| !before.contains(token));
    assert_eq!(after.len(), 1, "one mail");
    after.remove(0)
}

#[tokio::test]
async fn d_06_d_45_a_link_sets_a_new_password_once_ends_every_session_and_lifts_the_lockout() {
    let app = TestApp::new().await;
    let email = format!("ops.zr7@{}.example", app.slug);
    let sessions = [app.member("ops", "ZR7").await, app.sign_in(&email).await];
    for _ in 0..8 {
        sign_in(&app, &email, "not the password").await;
    }
    assert_eq!(sign_in(&app, &email, PASSWORD).await, 429);
    let token = token(&app, &email).await;
    assert!(app.mails()[0].contains(&format!("To: {email}")), "{:?}", app.mails());
    let hashed: i64 = sqlx::query_scalar(
        "select count(*) from platform.password_reset where tenant_id = $1 and token_hash = sha256(convert_to($2, 'UTF8'))",
    )
    .bind(app.tenant.uuid())
    .bind(&token)
    .fetch_one(&mut crate::support::owner().await)
    .await
    .unwrap();
    assert_eq!((hashed, token.len()), (1, 43), "32 random bytes, of which the hash is kept");
    app.get("/api/auth/me").by(&token).expect(401).await;
    assert_eq!(choose(&app, &sessions[0], NEW).await.0, 400, "a session is no link, and a link no session");
    let (status, weak) = choose(&app, &token, "short").await;
    assert_eq!((status, &weak["errors"][0]["field"]), (422, &json!("password")), "and the link still works");
    assert_eq!(choose(&app, &token, NEW).await.0, 204);
    for session in &sessions {
        app.get("/api/auth/me").by(session).expect(401).await;
    }
    assert_eq!((sign_in(&app, &email, PASSWORD).await, sign_in(&app, &email, NEW).await), (401, 200));
    let (status, used) = choose(&app, &token, "yet another password").await;
    assert_eq!((status, used["type"].as_str()), (400, Some("urn:comptoir:problem:reset_link_broken")));
    let log = app.get("/api/event-log?action=password_reset").expect(200).await;
    let event = &log["items"][0];
    assert_eq!((&event["actor_name"], &event["details"]["by_mail"]), (&json!("ops"), &json!(true)), "{event}");
}

#[tokio::test]
async fn only_the_last_link_works_within_the_hour_and_not_after_another_change_of_the_password() {
    let app = TestApp::new().await;
    let email = format!("root@{}.example", app.slug);
    let first = token(&app, &email).await;
    app.tick();
    let second = token(&app, &email).await;
    for broken in [first.as_str(), "", "nonsense", &second[1..]] {
        assert_eq!(choose(&app, broken, NEW).await.0, 400, "{broken:?}");
    }
    app.at("2026-02-11T10:00:01Z").await;
    assert_eq!(choose(&app, &second, NEW).await.0, 400, "an hour has passed");
    let third = token(&app, &email).await;
    app.post("/api/auth/password", json!({ "current": PASSWORD, "new": NEW })).expect(204).await;
    assert_eq!(choose(&app, &third, "yet another password").await.0, 400);
    let member = app.member("viewer", "MDL").await;
    let users = app.get("/api/auth/users").expect(200).await;
    let viewer = users["items"].as_array().unwrap().iter().find(|user| user["role"] == "viewer").unwrap();
    let fourth = token(&app, viewer["email"].as_str().unwrap()).await;
    app.post(&format!("/api/auth/users/{}/deactivate", viewer["id"].as_str().unwrap()), json!({})).expect(200).await;
    assert_eq!(choose(&app, &fourth, NEW).await.0, 400, "who is no member any more does not come back by mail");
    app.get("/api/auth/me").by(&member).expect(401).await;
}

#[tokio::test]
async fn whoever_sets_an_entitys_mail_server_does_not_read_the_links_of_others_there() {
    let app = TestApp::new().await;
    let admin = app.member("admin", "ZR7").await;
    let sink = Sink::start(Behaviour::Accept).await;
    let servers = json!({ "per_entity": { "ZR7": { "url": sink.url }, "MDL": { "url": sink.url } } });
    app.put("/api/settings/smtp", servers).by(&admin).expect(200).await;
    token(&app, &format!("root@{}.example", app.slug)).await;
    assert_eq!(sink.bodies().len(), 0);
}

#[tokio::test]
async fn a_second_factor_is_still_asked_for_after_a_reset() {
    let app = TestApp::new().await;
    let email = format!("root@{}.example", app.slug);
    let factor = "update platform.user u set totp_secret = 'secret of twenty bytes', totp_confirmed_at = now()
        from platform.membership m where m.user_id = u.id and m.tenant_id = $1";
    sqlx::query(factor).bind(app.tenant.uuid()).execute(&mut crate::support::owner().await).await.unwrap();
    let token = token(&app, &email).await;
    assert_eq!(choose(&app, &token, NEW).await.0, 204);
    let body = json!({ "email": email, "password": NEW, "tenant": app.slug });
    let asked = app.send(Method::POST, "/api/auth/login", Some(body)).expect(401).await;
    assert_eq!(asked["type"], "urn:comptoir:problem:totp_required");
}

#[tokio::test]
async fn the_answer_does_not_tell_who_has_an_account_and_the_token_stands_nowhere() {
    let app = TestApp::new().await;
    let email = format!("root@{}.example", app.slug);
    let mut answers = Vec::new();
    for address in [email.as_str(), "nobody@nowhere.example"] {
        let started = std::time::Instant::now();
        let mut answer = ask(&app, address).await;
        assert!(started.elapsed() >= std::time::Duration::from_millis(200), "{:?}", started.elapsed());
        answer.headers.remove("x-request-id");
        answers.push((answer.status, answer.headers, answer.text));
    }
    assert_eq!(answers[0], answers[1]);
    app.run_jobs().await;
    let token = tokens(&app).remove(0);
    assert_eq!(app.mails().len(), 1, "nobody gets no mail");
    let seen: bool = sqlx::query_scalar(
        "select exists (select from platform.job j where j.tenant_id = $1 and j::text like '%' || $2 || '%')
             or exists (select from platform.job_run r where r.tenant_id = $1 and r::text like '%' || $2 || '%')
             or exists (select from platform.event e where e.tenant_id = $1 and e::text like '%' || $2 || '%')
             or exists (select from platform.mail m where m.tenant_id = $1 and m::text like '%' || $2 || '%')
             or exists (select from platform.password_reset p where p.tenant_id = $1 and p.token_hash = convert_to($2, 'UTF8'))",
    )
    .bind(app.tenant.uuid())
    .bind(&token)
    .fetch_one(&mut crate::support::owner().await)
    .await
    .unwrap();
    assert!(!seen);
    app.send(Method::POST, "/api/auth/forgot-password", Some(json!({ "email": "no address" }))).expect(422).await;
}

#[tokio::test]
async fn whoever_asks_too_often_waits_whether_the_address_has_an_account_or_not() {
    let app = TestApp::with(Options::default()).await;
    for address in [format!("root@{}.example", app.slug), format!("nobody@{}.example", app.slug)] {
        for expected in [204, 204, 429] {
            assert_eq!(ask(&app, &address).await.status, expected, "{address}");
        }
    }
    let mut last = 0;
    for n in 0..12 {
        last = ask(&app, &format!("n{n}@{}.example", app.slug)).await.status.as_u16();
    }
    assert_eq!(last, 429, "of one client");
}
