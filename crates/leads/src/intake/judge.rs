//! What a submission is, looked at by itself: steps 1 to 9 of spec 5.1 (credential, phone, validity, entity and product,
//! gating, status).

use std::collections::{BTreeSet, HashMap};

use kernel::{Email, LeadId};
use platform::{Result, Settings, Tx};
use uuid::Uuid;

use super::Submission;
use super::store::{self, KeyedProvider, NewLead, SessionTraits};
use crate::leads::model::LeadStatus;
use crate::rules::departement::{Departement, DepartementPolicy};
use crate::rules::intake::{
    self as rules, Caller, Claims, Consent, FormMap, FormTarget, InitialStatus, IntakeFacts, LeadSourceType,
    SourceGating, Target, UnmappedForms,
};
use crate::rules::phone::{self, Normalised, PhonePolicy, PhoneQuality};
use crate::settings::model::FormsConfig;

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

/// The settings and the catalogue, as intake needs them.
pub struct Policies {
    /// Every setting of leads.
    pub all: Settings,
    forms: FormsConfig,
    form_map: FormMap,
    gating: SourceGating,
    phones: PhonePolicy,
    departements: DepartementPolicy,
    products: BTreeSet<String>,
}

impl Policies {
    /// Reads them as they stand.
    pub async fn read(tx: &mut Tx) -> Result<Self> {
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
pub struct Known {
    /// By the hash of their keys.
    pub providers: HashMap<Vec<u8>, KeyedProvider>,
    sessions: HashMap<Uuid, SessionTraits>,
    /// Leads stored under the idempotency keys of the batch.
    pub repeats: HashMap<String, LeadId>,
}

impl Known {
    /// Looks them up, all at once.
    pub async fn read(tx: &mut Tx, submissions: &[Submission]) -> Result<Self> {
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
pub struct Candidate {
    /// The lead as it would be stored; none when it is refused.
    pub lead: Option<Box<NewLead>>,
    /// Its département, when it is one.
    pub departement: Option<Departement>,
    /// Whether the form is ours and the number looks made up: an aged lead may take its place.
    pub may_be_replaced: bool,
    /// The answer so far.
    pub answer: Answer,
}

impl Candidate {
    fn refused(refused: Refused) -> Self {
        Self { lead: None, departement: None, may_be_replaced: false, answer: Answer::Refused(refused) }
    }

    /// Whether it becomes a lead.
    pub fn is_stored(&self) -> bool {
        matches!(self.answer, Answer::Stored(_))
    }
}

/// Steps 1 to 9: what the lead is, without looking at any other.
pub fn judge(tx: &Tx, policies: &Policies, known: &Known, submission: &Submission) -> Candidate {
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

/// An address worth keeping: as typed when it is not one, since the lead is kept as it came.
fn tidy_email(text: &str) -> String {
    text.parse::<Email>().map_or_else(|_| text.to_owned(), |email| email.as_str().to_owned())
}
