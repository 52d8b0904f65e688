//! Alerts: told once, told again, acknowledged, closed by themselves (spec/field.md 5.17).

use serde_json::{Value, json};

use crate::support::TestApp;

/// An app with an invoice that is due on 11 February 2026, the day on which the clock stands, and who owes it.
async fn with_invoice() -> (TestApp, String, String) {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Acme", json!({ "payment_terms_days": 0 })).await;
    let invoice = app.invoice(&party, "100.00").await;
    assert_eq!(invoice["due_on"], "2026-02-11", "{invoice}");
    (app, invoice["id"].as_str().unwrap().to_owned(), party)
}

async fn check(app: &TestApp) -> Value {
    app.post("/api/alerts/checks", json!({})).expect(200).await
}

async fn open(app: &TestApp, kind: &str) -> Vec<Value> {
    let page = app.get(&format!("/api/alerts?kind={kind}")).expect(200).await;
    page["items"].as_array().unwrap().clone()
}

async fn events(app: &TestApp, action: &'static str) -> i64 {
    let sql = match action {
        "alert_opened" => {
            "select count(*) from platform.event where tenant_id = $1 and action = 'alert_opened' and details ->> 'kind' like 'invoice%'"
        }
        "alert_repeated" => {
            "select count(*) from platform.event where tenant_id = $1 and action = 'alert_repeated' and details ->> 'kind' like 'invoice%'"
        }
        "alert_resolved" => {
            "select count(*) from platform.event where tenant_id = $1 and action = 'alert_resolved' and details ->> 'kind' like 'invoice%'"
        }
        other => panic!("{other}"),
    };
    app.value(sql).await
}

