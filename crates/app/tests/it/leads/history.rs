//! What has a history is archived (L-38), and keys are written once and never read (L-50).

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app
}

#[tokio::test]
async fn l_38_what_has_a_history_is_archived_and_leaves_no_pending_delivery_behind() {
    let app = ready().await;
    let delete = |path: String| app.send(Method::DELETE, &path, None).by(&app.root);
    let (buyer, order) = app.order("ZR7", "Acme", json!({})).await;
    let (unused, unused_order) = app.order("ZR7", "Unused", json!({ "product": "PAC" })).await;
    let provider = json!({ "entity": "ZR7", "name": "Pub", "slug": format!("p-{}", app.slug) });
    let provider = app.post("/api/providers", provider).expect(201).await;
    let provider_id = provider["provider"]["id"].as_str().or(provider["id"].as_str()).unwrap().to_owned();
    let key = provider["api_key"].as_str().unwrap().to_owned();
    app.lead(json!({ "produit": "PV", "api_key": key })).expect(201).await;
    assert_eq!(
        app.value::<i64>("select count(*) from leads.delivery where tenant_id = $1 and status = 'pending_csv'").await,
        1
    );

    assert_eq!(delete(format!("/api/clients/{buyer}")).await.status, 409, "it has an active order");
    let gone = delete(format!("/api/commandes/{order}")).await;
    assert!(gone.status.is_success(), "{}", gone.json);
    app.run_jobs().await;
    app.run("daily-delivery").await;
    let open: i64 = app
        .value("select count(*) from leads.delivery where tenant_id = $1 and status in ('pending_csv', 'ready_to_send', 'failed')")
        .await;
    assert_eq!(open, 0, "nothing stays pending under an order that is no more");
    assert!(delete(format!("/api/clients/{buyer}")).await.status.is_success());
    assert!(delete(format!("/api/providers/{provider_id}")).await.status.is_success());
    let kept: (i64, i64, i64) = (
        app.value("select count(*) from leads.standing_order where tenant_id = $1 and archived_at is not null").await,
        app.value("select count(*) from leads.buyer where tenant_id = $1 and not active").await,
        app.value("select count(*) from leads.provider where tenant_id = $1 and archived_at is not null").await,
    );
    assert_eq!(kept, (1, 1, 1), "their rows and their history stay");
    assert!(!app.get("/api/commandes?entity=ZR7").expect(200).await.to_string().contains(&order));
    let refused = app.lead(json!({ "produit": "PV", "api_key": key, "session_id": "later" })).await;
    assert_eq!(refused.status, 401, "an archived supplier's key is dead");

    assert!(delete(format!("/api/commandes/{unused_order}")).await.status.is_success());
    assert!(delete(format!("/api/clients/{unused}")).await.status.is_success());
    let rows: i64 = app.value("select count(*) from leads.buyer where tenant_id = $1").await;
    assert_eq!(rows, 1, "what never was used is gone");
}

#[tokio::test]
async fn l_50_d_35_keys_are_shown_once_and_nothing_global_is_ever_shown() {
    let app = ready().await;
    let created =
        app.post("/api/providers", json!({ "entity": "ZR7", "name": "Pub", "slug": format!("p-{}", app.slug) })).await;
    assert_eq!(created.header("cache-control"), "no-store");
    let created = created.expect(201);
    let key = created["api_key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("prov_") && key.len() >= 48, "{key}");
    let id = created["provider"]["id"].as_str().or(created["id"].as_str()).unwrap();
    let rotated = app.post(&format!("/api/providers/{id}/rotate-key"), json!({})).await;
    assert_eq!(rotated.header("cache-control"), "no-store");
    let rotated = rotated.expect(200);
    let second = rotated["api_key"].as_str().unwrap().to_owned();
    assert_ne!(key, second);
    let secret = json!({ "per_entity": { "ZR7": { "url": "smtps://user:hunter2@mail.example" } } });
    app.put("/api/settings/smtp", secret).await;
    let admin = app.member("admin", "ZR7").await;
    for route in app.routes.iter().filter(|route| route.method == "GET") {
        let path = route.path.replace("{id}", id).replace("{code}", "PV").replace("{dept}", "75");
        for token in [&app.root, &admin] {
            let text = app.get(&path).by(token).await.json.to_string();
            assert!(!text.contains(&key) && !text.contains(&second) && !text.contains("hunter2"), "{path}: {text}");
        }
        assert!(!path.contains("debug"), "{path}");
    }
    let stored: String = app
        .value("select coalesce(string_agg(to_jsonb(k)::text, ' '), '') || coalesce((select string_agg(to_jsonb(e)::text, ' ')
            from platform.event e where e.tenant_id = $1), '') from platform.api_key k where k.tenant_id = $1")
        .await;
    assert!(!stored.contains(&key[5..]) && !stored.contains(&second[5..]), "stored hashed");
}

