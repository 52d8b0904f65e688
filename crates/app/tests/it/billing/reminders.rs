//! Asking for what is late: F-22, F-23, spec/field.md 5.8.

use serde_json::{Value, json};
use sqlx::Connection as _;

use super::id;
use crate::support::smtp::{Behaviour, Sink};
use crate::support::{TestApp, owner};

/// A tenant whose ZR7 reminds, with an invoice issued on the 11th of February and due on the 13th of March.
async fn late() -> (TestApp, Value, String) {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    app.put("/api/settings/reminders", json!({ "per_entity": { "ZR7": { "enabled": true } } })).expect(200).await;
    let party = app.customer("ZR7", "Client Un", json!({})).await;
    let invoice = app.invoice(&party, "1000.00").await;
    (app, invoice, party)
}

async fn reminders(app: &TestApp, query: &str) -> Vec<Value> {
    let list = app.get(&format!("/api/reminders{query}")).expect(200).await;
    list["items"].as_array().unwrap().clone()
}

/// Runs the job at ten in Paris on a day, and the mails it wrote.
async fn remind_on(app: &TestApp, day: &str) -> Value {
    app.at(&format!("{day}T09:00:00Z")).await;
    app.run("billing-reminders").await
}

fn states(reminders: &[Value]) -> Vec<String> {
    let state = |row: &Value| format!("{} {}", row["step"].as_str().unwrap(), row["status"].as_str().unwrap());
    reminders.iter().rev().map(state).collect()
}

#[tokio::test]
async fn f_22_a_reminder_is_sent_only_with_the_acknowledgement_of_a_mail_server() {
    let (app, _, _) = late().await;
    let sink = Sink::start(Behaviour::RefuseRecipient).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    for (day, behaviour) in [("2026-03-16", Behaviour::RefuseRecipient), ("2026-03-17", Behaviour::RefuseBody)] {
        sink.now(behaviour);
        remind_on(&app, day).await;
        let waits = reminders(&app, "?status=planned").await.remove(0);
        assert_eq!((&waits["sent_at"], &waits["mail_status"]), (&Value::Null, &json!("refused")), "{waits}");
        assert!(waits["last_error"].as_str().is_some_and(|why| why.contains("55")), "{waits}");
    }
    assert_eq!(reminders(&app, "?status=sent").await, Vec::<Value>::new());
    sink.now(Behaviour::Accept);
    remind_on(&app, "2026-03-18").await;
    let sent = reminders(&app, "?status=sent").await.remove(0);
    assert_eq!((&sent["last_error"], &sent["attempts"]), (&Value::Null, &json!(3)), "{sent}");
    assert_eq!(sent["sent_at"], "2026-03-18T09:00:00Z");
    assert_eq!(sink.bodies().len(), 2, "the refused body, and the one that was taken");
}

#[tokio::test]
async fn f_22_what_may_have_left_stays_planned_and_is_not_sent_again_by_itself() {
    let (app, _, _) = late().await;
    let sink = Sink::start(Behaviour::HangUpAfterBody).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    remind_on(&app, "2026-03-16").await;
    sink.now(Behaviour::Accept);
    remind_on(&app, "2026-03-17").await;
    let waits = reminders(&app, "?status=planned").await.remove(0);
    assert_eq!((&waits["mail_status"], sink.bodies().len()), (&json!("unknown"), 1), "{waits}");
    assert_eq!(waits["can"], json!(["send"]), "a person decides");
    app.post(&format!("/api/reminders/{}/send", id(&waits)), json!({})).expect(200).await;
    app.run_jobs().await;
    assert_eq!(states(&reminders(&app, "").await), ["first sent"]);
}

