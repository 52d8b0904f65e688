//! One request, its transactions, the job it leaves and the reaction to what that does: one trace, one request id.

use std::collections::{BTreeMap, BTreeSet};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Attribute;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::{Value, json};

use crate::support::process::Installation;
use crate::support::receiver::{Behaviour, Received, Receiver};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The spans that the collector was handed.
fn spans(received: &[Received]) -> Vec<Span> {
    let requests = received.iter().map(|request| ExportTraceServiceRequest::decode(request.body.clone()).unwrap());
    requests.flat_map(|request| request.resource_spans).flat_map(|of| of.scope_spans).flat_map(|of| of.spans).collect()
}

fn attribute(span: &Span, name: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        Attribute::StringValue(text) => Some(text.clone()),
        Attribute::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

fn lead() -> Value {
    json!({ "session_id": "s", "form_code": "PV-001", "phone": "0612345679", "nom": "Martin", "departement": "75", "rgpd_consent": true })
}

#[tokio::test]
async fn a_request_its_transactions_its_job_and_the_reaction_are_one_trace_with_one_request_id() {
    let collector = Receiver::start(Behaviour::Answer(200, String::new())).await;
    let hooked = Receiver::willing().await;
    let here = Installation::new("traces").await;
    let otlp = format!("http://127.0.0.1:{}", collector.port);
    let process = here.serve(&[("COMPTOIR_OTLP_URL", &otlp), ("COMPTOIR_EGRESS_ALLOW", "127.0.0.1")]).await;
    let delivery = process.routed("acme@buyer.example", lead()).await;
    process
        .ask("POST", "/api/webhooks", json!({ "name": "Own", "url": hooked.url(), "actions": ["delivery.sent"] }))
        .await;

    let asked = [("traceparent", format!("00-{TRACE}-{CALLER}-01")), ("x-request-id", "asked-once".to_owned())];
    let asked = asked.each_ref().map(|(name, value)| (*name, value.as_str()));
    process.ask_with("POST", &format!("/api/deliveries/{delivery}/send"), &asked, json!({})).await;

    let wanted = [
        "POST /api/deliveries/{id}/send",
        "transaction",
        "on.delivery.sent.settle_intercompany",
        "settle_intercompany",
        "mail",
        "webhook.deliver",
        "webhook",
    ];
    let ours = process
        .until("the whole trace", async |_| {
            let all = spans(&collector.received()).into_iter().filter(|span| hex(&span.trace_id) == TRACE);
            let all: Vec<_> = all.collect();
            let names: BTreeSet<_> = all.iter().map(|span| span.name.as_str()).collect();
            wanted.iter().all(|name| names.contains(name)).then(|| all.clone())
        })
        .await;
    let ids: BTreeMap<_, _> = ours.iter().map(|span| (hex(&span.span_id), span.name.as_str())).collect();
    let parent = |name: &str| {
        let span = ours.iter().find(|span| span.name == name).unwrap();
        hex(&span.parent_span_id)
    };
    assert_eq!(parent("POST /api/deliveries/{id}/send"), CALLER);
    assert_eq!(ids[&parent("settle_intercompany")], "on.delivery.sent.settle_intercompany");
    assert_eq!(ids[&parent("on.delivery.sent.settle_intercompany")], "transaction");
    assert_eq!(ids[&parent("webhook.deliver")], "transaction");
    assert!(
        ours.iter().all(|span| hex(&span.parent_span_id) == CALLER || ids.contains_key(&hex(&span.parent_span_id)))
    );
    let told: BTreeSet<_> = ours.iter().filter_map(|span| attribute(span, "request_id")).collect();
    assert_eq!(told, BTreeSet::from(["asked-once".to_owned()]));
    let committed = ours.iter().filter(|span| attribute(span, "outcome").as_deref() == Some("committed"));
    assert!(committed.count() >= 3, "the request's, the job's and the reaction's");
    let counted = ours.iter().filter(|span| span.name == "transaction");
    assert!(counted.filter_map(|span| attribute(span, "statements")).any(|count| count.parse::<u32>().unwrap() >= 2));
    let called = hooked.until(1).await;
    assert!(called[0].header("traceparent").starts_with(&format!("00-{TRACE}-")), "handed to whom we call");
    assert!(process.stop());
}

#[tokio::test]
async fn a_collector_that_never_answers_slows_nothing_and_costs_spans_alone_which_are_counted() {
    let collector = Receiver::start(Behaviour::Silent).await;
    let here = Installation::new("untraced").await;
    let otlp = format!("http://127.0.0.1:{}", collector.port);
    let process = here.serve(&[("COMPTOIR_OTLP_URL", &otlp)]).await;

    let clock = std::time::Instant::now();
    for _ in 0..50 {
        process.ask("GET", "/api/auth/me", Value::Null).await;
    }
    assert!(clock.elapsed().as_secs() < 10, "{:?}", clock.elapsed());
    collector.until(1).await;

    process
        .until("a lost span", async |process| {
            let metrics = process.metrics().await;
            let lost =
                metrics.lines().find(|line| line.starts_with(r#"comptoir_trace_spans_total{outcome="lost"}"#))?;
            lost.rsplit_once(' ')?.1.parse::<u64>().ok().filter(|lost| *lost > 0)
        })
        .await;
    assert!(process.stop());
}

#[tokio::test]
async fn without_a_collector_nothing_is_traced_nor_kept_with_jobs() {
    let here = Installation::new("traceless").await;
    let process = here.serve(&[]).await;
    let delivery = process.routed("acme@buyer.example", lead()).await;
    let asked = [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")];
    process.ask_with("POST", &format!("/api/deliveries/{delivery}/send"), &asked, json!({})).await;
    let traced: i64 = sqlx::query_scalar("select count(*) from platform.job where trace_parent is not null")
        .fetch_one(&mut here.owner().await)
        .await
        .unwrap();
    assert_eq!(traced, 0);
}
