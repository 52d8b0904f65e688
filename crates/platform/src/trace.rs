//! Traces: which work belongs to which request, whichever process does it (W3C Trace Context, level 1).
//!
//! A request, its transactions, the jobs they leave and the reactions among these are spans of one trace and bear one request id.
//! Where nobody traces, nothing is read, written or sent.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::global;
use opentelemetry::trace::TraceContextExt as _;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The header that names the trace and the span that the work is for.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Makes `span`, which was just made, a part of the trace that `parent` names. What is no `traceparent` is taken for none.
pub fn adopt(span: &Span, parent: Option<&str>) {
    let Some(parent) = parent.filter(|_| !span.is_disabled()) else { return };
    let carrier = HashMap::from([(TRACEPARENT.as_str().to_owned(), parent.to_owned())]);
    let context = global::get_text_map_propagator(|propagator| propagator.extract(&carrier));
    if context.span().span_context().is_valid() {
        // It fails where nobody traces.
        _ = span.set_parent(context);
    }
}

/// The `traceparent` under which another goes on with the work of `span`; none where nobody traces.
pub fn parent_of(span: &Span) -> Option<String> {
    if span.is_disabled() {
        return None;
    }
    let mut carrier = HashMap::new();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&span.context(), &mut carrier));
    carrier.remove(TRACEPARENT.as_str())
}

/// Names the current trace to whom an outgoing request goes.
pub(crate) fn tell(headers: &mut HeaderMap) {
    let parent = parent_of(&Span::current()).and_then(|parent| HeaderValue::from_str(&parent).ok());
    if let Some(parent) = parent {
        headers.insert(TRACEPARENT, parent);
    }
}

/// The span of a transaction, which ends with it.
pub(crate) struct TxSpan {
    span: Span,
    statements: u32,
    outcome: &'static str,
}

impl TxSpan {
    pub(crate) fn new(span: Span) -> Self {
        Self { span, statements: 0, outcome: "let_go" }
    }

    pub(crate) fn span(&self) -> &Span {
        &self.span
    }

    /// Counts a use of the connection, which is a statement with few exceptions.
    pub(crate) fn count(&mut self) {
        self.statements += 1;
    }

    pub(crate) fn committed(&mut self) {
        self.outcome = "committed";
    }
}

impl Drop for TxSpan {
    fn drop(&mut self) {
        self.span.record("statements", self.statements).record("outcome", self.outcome);
    }
}
