//! Who gets in, and what he may hand on.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, instant};

async fn attempt(app: &TestApp, email: &str, password: &str) -> (u16, Value) {
    let body = json!({ "email": email, "password": password, "tenant": app.slug });
    let answer = app.send(Method::POST, "/api/auth/login", Some(body)).await;
    (answer.status.as_u16(), answer.json)
}

#[tokio::test]
async fn l_48_passwords_and_tokens_are_stored_hashed_and_a_wrong_one_says_nothing() {
    let app = TestApp::new().await;
    let email = format!("root@{}.example", app.slug);
    let (status, wrong) = attempt(&app, &email, "not the password").await;
    let (_, unknown) = attempt(&app, "nobody@nowhere.example", "not the password").await;
    assert_eq!((status, &wrong["detail"]), (401, &unknown["detail"]));
    let stored: String = app
        .value("select u.password_hash from platform.user u join platform.membership m on m.user_id = u.id where m.tenant_id = $1")
        .await;
    assert!(stored.starts_with("$argon2id$"), "{stored}");
    let clear: i64 =
        sqlx::query_scalar("select count(*) from platform.session where token_hash = convert_to($1, 'UTF8')")
            .bind(&app.root)
            .fetch_one(&mut crate::support::owner().await)
            .await
            .unwrap();
    assert_eq!(clear, 0);
}

#[tokio::test]
async fn l_48_too_many_failures_lock_the_account_for_a_while() {
    let app = TestApp::new().await;
    let email = format!("root@{}.example", app.slug);
    for _ in 0..8 {
        assert_eq!(attempt(&app, &email, "not the password").await.0, 401);
    }
    let (status, locked) = attempt(&app, &email, PASSWORD).await;
    assert_eq!((status, locked["type"].as_str()), (429, Some("urn:comptoir:problem:locked")));
    app.at("2026-02-11T09:15:01Z").await;
    assert_eq!(attempt(&app, &email, PASSWORD).await.0, 200);
}

#[tokio::test]
async fn l_48_a_new_password_ends_the_other_sessions_and_signing_out_ends_this_one() {
    let app = TestApp::new().await;
    let email = format!("root@{}.example", app.slug);
    let other = app.sign_in(&email).await;
    app.post("/api/auth/password", json!({ "current": PASSWORD, "new": "another long password" })).answer().await;
    app.get("/api/auth/me").by(&other).expect(401).await;
    app.get("/api/auth/me").expect(200).await;
    assert_eq!(attempt(&app, &email, PASSWORD).await.0, 401);
    app.post("/api/auth/logout", json!({})).answer().await;
    app.get("/api/auth/me").expect(401).await;
}

#[tokio::test]
async fn a_session_ends_after_seven_days() {
    let app = TestApp::new().await;
    app.clock.set(instant("2026-02-18T08:59:59Z"));
    app.get("/api/auth/me").expect(200).await;
    app.clock.set(instant("2026-02-18T09:00:00Z"));
    app.get("/api/auth/me").expect(401).await;
}

#[tokio::test]
async fn a_cookie_changes_nothing_from_another_site() {
    let app = TestApp::new().await;
    let cookie = format!("__Host-comptoir={}", app.root);
    let change = |site: &str| {
        app.send(Method::PUT, "/api/settings/source-gating", Some(json!({ "blocked_sources": [] })))
            .header("cookie", &cookie)
            .header("sec-fetch-site", site)
    };
    change("cross-site").expect(403).await;
    change("same-site").expect(403).await;
    change("same-origin").expect(200).await;
    app.send(Method::GET, "/api/auth/me", None).header("cookie", &cookie).expect(200).await;
}

#[tokio::test]
async fn l_52_a_user_manager_cannot_raise_himself_or_others_above_himself() {
    let app = TestApp::new().await;
    let manager = json!({ "email": format!("m@{}.example", app.slug), "name": "M", "role": "ops", "entity": "ZR7",
        "password": PASSWORD, "permissions": { "users.manage": true } });
    let manager = app.post("/api/auth/users", manager).expect(201).await;
    let token = app.sign_in(manager["email"].as_str().unwrap()).await;
    let user = |fields: Value| {
        let mut user =
            json!({ "email": format!("n@{}.example", app.slug), "name": "N", "entity": "ZR7", "password": PASSWORD });
        for (key, value) in fields.as_object().unwrap() {
            user[key] = value.clone();
        }
        app.post("/api/auth/users", user).by(&token)
    };
    user(json!({ "role": "super_admin" })).expect(403).await;
    user(json!({ "role": "admin" })).expect(403).await;
    user(json!({ "role": "viewer", "permissions": { "billing.manage": true } })).expect(403).await;
    user(json!({ "role": "viewer", "entity": "MDL" })).expect(403).await;
    user(json!({ "role": "viewer" })).expect(201).await;
    let id = manager["id"].as_str().unwrap();
    app.put(&format!("/api/auth/users/{id}"), json!({ "role": "admin" })).by(&token).answer().await;
    let me = app.get("/api/auth/me").by(&token).expect(200).await;
    assert!(!me.to_string().contains("billing.manage"), "{me}");
    app.post(&format!("/api/auth/users/{id}/deactivate"), json!({})).by(&token).expect(409).await;
}

#[tokio::test]
async fn a_change_of_permission_holds_from_the_next_request_on() {
    let app = TestApp::new().await;
    let token = app.member("ops", "ZR7").await;
    app.get("/api/clients").by(&token).expect(200).await;
    let users = app.get("/api/auth/users").expect(200).await;
    let ops = users["items"]
        .as_array()
        .or(users.as_array())
        .unwrap()
        .iter()
        .find(|user| user["role"] == "ops")
        .unwrap()
        .clone();
    let change = json!({ "permissions": { "clients.view": false } });
    app.put(&format!("/api/auth/users/{}", ops["id"].as_str().unwrap()), change).expect(200).await;
    let answer = app.get("/api/clients").by(&token).await;
    assert!(answer.status == 401 || answer.status == 403, "{}", answer.json);
    let token = app.sign_in(ops["email"].as_str().unwrap()).await;
    let answer = app.get("/api/clients").by(&token).expect(403).await;
    assert_eq!(answer["errors"][0]["message"], "clients.view");
}
