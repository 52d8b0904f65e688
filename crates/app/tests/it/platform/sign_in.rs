//! Who gets in, and what he may hand on.

use axum::http::Method;
use kernel::Clock as _;
use platform::identity::{PlainPassword, SecondFactor};
use platform::{Options, Platform};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp, instant, service_pool};

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
async fn l_48_t_21_too_many_failures_lock_the_account_for_a_while_whichever_process_and_spelling_they_came_by() {
    let app = TestApp::new().await;
    let email = format!("root@{}.example", app.slug);
    let options = Options { unthrottled: true, worker_name: "another".to_owned(), ..Options::default() };
    let platform = Platform::new(service_pool().await, app.clock.clone(), app::wiring::registry(), options);
    let other = TestApp::over(platform, app.clock.clone(), &app.slug, app.tenant);
    for (process, email) in [(&app, &email), (&other, &email.to_uppercase())].into_iter().cycle().take(5) {
        assert_eq!(attempt(process, email, "not the password").await.0, 401);
    }
    let (status, locked) = attempt(&app, &email, PASSWORD).await;
    assert_eq!((status, locked["type"].as_str()), (429, Some("urn:comptoir:problem:locked")));
    app.at("2026-02-11T09:15:01Z").await;
    assert_eq!(attempt(&app, &email, PASSWORD).await.0, 200);
}

/// What an answer says, but for the name of its request.
async fn said(app: &TestApp, email: &str, password: &str) -> (u16, String, Value) {
    let body = json!({ "email": email, "password": password });
    let mut answer = app.send(Method::POST, "/api/auth/login", Some(body)).await;
    answer.json.as_object_mut().unwrap().remove("request_id");
    (answer.status.as_u16(), answer.header("retry-after").to_owned(), answer.json)
}

#[tokio::test]
async fn d_08_an_address_without_an_account_is_answered_and_locked_like_one_with_and_tries_do_not_extend_it() {
    let app = TestApp::new().await;
    let (known, unknown) = (format!("root@{}.example", app.slug), format!("nobody@{}.example", app.slug));
    let both = async |password: &str| {
        let (known, unknown) = (said(&app, &known, password).await, said(&app, &unknown, password).await);
        assert_eq!(known, unknown);
        known
    };
    for _ in 0..5 {
        assert_eq!(both("not the password").await.0, 401);
    }
    for minute in ["00", "05", "14"] {
        app.clock.set(instant(&format!("2026-02-11T09:{minute}:00Z")));
        let (status, wait, problem) = both("not the password").await;
        assert_eq!((status, problem["type"].as_str()), (429, Some("urn:comptoir:problem:locked")));
        let left = (15 - minute.parse::<i64>().unwrap()) * 60;
        assert_eq!(wait, left.to_string(), "it ends when it would have ended");
    }
    app.clock.set(instant("2026-02-11T09:15:01Z"));
    assert_eq!(both("not the password").await.0, 401, "both may be tried again");
    assert_eq!(said(&app, &known, PASSWORD).await.0, 200);
}

