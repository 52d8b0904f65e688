//! Webhooks: signed, sent again under the same id until they are taken, and in nobody's way.

mod running;

use axum::http::Method;
use kernel::{Clock as _, SystemClock};
use platform::{Actor, Event, Options};
use serde_json::{Value, json};

use crate::support::receiver::{Behaviour, Received, Receiver, loopback};
use crate::support::{TestApp, instant};

/// A tenant whose service may call this machine.
async fn app() -> TestApp {
    let options = Options { egress_allow: loopback(), unthrottled: true, ..Options::default() };
    let app = TestApp::with(options).await;
    app.run_jobs().await;
    app
}

fn hook(receiver: &Receiver, actions: &[&str]) -> Value {
    json!({ "name": format!("to {}", receiver.port), "url": receiver.url(), "actions": actions })
}

/// Makes a webhook; its id and its secret.
async fn make(app: &TestApp, body: Value) -> (String, String) {
    let made = app.post("/api/webhooks", body).expect(201).await;
    (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
}

/// Something happens, in the entity or the tenant as a whole.
async fn happens(app: &TestApp, action: &'static str, entity: Option<&str>, details: Value) {
    app.tick();
    let ctx = app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap();
    let entity = entity.map(|code| ctx.entity_by_code(code).unwrap().id);
    let mut tx = ctx.begin().await.unwrap();
    tx.emit(Event::new(action, "thing", app.tenant).entity(entity).related(app.tenant).details(details));
    tx.commit().await.unwrap();
}

async fn attempts(app: &TestApp, id: &str) -> Vec<Value> {
    let page = app.get(&format!("/api/webhooks/{id}/attempts")).expect(200).await;
    page["items"].as_array().unwrap().clone()
}

fn actions(calls: &[Received]) -> Vec<String> {
    calls.iter().map(|request| request.json()["type"].as_str().unwrap().to_owned()).collect()
}

/// Verified as a receiver does, with the library of the standard.
fn verifies(request: &Received, secret: &str) -> bool {
    standardwebhooks::Webhook::new(secret).unwrap().verify(&request.body, &request.headers).is_ok()
}

#[tokio::test]
async fn an_event_is_told_signed_and_with_nothing_personal() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    app.clock.set(SystemClock.now());
    app.at(&SystemClock.now().to_string()).await;
    let (id, secret) = make(&app, hook(&receiver, &["invoice_*", "login"])).await;
    happens(&app, "order_created", Some("ZR7"), json!({})).await;
    happens(
        &app,
        "invoice_paid",
        Some("ZR7"),
        json!({ "number": "FA-1", "email": "anne@example.com", "note": "for Anne" }),
    )
    .await;
    app.run_jobs().await;
    let calls = receiver.received();
    assert_eq!(actions(&calls), ["invoice_paid"]);
    let (request, body) = (&calls[0], calls[0].json());
    assert_eq!((request.method.as_str(), request.header("content-type")), ("POST", "application/json"));
    assert!(verifies(request, &secret), "the standard's library takes it");
    let event = app.get("/api/event-log?action=invoice_paid").expect(200).await["items"][0].clone();
    assert_eq!((request.header("webhook-id"), &body["id"]), (event["id"].as_str().unwrap(), &event["id"]));
    assert_eq!((&body["timestamp"], &body["tenant"]), (&event["at"], &json!(app.slug)));
    assert_eq!(
        body["data"],
        json!({ "entity": "ZR7", "actor": { "kind": "system", "id": null }, "subject": { "kind": "thing", "id": app.tenant },
            "related": [app.tenant], "severity": "info", "details": { "number": "FA-1" } })
    );
    let changed = [&request.body[..], b" "].concat();
    let forged = Received { body: changed.into(), ..request.clone() };
    assert!(!verifies(&forged, &secret));
    let kept = attempts(&app, &id).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (&kept[0]["outcome"], &kept[0]["status"], &kept[0]["answer"]),
        (&json!("delivered"), &json!(200), &json!("fine"))
    );
    assert_eq!((&kept[0]["message_id"], &kept[0]["can"]), (&event["id"], &json!(["resend"])));
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_under_the_same_id_after_the_waits_of_the_specification_and_ends_dead() {
    let (app, receiver) = (app().await, Receiver::start(Behaviour::Answer(500, "broken".repeat(200))).await);
    let (id, _) = make(&app, hook(&receiver, &["thing_done"])).await;
    happens(&app, "thing_done", None, json!({})).await;
    let mut now = app.clock.now();
    for (index, wait) in [0, 60, 120, 240, 480, 960, 1920, 3600, 7200, 14_400, 28_800].into_iter().enumerate() {
        now = now.plus(jiff::SignedDuration::from_secs(wait));
        if wait > 0 {
            app.at(&now.minus(jiff::SignedDuration::from_millis(1)).to_string()).await;
            app.run_jobs().await;
            assert_eq!(receiver.received().len(), index, "it waits {wait} s");
        }
        app.at(&now.to_string()).await;
        app.run_jobs().await;
        assert_eq!(receiver.received().len(), index + 1, "after {wait} s");
    }
    let (calls, kept) = (receiver.received(), attempts(&app, &id).await);
    let same = |request: &Received| (request.header("webhook-id").to_owned(), request.body.clone());
    assert!(calls.iter().all(|request| same(request) == same(&calls[0])));
    assert_ne!(calls[0].header("webhook-signature"), calls[1].header("webhook-signature"), "each bears its instant");
    assert_eq!((kept.len(), &kept[0]["attempt"], &kept[0]["next_at"]), (11, &json!(11), &Value::Null));
    assert_eq!((kept[10]["answer"].as_str().unwrap().len(), &kept[10]["status"]), (500, &json!(500)));
    let dead = app.get("/api/operations/jobs?state=dead").expect(200).await;
    assert_eq!((dead["items"].as_array().unwrap().len(), &dead["items"][0]["kind"]), (1, &json!("webhook.deliver")));
    // Somebody has it sent again: the dead letter goes back to work.
    receiver.now(Behaviour::Answer(204, String::new()));
    let resend = format!("/api/webhook-attempts/{}/resend", kept[5]["id"].as_str().unwrap());
    app.post(&resend, json!({})).expect(202).await;
    app.run_jobs().await;
    assert_eq!(same(&receiver.received()[11]), same(&calls[0]));
    assert_eq!(app.get("/api/operations/jobs?state=dead").expect(200).await["items"], json!([]));
    // And once more, though it was taken.
    app.post(&resend, json!({})).expect(202).await;
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 13);
}

