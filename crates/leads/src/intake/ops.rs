//! Receiving a batch of submissions in one transaction: credential, phone, validity, double submit, entity and product,
//! gating, status, routing, in the order of spec 5.1.

use std::collections::{BTreeSet, HashMap};

use kernel::{Email, EntityId, LeadId};
use platform::{Ctx, Event, Result, Settings, Tx};
use serde_json::json;
use uuid::Uuid;

use super::Submission;
use super::store::{self, Batch, Claim, KeyedProvider, NewLead, Quarantined, SessionTraits, Unassigned};
use crate::leads::model::LeadStatus;
use crate::routing::desk::Desk;
use crate::routing::jobs::request_sweep;
use crate::routing::model::{Chosen, DeskLead, Verdict};
use crate::routing::{ROUTING_LOCK, replacement};
use crate::rules::departement::{Departement, DepartementPolicy};
use crate::rules::intake::{
    self as rules, Caller, Claims, Consent, FormMap, FormTarget, InitialStatus, IntakeFacts, LeadSourceType,
    SourceGating, Target, UnmappedForms,
};
use crate::rules::phone::{self, Normalised, PhonePolicy, PhoneQuality};
use crate::settings::model::FormsConfig;

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

/// How a submission was answered.
#[derive(Debug)]
pub enum Answer {
    /// Stored with this status.
    Stored(LeadStatus),
    /// Stored before, within five seconds or under the same idempotency key.
    DoubleSubmit,
    /// Not stored as a lead.
    Refused(Refused),
}

/// Why a submission was not stored as a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The supplier's key is no longer valid.
    UnknownKey,
    /// A supplier sent a number that looks made up.
    Suspicious,
    /// A browser posted from an origin that the form does not list.
    Origin,
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
    for candidate in &candidates {
        if let Some(lead) = candidate.lead.as_deref().filter(|_| candidate.is_stored()) {
            tx.emit(received_event(lead));
            batch.leads.push(lead.clone());
        }
    }
    if !batch.leads.is_empty() {
        store::insert_batch(&mut tx, &batch).await?;
    }
    tx.commit().await?;
    Ok(candidates.into_iter().map(Candidate::receipt).collect())
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

/// The settings and the catalogue, as intake needs them.
struct Policies {
    all: Settings,
    forms: FormsConfig,
    form_map: FormMap,
    gating: SourceGating,
    phones: PhonePolicy,
    departements: DepartementPolicy,
    products: BTreeSet<String>,
}

impl Policies {
    async fn read(tx: &mut Tx) -> Result<Self> {
        let all = tx.settings("leads.").await?;
        let forms = all.get::<FormsConfig>()?;
        let form_map = forms
            .forms
            .iter()
            .map(|(code, form)| {
                let target = FormTarget { entity: Some(form.entity.clone()), produit: Some(form.produit.clone()) };
                (code.clone(), target)
            })
            .collect();
        Ok(Self {
            form_map,
            forms,
            gating: all.get()?,
            phones: all.get()?,
            departements: all.get()?,
            products: catalog::store::list_active_codes(tx).await?,
            all,
        })
    }
}

/// What is on record of the callers of a batch.
struct Known {
    providers: HashMap<Vec<u8>, KeyedProvider>,
    sessions: HashMap<Uuid, SessionTraits>,
    repeats: HashMap<String, LeadId>,
}

impl Known {
    async fn read(tx: &mut Tx, submissions: &[Submission]) -> Result<Self> {
        let hashes: BTreeSet<Vec<u8>> = submissions.iter().filter_map(|s| s.key_hash.clone()).collect();
        let sessions: BTreeSet<Uuid> = submissions.iter().filter_map(|s| s.payload.session_id.parse().ok()).collect();
        let keys: BTreeSet<String> = submissions.iter().filter_map(|s| s.idempotency_key.clone()).collect();
        Ok(Self {
            providers: store::find_providers(tx, &hashes.into_iter().collect::<Vec<_>>()).await?,
            sessions: store::find_sessions(tx, &sessions.into_iter().collect::<Vec<_>>()).await?,
            repeats: store::find_by_idempotency_keys(tx, &keys.into_iter().collect::<Vec<_>>()).await?,
        })
    }
}