#[tokio::test]
async fn d_08_the_end_of_a_lock_is_told_at_the_next_sign_in_and_at_a_reset_and_nowhere_else() {
    let app = TestApp::new().await;
    app.member("viewer", "ZR7").await;
    let email = format!("viewer.zr7@{}.example", app.slug);
    let unlocked = async || {
        let count = "select count(*) from platform.event where tenant_id = $1 and action = 'account_unlocked'";
        app.value::<i64>(count).await
    };
    let lock = async |times: usize| {
        for _ in 0..times {
            assert_eq!(attempt(&app, &email, "not the password").await.0, 401);
        }
    };
    lock(4).await;
    assert_eq!((attempt(&app, &email, PASSWORD).await.0, unlocked().await), (200, 0), "there was no lock");
    lock(5).await;
    assert_eq!((attempt(&app, &email, PASSWORD).await.0, unlocked().await), (429, 0));
    app.at("2026-02-11T09:15:01Z").await;
    assert_eq!((attempt(&app, &email, PASSWORD).await.0, unlocked().await), (200, 1));
    assert_eq!((attempt(&app, &email, PASSWORD).await.0, unlocked().await), (200, 1));
    lock(5).await;
    let users = app.get("/api/auth/users?search=viewer").expect(200).await;
    let reset = format!("/api/auth/users/{}/reset-password", users["items"][0]["id"].as_str().unwrap());
    app.post(&reset, json!({ "password": PASSWORD })).expect(204).await;
    assert_eq!((attempt(&app, &email, PASSWORD).await.0, unlocked().await), (200, 2), "a reset lifts it");
    lock(5).await;
    let (mut owner, address): (_, kernel::Email) = (crate::support::owner().await, email.parse().unwrap());
    let new = PlainPassword::new(PASSWORD);
    platform::identity::reset_password(&mut owner, app.clock.now(), &address, &new, false, SecondFactor::Keep)
        .await
        .unwrap();
    assert_eq!((attempt(&app, &email, PASSWORD).await.0, unlocked().await), (200, 3));
    let log = app.get(&format!("/api/auth/activity-logs?user={}", users["items"][0]["id"].as_str().unwrap()));
    assert!(log.expect(200).await.to_string().contains("account_unlocked"));
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
async fn t_17_a_password_that_is_reset_by_an_admin_or_by_the_operator_ends_every_session() {
    let app = TestApp::new().await;
    let email = format!("ops.zr7@{}.example", app.slug);
    let ended = async |session: &str| {
        app.get("/api/auth/me").by(session).expect(401).await;
        let cookie = format!("__Host-comptoir={session}");
        app.send(Method::GET, "/api/auth/me", None).header("cookie", &cookie).expect(401).await;
    };
    let sessions = [app.member("ops", "ZR7").await, app.sign_in(&email).await];
    let me = app.get("/api/auth/me").by(&sessions[0]).expect(200).await;
    let reset = format!("/api/auth/users/{}/reset-password", me["user"]["id"].as_str().unwrap());
    app.post(&reset, json!({ "password": PASSWORD })).expect(204).await;
    for session in &sessions {
        ended(session).await;
    }
    let session = app.sign_in(&email).await;
    let (mut owner, address): (_, kernel::Email) = (crate::support::owner().await, email.parse().unwrap());
    let (new, at) = (PlainPassword::new(PASSWORD), instant("2026-02-11T09:00:00Z"));
    platform::identity::reset_password(&mut owner, at, &address, &new, false, SecondFactor::Keep).await.unwrap();
    ended(&session).await;
    app.sign_in(&email).await;
}

#[tokio::test]
async fn t_22_one_policy_holds_wherever_a_password_is_set_and_a_reset_lets_nobody_back_in() {
    let app = TestApp::new().await;
    let email = format!("viewer.zr7@{}.example", app.slug);
    let token = app.member("viewer", "ZR7").await;
    let me = app.get("/api/auth/me").by(&token).expect(200).await;
    let user = format!("/api/auth/users/{}", me["user"]["id"].as_str().unwrap());
    let reset = format!("{user}/reset-password");
    for weak in ["elevenchars", "x".repeat(257).as_str(), email.as_str()] {
        let new = json!({ "email": "x@y.example", "name": "X", "role": "viewer", "entity": "ZR7", "password": weak });
        if weak != email {
            let refused = app.post("/api/auth/users", new).expect(422).await;
            assert_eq!(refused["errors"][0]["field"], "password", "{weak}");
        }
        let refused = app.post(&reset, json!({ "password": weak })).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], "password", "{weak}");
        let change = json!({ "current": PASSWORD, "new": weak });
        let refused = app.post("/api/auth/password", change).by(&token).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], "new", "{weak}");
        let (mut owner, address): (_, kernel::Email) = (crate::support::owner().await, email.parse().unwrap());
        let (new, at) = (PlainPassword::new(weak), instant("2026-02-11T09:00:00Z"));
        let operator =
            platform::identity::reset_password(&mut owner, at, &address, &new, false, SecondFactor::Keep).await;
        assert!(operator.is_err(), "{weak}");
    }
    app.post(&format!("{user}/deactivate"), json!({})).expect(200).await;
    app.post(&reset, json!({ "password": "another long password" })).answer().await;
    assert_eq!(attempt(&app, &email, "another long password").await.0 / 100, 4, "he stays out");
    let active: bool = app
        .value("select bool_or(m.is_active) from platform.membership m join platform.user u on u.id = m.user_id where m.tenant_id = $1 and u.email like 'viewer.%'")
        .await;
    assert!(!active);
}