#[tokio::test]
async fn who_asks_for_time_gets_it_within_bounds() {
    let (app, receiver) = (app().await, Receiver::start(Behaviour::AnswerWith(503, "retry-after", "200".into())).await);
    let (id, _) = make(&app, hook(&receiver, &["*"])).await;
    app.run_jobs().await;
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 1, "nothing else is sent meanwhile");
    let seen = app.get(&format!("/api/webhooks/{id}")).expect(200).await;
    let until = instant(seen["resting_until"].as_str().unwrap());
    assert_eq!(until.since(instant(attempts(&app, &id).await[0]["at"].as_str().unwrap())).as_secs(), 200);
    receiver.now(Behaviour::Answer(200, String::new()));
    app.at(&until.to_string()).await;
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 3);
    let counted: Vec<_> = attempts(&app, &id).await.iter().map(|attempt| attempt["attempt"].clone()).collect();
    assert!(
        counted.contains(&json!(2)) && counted.iter().filter(|count| **count == 1).count() == 2,
        "a rest is no attempt: {counted:?}"
    );
}

#[tokio::test]
async fn who_is_gone_or_takes_nothing_for_five_days_is_switched_off_and_somebody_is_told() {
    let (app, receiver) = (app().await, Receiver::start(Behaviour::Answer(410, String::new())).await);
    let (id, _) = make(&app, hook(&receiver, &["thing_done"])).await;
    let path = format!("/api/webhooks/{id}");
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    let seen = app.get(&path).expect(200).await;
    assert_eq!((&seen["active"], seen["can"].as_array().unwrap().contains(&json!("switch_on"))), (&json!(false), true));
    let told = app.get("/api/notifications").expect(200).await["items"][0].clone();
    assert_eq!((&told["action"], &told["severity"]), (&json!("webhook_switched_off"), &json!("warning")));
    assert_eq!((&told["details"]["why"], &told["details"]["status"]), (&json!("gone"), &json!(410)));
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 1, "what is off is told nothing");
    let refused = app.post(
        &format!("/api/webhook-attempts/{}/resend", attempts(&app, &id).await[0]["id"].as_str().unwrap()),
        json!({}),
    );
    assert_eq!(refused.answer().await.code(), "webhook_off");
    // Switched on, it begins anew; then it fails for five days.
    app.put(&path, json!({ "active": true })).expect(200).await;
    receiver.now(Behaviour::Answer(500, String::new()));
    for (at, active) in
        [("2026-02-12T09:00:00Z", true), ("2026-02-17T08:59:59Z", true), ("2026-02-17T09:00:01Z", false)]
    {
        app.at(at).await;
        happens(&app, "thing_done", None, json!({})).await;
        app.run_jobs().await;
        assert_eq!(app.get(&path).expect(200).await["active"], active, "{at}");
    }
    let told = app.get("/api/notifications").expect(200).await["items"][0].clone();
    assert_eq!(told["details"]["why"], "failing", "{told}");
    let waiting =
        "select count(*) from platform.job where tenant_id = $1 and kind = 'webhook.deliver' and state = 'queued'";
    assert!(app.value::<i64>(waiting).await > 0, "there are retries of what came before");
    let told = receiver.received().len();
    app.at("2026-02-18T09:00:00Z").await;
    app.run_jobs().await;
    assert_eq!(
        (receiver.received().len(), app.value::<i64>(waiting).await),
        (told, 0),
        "which are not sent to who is off"
    );
}