/// A submission on its way to a receipt.
struct Candidate {
    /// The lead as it would be stored; none when it is refused.
    lead: Option<Box<NewLead>>,
    /// Its département, when it is one.
    departement: Option<Departement>,
    /// Whether the form is ours and the number looks made up: an aged lead may take its place.
    may_be_replaced: bool,
    answer: Answer,
}

impl Candidate {
    fn refused(refused: Refused) -> Self {
        Self { lead: None, departement: None, may_be_replaced: false, answer: Answer::Refused(refused) }
    }

    fn is_stored(&self) -> bool {
        matches!(self.answer, Answer::Stored(_))
    }

    fn receipt(self) -> Receipt {
        let lead = self.lead.as_deref();
        Receipt {
            lead_id: lead.map_or(LeadId::from_uuid(Uuid::nil()), |lead| lead.id),
            entity: lead.and_then(|lead| lead.entity_id),
            product: lead.and_then(|lead| lead.product.clone()),
            answer: self.answer,
        }
    }
}

/// Steps 1 to 9: what the lead is, without looking at any other.
fn judge(tx: &Tx, policies: &Policies, known: &Known, submission: &Submission) -> Candidate {
    let payload = &submission.payload;
    let provider = match &submission.key_hash {
        None => None,
        Some(hash) => match known.providers.get(hash) {
            Some(provider) => Some(provider),
            None => return Candidate::refused(Refused::UnknownKey),
        },
    };
    let form = policies.forms.forms.get(&payload.form_code);
    let listed = |origin: &String| form.is_some_and(|form| form.allowed_origins.contains(origin));
    if submission.origin.as_ref().is_some_and(|origin| !listed(origin)) {
        return Candidate::refused(Refused::Origin);
    }
    let ctx = tx.ctx();
    let caller =
        provider.map_or(Caller::Anonymous, |provider| Caller::Supplier { entity: ctx.entity_code(provider.entity_id) });
    let phone = phone::normalise(&payload.phone, &policies.phones);
    if rules::refuses_suspicious(caller, phone.quality) {
        return Candidate::refused(Refused::Suspicious);
    }
    let entities = ctx.tenant().entities.iter().map(|entity| entity.code.clone()).collect();
    let registry = rules::Registry {
        entities: &entities,
        products: &policies.products,
        forms: &[&policies.form_map],
        unmapped_forms: UnmappedForms::Hold,
    };
    let claims = Claims { form_code: &payload.form_code, entity: &payload.entity, produit: &payload.produit };
    let target = rules::resolve_target(caller, &claims, &registry);
    let session = payload.session_id.parse().ok().and_then(|id: Uuid| known.sessions.get(&id));
    let by_contract =
        provider.is_some_and(|p| p.consent_by_contract) || form.is_some_and(|form| form.consent_by_contract);
    let consent = match payload.rgpd_consent {
        _ if by_contract => Consent::CollectedByContract,
        Some(true) => Consent::Given,
        _ => Consent::Missing,
    };
    let departement = policies.departements.parse(&payload.departement);
    let lead = draft(tx, &Draft { submission, provider, session, phone: &phone, target: &target, departement, caller });
    let facts = IntakeFacts {
        quality: phone.quality,
        nom: &lead.nom,
        departement,
        source: &lead.source,
        gating: &policies.gating,
        consent,
        target: &target,
    };
    let (initial, hold_reason) = rules::initial_status(&facts);
    let status = stored_status(initial);
    let may_be_replaced =
        phone.quality == PhoneQuality::Suspicious && lead.lead_source_type == LeadSourceType::InternalLp.as_str();
    let lead = NewLead { status: status.as_str(), hold_reason, ..lead };
    Candidate { lead: Some(Box::new(lead)), departement, may_be_replaced, answer: Answer::Stored(status) }
}

