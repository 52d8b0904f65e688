//! What DNS says of the domains that mail is sent from (spec/field.md 6.4).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::TXT;
use hickory_resolver::proto::rr::{RData, Record};
use platform::secret::Sealer;
use platform::{Options, Platform};
use serde_json::{Value, json};
use tokio::net::UdpSocket;

use crate::support::receiver::loopback;
use crate::support::{TestApp, secret_keys, service_pool};

/// A DNS server that knows these text records, by name.
#[derive(Clone, Default)]
struct Dns {
    records: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
}

impl Dns {
    async fn start(&self) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (address, dns) = (socket.local_addr().unwrap(), self.clone());
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            loop {
                let (length, peer) = socket.recv_from(&mut buffer).await.unwrap();
                let answer = dns.answer(&Message::from_vec(&buffer[..length]).unwrap());
                socket.send_to(&answer.to_vec().unwrap(), peer).await.unwrap();
            }
        });
        address
    }

    fn answer(&self, asked: &Message) -> Message {
        let query = asked.queries[0].clone();
        let name = query.name().to_ascii().trim_end_matches('.').to_lowercase();
        let records = self.records.lock().unwrap();
        let mut answer = asked.clone();
        answer.metadata.message_type = MessageType::Response;
        match records.get(&name) {
            None => answer.metadata.response_code = ResponseCode::NXDomain,
            Some(texts) => {
                for text in texts {
                    // A string of a record is 255 bytes long at most: longer texts come in pieces.
                    let pieces = text.as_bytes().chunks(100).map(|piece| String::from_utf8(piece.to_vec()).unwrap());
                    let data = RData::TXT(TXT::new(pieces.collect()));
                    answer.add_answer(Record::from_rdata(query.name().clone(), 60, data));
                }
            }
        }
        answer
    }

    fn set(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        self.records.lock().unwrap().insert(name.to_owned(), texts);
    }
}

const SPF: &str = "v=spf1 include:mx.host.example -all";

/// A domain in order, and an app whose entity ZR7 sends from it.
async fn app() -> (TestApp, Dns) {
    let dns = Dns::default();
    dns.set("acme.example", &["site-verification=1", SPF]);
    dns.set("mx.host.example", &["v=spf1 ip4:192.0.2.0/24 -all"]);
    dns.set("s1._domainkey.acme.example", &[&format!("v=DKIM1; k=rsa; p={}", "A".repeat(390))]);
    dns.set("_dmarc.acme.example", &["v=DMARC1; p=reject; rua=mailto:d@acme.example"]);
    let server = dns.start().await;
    let app = TestApp::with(Options {
        unthrottled: true,
        egress_allow: loopback(),
        dns_servers: vec![server],
        ..Options::default()
    })
    .await;
    let entities = app.get("/api/entities").expect(200).await;
    let path = format!("/api/entities/{}", entities[0]["id"].as_str().unwrap());
    app.put(&path, json!({ "name": "ZR7", "mail_from": "leads@acme.example" })).expect(200).await;
    app.put("/api/settings/smtp", json!({ "per_entity": { "ZR7": { "url": "smtp://127.0.0.1:9" } } }))
        .expect(200)
        .await;
    let known = json!({ "dkim_selectors": ["s1"], "dkim_key": "A".repeat(390), "spf_include": "mx.host.example" });
    app.put("/api/settings/mail-domains", json!({ "domains": { "acme.example": known } })).expect(200).await;
    (app, dns)
}

async fn look(app: &TestApp) -> Value {
    let found = app.post("/api/settings/mail-domains/checks", json!({})).expect(200).await;
    found["value"][0].clone()
}