#[tokio::test]
async fn an_event_of_another_tenant_or_entity_is_never_told() {
    let (app, other) = (app().await, app().await);
    let [all, zr7, mdl] = [Receiver::willing().await, Receiver::willing().await, Receiver::willing().await];
    make(&app, hook(&all, &["thing_done"])).await;
    for (receiver, entity) in [(&zr7, "ZR7"), (&mdl, "MDL")] {
        let mut body = hook(receiver, &["thing_*"]);
        body["entity"] = json!(entity);
        make(&app, body).await;
    }
    for who in [&app, &other] {
        for entity in [Some("ZR7"), Some("MDL"), None] {
            happens(who, "thing_done", entity, json!({})).await;
        }
        who.run_jobs().await;
    }
    let entities = |receiver: &Receiver| {
        let mut told: Vec<_> =
            receiver.received().iter().map(|request| request.json()["data"]["entity"].clone()).collect();
        told.sort_by_key(ToString::to_string);
        assert!(receiver.received().iter().all(|request| request.json()["tenant"] == app.slug));
        told
    };
    assert_eq!(entities(&all), [json!("MDL"), json!("ZR7"), Value::Null]);
    assert_eq!((entities(&zr7), entities(&mdl)), (vec![json!("ZR7")], vec![json!("MDL")]));
}

#[tokio::test]
async fn an_event_of_who_sees_one_entity_reaches_the_webhooks_of_all() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    make(&app, hook(&receiver, &["view_saved"])).await;
    let viewer = app.member("viewer", "ZR7").await;
    let view = json!({ "page": "leads", "name": "Mine", "query": "status=new", "shared": false });
    app.post("/api/views", view).by(&viewer).expect(201).await;
    app.run_jobs().await;
    assert_eq!(actions(&receiver.received()), ["view_saved"]);
}