#[tokio::test]
async fn t_20_wrong_codes_of_a_second_factor_are_counted_although_the_sign_in_fails() {
    let app = TestApp::new().await;
    let factor = "update platform.user u set totp_secret = 'secret of twenty bytes', totp_confirmed_at = now()
        from platform.membership m where m.user_id = u.id and m.tenant_id = $1";
    sqlx::query(factor).bind(app.tenant.uuid()).execute(&mut crate::support::owner().await).await.unwrap();
    let body = json!({ "email": format!("root@{}.example", app.slug), "password": PASSWORD, "tenant": app.slug, "totp": "000000" });
    let mut answers = Vec::new();
    for _ in 0..11 {
        answers.push(app.send(Method::POST, "/api/auth/login", Some(body.clone())).await.status.as_u16());
    }
    assert_eq!((&answers[..5], &answers[5..]), (&[401; 5][..], &[429; 6][..]), "the account is locked");
}

#[tokio::test]
async fn d_36_metrics_are_closed_without_a_token_of_their_own() {
    let closed = TestApp::new().await;
    closed.get("/metrics").expect(404).await;
    let token = "a token of the monitoring";
    let options = Options { unthrottled: true, metrics_token: Some(token.to_owned()), ..Options::default() };
    let app = TestApp::with(options).await;
    app.send(Method::GET, "/metrics", None).expect(401).await;
    app.get("/metrics").expect(401).await;
    assert_eq!(app.get("/metrics").by(token).await.status, 200);
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
async fn f_69_nobody_changes_his_own_role_entity_permissions_or_status_by_any_route() {
    let app = TestApp::new().await;
    // Another one, so that the last super admin is not the reason.
    let boss = json!({ "email": format!("b@{}.example", app.slug), "name": "B", "role": "super_admin", "entity": "MDL", "password": PASSWORD });
    app.post("/api/auth/users", boss).expect(201).await;
    let id = app.get("/api/auth/me").expect(200).await["user"]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/auth/users/{id}");
    for (change, code) in [
        (json!({ "role": "viewer" }), "own_access"),
        (json!({ "entity": "MDL" }), "own_access"),
        (json!({ "is_active": false }), "yourself"),
    ] {
        let refused = app.put(&path, change.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (409, code), "{change}");
    }
    assert_eq!(app.post(&format!("{path}/deactivate"), json!({})).await.code(), "yourself");
    let manager = json!({ "email": format!("m@{}.example", app.slug), "name": "M", "role": "admin", "entity": "ZR7",
        "password": PASSWORD, "permissions": { "users.manage": true } });
    let manager = app.post("/api/auth/users", manager).expect(201).await;
    let token = app.sign_in(manager["email"].as_str().unwrap()).await;
    for less in [json!({ "users.manage": true, "leads.export": false }), json!({})] {
        let own = format!("/api/auth/users/{}", manager["id"].as_str().unwrap());
        let refused = app.put(&own, json!({ "permissions": less })).by(&token).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "own_access"), "less is a change, too");
    }
    let renamed = app.put(&path, json!({ "name": "Rooty" })).expect(200).await;
    assert_eq!(
        (&renamed["role"], &renamed["entity"], &renamed["name"]),
        (&json!("super_admin"), &json!("ZR7"), &json!("Rooty"))
    );
}

#[tokio::test]
async fn t_19_a_change_of_role_or_permission_ends_the_sessions_at_once() {
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
    app.get("/api/auth/me").by(&token).expect(401).await;
    let token = app.sign_in(ops["email"].as_str().unwrap()).await;
    let answer = app.get("/api/clients").by(&token).expect(403).await;
    assert_eq!(answer["errors"][0]["message"], "clients.view");
    for change in [json!({ "role": "viewer" }), json!({ "entity": "MDL" }), json!({ "is_active": false })] {
        let token = app.sign_in(ops["email"].as_str().unwrap()).await;
        app.put(&format!("/api/auth/users/{}", ops["id"].as_str().unwrap()), change.clone()).expect(200).await;
        assert_eq!(app.get("/api/auth/me").by(&token).await.status, 401, "{change}");
    }
}