async fn told(app: &TestApp, action: &'static str) -> i64 {
    let mut owner = crate::support::owner().await;
    sqlx::query_scalar("select count(*) from platform.event where tenant_id = $1 and action = $2")
        .bind(app.tenant.uuid())
        .bind(action)
        .fetch_one(&mut owner)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_dns_says_of_a_sending_domain_is_told_and_kept_with_its_age() {
    let (app, dns) = app().await;
    let before = app.get("/api/settings/mail-domains").expect(200).await;
    assert_eq!(
        (&before["value"][0]["domain"], &before["value"][0]["answered_at"]),
        (&json!("acme.example"), &Value::Null)
    );
    assert_eq!(before["value"][0]["items"], json!({}));
    let found = look(&app).await;
    assert_eq!(found["items"], json!({ "spf": "ok", "dkim": "ok", "dmarc": "ok" }), "{found}");
    assert_eq!((&found["problems"], &found["entities"]), (&json!([]), &json!(["ZR7"])));

    app.clock.advance(jiff::SignedDuration::from_hours(24));
    dns.set("acme.example", &[SPF, "v=spf1 -all"]);
    dns.set("s1._domainkey.acme.example", &["v=DKIM1; p="]);
    dns.set("_dmarc.acme.example", &["v=DMARC1; p=none"]);
    let found = look(&app).await;
    assert_eq!(found["items"], json!({ "spf": "fail", "dkim": "fail", "dmarc": "warning" }));
    assert_eq!(found["problems"], json!(["spf_several", "dkim_revoked", "dmarc_none", "dmarc_no_reports"]));
    look(&app).await;
    assert_eq!((told(&app, "mail_domain_failing").await, told(&app, "mail_domain_healed").await), (1, 0));

    dns.set("acme.example", &[SPF]);
    dns.set("s1._domainkey.acme.example", &[&format!("p={}", "A".repeat(390))]);
    assert_eq!(
        app.run("mail-domains").await,
        json!({ "domains_with_problems": 1 }),
        "the night looks too: one wish is left"
    );
    assert_eq!((told(&app, "mail_domain_failing").await, told(&app, "mail_domain_healed").await), (1, 1));
}

#[tokio::test]
async fn a_dns_server_that_does_not_answer_leaves_what_was_known() {
    let (app, dns) = app().await;
    dns.set("_dmarc.acme.example", &["v=DMARC1; p=none"]);
    let known = look(&app).await;
    app.clock.advance(jiff::SignedDuration::from_hours(24));
    let gone = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let pool = service_pool().await;
    let secrets = Sealer::start(&pool, secret_keys(), app.clock.clone()).await.unwrap();
    let options = Options { dns_servers: vec![gone], secrets, unthrottled: true, ..Options::default() };
    let platform = Platform::new(pool, app.clock.clone(), app::wiring::registry(), options);
    let mut deaf = TestApp::over(platform, app.clock.clone(), &app.slug, app.tenant);
    deaf.root.clone_from(&app.root);
    let found = look(&deaf).await;
    assert!(found["error"].as_str().is_some_and(|error| error.starts_with("DNS did not tell of")), "{found}");
    for field in ["answered_at", "items", "problems"] {
        assert_eq!(found[field], known[field], "{field}");
    }
    assert_ne!(found["asked_at"], known["asked_at"]);
    assert!(look(&app).await["error"].is_null(), "it is told anew when it answers");
}

#[tokio::test]
async fn what_cannot_be_a_domain_is_refused_by_field_and_others_see_nothing() {
    let (app, _dns) = app().await;
    look(&app).await;
    let many: Vec<_> = (0..11).map(|number| format!("s{number}")).collect();
    for (domains, field) in [
        (json!({ "a b": {} }), "domains.a b"),
        (json!({ "acme.example": { "dkim_selectors": ["two words"] } }), "domains.acme.example.dkim_selectors"),
        (json!({ "acme.example": { "dkim_selectors": many } }), "domains.acme.example.dkim_selectors"),
        (json!({ "acme.example": { "spf_include": "a..b" } }), "domains.acme.example.spf_include"),
    ] {
        let refused = app.put("/api/settings/mail-domains", json!({ "domains": domains })).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let ops = app.member("ops", "ZR7").await;
    app.get("/api/settings/mail-domains").by(&ops).expect(403).await;
    let other = TestApp::new().await;
    assert_eq!(other.get("/api/settings/mail-domains").expect(200).await["value"], json!([]));
}
