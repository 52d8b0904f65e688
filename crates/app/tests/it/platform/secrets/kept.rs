//! Secrets of others that are kept: the password of an entity's mail server, the key of a buyer's interface.

use axum::http::Method;
use platform::secret::Sealed;
use serde_json::{Value, json};

use super::house::column;
use crate::support::smtp::{Behaviour, Sink};
use crate::support::{Answer, TestApp};

const HUSH: &str = "hunter2-of-the-mail-server";

async fn servers(app: &TestApp, server: Value) -> Answer {
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": server } })).await
}

/// What of the tenant holds this text: the names of its tables.
async fn holding(app: &TestApp, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for table in [
        "platform.setting",
        "platform.entity",
        "platform.event",
        "platform.job",
        "platform.mail",
        "leads.buyer",
        "platform.idempotency_key",
    ] {
        let sql =
            format!("select exists (select from {table} t where t.tenant_id = $1 and t::text like '%' || $2 || '%')");
        let seen: bool = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(app.tenant.uuid())
            .bind(text)
            .fetch_one(&mut crate::support::owner().await)
            .await
            .unwrap();
        found.extend(seen.then(|| table.to_owned()));
    }
    found
}

#[tokio::test]
async fn f_77_the_password_of_a_mail_server_is_written_used_and_never_read() {
    let app = TestApp::new().await;
    let sink = Sink::start(Behaviour::Accept).await;
    let url = sink.url.replace("smtp://", "smtp://robot@");
    let answer = servers(&app, json!({ "url": url, "password": HUSH })).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let answer = answer.expect(200);
    let server = &answer["value"]["per_entity"]["ZR7"];
    assert_eq!((&server["password_set"], server.get("password")), (&json!(true), None), "{answer}");
    let read = app.get("/api/settings/smtp").expect(200).await;
    assert!(!read.to_string().contains(HUSH) && !read.to_string().contains("v1."), "{read}");
    assert_eq!(holding(&app, HUSH).await, Vec::<String>::new());

    app.form("PV-001", "ZR7", "PV").await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    let id = app.delivery().await;
    app.post("/api/deliveries/batch/generate-csv", json!({})).scope("ZR7").expect(200).await;
    app.post(&format!("/api/deliveries/{id}/send"), json!({})).answer().await;
    app.post("/api/deliveries/batch/send-ready", json!({})).scope("ZR7").answer().await;
    app.run_jobs().await;
    assert_eq!(sink.logins(), [format!("robot {HUSH}")], "the server got it, once");
    assert_eq!(sink.bodies().len(), 1);

    // What is left out stays with the same server, and is never shown to another.
    let kept = servers(&app, json!({ "url": url, "from_name": "ZR7" })).await.expect(200);
    assert_eq!(kept["value"]["per_entity"]["ZR7"]["password_set"], true);
    let refused = servers(&app, json!({ "url": "smtps://robot@evil.example" })).await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "per_entity.ZR7.password", "{refused}");
    let refused = servers(&app, json!({ "url": url, "password": HUSH, "password_env": "X" })).await.expect(422);
    assert!(!refused.to_string().contains(HUSH), "{refused}");
    let is_set = "select mail_password_sealed is not null from platform.entity where tenant_id = $1 and code = 'ZR7'";
    assert!(app.value::<bool>(is_set).await);
    let gone = servers(&app, json!({ "url": url, "password": "" })).await.expect(200);
    assert_eq!(gone["value"]["per_entity"]["ZR7"]["password_set"], false);
    servers(&app, json!({ "url": url, "password": HUSH })).await.expect(200);
    app.put("/api/settings/smtp", json!({ "per_entity": {} })).expect(200).await;
    assert!(!app.value::<bool>(is_set).await, "a server that is forgotten is forgotten whole");
    let log = app.get("/api/event-log?action=mail_password_changed").expect(200).await;
    let told: Vec<_> =
        log["items"].as_array().unwrap().iter().rev().map(|event| event["details"]["kept"].clone()).collect();
    assert_eq!(told, [true, false, true, false]);
}