#[tokio::test]
async fn l_58_every_sensitive_change_is_in_the_event_log_with_its_entity() {
    let app = ready().await;
    let (buyer, order) = app.order("ZR7", "Acme", json!({})).await;
    app.put(&format!("/api/clients/{buyer}"), json!({ "name": "Acme SA" })).expect(200).await;
    app.put(&format!("/api/commandes/{order}"), json!({ "quota_semaine": 12 })).expect(200).await;
    app.post(&format!("/api/commandes/{order}/toggle"), json!({})).expect(200).await;
    app.put("/api/settings/source-gating", json!({ "blocked_sources": ["x"] })).expect(200).await;
    let log: Vec<Value> = app
        .value("select array_agg(jsonb_build_object('action', action, 'entity', entity_id, 'actor', actor_name, 'details', details))
            from platform.event where tenant_id = $1")
        .await;
    for action in
        ["client_created", "client_updated", "order_created", "order_updated", "order_deactivate", "setting_changed"]
    {
        let found = log.iter().find(|event| event["action"] == action);
        let found = found.unwrap_or_else(|| panic!("{action} in {log:#?}"));
        assert_eq!(found["actor"], "Root", "{action}");
        assert_eq!(found["entity"].is_null(), action == "setting_changed", "{action}");
    }
    let quota = log.iter().find(|event| event["action"] == "order_updated").unwrap();
    assert!(quota["details"].to_string().contains("12"), "old and new: {quota}");
}

#[tokio::test]
async fn of_two_people_who_change_one_thing_the_second_learns_of_the_first() {
    let app = ready().await;
    let (buyer, order) = app.order("ZR7", "Acme", json!({})).await;
    let provider = json!({ "entity": "ZR7", "name": "Pub", "slug": format!("p-{}", app.slug) });
    let provider = app.post("/api/providers", provider).expect(201).await;
    let provider = provider["provider"]["id"].as_str().or(provider["id"].as_str()).unwrap();
    for (path, change) in [
        (format!("/api/clients/{buyer}"), json!({ "notes": "mine" })),
        (format!("/api/commandes/{order}"), json!({ "quota_semaine": 5 })),
        (format!("/api/providers/{provider}"), json!({ "notes": "mine" })),
    ] {
        app.tick();
        let seen = app.get(&path).await.header("etag").to_owned();
        assert!(seen.starts_with('"'), "{path}: {seen}");
        let first = app.put(&path, change.clone()).header("if-match", &seen).await;
        assert_eq!(first.status, 200, "{path}: {}", first.json);
        let second = app.put(&path, change.clone()).header("if-match", &seen).await;
        assert_eq!(
            (second.status.as_u16(), &second.json["type"]),
            (412, &json!("urn:comptoir:problem:stale")),
            "{path}"
        );
        let now = first.header("etag").to_owned();
        assert_ne!(now, seen, "{path}");
        app.put(&path, change.clone()).header("if-match", &format!("\"0\", {now}")).expect(200).await;
        app.put(&path, change).expect(200).await;
    }
}