#[tokio::test]
async fn f_22_the_list_filters_on_states_that_exist_and_refuses_others() {
    let (app, invoice, party) = late().await;
    remind_on(&app, "2026-03-16").await;
    for (status, count) in [("planned", 0), ("sent", 1), ("bounced", 0), ("cancelled", 0)] {
        assert_eq!(reminders(&app, &format!("?status={status}")).await.len(), count, "{status}");
    }
    for query in ["?status=failed", "?status=SENT", "?status=pending", "?step=third"] {
        app.get(&format!("/api/reminders{query}")).expect(422).await;
    }
    assert_eq!(reminders(&app, "?step=first&entity=ZR7").await.len(), 1);
    assert_eq!(reminders(&app, "?step=legal").await.len(), 0);
    let of_party = app.get(&format!("/api/parties/{party}/reminders")).expect(200).await;
    let of_document = app.get(&format!("/api/documents/{}/reminders", id(&invoice))).expect(200).await;
    assert_eq!(of_party["items"], of_document["reminders"]);
    let elsewhere = app.member("admin", "MDL").await;
    let others = app.get("/api/reminders").by(&elsewhere).expect(200).await;
    assert_eq!(others["items"], json!([]));
}

#[tokio::test]
async fn steps_come_on_working_days_three_ten_twenty_and_forty_days_late_and_each_once() {
    let (app, invoice, _) = late().await;
    // Due on Friday the 13th of March. J+3 is Monday the 16th, J+10 the 23rd, J+20 the 2nd of April, J+40 the 22nd.
    let days = [
        ("2026-03-13", 0),
        ("2026-03-14", 0),
        ("2026-03-16", 1),
        ("2026-03-17", 1),
        ("2026-03-20", 1),
        ("2026-03-23", 2),
        ("2026-03-23", 2),
        ("2026-04-01", 2),
        ("2026-04-02", 3),
        ("2026-04-21", 3),
        ("2026-04-22", 4),
        ("2026-04-30", 4),
        ("2026-06-30", 4),
    ];
    for (day, count) in days {
        remind_on(&app, day).await;
        assert_eq!(app.mails().len(), count, "{day}");
    }
    assert_eq!(states(&reminders(&app, "").await), ["first sent", "second sent", "final sent", "legal sent"]);
    let mails = app.get(&format!("/api/documents/{}/mails", id(&invoice))).expect(200).await;
    let legal = &mails["items"][0];
    assert_eq!(
        (&legal["step"], &legal["subject"]),
        (&json!("legal"), &json!("Mise en demeure de payer : facture FAC-2026-0001"))
    );
    for word in ["mise en demeure", "L441-10", "D441-5", "40 €", "1\u{202f}200,00\u{a0}€", "du 02/04/2026"] {
        assert!(legal["text"].as_str().unwrap().contains(word), "{word}: {}", legal["text"]);
    }
}

