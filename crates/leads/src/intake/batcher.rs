//! Group commit: submissions of one tenant that wait while a transaction runs share the next one.
//!
//! One client alone waits for nobody; many share the cost of a commit and of the routing lock.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use kernel::TenantId;
use platform::{Ctx, Error, Kind, Result};
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument as _, Span};

use super::Submission;
use super::ops::{self, Receipt, Routed};

/// Submissions per transaction at most.
const BATCH: usize = 128;

/// Submissions that may wait per tenant before callers are told to come back later.
const QUEUE: usize = 4096;

/// How long a batch may take: longer than it waits for a lock. A connection that hangs must not hold up the tenant.
const BATCH_LIMIT: Duration = Duration::from_secs(12);

struct Waiting {
    submission: Submission,
    /// The request that it came with.
    span: Span,
    answer: oneshot::Sender<Result<Receipt>>,
}

/// The queues of this instance, one per tenant that is receiving leads.
#[derive(Default)]
pub struct Batcher(Mutex<HashMap<TenantId, mpsc::Sender<Waiting>>>);

impl Batcher {
    /// Stores and routes `submission` together with whatever else is waiting in its tenant.
    ///
    /// Unavailable when the queue is full or the database does not answer.
    pub async fn submit(&self, ctx: &Ctx, submission: Submission) -> Result<Receipt> {
        let (answer, receipt) = oneshot::channel();
        let queue = self.queue(ctx);
        queue
            .try_send(Waiting { submission, span: Span::current(), answer })
            .map_err(|_| Error::unavailable("the intake queue of the tenant is full"))?;
        receipt.await.map_err(|_| Error::unavailable("the intake worker stopped"))?
    }

    fn queue(&self, ctx: &Ctx) -> mpsc::Sender<Waiting> {
        let mut queues = self.0.lock().expect("no one panics while holding the queues");
        if let Some(queue) = queues.get(&ctx.tenant().id).filter(|queue| !queue.is_closed()) {
            return queue.clone();
        }
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(drain(ctx.clone(), receiver));
        queues.insert(ctx.tenant().id, sender.clone());
        sender
    }
}

async fn drain(first: Ctx, mut queue: mpsc::Receiver<Waiting>) {
    let (platform, tenant) = (first.platform().clone(), first.tenant().id);
    let mut waiting = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut waiting, BATCH).await > 0 {
        let span = span_of(&waiting);
        let (submissions, answers): (Vec<_>, Vec<_>) =
            waiting.drain(..).map(|waiting| (waiting.submission, waiting.answer)).unzip();
        metrics::histogram!("comptoir_intake_batch_size")
            .record(f64::from(u32::try_from(submissions.len()).unwrap_or(u32::MAX)));
        // Entities may have changed since the last batch: the context is taken anew each time, for the request of the first lead.
        let request_id = submissions.first().map_or_else(String::new, |submission| submission.request_id.clone());
        let count = submissions.len();
        let processed = async {
            let ctx = platform.act_in(tenant, first.actor().clone(), &request_id).await?;
            Ok(process(&ctx, submissions).instrument(span).await)
        };
        let processed = match tokio::time::timeout(BATCH_LIMIT, processed).await {
            Ok(processed) => processed,
            Err(late) => Err(Error::unavailable(late)),
        };
        let results = processed.unwrap_or_else(|error: Error| {
            let why = error.chain();
            (0..count).map(|_| Err(Error::unavailable(why.clone()))).collect()
        });
        for (answer, result) in answers.into_iter().zip(results) {
            // A caller that hung up misses his answer; his lead is stored.
            drop(answer.send(result));
        }
    }
}

/// A batch is a part of the request of its first lead, and follows from the others.
fn span_of(waiting: &[Waiting]) -> Span {
    let Some((first, others)) = waiting.split_first() else { return Span::none() };
    let span = tracing::debug_span!(parent: &first.span, "batch", request_id = first.submission.request_id, size = waiting.len());
    for other in others {
        span.follows_from(&other.span);
    }
    span
}

/// Processes a batch in one transaction; if that fails, each submission in its own, so that a poison row fails alone.
async fn process(ctx: &Ctx, submissions: Vec<Submission>) -> Vec<Result<Receipt>> {
    if let [_] = submissions.as_slice() {
        return vec![single(ctx, submissions).await];
    }
    match ops::receive(ctx, &submissions, Routed::Now).await {
        Ok(receipts) => receipts.into_iter().map(Ok).collect(),
        Err(error) => {
            tracing::warn!(
                error = error.logged(),
                size = submissions.len(),
                "a batch failed; its submissions go one by one"
            );
            let mut results = Vec::with_capacity(submissions.len());
            for submission in submissions {
                results.push(single(ctx, vec![submission]).await);
            }
            results
        }
    }
}

/// Processes one submission. When something unexpected is the matter with routing, the lead is stored without it.
async fn single(ctx: &Ctx, submission: Vec<Submission>) -> Result<Receipt> {
    let received = match ops::receive(ctx, &submission, Routed::Now).await {
        Err(error) if error.kind() == Kind::Internal => {
            tracing::error!(error = error.logged(), "a lead could not be routed; it is stored as new");
            ops::receive(ctx, &submission, Routed::Later).await
        }
        received => received,
    };
    let mut receipts = received?;
    receipts.pop().ok_or_else(|| Error::internal("receiving a submission", "there was no receipt"))
}
