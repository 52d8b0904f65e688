//! Receiving a batch of submissions in one transaction: each judged by itself, then double submits, then routing, in the
//! order of spec 5.1.

use std::collections::{BTreeSet, HashMap};

use kernel::{EntityId, LeadId};
use platform::{Ctx, Event, Result, Settings, Tx};
use serde_json::json;
use uuid::Uuid;

use super::Submission;
use super::judge::{Answer, Candidate, Known, Policies, Refused, judge};
use super::store::{self, Batch, Claim, NewLead, Quarantined, Unassigned};
use crate::leads::model::LeadStatus;
use crate::routing::desk::Desk;
use crate::routing::jobs::request_sweep;
use crate::routing::model::{Chosen, DeskLead, Verdict};
use crate::routing::{ROUTING_LOCK, replacement};
use crate::rules::phone::{self, PhoneQuality};

/// What became of a submission.
#[derive(Debug)]
pub struct Receipt {
    /// The lead; with a double submit the one stored before.
    pub lead_id: LeadId,
    /// The entity it belongs to.
    pub entity: Option<EntityId>,
    /// The product it is for.
    pub product: Option<String>,
    /// The answer.
    pub answer: Answer,
}

impl From<Candidate> for Receipt {
    fn from(candidate: Candidate) -> Self {
        let lead = candidate.lead.as_deref();
        Self {
            lead_id: lead.map_or(LeadId::from_uuid(Uuid::nil()), |lead| lead.id),
            entity: lead.and_then(|lead| lead.entity_id),
            product: lead.and_then(|lead| lead.product.clone()),
            answer: candidate.answer,
        }
    }
}

/// When the leads of a batch are routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routed {
    /// With the batch.
    Now,
    /// By a sweep afterwards, as routing them failed: they are stored whatever happens.
    Later,
}

/// Receives a batch; receipts come in the order of the submissions. All or nothing is committed.
pub async fn receive(ctx: &Ctx, submissions: &[Submission], routed: Routed) -> Result<Vec<Receipt>> {
    let mut tx = ctx.begin().await?;
    let settings = Policies::read(&mut tx).await?;
    let known = Known::read(&mut tx, submissions).await?;
    let mut candidates: Vec<Candidate> = Vec::with_capacity(submissions.len());
    for submission in submissions {
        candidates.push(judge(&tx, &settings, &known, submission));
    }
    settle_repeats(&mut tx, &known, &mut candidates).await?;
    quarantine_refused(&mut tx, &known, submissions, &candidates).await?;
    let mut batch = Batch::default();
    match routed {
        Routed::Now => route(&mut tx, &settings.all, &mut candidates, &mut batch).await?,
        Routed::Later => request_sweep(&mut tx, "routing_failed")?,
    }
    for (candidate, submission) in candidates.iter().zip(submissions) {
        if let Some(lead) = candidate.lead.as_deref().filter(|_| candidate.is_stored()) {
            tx.emit(received_event(lead).request(&submission.request_id));
            batch.leads.push(lead.clone());
        }
    }
    if !batch.leads.is_empty() {
        store::insert_batch(&mut tx, &batch).await?;
    }
    tx.commit().await?;
    Ok(candidates.into_iter().map(Receipt::from).collect())
}

/// Keeps a payload that could not be used.
pub async fn quarantine(ctx: &Ctx, payload: &Quarantined) -> Result<()> {
    let mut tx = ctx.begin().await?;
    let id = store::insert_quarantine(&mut tx, payload).await?;
    let reason = payload.reason.split(':').next().unwrap_or_default();
    tx.emit(
        Event::new("lead_quarantined", "quarantine", id).details(json!({ "route": payload.route, "reason": reason })),
    );
    metrics::counter!("comptoir_intake_quarantined_total").increment(1);
    tx.commit().await
}

/// Step 5: a repetition, within the batch or of what is on record, gets the first lead's id and stores nothing.
async fn settle_repeats(tx: &mut Tx, known: &Known, candidates: &mut [Candidate]) -> Result<()> {
    let mut first: HashMap<(String, String), LeadId> = HashMap::new();
    let mut by_key: HashMap<String, LeadId> = known.repeats.clone();
    for candidate in candidates.iter_mut() {
        let Some(lead) = candidate.lead.as_deref_mut() else { continue };
        if let Some(key) = lead.idempotency_key.clone() {
            let holder = *by_key.entry(key).or_insert(lead.id);
            if holder != lead.id {
                lead.id = holder;
                candidate.answer = Answer::DoubleSubmit;
                continue;
            }
        }
        if !can_repeat(lead) {
            continue;
        }
        let holder = *first.entry((lead.session_id.clone(), lead.phone.clone())).or_insert(lead.id);
        if holder != lead.id {
            lead.id = holder;
            candidate.answer = Answer::DoubleSubmit;
        }
    }
    let claims: Vec<Claim> =
        first.into_iter().map(|((session_id, phone), lead_id)| Claim { session_id, phone, lead_id }).collect();
    let holders = store::take_claims(tx, &claims).await?;
    for candidate in candidates.iter_mut() {
        let Some(lead) = candidate.lead.as_deref_mut().filter(|lead| can_repeat(lead)) else { continue };
        let holder = holders.get(&(lead.session_id.clone(), lead.phone.clone()));
        if let Some(holder) = holder.filter(|holder| **holder != lead.id) {
            lead.id = *holder;
            candidate.answer = Answer::DoubleSubmit;
        }
    }
    Ok(())
}

/// A double submit needs a session and a valid phone (spec 5.3).
fn can_repeat(lead: &NewLead) -> bool {
    !lead.session_id.is_empty() && lead.phone_quality != PhoneQuality::Invalid.as_str()
}

