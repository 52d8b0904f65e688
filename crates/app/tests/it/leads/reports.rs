//! The cockpit, monitoring and health (spec 5.13), and how figures follow the scope.

use serde_json::{Value, json};

use crate::support::smtp::{Behaviour, Sink};
use crate::support::{TestApp, owner};

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app.form("MDL-001", "MDL", "PV").await;
    app
}

async fn post(app: &TestApp, n: usize, fields: Value) -> Value {
    app.tick();
    let mut lead = json!({ "session_id": format!("s{n}"), "phone": format!("06123493{n:02}") });
    lead.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    app.lead(lead).expect(201).await
}

async fn cockpit(app: &TestApp, query: &str) -> Value {
    app.get(&format!("/api/leads/dashboard-stats{query}")).expect(200).await
}

#[tokio::test]
async fn the_cockpit_shows_the_week_and_what_needs_a_person() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 4, "departements": ["75"] })).await;
    let (lost, _) = app.order("ZR7", "Lost", json!({ "departements": ["13"] })).await;
    app.put(&format!("/api/clients/{lost}"), json!({ "email": "x@mailinator.com" })).expect(200).await;
    for n in 0..3 {
        post(&app, n, json!({})).await;
    }
    post(&app, 4, json!({ "departement": "69" })).await;
    post(&app, 5, json!({ "form_code": "NEW" })).await;
    app.run("daily-delivery").await;
    let reject = format!("/api/deliveries/{}/reject-leads", app.delivery().await);
    app.post(&reject, json!({ "reason": "x" })).expect(200).await;
    let page = cockpit(&app, "").await;
    assert_eq!((&page["week"], &page["_errors"]), (&json!("2026-W07"), &json!([])), "{page:#}");
    assert_eq!((&page["leads"]["livre"], &page["leads"]["invalid"]), (&json!(2), &json!(0)));
    assert_eq!((&page["deliveries"]["sent"], &page["deliveries"]["billable"]), (&json!(3), &json!(2)));
    assert_eq!(page["calendar"][0]["entity"], "ZR7");
    assert_eq!(
        (&page["calendar"][0]["is_delivery_day"], &page["calendar"][0]["next_delivery_day"]),
        (&json!(true), &json!("2026-02-12"))
    );
    let top = &page["top_buyers"][0];
    assert_eq!(
        (&top["name"], &top["sent"], &top["billable"], &top["rejected"]),
        (&json!("Acme"), &json!(3), &json!(2), &json!(1))
    );
    assert_eq!(page["undeliverable_buyers"][0]["name"], "Lost");
    assert_eq!(page["low_quota_orders"][0]["remaining"], 2);
    let blocked: Vec<_> =
        page["blocked_stock"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert!(blocked.contains(&"no_open_orders") && blocked.contains(&"pending_config"), "{page:#}");
}

