//! Issued documents by mail: what leaves, and what is told of it.

use serde_json::{Value, json};

use super::id;
use crate::support::TestApp;
use crate::support::smtp::{Behaviour, Sink};

async fn issued() -> (TestApp, Value) {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Client Un", json!({})).await;
    let invoice = app.invoice(&party, "1000.00").await;
    (app, invoice)
}

async fn mails(app: &TestApp, document: &str) -> Vec<Value> {
    let list = app.get(&format!("/api/documents/{document}/mails")).expect(200).await;
    list["items"].as_array().unwrap().clone()
}

/// The parts of a mail decoded: quoted-printable and base64 undone where they say so.
fn decoded(mail: &str) -> String {
    let parsed = mail.replace("\r\n", "\n").replace("=\n", "");
    let bytes: Vec<u8> = parsed.into_bytes();
    let mut text = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.filter(|_| bytes[at] == b'=').and_then(|code| u8::from_str_radix(code, 16).ok());
        text.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn an_issued_document_leaves_with_its_page_and_a_letter_in_two_forms() {
    let (app, invoice) = issued().await;
    let body = json!({ "cc": ["copie@client.example"], "message": "Comme convenu hier <au téléphone>." });
    let path = format!("/api/documents/{}/mails", id(&invoice));
    let queued = app.post(&path, body).expect(201).await;
    assert_eq!(
        (&queued["status"], &queued["settled_at"]),
        (&json!("queued"), &Value::Null),
        "nothing is said to be sent"
    );
    assert_eq!(
        (&queued["to"], &queued["cc"]),
        (&json!(["client.un@client.example"]), &json!(["copie@client.example"]))
    );
    app.run_jobs().await;
    let sent = mails(&app, id(&invoice)).await;
    assert_eq!((&sent[0]["status"], sent[0]["settled_at"].is_string()), (&json!("accepted"), true), "{}", sent[0]);
    assert_eq!(sent[0]["subject"], "Facture FAC-2026-0001 – ZR7 Énergie");
    let text = sent[0]["text"].as_str().unwrap();
    for part in [
        "Madame, Monsieur,",
        "Comme convenu hier",
        "FAC-2026-0001",
        "1\u{202f}200,00\u{a0}€",
        "13/03/2026",
        "FR76\u{a0}3000",
    ] {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
    let [mail] = app.mails().try_into().unwrap();
    assert!(mail.contains("Cc: copie@client.example") && mail.contains("To: client.un@client.example"), "{mail}");
    assert!(mail.contains("multipart/alternative") && mail.contains("text/html"), "{mail}");
    assert!(mail.contains("application/pdf") && mail.contains("FAC-2026-0001.pdf"), "{mail}");
    assert!(mail.contains("From: =?utf-8?"), "the entity's name, not an address alone: {mail}");
    assert!(decoded(&mail).contains("&lt;au t"), "what people write is no markup");
    let told = app.get("/api/event-log?action=document_mailed").expect(200).await;
    assert_eq!(told["items"][0]["subject_id"], invoice["id"]);
    assert!(!told.to_string().contains("client.example"), "events tell no addresses");
}

/// What a customer is called and what somebody writes is text in the letter, whatever it looks like (spec/field.md F-65).
#[tokio::test]
async fn f_65_what_people_write_is_escaped_in_the_letter_and_text_in_its_other_form() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let name = r#"<img src=x onerror="alert(1)"> & Fils"#;
    let party = app.customer("ZR7", "Client Un", json!({})).await;
    app.put(&format!("/api/parties/{party}"), json!({ "name": name })).expect(200).await;
    let invoice = app.invoice(&party, "1000.00").await;
    let body = json!({ "message": "<script>alert(2)</script>\n{{subject}} </p><a href=\"//evil.example\">ici</a>" });
    app.post(&format!("/api/documents/{}/mails", id(&invoice)), body).expect(201).await;
    app.run_jobs().await;
    let [mail] = app.mails().try_into().unwrap();
    let mail = decoded(&mail);
    let html = mail.split("<!DOCTYPE html>").nth(1).and_then(|rest| rest.split("</html>").next()).unwrap();
    assert!(html.contains("&lt;script&gt;alert(2)") && html.contains("&lt;a href="), "{html}");
    assert!(html.contains("{{subject}}"), "nothing that is written is filled in: {html}");
    for markup in ["<script", "<img", "<a ", "onerror=\"alert(1)\">"] {
        assert!(!html.contains(markup), "{markup}: {html}");
    }
    let text = mails(&app, id(&invoice)).await[0]["text"].as_str().unwrap().to_owned();
    assert!(text.contains("<script>alert(2)</script>"), "text is text: {text}");
}

#[tokio::test]
async fn the_attached_page_is_the_stored_one_byte_for_byte() {
    use base64::Engine as _;
    let (app, invoice) = issued().await;
    app.post(&format!("/api/documents/{}/mails", id(&invoice)), json!({})).expect(201).await;
    app.run_jobs().await;
    let mail = app.mails().remove(0).replace("\r\n", "\n");
    let part = mail.split("application/pdf").nth(1).unwrap();
    let encoded: String = part.split("\n\n").nth(1).unwrap().split("--").next().unwrap().split('\n').collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).unwrap();
    assert_eq!(platform::sha256_hex(&bytes), invoice["pdf_sha256"].as_str().unwrap());
}

