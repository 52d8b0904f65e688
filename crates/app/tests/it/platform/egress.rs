//! Outgoing requests: what may not be reached is not connected to, and nobody keeps us longer or feeds us more than he may.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::http::{HeaderMap, Method};
use platform::egress::{Egress, EgressError, Keep, LookingUp, Lookup, Outgoing, Redirects, Rule, SystemLookup};

use serde_json::json;

use crate::support::TestApp;
use crate::support::receiver::{Behaviour, Receiver, loopback};
use crate::support::smtp::{self, Sink};

/// Answers each look-up with the next of what it was given; counts them.
struct Told {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Told {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let read = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self { answers: Mutex::new(answers.iter().map(read).collect()), asked: AtomicUsize::default() })
    }
}

impl Lookup for Told {
    fn look_up(&self, _: &str) -> LookingUp {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.lock().unwrap().pop_front().expect("it is not asked more often");
        Box::pin(async move { Ok(answer) })
    }
}

fn closed() -> Egress {
    Egress::new(&[], Arc::new(SystemLookup))
}

fn open() -> Egress {
    Egress::new(&loopback(), Arc::new(SystemLookup))
}

fn get(url: impl Into<String>) -> Outgoing {
    Outgoing {
        purpose: "test",
        method: Method::GET,
        url: url.into(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        limit: Duration::from_secs(5),
        keep: Keep::All(10_000),
        redirects: Redirects::None,
    }
}

fn refused(rule: Rule) -> EgressError {
    EgressError::Refused(rule)
}

#[tokio::test]
async fn d_23_a_server_of_our_own_network_is_reached_only_where_the_operator_excepts_it() {
    let receiver = Receiver::willing().await;
    let port = receiver.port;
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"] {
        for scheme in ["https", "http"] {
            let failed = closed().send(get(format!("{scheme}://{host}:{port}/"))).await.unwrap_err();
            let rule = if scheme == "http" { Rule::Scheme } else { Rule::Address };
            assert_eq!(failed, refused(rule), "{scheme}://{host}");
        }
    }
    // An exception for another network is none for this one, by http either.
    let other = Egress::new(&["10.0.0.0/8".parse().unwrap()], Arc::new(SystemLookup));
    for host in ["127.0.0.1", "localhost"] {
        let failed = other.send(get(format!("http://{host}:{port}/"))).await.unwrap_err();
        assert_eq!(failed, refused(Rule::Address), "{host}");
    }
    assert_eq!(receiver.connections(), 0, "nothing was connected to");
    let reply = open().send(get(receiver.url())).await.unwrap();
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (200, &b"fine"[..]));
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn d_23_a_refusal_tells_no_address_and_not_whether_a_name_exists() {
    let failure = async |answer: &[&str]| {
        let egress = Egress::new(&[], Told::new(&[answer]));
        platform::Error::from(egress.send(get("https://erp.internal/")).await.unwrap_err())
    };
    let (hidden, missing) = (failure(&["10.9.8.7"]).await, failure(&[]).await);
    assert_eq!((hidden.code(), hidden.to_string()), (missing.code(), missing.to_string()));
    assert_eq!(hidden.code(), "egress_refused");
    assert_eq!(hidden.fields()[0].message, "address");
    assert!(!hidden.chain().contains("10.9.8.7"), "{}", hidden.chain());
}