#[tokio::test]
async fn every_week_of_the_trend_has_the_figures_of_its_cockpit() {
    let app = ready().await;
    let sink = Sink::start(Behaviour::Accept).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    app.order("ZR7", "Acme", json!({ "departements": ["75"] })).await;
    app.order("MDL", "Other", json!({ "departements": ["75"] })).await;
    for (day, first) in [("2026-01-28", 10), ("2026-02-04", 20), ("2026-02-11", 30)] {
        app.at(&format!("{day}T09:00:00Z")).await;
        sink.now(Behaviour::Accept);
        for n in 0..5 {
            let place = if n == 4 { "69" } else { "75" };
            post(&app, first + n, json!({ "departement": place })).await;
        }
        post(&app, first + 6, json!({ "form_code": "MDL-001" })).await;
        app.run("daily-delivery").await;
        for (action, body) in [("reject-leads", json!({ "reason": "x" })), ("remove-lead", json!({}))] {
            let id: String = app
                .value("select id::text from leads.delivery where tenant_id = $1 and outcome = 'accepted' order by created_at desc limit 1")
                .await;
            app.post(&format!("/api/deliveries/{id}/{action}"), body).expect(200).await;
        }
        sink.now(Behaviour::RefuseBody);
        post(&app, first + 7, json!({})).await;
        app.run("daily-delivery").await;
    }
    let zr7 = app.member("viewer", "ZR7").await;
    let mut seen = Vec::new();
    for token in [&app.root, &zr7] {
        let trend = app.get("/api/leads/trend?weeks=4").by(token).expect(200).await;
        let weeks = trend["weeks"].as_array().unwrap().clone();
        let names: Vec<_> = weeks.iter().map(|week| week["week"].as_str().unwrap()).collect();
        assert_eq!(names, ["2026-W04", "2026-W05", "2026-W06", "2026-W07"]);
        for week in &weeks {
            let path = format!("/api/leads/dashboard-stats?week={}", week["week"].as_str().unwrap());
            let page = app.get(&path).by(token).expect(200).await;
            let leads =
                |states: &[&str]| states.iter().map(|state| page["leads"][state].as_i64().unwrap()).sum::<i64>();
            let all: Vec<_> = page["leads"].as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(
                (week["created"].as_i64(), week["assigned"].as_i64()),
                (Some(leads(&all)), Some(leads(&["routed", "livre"])))
            );
            for figure in ["sent", "billable", "rejected", "removed", "failed"] {
                assert_eq!(week[figure], page["deliveries"][figure], "{figure} of {week}");
            }
        }
        seen.push(weeks[3].clone());
    }
    for figure in ["created", "assigned", "sent", "billable", "rejected", "removed", "failed"] {
        assert_ne!(seen[0][figure], 0, "{figure} was not tried: {seen:?}");
    }
    assert_ne!(seen[0]["created"], seen[1]["created"], "the scope counts");
    let usual = app.get("/api/leads/trend").expect(200).await;
    assert_eq!(usual["weeks"].as_array().unwrap().len(), 12);
    let year = app.get("/api/leads/trend?weeks=53&week=2026-W01").expect(200).await;
    assert_eq!((&year["weeks"][0]["week"], &year["weeks"][52]["week"]), (&json!("2025-W01"), &json!("2026-W01")));
    for weeks in ["0", "54", "-1", "x"] {
        let refused = app.get(&format!("/api/leads/trend?weeks={weeks}")).expect(400).await;
        assert_eq!(refused["errors"][0]["field"], "weeks");
    }
}

#[tokio::test]
async fn an_empty_week_has_every_key_and_nothing_in_it() {
    let app = TestApp::new().await;
    let page = cockpit(&app, "?week=2099-W01").await;
    assert_eq!(page["_errors"], json!([]));
    assert!(
        page["leads"].as_object().unwrap().values().all(|count| *count == 0)
            && page["leads"].as_object().unwrap().len() == 11
    );
    assert!(page["deliveries"].as_object().unwrap().values().all(|count| *count == 0));
    for list in ["top_buyers", "undeliverable_buyers", "low_quota_orders", "blocked_stock"] {
        assert_eq!(page[list], json!([]), "{list}");
    }
}

#[tokio::test]
async fn l_19_a_widget_that_fails_is_named_and_the_rest_stands() {
    let app = ready().await;
    post(&app, 1, json!({})).await;
    for (key, widget) in [("leads.delivery_calendar", "calendar"), ("leads.email_policy", "undeliverable_buyers")] {
        let spoil = "insert into platform.setting (tenant_id, key, value, version, updated_at, updated_by)
            values ($1, $2, '[\"not what it should be\"]', 1, now(), 'test')";
        sqlx::query(spoil).bind(app.tenant.uuid()).bind(key).execute(&mut owner().await).await.unwrap();
        let page = cockpit(&app, "").await;
        assert_eq!((&page["_errors"][0]["widget"], &page[widget]), (&json!(widget), &Value::Null), "{page:#}");
        assert_eq!((page["_errors"].as_array().unwrap().len(), &page["blocked_stock"][0]["count"]), (1, &json!(1)));
        let heal = "delete from platform.setting where tenant_id = $1 and key = $2";
        sqlx::query(heal).bind(app.tenant.uuid()).bind(key).execute(&mut owner().await).await.unwrap();
    }
}