/// What is refused after it could be read is kept too; a supplier's refusals are counted.
async fn quarantine_refused(
    tx: &mut Tx,
    known: &Known,
    submissions: &[Submission],
    candidates: &[Candidate],
) -> Result<()> {
    for (submission, candidate) in submissions.iter().zip(candidates) {
        let Answer::Refused(refused) = candidate.answer else { continue };
        if refused == Refused::Suspicious {
            let provider = submission.key_hash.as_ref().and_then(|hash| known.providers.get(hash));
            if let Some(provider) = provider {
                let zone = tx.ctx().entity(provider.entity_id).map(|entity| entity.zone.clone());
                let day = tx.now().date_in(zone.as_ref().unwrap_or(&tx.ctx().tenant().zone.clone()));
                store::count_refusal(tx, provider, day).await?;
            }
            continue;
        }
        let reason = if refused == Refused::Origin { "origin_not_allowed" } else { "unknown_key" };
        let payload = &submission.payload;
        let body = json!({ "session_id": payload.session_id, "form_code": payload.form_code, "phone": payload.phone,
            "nom": payload.nom, "prenom": payload.prenom, "email": payload.email, "departement": payload.departement,
            "entity": payload.entity, "produit": payload.produit, "rgpd_consent": payload.rgpd_consent,
            "lp_code": payload.lp_code, "custom_fields": payload.custom_fields });
        let kept = Quarantined {
            route: "/api/public/leads",
            reason: reason.to_owned(),
            content_type: "application/json".to_owned(),
            body: body.to_string().into_bytes(),
            ip: submission.ip.clone(),
        };
        store::insert_quarantine(tx, &kept).await?;
    }
    Ok(())
}

/// Step 11: routes what is new, one after the other, each seeing what those before it used.
async fn route(tx: &mut Tx, settings: &Settings, candidates: &mut [Candidate], batch: &mut Batch) -> Result<()> {
    let routable = |candidate: &Candidate| matches!(candidate.answer, Answer::Stored(LeadStatus::New));
    let leads =
        candidates.iter().filter(|candidate| routable(candidate)).filter_map(|candidate| candidate.lead.as_deref());
    let (products, phones): (BTreeSet<_>, BTreeSet<_>) =
        leads.map(|lead| (lead.product.clone().unwrap_or_default(), lead.phone.clone())).unzip();
    if phones.is_empty() {
        return Ok(());
    }
    tx.lock(ROUTING_LOCK).await?;
    let mut desk = Desk::open(tx, settings, products, phones).await?;
    for candidate in candidates.iter_mut().filter(|candidate| routable(candidate)) {
        let (Some(lead), Some(departement)) = (candidate.lead.as_deref_mut(), candidate.departement) else { continue };
        let (Some(entity), Some(product)) = (lead.entity_id, lead.product.clone()) else { continue };
        let facts = DeskLead {
            id: lead.id,
            entity,
            product,
            departement,
            phone: lead.phone.clone(),
            entity_locked: lead.entity_locked,
            is_lb: false,
        };
        let verdict = desk.decide(tx.now(), &facts);
        let status = match verdict {
            Verdict::Routed(chosen) if candidate.may_be_replaced => {
                replace_or_assign(tx, &mut desk, &facts, lead, *chosen, batch).await?
            }
            Verdict::Routed(chosen) => assign(&facts, lead, &chosen, batch, tx.now()),
            Verdict::Unrouted { status, reason, trace } => {
                lead.routing_reason = Some(reason.clone());
                let decision_id = LeadId::generate(tx.now()).uuid();
                batch.unassigned.push(Unassigned {
                    decision_id,
                    lead_id: lead.id,
                    outcome: status.as_str(),
                    reason,
                    trace,
                });
                status
            }
        };
        lead.status = status.as_str();
        candidate.answer = Answer::Stored(status);
    }
    Ok(())
}

fn assign(
    facts: &DeskLead,
    lead: &mut NewLead,
    chosen: &Chosen,
    batch: &mut Batch,
    now: kernel::Timestamp,
) -> LeadStatus {
    let assignment = chosen.assignment(facts, "intake", now);
    lead.delivery_id = Some(assignment.delivery_id.uuid());
    lead.buyer_id = Some(chosen.buyer_id.uuid());
    lead.serving_entity_id = Some(chosen.entity_id);
    lead.routed_at = Some(now);
    lead.routing_reason = Some(chosen.reason.clone());
    batch.assignments.push(assignment);
    LeadStatus::Routed
}

/// Spec 5.5: an aged lead takes the place of one that looks made up, when there is one.
async fn replace_or_assign(
    tx: &mut Tx,
    desk: &mut Desk,
    facts: &DeskLead,
    lead: &mut NewLead,
    chosen: Chosen,
    batch: &mut Batch,
) -> Result<LeadStatus> {
    let now = tx.now();
    let Some(aged) = replacement::replace(tx, desk, &chosen, facts).await? else {
        lead.was_replaced = Some(false);
        return Ok(assign(facts, lead, &chosen, batch, now));
    };
    lead.was_replaced = Some(true);
    lead.replacement_lead_id = Some(aged);
    lead.routing_reason = Some("replaced_by_lb".to_owned());
    Ok(LeadStatus::ReplacedByLb)
}

fn received_event(lead: &NewLead) -> Event {
    Event::new("lead_received", "lead", lead.id).entity(lead.entity_id).details(json!({
        "status": lead.status,
        "product": lead.product,
        "departement": lead.departement,
        "phone": phone::masked(&lead.phone),
        "lead_source_type": lead.lead_source_type,
        "delivery_id": lead.delivery_id,
        "buyer_id": lead.buyer_id,
        "reason": lead.routing_reason,
    }))
}