#[tokio::test]
async fn a_mail_that_no_server_took_is_never_told_as_sent() {
    let (app, invoice) = issued().await;
    let sink = Sink::start(Behaviour::RefuseRecipient).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": sink.url } } })).expect(200).await;
    let path = format!("/api/documents/{}/mails", id(&invoice));
    let states = [
        (Behaviour::RefuseRecipient, "refused"),
        (Behaviour::RefuseBody, "refused"),
        (Behaviour::HangUpAfterBody, "unknown"),
        (Behaviour::Accept, "accepted"),
    ];
    for (behaviour, status) in states {
        sink.now(behaviour);
        app.tick();
        app.post(&path, json!({})).expect(201).await;
        app.run_jobs().await;
        let mail = mails(&app, id(&invoice)).await.remove(0);
        assert_eq!(mail["status"], status, "{behaviour:?}: {mail}");
        assert!(mail["answer"].is_string(), "{mail}");
    }
    let failed = app.get("/api/event-log?action=document_mail_failed").expect(200).await;
    assert_eq!(failed["items"].as_array().unwrap().len(), 3);
    assert_eq!(
        app.get("/api/event-log?action=document_mailed").expect(200).await["items"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_billing_contact_gets_invoices_and_english_customers_read_english() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app.customer("ZR7", "Client Deux", json!({ "language": "en" })).await;
    let contact = json!({ "kind": "billing", "is_default": true, "name": "Accounts", "email": "accounts@two.example" });
    app.post(&format!("/api/parties/{party}/contacts"), contact).expect(201).await;
    let invoice = app.invoice(&party, "500.00").await;
    let path = format!("/api/documents/{}/mails", id(&invoice));
    let mail = app.post(&path, json!({})).expect(201).await;
    assert_eq!((&mail["to"], &mail["language"]), (&json!(["accounts@two.example"]), &json!("en")), "{mail}");
    assert_eq!(mail["subject"], "Invoice FAC-2026-0001 – ZR7 Énergie");
    let french = app.post(&path, json!({ "language": "fr", "to": ["x@two.example"] })).expect(201).await;
    assert_eq!((&french["to"], &french["language"]), (&json!(["x@two.example"]), &json!("fr")));
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_with_a_reason() {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    let party = app
        .customer(
            "ZR7",
            "Sans Adresse",
            json!({ "email": null, "electronic_scheme": "0225", "electronic_address": "443061841" }),
        )
        .await;
    let draft = app.draft(&party, json!([{ "name": "Prestation", "unit_price": "10" }])).await;
    let path = format!("/api/documents/{draft}/mails");
    assert_eq!(app.post(&path, json!({ "to": ["a@b.example"] })).await.code(), "document_not_issued");
    app.post(&format!("/api/documents/{draft}/issuance"), json!({})).expect(200).await;
    let nobody = app.post(&path, json!({})).await;
    assert_eq!((nobody.status.as_u16(), &nobody.json["errors"][0]["field"]), (422, &json!("to")));
    for (body, field) in [
        (json!({ "to": ["no address"] }), "to[0]"),
        (json!({ "to": ["a@b.example"], "message": "x".repeat(4001) }), "message"),
        (json!({ "to": ["a@b.example"], "language": "de" }), "language"),
    ] {
        let refused = app.post(&path, body).await;
        assert_eq!((refused.status.as_u16(), &refused.json["errors"][0]["field"]), (422, &json!(field)));
    }
    assert_eq!(mails(&app, &draft).await, Vec::<Value>::new(), "nothing half written");
    let elsewhere = app.member("admin", "MDL").await;
    assert_eq!(app.post(&path, json!({ "to": ["a@b.example"] })).by(&elsewhere).await.status, 404);
}

#[tokio::test]
async fn an_entity_that_switched_it_on_mails_what_it_issues_and_no_other_does() {
    let (app, before) = issued().await;
    app.run_jobs().await;
    assert_eq!(mails(&app, id(&before)).await, Vec::<Value>::new(), "off unless switched on");
    let setting = app.get("/api/settings/document-mails").expect(200).await;
    assert_eq!((&setting["value"], &setting["version"]), (&json!({ "per_entity": {} }), &json!(0)));
    app.put("/api/settings/document-mails", json!({ "per_entity": { "QQQ": { "at_issue": true } } })).expect(422).await;
    app.put("/api/settings/document-mails", json!({ "per_entity": { "ZR7": { "at_issue": true } } })).expect(200).await;
    let invoice = app.invoice(before["party_id"].as_str().unwrap(), "10.00").await;
    app.run_jobs().await;
    assert_eq!(mails(&app, id(&invoice)).await[0]["status"], "accepted");
    let silent = app
        .customer(
            "ZR7",
            "Muet",
            json!({ "email": null, "electronic_scheme": "0225", "electronic_address": "443061841" }),
        )
        .await;
    let issued = app.invoice(&silent, "10.00").await;
    app.run_jobs().await;
    assert_eq!(mails(&app, id(&issued)).await, Vec::<Value>::new(), "it is issued all the same");
    let failed = app.get("/api/event-log?action=document_mail_failed").expect(200).await;
    assert_eq!(failed["items"][0]["subject_id"], issued["id"]);
}
