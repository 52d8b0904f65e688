//! Sessions: who sees them, and who ends them (spec/trade.md T-18).

use axum::http::Method;
use kernel::Clock as _;
use platform::http::Access;
use platform::identity::{PlainPassword, SecondFactor};
use serde_json::{Value, json};

use crate::support::{PASSWORD, TestApp};

async fn lives(app: &TestApp, token: &str) -> bool {
    app.get("/api/auth/me").by(token).await.status == 200
}

async fn user(app: &TestApp, token: &str) -> String {
    app.get("/api/auth/me").by(token).expect(200).await["user"]["id"].as_str().unwrap().to_owned()
}

async fn told(app: &TestApp, action: &str) -> Vec<Value> {
    let log = app.get(&format!("/api/event-log?action={action}")).expect(200).await;
    log["items"].as_array().unwrap().iter().map(|event| event["details"].clone()).collect()
}

#[tokio::test]
async fn t_18_one_sees_ones_own_sessions_and_ends_all_but_this_one_or_all() {
    let app = TestApp::new().await;
    let first = app.member("viewer", "ZR7").await;
    let email = format!("viewer.zr7@{}.example", app.slug);
    app.tick();
    let body = json!({ "email": email, "password": PASSWORD, "tenant": app.slug });
    let phone = app.send(Method::POST, "/api/auth/login", Some(body)).header("user-agent", "Phone").from([10, 1, 2, 3]);
    let phone = phone.expect(200).await["token"].as_str().unwrap().to_owned();
    let page = app.get("/api/auth/sessions").by(&first).expect(200).await;
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "the others' are not there: {page:#}");
    assert_eq!(
        (&items[0]["user_agent"], &items[0]["ip"], &items[0]["is_this"], &items[1]["is_this"]),
        (&json!("Phone"), &json!("10.1.2.3"), &json!(false), &json!(true))
    );
    assert!(!page.to_string().contains(&phone) && !page.to_string().contains("token"), "{page}");
    let ended = app.post("/api/auth/sessions/ending", json!({})).by(&first).expect(200).await;
    assert_eq!(ended, json!({ "ended": 1 }));
    assert_eq!((lives(&app, &first).await, lives(&app, &phone).await), (true, false));
    assert!(lives(&app, &app.root).await, "the others go on");
    let again = app.sign_in(&email).await;
    let ended = app.post("/api/auth/sessions/ending", json!({ "this_too": true })).by(&first).expect(200).await;
    assert_eq!(ended, json!({ "ended": 2 }));
    assert_eq!((lives(&app, &first).await, lives(&app, &again).await), (false, false));
    let expected = [json!({ "ended": 2, "this_too": true }), json!({ "ended": 1, "this_too": false })];
    assert_eq!(told(&app, "sessions_ended").await, expected);
}

#[tokio::test]
async fn t_18_who_manages_users_ends_the_sessions_of_one_here_and_nowhere_else() {
    let (app, other) = (TestApp::new().await, TestApp::new().await);
    let viewer = app.member("viewer", "ZR7").await;
    let (id, email) = (user(&app, &viewer).await, format!("viewer.zr7@{}.example", app.slug));
    other
        .post("/api/auth/users", json!({ "email": email, "entity": "MDL", "invite_existing": true }))
        .expect(201)
        .await;
    let (second, elsewhere) = (app.sign_in(&email).await, other.sign_in(&email).await);
    let path = format!("/api/auth/users/{id}/sessions/ending");
    app.post(&path, json!({})).by(&viewer).expect(403).await;
    assert_eq!(app.post(&path, json!({})).expect(200).await, json!({ "ended": 2 }));
    assert_eq!((lives(&app, &viewer).await, lives(&app, &second).await), (false, false));
    assert!(lives(&other, &elsewhere).await, "what he does for others is theirs");
    assert_eq!(told(&app, "sessions_ended").await, [json!({ "ended": 2 })]);
    let stranger = user(&other, &other.root).await;
    app.post(&format!("/api/auth/users/{stranger}/sessions/ending"), json!({})).expect(404).await;

    let manager = json!({ "email": format!("m@{}.example", app.slug), "name": "M", "role": "ops", "entity": "ZR7",
        "password": PASSWORD, "permissions": { "users.manage": true } });
    app.post("/api/auth/users", manager).expect(201).await;
    let manager = app.sign_in(&format!("m@{}.example", app.slug)).await;
    let root = user(&app, &app.root).await;
    let refused = app.post(&format!("/api/auth/users/{root}/sessions/ending"), json!({})).by(&manager).await;
    assert!(matches!(refused.status.as_u16(), 403 | 404), "{}", refused.json);
    let elsewhere = app.member("viewer", "MDL").await;
    let path = format!("/api/auth/users/{}/sessions/ending", user(&app, &elsewhere).await);
    app.post(&path, json!({})).by(&manager).expect(404).await;
    assert!(lives(&app, &elsewhere).await && lives(&app, &app.root).await);
}