#[tokio::test]
async fn f_77_the_password_of_one_entity_does_not_open_in_another() {
    let app = TestApp::new().await;
    servers(&app, json!({ "url": "smtps://robot@mail.example", "password": HUSH })).await.expect(200);
    let (zr7, mdl): (uuid::Uuid, uuid::Uuid) = sqlx::query_as(
        "select (array_agg(id) filter (where code = 'ZR7'))[1], (array_agg(id) filter (where code = 'MDL'))[1]
         from platform.entity where tenant_id = $1",
    )
    .bind(app.tenant.uuid())
    .fetch_one(&mut crate::support::owner().await)
    .await
    .unwrap();
    let sealed: String =
        app.value("select mail_password_sealed from platform.entity where tenant_id = $1 and code = 'ZR7'").await;
    let (sealed, column) = (Sealed::from_stored(sealed), column("platform.entity"));
    let secrets = app.platform.secrets();
    assert_eq!(secrets.open(&column.place(app.tenant, zr7), &sealed).await.unwrap(), HUSH.as_bytes());
    let elsewhere = secrets.open(&column.place(app.tenant, mdl), &sealed).await.unwrap_err();
    assert!(elsewhere.chain().contains("it was changed, or belongs to another row"), "{}", elsewhere.chain());
    let other = TestApp::new().await;
    assert!(secrets.open(&column.place(other.tenant, zr7), &sealed).await.is_err(), "nor in another tenant");
}

#[tokio::test]
async fn l_50_the_key_of_a_buyers_interface_is_kept_replaced_and_removed_and_never_answered() {
    let app = TestApp::new().await;
    let (first, second) = ("key-one-of-the-buyer", "key-two-of-the-buyer");
    let buyer = app.post("/api/clients", json!({ "entity": "ZR7", "name": "Acme", "email": "a@buyer.example" })).await;
    let buyer = buyer.expect(201);
    assert_eq!(buyer["api_key_set"], false);
    let path = format!("/api/clients/{}", buyer["id"].as_str().unwrap());
    let key = format!("{path}/api-key");
    let put = |api_key: &str| app.put(&key, json!({ "api_key": api_key }));
    let refused = put(first).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "client_without_interface"), "a key of nothing");
    app.put(&path, json!({ "api_endpoint": "https://api.buyer.example/v1" })).expect(200).await;
    assert_eq!(put("").expect(422).await["errors"][0]["field"], "api_key");
    app.put(&path, json!({ "api_key": first })).expect(422).await;
    let kept = put(first).await;
    assert_eq!(kept.header("cache-control"), "no-store");
    assert_eq!(kept.expect(200)["api_key_set"], true);
    assert_eq!(put(second).expect(200).await["api_key_set"], true);
    let sealed: String = app.value("select api_key_sealed from leads.buyer where tenant_id = $1").await;
    let place = column("leads.buyer").place(app.tenant, buyer["id"].as_str().unwrap().parse::<uuid::Uuid>().unwrap());
    let opened = app.platform.secrets().open(&place, &Sealed::from_stored(sealed)).await.unwrap();
    assert_eq!(opened, second.as_bytes());
    for secret in [first, second] {
        assert_eq!(holding(&app, secret).await, Vec::<String>::new());
    }
    for shown in [
        "/api/clients?entity=ALL",
        &path,
        &format!("{path}/activity"),
        "/api/clients/export?entity=ALL",
        "/api/event-log",
    ] {
        let text = app.get(shown).await.text;
        assert!(!text.contains(second) && !text.contains("v1."), "{shown}: {text}");
    }
    // It is shown to the interface it was given for alone.
    app.put(&path, json!({ "api_endpoint": "https://api.buyer.example/v2" })).expect(200).await;
    let refused = app.put(&path, json!({ "api_endpoint": "https://evil.example/v2" })).expect(422).await;
    assert_eq!(refused["errors"][0]["field"], "api_endpoint", "{refused}");
    let remove = || app.send(Method::DELETE, &key, None).by(&app.root);
    for _ in 0..2 {
        assert_eq!(remove().expect(200).await["api_key_set"], false, "removed is removed");
    }
    app.put(&path, json!({ "api_endpoint": "https://evil.example/v2" })).expect(200).await;
    put(first).expect(200).await;
    let viewer = app.member("viewer", "ZR7").await;
    put(second).by(&viewer).expect(403).await;
    app.order_of("ZR7", buyer["id"].as_str().unwrap(), json!({ "active": false })).await;
    app.send(Method::DELETE, &path, None).by(&app.root).expect(200).await;
    let left: i64 = app.value("select count(api_key_sealed) from leads.buyer where tenant_id = $1").await;
    assert_eq!(left, 0, "who is archived has no key");
}