#[tokio::test]
async fn who_sees_one_entity_has_webhooks_of_that_one_only() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    let (whole, _) = make(&app, hook(&receiver, &["*"])).await;
    let (zr7, mdl) = (app.member("admin", "ZR7").await, app.member("admin", "MDL").await);
    let made = app
        .post("/api/webhooks", json!({ "name": "Own", "url": receiver.url(), "actions": ["*"] }))
        .by(&zr7)
        .expect(201)
        .await;
    assert_eq!(made["entity"], "ZR7");
    let body = json!({ "name": "Other", "url": receiver.url(), "actions": ["*"], "entity": "MDL" });
    app.post("/api/webhooks", body).by(&zr7).expect(403).await;
    let own = made["id"].as_str().unwrap();
    for (who, id, status) in [(&zr7, own, 200), (&mdl, own, 404), (&zr7, whole.as_str(), 404), (&app.root, own, 200)] {
        app.get(&format!("/api/webhooks/{id}")).by(who).expect(status).await;
        app.get(&format!("/api/webhooks/{id}/attempts")).by(who).expect(status).await;
        if status == 404 {
            app.put(&format!("/api/webhooks/{id}"), json!({ "active": false })).by(who).expect(404).await;
            app.post(&format!("/api/webhooks/{id}/secret-rotation"), json!({})).by(who).expect(404).await;
            app.post(&format!("/api/webhooks/{id}/test"), json!({})).by(who).expect(404).await;
            app.send(Method::DELETE, &format!("/api/webhooks/{id}"), None).by(who).expect(404).await;
        }
    }
    assert_eq!(app.get("/api/webhooks").by(&zr7).expect(200).await.as_array().unwrap().len(), 1);
    assert_eq!(app.get("/api/webhooks").by(&mdl).expect(200).await, json!([]));
    assert_eq!(app.get("/api/webhooks").expect(200).await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_after_a_rotation_both_sign_for_a_day() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    app.at(&SystemClock.now().to_string()).await;
    let (id, old) = make(&app, hook(&receiver, &["thing_done"])).await;
    let path = format!("/api/webhooks/{id}");
    let tag = app.get(&path).answer().await.header("etag").to_owned();
    app.tick();
    let rotated = app.post(&format!("{path}/secret-rotation"), json!({})).header("if-match", &tag).expect(200).await;
    let new = rotated["secret"].as_str().unwrap();
    assert!(new.starts_with("whsec_") && new != old);
    app.post(&format!("{path}/secret-rotation"), json!({})).header("if-match", &tag).expect(412).await;
    for shown in [
        app.get(&path).expect(200).await,
        app.get("/api/webhooks").expect(200).await,
        app.get("/api/event-log").expect(200).await,
    ] {
        assert!(!shown.to_string().contains("whsec_"), "{shown}");
    }
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    let first = receiver.received()[0].clone();
    assert!(verifies(&first, new) && verifies(&first, &old));
    assert_eq!(first.header("webhook-signature").split(' ').count(), 2);
    app.at(&SystemClock.now().plus(jiff::SignedDuration::from_hours(24)).to_string()).await;
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    assert_eq!(receiver.received()[1].header("webhook-signature").split(' ').count(), 1, "a day is over");
    assert_eq!(app.get(&path).expect(200).await["previous_secret_until"], Value::Null);
}

#[tokio::test]
async fn a_request_repeated_with_its_key_makes_one_webhook_and_keeps_no_secret() {
    let (app, receiver) = (app().await, Receiver::willing().await);
    let once = || app.post("/api/webhooks", hook(&receiver, &["*"])).header("idempotency-key", "make-it");
    once().expect(201).await;
    let again = once().answer().await;
    assert!(!again.text.contains("whsec_"), "{}", again.text);
    assert_eq!(app.get("/api/webhooks").expect(200).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn d_24_a_url_is_guarded_when_it_is_written_and_its_change_is_told_without_its_secrets() {
    let app = TestApp::guarded().await;
    for (url, why) in [
        ("http://hooks.example/in", "https://"),
        ("https://127.0.0.1/in", "public internet"),
        ("https://169.254.169.254/latest/meta-data", "public internet"),
        ("https://[::ffff:10.0.0.1]/", "public internet"),
        ("https://0x7f.1/", "public internet"),
        ("https://me:pw@hooks.example/", "user"),
        ("https://hooks.example:22/", "port"),
        ("nonsense", "URL"),
    ] {
        let body = json!({ "name": "x", "url": url, "actions": ["*"] });
        let refused = app.post("/api/webhooks", body).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], "url", "{url}");
        assert!(refused["errors"][0]["message"].as_str().unwrap().contains(why), "{url}: {refused}");
    }
    let made = json!({ "name": "ERP", "url": "https://old.example/T0/secret-path?key=1", "actions": ["*"] });
    let (id, _) = make(&app, made).await;
    let path = format!("/api/webhooks/{id}");
    app.put(&path, json!({ "url": "http://10.0.0.1/" })).expect(422).await;
    app.put(&path, json!({ "url": "https://new.example/other-secret" })).expect(200).await;
    app.put(&path, json!({ "url": "https://new.example/third-secret" })).expect(200).await;
    let log = app.get("/api/event-log?action=webhook_changed").expect(200).await;
    let (same_host, moved) = (&log["items"][0]["details"], &log["items"][1]["details"]);
    assert_eq!(moved["old"]["origin"], "https://old.example");
    assert_eq!((&moved["new"]["origin"], &moved["url_changed"]), (&json!("https://new.example"), &json!(true)));
    assert_eq!(same_host, &json!({ "url_changed": true }));
    let all = app.get("/api/event-log").expect(200).await.to_string();
    assert!(!all.contains("secret-path") && !all.contains("-secret"), "{all}");
}