#[tokio::test]
async fn t_18_all_sessions_of_a_tenant_end_at_once_and_those_of_others_go_on() {
    let (app, other) = (TestApp::new().await, TestApp::new().await);
    let (zr7, mdl) = (app.member("viewer", "ZR7").await, app.member("ops", "MDL").await);
    let elsewhere = other.member("viewer", "ZR7").await;
    let path = "/api/auth/users/sessions/ending";
    app.post(path, json!({})).by(&zr7).expect(403).await;
    let manager = json!({ "email": format!("m@{}.example", app.slug), "name": "M", "role": "ops", "entity": "ZR7",
        "password": PASSWORD, "permissions": { "users.manage": true } });
    app.post("/api/auth/users", manager).expect(201).await;
    let manager = app.sign_in(&format!("m@{}.example", app.slug)).await;
    assert_eq!(app.post(path, json!({})).by(&manager).expect(200).await, json!({ "ended": 1 }), "his entity's viewer");
    assert_eq!((lives(&app, &zr7).await, lives(&app, &mdl).await), (false, true));
    assert!(lives(&app, &app.root).await && lives(&app, &manager).await);
    assert_eq!(app.post(path, json!({})).expect(200).await, json!({ "ended": 2 }), "all but this one");
    assert_eq!((lives(&app, &mdl).await, lives(&app, &manager).await), (false, false));
    assert!(lives(&app, &app.root).await && lives(&other, &elsewhere).await && lives(&other, &other.root).await);
    let details = told(&app, "all_sessions_ended").await;
    assert_eq!(details, [json!({ "ended": 2, "this_too": false }), json!({ "ended": 1, "this_too": false })]);
    app.post(path, json!({ "this_too": true })).expect(200).await;
    assert!(!lives(&app, &app.root).await);
}

#[tokio::test]
async fn d_37_who_has_no_active_membership_comes_in_nowhere_and_no_route_makes_an_account_for_strangers() {
    let app = TestApp::new().await;
    let viewer = app.member("viewer", "ZR7").await;
    let (id, email) = (user(&app, &viewer).await, format!("viewer.zr7@{}.example", app.slug));
    app.post(&format!("/api/auth/users/{id}/deactivate"), json!({})).expect(200).await;
    app.get("/api/auth/me").by(&viewer).expect(401).await;
    let body = json!({ "email": email, "password": PASSWORD, "tenant": app.slug });
    let refused = app.send(Method::POST, "/api/auth/login", Some(body)).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "account_disabled"));
    let open: Vec<_> = app.routes.iter().filter(|route| route.guard.access == platform::http::Access::Public).collect();
    for route in open.iter().filter(|route| route.path.starts_with("/api/auth/")) {
        assert!(
            ["login", "forgot-password", "reset-password"].iter().any(|known| route.path.ends_with(known)),
            "{}",
            route.path
        );
    }
}

#[tokio::test]
async fn t_16_an_account_shared_with_another_tenant_is_not_one_tenants_to_take_over() {
    let (app, other) = (TestApp::new().await, TestApp::new().await);
    let viewer = app.member("viewer", "ZR7").await;
    let (id, email) = (user(&app, &viewer).await, format!("viewer.zr7@{}.example", app.slug));
    other
        .post("/api/auth/users", json!({ "email": email, "entity": "MDL", "invite_existing": true }))
        .expect(201)
        .await;
    for one in [&app, &other] {
        let path = format!("/api/auth/users/{id}");
        let reset = json!({ "password": "taken over by somebody", "remove_totp": true });
        let refused = one.post(&format!("{path}/reset-password"), reset).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "user_shared"), "{}", refused.json);
        let refused = one.put(&path, json!({ "name": "Somebody" })).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "user_shared"));
        one.put(&path, json!({ "email": "mine@x.example" })).expect(422).await;
    }
    let elsewhere = other.sign_in(&email).await;
    app.post(&format!("/api/auth/users/{id}/deactivate"), json!({})).expect(200).await;
    assert_eq!((lives(&app, &viewer).await, lives(&other, &elsewhere).await), (false, true));
    assert!(lives(&other, &other.sign_in(&email).await).await, "he stays who he is for the others");
}

/// What is open to who has to choose a new password first.
const PENDING: [&str; 3] = ["GET /api/auth/me", "POST /api/auth/logout", "POST /api/auth/password"];