#[tokio::test]
async fn l_16_l_17_every_figure_and_list_follows_the_scope_and_not_the_users_entity() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 3 })).await;
    app.order("MDL", "Other", json!({ "quota_semaine": 3 })).await;
    let provider = json!({ "entity": "MDL", "name": "Pub", "slug": format!("pub-{}", app.slug) });
    app.post("/api/providers", provider).expect(201).await;
    for n in 0..2 {
        post(&app, n, json!({})).await;
    }
    post(&app, 2, json!({ "form_code": "MDL-001" })).await;
    app.run("daily-delivery").await;
    let (zr7, mdl) = (app.member("admin", "ZR7").await, app.member("admin", "MDL").await);
    for (name, token, scope, leads, orders) in [
        ("both", &app.root, "BOTH", 3, 2),
        ("root in ZR7", &app.root, "ZR7", 2, 1),
        ("root in MDL", &app.root, "mdl", 1, 1),
        ("ZR7", &zr7, "BOTH", 2, 1),
        ("ZR7 asking for MDL", &zr7, "MDL", 2, 1),
        ("MDL", &mdl, "", 1, 1),
    ] {
        let get = async |path: &str| {
            let call = app.get(path).by(token);
            if scope.is_empty() { call.expect(200).await } else { call.scope(scope).expect(200).await }
        };
        let page = get("/api/leads/dashboard-stats").await;
        assert_eq!((&page["leads"]["livre"], &page["deliveries"]["sent"]), (&json!(leads), &json!(leads)), "{name}");
        assert_eq!(page["low_quota_orders"].as_array().unwrap().len(), orders, "{name}");
        assert_eq!(page["top_buyers"].as_array().unwrap().len(), orders, "{name}");
        assert_eq!(page["calendar"].as_array().unwrap().len(), orders, "{name}");
        assert_eq!(get("/api/leads").await["items"].as_array().unwrap().len(), leads, "{name}");
        assert_eq!(get("/api/leads/stats").await["total"], leads, "{name}");
        assert_eq!(get("/api/deliveries").await["items"].as_array().unwrap().len(), leads, "{name}");
        assert_eq!(get("/api/deliveries/stats").await["sent"], leads, "{name}");
        assert_eq!(get("/api/monitoring/intelligence").await["quality"]["total"], leads, "{name}");
        let sees_mdl = name == "both" || name.ends_with("MDL") && token != &zr7;
        assert_eq!(get("/api/providers").await["items"].as_array().unwrap().len(), usize::from(sees_mdl), "{name}");
        let events = get("/api/event-log?action=delivery.sent").await;
        assert_eq!(events["items"].as_array().unwrap().len(), leads, "{name}: {events:#}");
    }
    app.get("/api/leads").scope("ABC").expect(400).await;
    app.get("/api/leads/dashboard-stats?entity=MDL").by(&zr7).expect(403).await;
}

#[tokio::test]
async fn monitoring_scores_sources_and_counts_people_by_the_formulas() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    app.order("MDL", "Other", json!({})).await;
    for n in 0..4 {
        post(&app, n, json!({ "utm_source": "good" })).await;
    }
    post(&app, 0, json!({ "utm_source": "bad", "session_id": "again" })).await;
    app.at("2026-02-11T11:00:00Z").await;
    post(&app, 0, json!({ "utm_source": "bad", "session_id": "third" })).await;
    post(&app, 1, json!({ "utm_source": "bad", "session_id": "m", "form_code": "MDL-001", "phone": "0611111111" }))
        .await;
    post(&app, 3, json!({ "utm_source": "bad", "session_id": "cross", "form_code": "MDL-001" })).await;
    app.run("daily-delivery").await;
    let page = app.get("/api/monitoring/intelligence?range=24h").expect(200).await;
    assert_eq!((&page["quality"]["total"], &page["quality"]["clean_pct"]), (&json!(8), &json!("100")), "{page:#}");
    let funnel = ["valid", "placed", "delivered"].map(|step| page["quality"][step].as_u64().unwrap());
    assert!(funnel[0] == 8 && funnel[1] == funnel[2] && funnel[2] >= 5, "{page:#}");
    assert_eq!(page["conflicts"], json!([{ "first": "good", "later": "bad", "people": 2 }]));
    assert_eq!(page["cannibalisation"], json!({ "unique_phones": 5, "in_several_entities": 1, "rate_pct": "20" }));
    assert_eq!(page["duplicates"]["by_delay"]["from_1h_to_24h"], 1, "{page:#}");
    let source =
        |name: &str| page["sources"].as_array().unwrap().iter().find(|row| row["source"] == name).unwrap().clone();
    assert_eq!((&source("good")["delivered_pct"], &source("good")["toxicity_badge"]), (&json!("100"), &json!("good")));
    assert_eq!(source("bad")["suspicious_pct"], "25");
    assert_eq!(page["lb_usage"]["suspicious"], 1);
    app.get("/api/monitoring/intelligence?range=1y").expect(400).await;
    assert_eq!(app.get("/api/monitoring/intelligence?range=90d&product=PAC").expect(200).await["quality"]["total"], 0);
}