#[tokio::test]
async fn f_59_a_threshold_roles_or_a_switch_that_change_hold_from_the_next_run_on() {
    let (app, ..) = with_invoice().await;
    app.at("2026-02-17T10:00:00Z").await;
    check(&app).await;
    assert_eq!(open(&app, "invoice_overdue_7days").await.len(), 0, "six days");
    app.at("2026-02-18T10:00:00Z").await;
    check(&app).await;
    assert_eq!(open(&app, "invoice_overdue_7days").await.len(), 1, "seven days");
    let rule = |own: Value| json!({ "rules": { "invoice_overdue_7days": own } });
    app.put("/api/settings/alerts", rule(json!({ "threshold": 10 }))).expect(200).await;
    check(&app).await;
    assert_eq!(open(&app, "invoice_overdue_7days").await.len(), 0, "not for ten days yet");
    app.put("/api/settings/alerts", rule(json!({ "threshold": 5, "severity": "critical", "roles": ["ops"] })))
        .expect(200)
        .await;
    check(&app).await;
    let alerts = open(&app, "invoice_overdue_7days").await;
    assert_eq!(alerts[0]["severity"], "critical");
    let (ops, admin) = (app.member("ops", "ZR7").await, app.member("admin", "ZR7").await);
    let seen =
        async |token: &str| app.get("/api/alerts").by(token).expect(200).await["items"].as_array().unwrap().len();
    assert_eq!((seen(&ops).await, seen(&admin).await), (1, 0), "for whom it is");
    app.put("/api/settings/alerts", rule(json!({ "enabled": false }))).expect(200).await;
    check(&app).await;
    assert_eq!(open(&app, "invoice_overdue_7days").await.len(), 0, "switched off");
    for (body, field) in [
        (rule(json!({ "threshold": -1 })), "rules.invoice_overdue_7days.threshold"),
        (rule(json!({ "cron": "often" })), "rules.invoice_overdue_7days.cron"),
        (json!({ "rules": { "nonsense": {} } }), "rules"),
        (json!({ "quiet_hours": { "from": "25:00", "to": "07:00" } }), "quiet_hours.from"),
    ] {
        let refused = app.put("/api/settings/alerts", body).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
}

#[tokio::test]
async fn an_invoice_is_told_of_at_7_and_at_30_days_and_by_one_alert_at_a_time() {
    let (app, id, party) = with_invoice().await;
    for (at, light, heavy) in [
        ("2026-02-17T10:00:00Z", 0, 0),
        ("2026-02-18T10:00:00Z", 1, 0),
        ("2026-03-12T10:00:00Z", 1, 0),
        ("2026-03-13T10:00:00Z", 0, 1),
    ] {
        app.at(at).await;
        check(&app).await;
        let found = (open(&app, "invoice_overdue_7days").await.len(), open(&app, "invoice_overdue_30days").await.len());
        assert_eq!(found, (light, heavy), "{at}");
    }
    assert_eq!(events(&app, "alert_resolved").await, 1, "the lighter one closed");
    let alert = &open(&app, "invoice_overdue_30days").await[0];
    assert_eq!((alert["subject"].as_str().unwrap(), &alert["severity"]), (id.as_str(), &json!("critical")));
    app.pay(&party, "120.00", json!([{ "document_id": id, "amount": "120.00" }])).await;
    check(&app).await;
    assert_eq!(open(&app, "invoice_overdue_30days").await.len(), 0, "what is paid closes its alert");
}

#[tokio::test]
async fn f_60_what_stays_open_is_told_once_again_after_a_day_and_not_at_all_once_acknowledged() {
    let (app, ..) = with_invoice().await;
    app.at("2026-02-18T08:00:00Z").await;
    for minute in 0..12 {
        app.at(&format!("2026-02-18T09:{:02}:00Z", minute * 5)).await;
        check(&app).await;
    }
    assert_eq!(
        (events(&app, "alert_opened").await, events(&app, "alert_repeated").await),
        (1, 0),
        "twelve looks, told once"
    );
    app.at("2026-02-19T09:00:00Z").await;
    check(&app).await;
    assert_eq!(events(&app, "alert_repeated").await, 1, "a day later");
    let alert = open(&app, "invoice_overdue_7days").await.remove(0);
    let path = format!("/api/alerts/{}/acknowledgement", alert["id"].as_str().unwrap());
    let noted = app.post(&path, json!({ "note": "Called them" })).expect(200).await;
    assert_eq!(
        (&noted["state"], &noted["note"], &noted["acknowledged_by"]),
        (&json!("acknowledged"), &json!("Called them"), &json!("Root"))
    );
    app.at("2026-02-21T09:00:00Z").await;
    check(&app).await;
    assert_eq!(events(&app, "alert_repeated").await, 1, "who knows is not told again");
    app.put("/api/settings/alerts", json!({ "rules": { "invoice_overdue_7days": { "severity": "critical" } } }))
        .expect(200)
        .await;
    check(&app).await;
    assert_eq!(events(&app, "alert_repeated").await, 2, "it weighs more now");
    assert_eq!(open(&app, "invoice_overdue_7days").await[0]["state"], "open");
}

#[tokio::test]
async fn f_61_run_all_covers_every_kind_and_one_that_fails_stops_no_other() {
    let (app, ..) = with_invoice().await;
    app.at("2026-02-18T10:00:00Z").await;
    let done = check(&app).await;
    let kinds: Vec<_> = app::wiring::registry().alerts().iter().map(|rule| rule.kind).collect();
    let looked: Vec<_> = done["found"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut sorted = kinds.clone();
    sorted.sort_unstable();
    assert_eq!(looked, sorted);
    assert_eq!((&done["failed"], &done["found"]["invoice_overdue_7days"]), (&json!([]), &json!(1)));
    let rules = app.get("/api/alert-rules").expect(200).await;
    assert_eq!(rules.as_array().unwrap().len(), kinds.len());
    assert!(rules.as_array().unwrap().iter().all(|rule| rule["failures"] == 0 && !rule["ran_at"].is_null()), "{rules}");
}

#[tokio::test]
async fn a_schedule_looks_for_each_kind_at_its_time_and_makes_up_for_what_it_missed_once() {
    let (app, ..) = with_invoice().await;
    app.at("2026-02-18T06:00:00Z").await;
    app.run("alerts").await;
    assert_eq!(open(&app, "invoice_overdue_7days").await.len(), 1, "the first look is due at once");
    let ran = "select ran_at::text from watch.alert_check where tenant_id = $1 and kind = 'invoice_overdue_7days'";
    let first: String = app.value(ran).await;
    app.at("2026-02-18T07:55:00Z").await;
    app.run("alerts").await;
    assert_eq!(app.value::<String>(ran).await, first, "before nine in Paris");
    app.at("2026-02-18T15:00:00Z").await;
    app.run("alerts").await;
    let second: String = app.value(ran).await;
    assert_ne!(second, first, "what was missed at nine");
    app.at("2026-02-18T15:05:00Z").await;
    app.run("alerts").await;
    assert_eq!(app.value::<String>(ran).await, second, "once");
}

#[tokio::test]
async fn alerts_are_mailed_in_one_mail_to_those_whom_they_are_for_and_wait_while_it_is_quiet() {
    let (app, ..) = with_invoice().await;
    app.member("admin", "ZR7").await;
    app.member("admin", "MDL").await;
    app.member("viewer", "ZR7").await;
    // 22:30 in Paris.
    app.at("2026-02-18T21:30:00Z").await;
    check(&app).await;
    app.run_jobs().await;
    let about = |mails: &[String]| {
        mails.iter().filter(|mail| mail.contains("say that you take care of them:")).cloned().collect::<Vec<_>>()
    };
    assert_eq!(about(&app.mails()).len(), 0, "it is quiet until seven");
    app.at("2026-02-19T06:00:00Z").await;
    app.run_jobs().await;
    let mails = about(&app.mails());
    let to = |who: &str| mails.iter().filter(|mail| mail.contains(&format!("To: {who}"))).count();
    let slug = &app.slug;
    assert_eq!(
        (to(&format!("root@{slug}")), to(&format!("admin.zr7@{slug}")), to(&format!("admin.mdl@{slug}")), mails.len()),
        (1, 1, 0, 2),
        "{mails:?}"
    );
    app.run_jobs().await;
    assert_eq!(about(&app.mails()).len(), 2, "once");
    assert!(mails.iter().all(|mail| mail.contains("/alerts?kind=invoice_overdue_7days\r\n")), "{mails:?}");
}

#[tokio::test]
async fn f_63_what_is_critical_is_mailed_in_the_night_and_the_rest_waits_for_the_morning_once() {
    let (app, _, party) = with_invoice().await;
    app.at("2026-03-05T10:00:00Z").await;
    app.invoice(&party, "50.00").await;
    // 22:30 in Paris: the one is 30 days late, the other 8.
    app.at("2026-03-13T21:30:00Z").await;
    check(&app).await;
    // What is found within a minute goes in one mail.
    app.at("2026-03-13T21:31:00Z").await;
    let told = async |kind: &str| {
        app.run_jobs().await;
        let whole = |mail: &String| mail.replace("=\r\n", "").replace("=3D", "=");
        app.mails().iter().filter(|mail| whole(mail).contains(&format!("/alerts?kind={kind}\r\n"))).count()
    };
    let (heavy, light) = ("invoice_overdue_30days", "invoice_overdue_7days");
    assert_eq!((open(&app, heavy).await.len(), open(&app, light).await.len()), (1, 1));
    assert_eq!((told(heavy).await, told(light).await), (1, 0), "at night");
    app.at("2026-03-14T06:00:00Z").await;
    assert_eq!((told(heavy).await, told(light).await), (1, 1), "in the morning");
    assert_eq!((told(heavy).await, told(light).await), (1, 1), "once");
}

#[tokio::test]
async fn the_audit_runs_when_a_person_asks_and_its_report_stays_in_the_tenant() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/api/audit").expect(200).await["score"], Value::Null, "never run");
    for _ in 0..2 {
        app.post("/api/audit/runs", json!({ "sections": ["lifecycles"] })).expect(202).await;
    }
    let asked = app.get("/api/audit").expect(200).await["asked"].clone();
    assert_eq!((&asked["state"], &asked["asked_by"]), (&json!("queued"), &json!("Root")), "{asked}");
    app.run_jobs().await;
    let state = app.get("/api/audit").expect(200).await;
    assert_eq!(state["asked"], Value::Null, "it has ended");
    let of = |id: &str| state["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap().clone();
    assert_eq!(of("lifecycles.states")["result"]["status"], "clean");
    assert_eq!(of("money.entries_balance")["result"], Value::Null, "another part");
    let runs = app.get("/api/audit/runs").expect(200).await;
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "asked for twice, run once");
    let run = &runs["items"][0];
    assert_eq!(
        (&run["cause"], &run["asked_by"], &run["sections"]),
        (&json!("person"), &json!("Root"), &json!(["lifecycles"]))
    );
    let path = format!("/api/audit/runs/{}", run["id"].as_str().unwrap());
    assert_eq!(app.get(&path).expect(200).await["results"].as_array().unwrap().len(), 3);
    let page = app.get(&format!("{path}/report")).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(page.header("content-disposition").starts_with("attachment; filename=\"audit-"), "{:?}", page.headers);
    assert!(page.text.contains("lifecycles.states"), "{}", page.text);
    let stranger = TestApp::new().await;
    stranger.get(&path).expect(404).await;
    stranger.get(&format!("{path}/report")).expect(404).await;
    let admin = app.member("admin", "ZR7").await;
    app.get(&format!("{path}/report")).by(&admin).expect(403).await;
    let refused = app.post("/api/audit/runs", json!({ "sections": ["everything"] })).await;
    assert!(refused.status.is_client_error(), "{}", refused.json);
}