#[tokio::test]
async fn d_05_who_was_given_a_password_opens_nothing_before_he_has_chosen_another() {
    let app = TestApp::new().await;
    let email = format!("new@{}.example", app.slug);
    let user = json!({ "email": email, "name": "New", "role": "admin", "entity": "ZR7", "password": PASSWORD,
        "must_change_password": true });
    let user = app.post("/api/auth/users", user).expect(201).await;
    let token = app.sign_in(&email).await;
    let me = app.get("/api/auth/me").by(&token).expect(200).await;
    assert_eq!((&me["user"]["must_change_password"], &user["must_change_password"]), (&json!(true), &json!(true)));

    let mut open = Vec::new();
    for route in app.routes.iter().filter(|route| !matches!(route.guard.access, Access::Public | Access::MetricsToken))
    {
        if route.path == "/api/auth/logout" {
            open.push(format!("{} {}", route.method, route.path));
            continue;
        }
        let (method, path) = super::routes::filled(route);
        let body = (method != Method::GET && method != Method::DELETE).then(|| json!({ "junk": true }));
        let answer = app.send(method, &path, body).by(&token).await;
        if answer.status != 428 {
            open.push(format!("{} {}", route.method, route.path));
            continue;
        }
        assert_eq!(answer.json["type"], "urn:comptoir:problem:must_change_password", "{path}");
    }
    open.sort_unstable();
    assert_eq!(open, PENDING);

    let choose =
        |current: &str, new: &str| app.post("/api/auth/password", json!({ "current": current, "new": new })).by(&token);
    for unfit in [PASSWORD, "short", &email] {
        let refused = choose(PASSWORD, unfit).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], "new", "{unfit}");
    }
    app.get("/api/leads").by(&token).expect(428).await;
    choose(PASSWORD, "a password of his own").expect(204).await;
    app.get("/api/leads").by(&token).expect(200).await;
    let me = app.get("/api/auth/me").by(&token).expect(200).await;
    assert_eq!(me["user"]["must_change_password"], false);
}

#[tokio::test]
async fn d_05_a_session_that_is_open_waits_as_soon_as_a_new_password_is_asked_for() {
    let app = TestApp::new().await;
    let email = format!("viewer.zr7@{}.example", app.slug);
    let token = app.member("viewer", "ZR7").await;
    let id = app.get("/api/auth/users?search=viewer").expect(200).await["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/auth/users/{id}");
    let asked = app.put(&path, json!({ "must_change_password": true })).expect(200).await;
    assert_eq!(asked["must_change_password"], true);
    app.get("/api/leads").by(&token).expect(428).await;
    let told = app.get("/api/event-log?action=update_user").expect(200).await;
    let details = &told["items"][0]["details"];
    assert_eq!(
        (&details["old"]["must_change_password"], &details["new"]["must_change_password"]),
        (&json!(false), &json!(true))
    );
    app.put(&path, json!({ "name": "Viewer" })).expect(200).await;
    app.get("/api/leads").by(&token).expect(428).await;
    app.put(&path, json!({ "must_change_password": false })).expect(200).await;
    app.get("/api/leads").by(&token).expect(200).await;

    // Who sets a password for somebody else says whether it may stay.
    let reset = format!("{path}/reset-password");
    app.post(&reset, json!({ "password": PASSWORD, "must_change_password": true })).expect(204).await;
    let token = app.sign_in(&email).await;
    app.get("/api/leads").by(&token).expect(428).await;
    let (mut owner, address): (_, kernel::Email) = (crate::support::owner().await, email.parse().unwrap());
    for must_change in [false, true] {
        let new = PlainPassword::new(PASSWORD);
        let at = app.clock.now();
        platform::identity::reset_password(&mut owner, at, &address, &new, must_change, SecondFactor::Keep)
            .await
            .unwrap();
        let token = app.sign_in(&email).await;
        app.get("/api/leads").by(&token).expect(if must_change { 428 } else { 200 }).await;
    }

    // An account that another organisation relies on is not one's to close.
    let other = TestApp::new().await;
    other
        .post("/api/auth/users", json!({ "email": email, "entity": "MDL", "invite_existing": true }))
        .expect(201)
        .await;
    for app in [&app, &other] {
        let refused = app.put(&path, json!({ "must_change_password": false })).expect(409).await;
        assert_eq!(refused["type"], "urn:comptoir:problem:user_shared");
    }
    let both =
        json!({ "email": "who@else.example", "entity": "MDL", "invite_existing": true, "must_change_password": true });
    other.post("/api/auth/users", both).expect(422).await;
}