#[tokio::test]
async fn health_is_the_worst_of_its_parts() {
    let app = ready().await;
    let health = app.get("/api/system/health").expect(200).await;
    assert_eq!(health["status"], "ok", "{health:#}");
    app.order("ZR7", "Acme", json!({})).await;
    let sink = Sink::start(Behaviour::HangUpAfterBody).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    post(&app, 1, json!({})).await;
    app.run("daily-delivery").await;
    let health = app.get("/api/system/health").expect(200).await;
    let deliveries = &health["modules"]["deliveries"];
    assert_eq!(
        (&health["status"], &deliveries["status"], &deliveries["figures"]["outcome_unknown"]),
        (&json!("degraded"), &json!("degraded"), &json!(1))
    );
    assert_eq!(health["modules"]["cron"]["status"], "ok");
}

#[tokio::test]
async fn l_17_a_lead_that_another_entity_serves_is_counted_by_its_own_and_read_by_both() {
    let app = ready().await;
    app.order("MDL", "Elsewhere", json!({})).await;
    let lead = post(&app, 1, json!({})).await;
    let (zr7, mdl) = (app.member("viewer", "ZR7").await, app.member("viewer", "MDL").await);
    for (token, leads, deliveries) in [(&zr7, 1, 0), (&mdl, 0, 1), (&app.root, 1, 1)] {
        let page = app.get("/api/leads/dashboard-stats").by(token).expect(200).await;
        assert_eq!((&page["leads"]["routed"], &page["deliveries"]["pending_csv"]), (&json!(leads), &json!(deliveries)));
        assert_eq!(app.get("/api/leads/stats").by(token).expect(200).await["total"], leads);
        assert_eq!(
            app.get("/api/leads?status=routed").by(token).expect(200).await["items"].as_array().unwrap().len(),
            leads
        );
        assert_eq!(
            app.get("/api/deliveries").by(token).expect(200).await["items"].as_array().unwrap().len(),
            deliveries
        );
        app.get(&format!("/api/leads/{}", lead["lead_id"].as_str().unwrap())).by(token).expect(200).await;
    }
}

#[tokio::test]
async fn f_62_every_figure_of_the_cockpit_is_as_long_as_the_list_behind_it_also_across_the_turn_of_a_week() {
    let app = ready().await;
    let sink = Sink::start(Behaviour::Accept).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    app.order("ZR7", "Acme", json!({ "departements": ["75"] })).await;
    // Routed on Sunday, sent on Monday.
    app.at("2026-02-08T20:00:00Z").await;
    for n in 0..4 {
        post(&app, n, json!({ "departement": if n == 3 { "69" } else { "75" } })).await;
    }
    app.at("2026-02-09T09:00:00Z").await;
    app.run("daily-delivery").await;
    for (action, body) in [("reject-leads", json!({ "reason": "x" })), ("remove-lead", json!({}))] {
        let latest = "select id::text from leads.delivery where tenant_id = $1 and outcome = 'accepted' order by id desc limit 1";
        let id: String = app.value(latest).await;
        app.post(&format!("/api/deliveries/{id}/{action}"), body).expect(200).await;
    }
    sink.now(Behaviour::RefuseBody);
    post(&app, 10, json!({})).await;
    app.run("daily-delivery").await;
    post(&app, 11, json!({})).await;
    let rows =
        async |path: String| app.get(&format!("{path}&limit=200")).expect(200).await["items"].as_array().unwrap().len();
    let mut figures = std::collections::BTreeMap::new();
    for week in ["2026-W06", "2026-W07"] {
        let page = cockpit(&app, &format!("?week={week}")).await;
        for (status, count) in page["leads"].as_object().unwrap() {
            assert_eq!(
                rows(format!("/api/leads?week={week}&status={status}")).await,
                *count,
                "leads {status} of {week}"
            );
        }
        for (figure, count) in page["deliveries"].as_object().unwrap() {
            let condition = match figure.as_str() {
                "rejected" | "removed" => format!("outcome={figure}"),
                "billable" => "outcome=accepted".to_owned(),
                status => format!("status={status}"),
            };
            let list = rows(format!("/api/deliveries?week={week}&{condition}")).await;
            assert_eq!(list, *count, "deliveries {figure} of {week}");
            figures.insert(format!("{week} {figure}"), list);
        }
    }
    let shown = |name: &str| figures[name];
    assert_eq!((shown("2026-W06 sent"), shown("2026-W07 sent")), (0, 3), "sent belongs to Monday: {figures:?}");
    assert_eq!((shown("2026-W07 rejected"), shown("2026-W07 removed"), shown("2026-W07 billable")), (1, 1, 1));
    assert!(shown("2026-W07 failed") == 1 && shown("2026-W07 pending_csv") == 1, "{figures:?}");
}