#[tokio::test]
async fn d_23_a_webhook_whose_host_leads_inside_is_never_called_and_says_nothing_of_our_network() {
    let (app, receiver) = (TestApp::guarded().await, Receiver::willing().await);
    let url = format!("https://localhost:{}/in", receiver.port);
    let (id, _) = make(&app, json!({ "name": "inside", "url": url, "actions": ["thing_done"] })).await;
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    let kept = &attempts(&app, &id).await[0];
    assert_eq!((receiver.connections(), &kept["outcome"], &kept["status"]), (0, &json!("failed"), &Value::Null));
    assert_eq!(kept["answer"], "egress_refused");
    let job: String =
        app.value("select last_error from platform.job where tenant_id = $1 and kind = 'webhook.deliver'").await;
    assert!(!job.contains("127.0.0.1"), "{job}");
}

#[tokio::test]
async fn d_23_a_receiver_cannot_send_us_elsewhere() {
    let (app, inside) = (app().await, Receiver::willing().await);
    let receiver = Receiver::start(Behaviour::AnswerWith(307, "location", inside.url())).await;
    let (id, _) = make(&app, hook(&receiver, &["thing_done"])).await;
    happens(&app, "thing_done", None, json!({})).await;
    app.run_jobs().await;
    assert_eq!((receiver.received().len(), inside.connections()), (1, 0));
    let kept = &attempts(&app, &id).await[0];
    assert_eq!((&kept["outcome"], &kept["status"]), (&json!("refused"), &json!(307)));
}

#[tokio::test]
async fn what_webhooks_do_is_told_to_no_webhook() {
    let (app, receiver) = (app().await, Receiver::start(Behaviour::Answer(410, String::new())).await);
    let (id, _) = make(&app, hook(&receiver, &["*"])).await;
    app.put(&format!("/api/webhooks/{id}"), json!({ "name": "Renamed" })).expect(200).await;
    app.post(&format!("/api/webhooks/{id}/secret-rotation"), json!({})).expect(200).await;
    happens(&app, "job_dead", None, json!({ "job": "webhook.deliver" })).await;
    app.run_jobs().await;
    assert_eq!(receiver.received().len(), 0);
    happens(&app, "job_dead", None, json!({ "job": "other" })).await;
    app.run_jobs().await;
    assert_eq!(actions(&receiver.received()), ["job_dead"], "and the switching off that follows is not told either");
    for wanted in ["webhook_deleted", "webhook_*"] {
        app.post("/api/webhooks", json!({ "name": "x", "url": receiver.url(), "actions": [wanted] })).expect(422).await;
    }
}

#[tokio::test]
async fn a_test_is_sent_once_even_to_who_is_off_and_changes_nothing() {
    let (app, receiver) = (app().await, Receiver::start(Behaviour::Answer(410, "no".into())).await);
    app.at(&SystemClock.now().to_string()).await;
    let mut body = hook(&receiver, &["thing_done"]);
    body["active"] = json!(false);
    let (id, secret) = make(&app, body).await;
    let sent = app.post(&format!("/api/webhooks/{id}/test"), json!({})).expect(202).await;
    app.run_jobs().await;
    let calls = receiver.received();
    assert_eq!((calls.len(), calls[0].header("webhook-id")), (1, sent["message_id"].as_str().unwrap()));
    assert!(verifies(&calls[0], &secret));
    assert_eq!((&calls[0].json()["type"], &calls[0].json()["data"]), (&json!("webhook_test"), &json!({})));
    let kept = &attempts(&app, &id).await[0];
    assert_eq!(
        (&kept["status"], &kept["answer"], &kept["can"], &kept["next_at"]),
        (&json!(410), &json!("no"), &json!([]), &Value::Null)
    );
    let resend = format!("/api/webhook-attempts/{}/resend", kept["id"].as_str().unwrap());
    app.put(&format!("/api/webhooks/{id}"), json!({ "active": true })).expect(200).await;
    assert_eq!(app.post(&resend, json!({})).answer().await.code(), "webhook_test");
    assert_eq!(app.get("/api/operations/jobs?state=dead").expect(200).await["items"], json!([]));
}