#[tokio::test]
async fn d_23_a_name_that_changes_its_address_never_leads_inside() {
    let receiver = Receiver::willing().await;
    let url = format!("https://rebind.example:{}/", receiver.port);
    // 3000::1 is of the public internet and given to nobody: no packet finds a way there.
    let told = Told::new(&[&["3000::1"], &["127.0.0.1"], &["3000::1", "127.0.0.1"], &["127.0.0.1", "3000::1"]]);
    let egress = Egress::new(&[], told.clone());
    let quick = || Outgoing { limit: Duration::from_millis(500), ..get(url.clone()) };
    let first = egress.send(quick()).await.unwrap_err();
    assert!(matches!(first, EgressError::Unreachable | EgressError::TimedOut), "{first:?}");
    assert_eq!(
        told.asked.load(Ordering::SeqCst),
        1,
        "one request looks up once: there is no second answer to be changed"
    );
    for mixed in ["private", "private behind public", "private before public"] {
        assert_eq!(egress.send(quick()).await.unwrap_err(), refused(Rule::Address), "{mixed}");
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn d_23_the_connection_goes_to_the_address_that_was_checked() {
    let receiver = Receiver::willing().await;
    let told = Told::new(&[&["127.0.0.1"]]);
    let reply =
        Egress::new(&loopback(), told).send(get(format!("http://erp.internal:{}/x", receiver.port))).await.unwrap();
    assert_eq!(reply.status, 200);
    let call = &receiver.received()[0];
    assert_eq!((call.path.as_str(), call.header("host")), ("/x", format!("erp.internal:{}", receiver.port).as_str()));
}

#[tokio::test]
async fn d_23_a_redirect_is_followed_only_where_it_was_asked_for_and_to_the_same_host() {
    let (inside, outside) = (Receiver::willing().await, Receiver::willing().await);
    outside.now(Behaviour::AnswerWith(302, "location", inside.url()));
    let reply = open().send(get(outside.url())).await.unwrap();
    assert_eq!(reply.status, 302, "the redirect is the answer");
    let follow = |hops| Outgoing { redirects: Redirects::SameHost(hops), ..get(outside.url()) };
    assert_eq!(open().send(follow(3)).await.unwrap_err(), refused(Rule::Redirect), "another port is another host");
    outside.now(Behaviour::AnswerWith(307, "location", "https://169.254.169.254/latest/meta-data".to_owned()));
    assert_eq!(open().send(follow(3)).await.unwrap_err(), refused(Rule::Address), "each hop is checked");
    outside.now(Behaviour::AnswerWith(301, "location", "gopher://127.0.0.1/".to_owned()));
    assert_eq!(open().send(follow(3)).await.unwrap_err(), refused(Rule::Scheme));
    assert_eq!(inside.connections(), 0);
    outside.now(Behaviour::AnswerWith(308, "location", "/again".to_owned()));
    let before = outside.received().len();
    assert_eq!(open().send(follow(3)).await.unwrap_err(), refused(Rule::Redirect), "there is an end to it");
    let paths: Vec<_> = outside.received()[before..].iter().map(|request| request.path.clone()).collect();
    assert_eq!(paths, ["/in", "/again", "/again", "/again"]);
    let post = Outgoing { method: Method::POST, ..follow(3) };
    assert_eq!(
        open().send(post).await.unwrap_err(),
        refused(Rule::Redirect),
        "what changes something is not sent again elsewhere"
    );
}

#[tokio::test]
async fn d_135_who_drips_or_says_nothing_is_cut_off_at_the_limit() {
    let receiver = Receiver::start(Behaviour::Silent).await;
    for behaviour in [Behaviour::Silent, Behaviour::Dripping] {
        receiver.now(behaviour.clone());
        let limited = Outgoing { limit: Duration::from_millis(300), ..get(receiver.url()) };
        let clock = Instant::now();
        assert_eq!(open().send(limited).await.unwrap_err(), EgressError::TimedOut, "{behaviour:?}");
        assert!(clock.elapsed() < Duration::from_secs(3), "{behaviour:?} took {:?}", clock.elapsed());
    }
}

#[tokio::test]
async fn d_23_a_body_without_end_is_cut_at_the_limit_and_the_rest_is_never_taken() {
    const GIGABYTE: usize = 1 << 30;
    // What the sockets of both sides hold on the way.
    const UNDER_WAY: usize = 24 << 20;
    let receiver = Receiver::start(Behaviour::Large(GIGABYTE)).await;
    let all = Outgoing { keep: Keep::All(25_000_000), limit: Duration::from_mins(1), ..get(receiver.url()) };
    assert_eq!(open().send(all).await.unwrap_err(), EgressError::TooLarge);
    assert!(receiver.written() <= 25_000_000 + UNDER_WAY, "{} bytes were taken", receiver.written());
    let before = receiver.written();
    let first = Outgoing { keep: Keep::First(500), ..get(receiver.url()) };
    assert_eq!(open().send(first).await.unwrap().body.len(), 500);
    assert!(receiver.written() - before <= UNDER_WAY, "{} bytes were taken", receiver.written() - before);
    // Nobody may ask for more than the most.
    let greedy = Outgoing { keep: Keep::All(usize::MAX), limit: Duration::from_mins(1), ..get(receiver.url()) };
    assert_eq!(open().send(greedy).await.unwrap_err(), EgressError::TooLarge);
    receiver.now(Behaviour::Answer(200, "x".repeat(10_001)));
    assert_eq!(open().send(get(receiver.url())).await.unwrap_err(), EgressError::TooLarge, "it said how long it is");
}

/// The app with a lead that waits to be mailed by ZR7.
async fn with_a_delivery(options: platform::Options) -> TestApp {
    let app = TestApp::with(platform::Options { unthrottled: true, ..options }).await;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("ZR7", "Acme", json!({})).await;
    app.lead(json!({})).expect(201).await;
    app
}

async fn mailed(app: &TestApp) -> (String, String) {
    app.run("daily-delivery").await;
    let row = "select status || '|' || coalesce(last_error, '') from leads.delivery where tenant_id = $1";
    let row: String = app.value(row).await;
    let (status, error) = row.split_once('|').unwrap();
    (status.to_owned(), error.to_owned())
}

#[tokio::test]
async fn d_24_a_mail_server_of_a_tenant_is_reached_only_on_the_internet_or_where_the_operator_excepts_it() {
    let sink = Sink::start(smtp::Behaviour::Accept).await;
    let port = sink.url.rsplit(':').next().unwrap();
    let servers = |host: &str| json!({ "per_entity": { "ZR7": { "url": format!("smtp://{host}:{port}") } } });
    let app = with_a_delivery(platform::Options::default()).await;
    for host in ["127.0.0.1", "0x7f.1", "2130706433", "[::1]", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]"] {
        let refused = app.put("/api/settings/smtp", servers(host)).expect(422).await;
        assert_eq!(refused["errors"][0]["field"], "per_entity.ZR7.url", "{host}: {refused}");
    }
    // A name tells nothing until it is looked up.
    app.put("/api/settings/smtp", servers("localhost")).expect(200).await;
    let (status, error) = mailed(&app).await;
    assert_eq!(status, "failed");
    assert!(error.contains("must name a host on the public internet") && !error.contains("127.0.0.1"), "{error}");
    assert_eq!(sink.connections(), 0, "nothing was connected to");

    let excepted =
        with_a_delivery(platform::Options { egress_allow: loopback(), ..platform::Options::default() }).await;
    excepted.put("/api/settings/smtp", servers("127.0.0.1")).expect(200).await;
    assert_eq!(mailed(&excepted).await.0, "sent");
    // The operator's own server stands where he says.
    let smtp_url = Some(sink.url.clone());
    let own = with_a_delivery(platform::Options { smtp_url, ..platform::Options::default() }).await;
    assert_eq!(mailed(&own).await.0, "sent");
    assert_eq!(sink.bodies().len(), 2);
}

#[tokio::test]
async fn d_24_the_name_of_a_mail_server_is_looked_up_once_and_all_its_addresses_are_checked() {
    let told = Told::new(&[&["8.8.8.8", "2606:4700::1111"], &["8.8.8.8", "10.0.0.1"], &[]]);
    let egress = Egress::new(&[], told.clone());
    let addresses = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
    assert_eq!(egress.addresses("mail.example").await, Ok(addresses(&["8.8.8.8", "2606:4700::1111"])));
    assert_eq!(egress.addresses("mail.example").await, Err(refused(Rule::Address)), "one of them is ours");
    assert_eq!(egress.addresses("mail.example").await, Err(refused(Rule::Address)), "there is none");
    assert_eq!(egress.addresses("0x7f.1").await, Err(refused(Rule::Address)));
    assert_eq!(egress.addresses("8.8.8.8").await, Ok(addresses(&["8.8.8.8"])));
    assert_eq!(told.asked.load(Ordering::SeqCst), 3, "an address is not looked up");
}
