//! Spec 4.2, 4.3, 5.9: from a routed lead to the buyer's mailbox, and back.

use serde_json::json;

use crate::support::TestApp;
use crate::support::receiver::loopback;
use crate::support::smtp::{Behaviour, Sink};

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.form("PV-001", "ZR7", "PV").await;
    app
}

fn person(n: usize) -> serde_json::Value {
    json!({ "session_id": format!("s{n}"), "phone": format!("06{:03}91{:03}", n / 1000, n % 1000) })
}

async fn daily(app: &TestApp) -> serde_json::Value {
    app.run("daily-delivery").await["pending"].clone()
}

async fn states(app: &TestApp) -> Vec<String> {
    app.value("select coalesce(array_agg(status || coalesce(' ' || outcome, '') order by status), '{}') from leads.delivery where tenant_id = $1")
        .await
}

#[tokio::test]
async fn the_daily_run_sends_one_file_a_buyer_and_marks_what_left() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({ "quota_semaine": 2 })).await;
    app.order("ZR7", "Second", json!({ "priorite": 6 })).await;
    for n in 0..3 {
        app.lead(person(n)).expect(201).await;
    }
    let report = daily(&app).await;
    assert_eq!((&report["sending"], &report["errors"]), (&json!(3), &json!([])), "{report}");
    assert_eq!(states(&app).await, ["sent accepted"; 3]);
    let mails = app.mails();
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().any(|mail| mail.contains("leads_ZR7_PV_20260211_2.csv")), "{mails:?}");
    assert!(
        mails.iter().all(|mail| mail.contains("To: acme@buyer.example") || mail.contains("To: second@buyer.example"))
    );
    let figures: (i64, i64) = (
        app.value(
            "select count(*) from leads.lead where tenant_id = $1 and status = 'livre' and delivered_at is not null",
        )
        .await,
        app.value("select sum(accepted) from leads.order_week where tenant_id = $1").await,
    );
    assert_eq!(figures, (3, 3));
    assert_eq!(daily(&app).await["processed"], 0, "nothing is sent twice");
    assert_eq!(app.mails().len(), 2);
}

#[tokio::test]
async fn l_05_l_70_a_mail_not_accepted_never_marks_sent_and_attempts_add_up() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    let sink = Sink::start(Behaviour::Busy).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    app.lead(json!({})).expect(201).await;
    let send = format!("/api/deliveries/{}/send", app.delivery().await);
    for (behaviour, tries) in [(Behaviour::Busy, 1), (Behaviour::RefuseRecipient, 2), (Behaviour::RefuseBody, 3)] {
        sink.now(behaviour);
        assert_eq!(app.post(&send, json!({})).expect(200).await["status"], "sending");
        app.run_jobs().await;
        assert_eq!(states(&app).await, ["failed"], "{behaviour:?}");
        let attempts: i32 = app.value("select send_attempts from leads.delivery where tenant_id = $1").await;
        assert_eq!(attempts, tries);
        let lead: String = app.value("select status from leads.lead where tenant_id = $1").await;
        assert_eq!(lead, "routed", "it keeps its place");
    }
    sink.now(Behaviour::Accept);
    app.post(&send, json!({})).expect(200).await;
    app.run_jobs().await;
    assert_eq!(states(&app).await, ["sent accepted"]);
    let attempts: i32 = app.value("select send_attempts from leads.delivery where tenant_id = $1").await;
    assert_eq!(attempts, 4);
}

#[tokio::test]
async fn l_36_a_connection_lost_after_the_body_is_unknown_and_nothing_is_sent_again_by_itself() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    let sink = Sink::start(Behaviour::HangUpAfterBody).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    app.lead(json!({})).expect(201).await;
    daily(&app).await;
    let error: String = app.value("select last_error from leads.delivery where tenant_id = $1").await;
    assert!(error.starts_with("send outcome unknown"), "{error}");
    sink.now(Behaviour::Accept);
    daily(&app).await;
    assert_eq!((states(&app).await, sink.bodies().len()), (vec!["failed".to_owned()], 1));
}

#[tokio::test]
async fn l_06_d_69_two_clicks_and_the_daily_run_together_send_one_mail() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    let send = format!("/api/deliveries/{}/send", app.delivery().await);
    let (first, second, _) =
        tokio::join!(app.post(&send, json!({})).answer(), app.post(&send, json!({})).answer(), daily(&app));
    app.run_jobs().await;
    assert!(first.status == 200 || second.status == 200 || states(&app).await == ["sent accepted"]);
    assert_eq!((app.mails().len(), states(&app).await), (1, vec!["sent accepted".to_owned()]));
}

#[tokio::test]
async fn l_07_l_13_sending_again_sends_that_lead_alone_and_changes_nothing_else() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    for n in 0..2 {
        app.lead(person(n)).expect(201).await;
    }
    daily(&app).await;
    let send = format!("/api/deliveries/{}/send", app.delivery().await);
    app.post(&send, json!({})).expect(409).await;
    app.post(&send, json!({ "force": true })).expect(200).await;
    app.run_jobs().await;
    assert_eq!(states(&app).await, ["sent accepted"; 2]);
    let mails = app.mails();
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().any(|mail| mail.contains("_1.csv")));
    let accepted: i64 = app.value("select sum(accepted) from leads.order_week where tenant_id = $1").await;
    assert_eq!(accepted, 2);
}