#[tokio::test]
async fn nobody_is_reminded_by_an_entity_that_did_not_switch_it_on_nor_on_days_off() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Client Un", json!({})).await;
    app.invoice(&party, "1000.00").await;
    assert_eq!(app.get("/api/settings/reminders").expect(200).await["value"], json!({ "per_entity": {} }));
    remind_on(&app, "2026-03-16").await;
    assert_eq!((reminders(&app, "").await, app.mails().len()), (Vec::new(), 0));
    let closed = json!({ "per_entity": { "ZR7": { "enabled": true, "closed_days": ["2026-03-16"] } } });
    app.put("/api/settings/reminders", closed).expect(200).await;
    remind_on(&app, "2026-03-16").await;
    assert_eq!(app.mails().len(), 0, "a day off");
    remind_on(&app, "2026-03-21").await;
    assert_eq!(app.mails().len(), 0, "a Saturday");
    remind_on(&app, "2026-03-23").await;
    assert_eq!(states(&reminders(&app, "").await), ["first sent"], "begins with the first, however late it is");
    remind_on(&app, "2026-03-24").await;
    assert_eq!(states(&reminders(&app, "").await), ["first sent", "second planned"]);
    assert_eq!(
        reminders(&app, "?status=planned").await[0]["planned_on"],
        "2026-03-30",
        "as far apart as the steps are"
    );
    for (policy, field) in [
        (json!({ "second_days": 3 }), "per_entity.ZR7.second_days"),
        (json!({ "first_days": 0 }), "per_entity.ZR7.first_days"),
        (json!({ "legal_days": 400 }), "per_entity.ZR7.legal_days"),
    ] {
        let refused = app.put("/api/settings/reminders", json!({ "per_entity": { "ZR7": policy } })).await;
        assert_eq!((refused.status.as_u16(), &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
}

#[tokio::test]
async fn what_is_paid_or_credited_is_asked_for_no_more_and_a_bounced_payment_is_again() {
    let (app, invoice, party) = late().await;
    remind_on(&app, "2026-03-16").await;
    remind_on(&app, "2026-03-17").await;
    assert_eq!(states(&reminders(&app, "").await), ["first sent", "second planned"]);
    let share = json!([{ "document_id": id(&invoice), "amount": "1200.00" }]);
    let payment = app.pay(&party, "1200.00", share).await;
    let cancelled = reminders(&app, "?status=cancelled").await.remove(0);
    assert_eq!((&cancelled["step"], cancelled["cancelled_at"].is_string()), (&json!("second"), true));
    remind_on(&app, "2026-03-24").await;
    assert_eq!(app.mails().len(), 1);
    let send = app.post(&format!("/api/reminders/{}/send", id(&cancelled)), json!({})).await;
    assert_eq!(send.code(), "reminder_cancelled");
    app.post(&format!("/api/payments/{}/bounce", id(&payment)), json!({ "reason": "rejeté" })).expect(200).await;
    remind_on(&app, "2026-03-25").await;
    assert_eq!(states(&reminders(&app, "").await), ["first sent", "second sent"]);
    let note = app
        .post(&format!("/api/documents/{}/credit-notes", id(&invoice)), json!({ "reason": "geste" }))
        .expect(201)
        .await;
    app.post(&format!("/api/documents/{}/issuance", id(&note)), json!({})).expect(200).await;
    remind_on(&app, "2026-05-29").await;
    assert_eq!(app.mails().len(), 2, "nothing is left to pay");
}

#[tokio::test]
async fn a_contested_invoice_waits_until_its_reminders_go_on() {
    let (app, invoice, _) = late().await;
    let path = format!("/api/documents/{}/reminders/suspension", id(&invoice));
    app.post(&path, json!({ "reason": "  " })).expect(422).await;
    let view = app.post(&path, json!({ "reason": "Qualité contestée" })).expect(200).await;
    assert_eq!(view["suspension"]["reason"], "Qualité contestée");
    assert_eq!(app.get(&format!("/api/documents/{}", id(&invoice))).expect(200).await["disputed"], true);
    remind_on(&app, "2026-03-18").await;
    assert_eq!(app.mails().len(), 0);
    let now = app.post(&format!("/api/documents/{}/reminders", id(&invoice)), json!({})).await;
    assert_eq!(now.code(), "reminder_suspended");
    app.send(axum::http::Method::DELETE, &path, None).by(&app.root).expect(204).await;
    app.send(axum::http::Method::DELETE, &path, None).by(&app.root).expect(204).await;
    remind_on(&app, "2026-03-19").await;
    assert_eq!(states(&reminders(&app, "").await), ["first sent"]);
    let draft = app.draft(invoice["party_id"].as_str().unwrap(), json!([{ "name": "x", "unit_price": "1" }])).await;
    let refused = app.post(&format!("/api/documents/{draft}/reminders/suspension"), json!({ "reason": "x" })).await;
    assert_eq!(refused.code(), "document_kind");
}

#[tokio::test]
async fn a_payment_that_comes_while_the_mail_waits_keeps_it_from_leaving() {
    let (app, invoice, party) = late().await;
    app.at("2026-03-16T09:00:00Z").await;
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    platform::job::run_now(&ctx, "billing-reminders").await.unwrap();
    assert_eq!(reminders(&app, "").await[0]["mail_status"], "queued");
    app.pay(&party, "1200.00", json!([{ "document_id": id(&invoice), "amount": "1200.00" }])).await;
    app.run_jobs().await;
    assert_eq!((app.mails().len(), states(&reminders(&app, "").await)), (0, vec!["first cancelled".to_owned()]));
}

#[tokio::test]
async fn a_person_sends_the_next_step_by_hand_and_again_when_it_came_back() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Client Un", json!({})).await;
    let invoice = app.invoice(&party, "1000.00").await;
    let path = format!("/api/documents/{}/reminders", id(&invoice));
    assert_eq!(app.post(&path, json!({})).await.code(), "reminder_not_due");
    app.at("2026-03-14T09:00:00Z").await;
    let asked = app.post(&path, json!({})).expect(201).await;
    assert_eq!(
        (&asked["status"], &asked["mail_status"]),
        (&json!("planned"), &json!("queued")),
        "not sent yet: {asked}"
    );
    let twice = app.post(&format!("/api/reminders/{}/send", id(&asked)), json!({})).await;
    assert_eq!(twice.code(), "reminder_on_its_way");
    app.run_jobs().await;
    let send = format!("/api/reminders/{}/send", id(&asked));
    assert_eq!(app.post(&send, json!({})).await.code(), "reminder_lifecycle", "each once");
    let bounce = format!("/api/reminders/{}/bounce", id(&asked));
    let back = app.post(&bounce, json!({ "reason": "boîte pleine" })).expect(200).await;
    assert_eq!((&back["status"], &back["can"]), (&json!("bounced"), &json!(["send"])));
    app.post(&send, json!({})).expect(200).await;
    app.run_jobs().await;
    assert_eq!((states(&reminders(&app, "").await), app.mails().len()), (vec!["first sent".to_owned()], 2));
}

#[tokio::test]
async fn a_customer_without_an_address_is_told_once_and_reached_when_there_is_one() {
    let (app, _, _) = late().await;
    let silent = app
        .customer(
            "ZR7",
            "Muet",
            json!({ "email": null, "electronic_scheme": "0225", "electronic_address": "443061841" }),
        )
        .await;
    app.invoice(&silent, "10.00").await;
    remind_on(&app, "2026-03-16").await;
    remind_on(&app, "2026-03-17").await;
    let waits = reminders(&app, "?step=first&status=planned").await.remove(0);
    assert_eq!(
        (&waits["party_id"], &waits["last_error"]),
        (&json!(silent), &json!("the customer has no mail address"))
    );
    let told = app.get("/api/event-log?action=reminder_failed").expect(200).await;
    assert_eq!(told["items"].as_array().unwrap().len(), 1, "told once");
    let contact = json!({ "kind": "billing", "is_default": true, "name": "Compta", "email": "compta@muet.example" });
    app.post(&format!("/api/parties/{silent}/contacts"), contact).expect(201).await;
    remind_on(&app, "2026-03-18").await;
    assert_eq!(reminders(&app, "?step=first&status=sent").await.len(), 2);
}

#[tokio::test]
async fn f_23_a_thousand_overdue_invoices_are_asked_for_in_one_run_and_drafts_never() {
    let (app, invoice, party) = late().await;
    app.draft(&party, json!([{ "name": "x", "unit_price": "1" }])).await;
    // The same invoice a thousand times over: what a run reads of them, not how they were issued.
    let copy = "insert into billing.document select (jsonb_populate_record(d, jsonb_build_object(
            'id', gen_random_uuid(), 'number', d.number || '-' || n, 'number_value', 1000 + n))).*
        from billing.document d, generate_series(1, 999) n where d.tenant_id = $1 and d.id = $2::uuid";
    let mut owner = owner().await;
    let mut tx = owner.begin().await.unwrap();
    // In this transaction alone nothing asks how a document came to be issued.
    sqlx::raw_sql("set local session_replication_role = replica").execute(&mut *tx).await.unwrap();
    sqlx::query(copy).bind(app.tenant.uuid()).bind(id(&invoice)).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    app.at("2026-03-16T09:00:00Z").await;
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let report = platform::job::run_now(&ctx, "billing-reminders").await.unwrap();
    assert_eq!((&report["planned"], &report["mailed"]), (&json!(1000), &json!(1000)), "{report}");
    let again = platform::job::run_now(&ctx, "billing-reminders").await.unwrap();
    assert_eq!((&again["planned"], &again["mailed"]), (&json!(0), &json!(0)), "no repeat: {again}");
    let mails: i64 = app.value("select count(*) from billing.document_mail where tenant_id = $1").await;
    assert_eq!(mails, 1000);
}