fn stored_status(initial: InitialStatus) -> LeadStatus {
    match initial {
        InitialStatus::New => LeadStatus::New,
        InitialStatus::Invalid => LeadStatus::Invalid,
        InitialStatus::HoldSource => LeadStatus::HoldSource,
        InitialStatus::PendingConfig => LeadStatus::PendingConfig,
    }
}

struct Draft<'a> {
    submission: &'a Submission,
    provider: Option<&'a KeyedProvider>,
    session: Option<&'a SessionTraits>,
    phone: &'a Normalised,
    target: &'a Target,
    departement: Option<Departement>,
    caller: Caller<'a>,
}

/// The lead as it would be stored, its status still open.
fn draft(tx: &Tx, draft: &Draft<'_>) -> NewLead {
    let (payload, session, now) = (&draft.submission.payload, draft.session, tx.now());
    let entity = draft.target.entity.as_deref().and_then(|code| tx.ctx().entity_by_code(code));
    let or_session = |own: &str, of_session: fn(&SessionTraits) -> &String| -> String {
        if own.is_empty() { session.map(of_session).cloned().unwrap_or_default() } else { own.to_owned() }
    };
    let lp_code = or_session(&payload.lp_code, |session| &session.lp_code);
    let session_source = session.map(|session| session.utm_source.as_str()).unwrap_or_default();
    let said = payload.rgpd_consent.is_some();
    NewLead {
        id: LeadId::generate(now),
        entity_id: entity.map(|entity| entity.id),
        owner_entity_id: entity.map(|entity| entity.id),
        serving_entity_id: None,
        product: draft.target.produit.clone(),
        departement: draft
            .departement
            .map_or_else(|| payload.departement.chars().take(10).collect(), |d| d.code().to_owned()),
        phone: draft.phone.phone.clone(),
        phone_quality: draft.phone.quality.as_str(),
        nom: payload.nom.clone(),
        prenom: payload.prenom.clone(),
        email: tidy_email(&payload.email),
        status: LeadStatus::New.as_str(),
        hold_reason: None,
        routing_reason: None,
        entity_locked: draft.target.entity_locked,
        provider_id: draft.provider.map(|provider| provider.id),
        lead_source_type: rules::lead_source_type(draft.caller, &lp_code).as_str(),
        session_id: payload.session_id.clone(),
        form_code: payload.form_code.clone(),
        source: rules::source(session_source, &payload.utm_source, &lp_code).to_owned(),
        lp_code,
        liaison_code: or_session(&payload.liaison_code, |session| &session.liaison_code),
        utm_source: or_session(&payload.utm_source, |session| &session.utm_source),
        utm_medium: or_session(&payload.utm_medium, |session| &session.utm_medium),
        utm_campaign: or_session(&payload.utm_campaign, |session| &session.utm_campaign),
        ip: draft.submission.ip.clone(),
        custom_fields: payload.custom_fields.clone(),
        consent: payload.rgpd_consent,
        consent_text_version: Some(payload.consent_text_version.clone()).filter(|version| !version.is_empty()),
        consent_at: said.then_some(now),
        consent_ip: said.then(|| draft.submission.ip.clone()),
        newsletter: payload.newsletter,
        delivery_id: None,
        buyer_id: None,
        routed_at: None,
        was_replaced: None,
        replacement_lead_id: None,
        idempotency_key: draft.submission.idempotency_key.clone(),
        visitor_session: session.map(|session| session.id),
        provider_day: draft.provider.and(entity).map(|entity| now.date_in(&entity.zone)),
    }
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

/// An address worth keeping: as typed when it is not one, since the lead is kept as it came.
fn tidy_email(text: &str) -> String {
    text.parse::<Email>().map_or_else(|_| text.to_owned(), |email| email.as_str().to_owned())
}