#[tokio::test]
async fn l_08_a_lead_that_a_buyer_refused_is_never_offered_to_him_again() {
    let app = ready().await;
    let (buyer, first) = app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    daily(&app).await;
    let reject = format!("/api/deliveries/{}/reject-leads", app.delivery().await);
    app.post(&reject, json!({ "reason": " " })).expect(422).await;
    let done = app.post(&reject, json!({ "reason": "faux numéro" })).expect(200).await;
    assert_eq!((&done["already_rejected"], &done["delivery"]["outcome"]), (&json!(false), &json!("rejected")));
    assert_eq!(app.post(&reject, json!({ "reason": "x" })).expect(200).await["already_rejected"], true);
    app.run_jobs().await;
    app.post(&format!("/api/commandes/{first}/toggle"), json!({})).expect(200).await;
    app.order_of("ZR7", &buyer, json!({})).await;
    app.at("2026-03-25T09:00:00Z").await;
    app.run_jobs().await;
    let again = app.lead(json!({ "session_id": "later" })).expect(201).await;
    assert_eq!(again["status"], "no_open_orders", "not under another order either, nor after 30 days");
    let status: String = app.value("select status from leads.lead where tenant_id = $1").await;
    assert_ne!(status, "routed");
    let figures: i64 = app.value("select sum(used + accepted) from leads.order_week where tenant_id = $1").await;
    assert_eq!(figures, 0, "its place is free again");
}

#[tokio::test]
async fn l_67_a_return_happens_once_and_in_one_way() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    let path = |what: &str, id: &str| format!("/api/deliveries/{id}/{what}");
    let id = app.delivery().await;
    app.post(&path("reject-leads", &id), json!({ "reason": "no" })).expect(400).await;
    daily(&app).await;
    let removed = app.post(&path("remove-lead", &id), json!({ "reason": "test" })).expect(200).await;
    assert_eq!(removed["delivery"]["status"], "sent");
    assert_eq!(app.post(&path("remove-lead", &id), json!({})).expect(200).await["already_removed"], true);
    app.post(&path("reject-leads", &id), json!({ "reason": "no" })).expect(400).await;
    app.post(&path("cancel", &id), json!({ "reason": "no" })).expect(409).await;
}

#[tokio::test]
async fn l_37_what_was_paused_since_is_cancelled_and_its_lead_goes_elsewhere() {
    let app = ready().await;
    let (_, order) = app.order("ZR7", "Acme", json!({ "priorite": 1 })).await;
    app.lead(json!({})).expect(201).await;
    app.post(&format!("/api/commandes/{order}/toggle"), json!({})).expect(200).await;
    app.order("ZR7", "Second", json!({})).await;
    daily(&app).await;
    assert_eq!(states(&app).await, ["cancelled", "sent accepted"]);
    let to: String = app.value("select buyer_name from leads.delivery where tenant_id = $1 and status = 'sent'").await;
    assert_eq!(to, "Second");
    assert_eq!(app.mails().len(), 1);
}

#[tokio::test]
async fn l_47_simulation_and_another_address_never_count() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    let send = format!("/api/deliveries/{}/send", app.delivery().await);
    let ops = app.member("ops", "ZR7").await;
    app.post(&send, json!({ "override_email": "me@elsewhere.example" })).by(&ops).expect(403).await;
    app.post(&send, json!({ "override_email": "me@elsewhere.example" })).expect(200).await;
    app.run_jobs().await;
    assert_eq!(states(&app).await, ["pending_csv"]);
    let on = json!({ "simulation_mode": true, "simulation_email": "sim@elsewhere.example" });
    app.put("/api/settings/email-denylist", on).expect(200).await;
    daily(&app).await;
    assert_eq!(states(&app).await, ["pending_csv"]);
    let mails = app.mails();
    assert!(mails.iter().any(|mail| mail.contains("To: me@elsewhere.example")), "{mails:?}");
    assert!(mails.iter().any(|mail| mail.contains("To: sim@elsewhere.example")), "{mails:?}");
    assert!(mails.iter().all(|mail| !mail.contains("acme@buyer.example")));
}

#[tokio::test]
async fn l_51_ops_may_send_and_only_admins_may_return() {
    let app = ready().await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    let id = app.delivery().await;
    let ops = app.member("ops", "ZR7").await;
    let viewer = app.member("viewer", "ZR7").await;
    let mdl = app.member("admin", "MDL").await;
    app.post(&format!("/api/deliveries/{id}/send"), json!({})).by(&viewer).expect(403).await;
    app.post(&format!("/api/deliveries/{id}/send"), json!({})).by(&mdl).expect(404).await;
    app.post(&format!("/api/deliveries/{id}/send"), json!({})).by(&ops).expect(200).await;
    app.run_jobs().await;
    app.post(&format!("/api/deliveries/{id}/reject-leads"), json!({ "reason": "x" })).by(&ops).expect(403).await;
    app.get(&format!("/api/deliveries/{id}/download")).by(&mdl).expect(404).await;
    assert_eq!(app.get(&format!("/api/deliveries/{id}/download")).by(&ops).await.status, 200);
    assert_eq!(app.get("/api/deliveries?status=sent").by(&ops).expect(200).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.get("/api/deliveries").by(&mdl).expect(200).await["items"], json!([]));
}

#[tokio::test]
async fn l_36_a_server_that_takes_the_body_and_says_nothing_leaves_the_outcome_unknown() {
    let patience = std::time::Duration::from_secs(1);
    let options = platform::Options {
        unthrottled: true,
        egress_allow: loopback(),
        mail_limit: Some(patience),
        ..platform::Options::default()
    };
    let app = TestApp::with(options).await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("ZR7", "Acme", json!({})).await;
    let sink = Sink::start(Behaviour::Silent).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    app.lead(json!({})).expect(201).await;
    daily(&app).await;
    let error: String = app.value("select last_error from leads.delivery where tenant_id = $1").await;
    assert!(error.starts_with("send outcome unknown") && error.contains("in time"), "{error}");
    assert_eq!((states(&app).await, sink.bodies().len()), (vec!["failed".to_owned()], 1));
}
