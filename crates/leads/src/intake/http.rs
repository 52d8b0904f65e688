//! `POST /api/public/leads`.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use kernel::LeadId;
use platform::http::{Api, ClientIp, Guard, Json, Query, header, read_body};
use platform::{Ctx, Error, Kind, Platform, Result};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::UtoipaMethodRouterExt as _;
use utoipa_axum::routes;

use super::edge::{BODY_LIMIT, Edge, TenantQuery, is_own_origin};
use super::judge::{Answer, Refused};
use super::ops::{self, Receipt};
use super::payload::{Payload, Unusable};
use super::store::Quarantined;
use super::{Credential, Submission, credential};
use crate::leads::model::LeadStatus;

/// Anonymous submissions a minute and address.
const RATE_PER_ADDRESS: u32 = 60;
/// Anonymous submissions a minute and form.
const RATE_PER_FORM: u32 = 600;

/// The routes of this module.
pub fn routes(api: Api, edge: &Arc<Edge>) -> Api {
    api.route(routes!(post_lead).layer(Extension(Arc::clone(edge))), Guard::public())
}

/// A submission: JSON, JSON sent as `text/plain`, or a form post. Unknown fields are ignored.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[expect(dead_code, reason = "documents the fields; a submission is read tolerantly")]
struct SubmitLead {
    /// The visitor's session; suppliers send their own reference.
    session_id: String,
    /// The form's code, such as `PV-001`.
    form_code: String,
    /// The phone as typed.
    #[schema(examples("06 12 34 56 79"))]
    phone: String,
    /// The family name.
    nom: Option<String>,
    /// The first name.
    prenom: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// The département, or a postcode.
    #[schema(examples("75"))]
    departement: Option<String>,
    /// The entity, where form or key do not say it.
    entity: Option<String>,
    /// The product, where the form does not say it.
    produit: Option<String>,
    /// Whether the person consented. Never assumed.
    rgpd_consent: Option<bool>,
    /// The version of the text consented to.
    consent_text_version: Option<String>,
    /// Whether the person wants the newsletter.
    newsletter: Option<bool>,
    /// The landing page; falls back to the session's.
    lp_code: Option<String>,
    /// The page–form pair; falls back to the session's.
    liaison_code: Option<String>,
    /// Campaign; falls back to the session's.
    utm_source: Option<String>,
    /// Campaign; falls back to the session's.
    utm_medium: Option<String>,
    /// Campaign; falls back to the session's.
    utm_campaign: Option<String>,
    /// A supplier's key; `Authorization: Bearer prov_…` works too.
    api_key: Option<String>,
    /// The same as the header `Idempotency-Key`, for beacons.
    idempotency_key: Option<String>,
    /// Secondary field.
    civilite: Option<String>,
    /// Secondary field.
    ville: Option<String>,
    /// Secondary field.
    adresse: Option<String>,
    /// Secondary field.
    type_logement: Option<String>,
    /// Secondary field.
    statut_occupant: Option<String>,
    /// Secondary field.
    surface_habitable: Option<String>,
    /// Secondary field.
    annee_construction: Option<String>,
    /// Secondary field.
    type_chauffage: Option<String>,
    /// Secondary field.
    facture_electricite: Option<String>,
    /// Secondary field.
    facture_chauffage: Option<String>,
    /// Secondary field.
    type_projet: Option<String>,
    /// Secondary field.
    delai_projet: Option<String>,
    /// Secondary field.
    budget: Option<String>,
}

/// What became of a submission. Says nothing of buyers or of our reasons (L-46).
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LeadReceived {
    /// It is on record.
    success: bool,
    /// The lead; with `double_submit` the one recorded before.
    lead_id: LeadId,
    /// The lead's status, or `double_submit`.
    status: &'static str,
    /// The entity it belongs to.
    entity: Option<String>,
    /// The product it is for.
    produit: Option<String>,
    /// For people.
    message: &'static str,
}

/// Receives a lead. It is stored whatever happens; what cannot be used is kept in quarantine and answered with 4xx.
#[utoipa::path(post, path = "/api/public/leads", tag = "public", params(TenantQuery), request_body = SubmitLead,
    responses((status = 201, description = "Stored", body = LeadReceived), (status = 200, description = "Submitted before", body = LeadReceived)))]
async fn post_lead(
    State(platform): State<Platform>,
    Extension(edge): Extension<Arc<Edge>>,
    ClientIp(ip): ClientIp,
    Query(query): Query<TenantQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response> {
    let ip = ip.to_string();
    let content_type = header(&headers, "content-type").unwrap_or_default().to_owned();
    let door = Door { platform: &platform, edge: &edge, query: &query, headers: &headers };
    let keep = |reason: String, body: Vec<u8>| Quarantined {
        route: "/api/public/leads",
        reason,
        content_type: content_type.clone(),
        body,
        ip: ip.clone(),
    };
    let bytes = match read_body(body, BODY_LIMIT).await {
        Ok(bytes) => bytes,
        Err(error) => return Err(door.quarantine(keep(error.to_string(), Vec::new()), error).await),
    };
    let payload = match Payload::parse(&content_type, &bytes) {
        Ok(payload) => payload,
        Err(unusable) => {
            platform.limits().check("intake-address", &ip, RATE_PER_ADDRESS)?;
            let error = problem(&unusable);
            return Err(door.quarantine(keep(unusable.to_string(), bytes.to_vec()), error).await);
        }
    };
    match door.admit(payload, &ip).await {
        Ok((ctx, submission)) => match edge.batcher.submit(&ctx, submission).await? {
            Receipt { answer: Answer::Refused(error), .. } => Err(refusal(error)),
            receipt => Ok(received(&ctx, &receipt)),
        },
        // Over the rate nothing is kept: that is what the rate is for.
        Err(error) if error.kind() == Kind::Throttled || error.kind() == Kind::Unavailable => Err(error),
        Err(error) => Err(door.quarantine(keep(error.code().to_owned(), bytes.to_vec()), error).await),
    }
}

struct Door<'a> {
    platform: &'a Platform,
    edge: &'a Edge,
    query: &'a TenantQuery,
    headers: &'a HeaderMap,
}

impl Door<'_> {
    /// Rates, credential, tenant, origin: everything before the lead itself is looked at.
    async fn admit(&self, payload: Payload, ip: &str) -> Result<(Ctx, Submission)> {
        let credential = credential(&payload.api_key, header(self.headers, "authorization"));
        let unknown = || Error::unauthenticated("This key is not known or no longer valid.");
        let (ctx, key_hash) = match &credential {
            Credential::Anonymous => {
                let limits = self.platform.limits();
                limits.check("intake-address", ip, RATE_PER_ADDRESS)?;
                limits.check("intake-form", &payload.form_code, RATE_PER_FORM)?;
                (self.edge.tenant(self.platform, self.query, self.headers).await?, None)
            }
            Credential::ProviderKey(secret) => {
                let hash = platform::identity::keys::hash(secret);
                let hint = self.edge.key_hint(self.platform, &hash, secret).await?;
                let Some(hint) = hint else {
                    self.platform.limits().check("intake-address", ip, RATE_PER_ADDRESS)?;
                    return Err(unknown());
                };
                self.platform.limits().check(
                    "intake-key",
                    &secret.chars().rev().take(16).collect::<String>(),
                    hint.rate_per_minute,
                )?;
                let actor = platform::Actor::System("intake");
                (
                    self.platform
                        .act_in(hint.tenant, actor, header(self.headers, "x-request-id").unwrap_or_default())
                        .await?,
                    Some(hash),
                )
            }
            Credential::Unknown => {
                self.platform.limits().check("intake-address", ip, RATE_PER_ADDRESS)?;
                return Err(unknown());
            }
        };
        let origin =
            header(self.headers, "origin").filter(|origin| !is_own_origin(self.headers, origin)).map(str::to_owned);
        let in_body = Some(payload.idempotency_key.clone()).filter(|key| !key.is_empty());
        let idempotency_key = header(self.headers, "idempotency-key").map(str::to_owned).or(in_body);
        if idempotency_key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 255) {
            return Err(Error::bad_parameter("Idempotency-Key", "must be 1 to 255 visible ASCII characters"));
        }
        let request_id = header(self.headers, "x-request-id").unwrap_or_default().to_owned();
        let submission = Submission { payload, key_hash, origin, ip: ip.to_owned(), idempotency_key, request_id };
        Ok((ctx, submission))
    }

    /// Keeps the payload and gives the error to answer with: the first one, unless even keeping failed.
    async fn quarantine(&self, payload: Quarantined, error: Error) -> Error {
        let kept = async {
            let named = self.edge.tenant(self.platform, self.query, self.headers).await;
            let ctx = match named {
                Ok(ctx) => ctx,
                // A tenant that does not exist: the default tenant keeps what was meant for it.
                Err(_) => self.edge.tenant(self.platform, &TenantQuery::default(), self.headers).await?,
            };
            ops::quarantine(&ctx, &payload).await
        };
        match kept.await {
            Ok(()) => error,
            Err(failure) => failure,
        }
    }
}

fn problem(unusable: &Unusable) -> Error {
    let detail = format!("The submission was kept in quarantine: {unusable}.");
    match unusable {
        Unusable::Malformed(_) => Error::new(Kind::Malformed, "quarantined", detail),
        Unusable::Missing(field) => Error::new(Kind::Invalid, "quarantined", detail).with_field(*field, "is missing"),
        Unusable::Field(field, why) => Error::new(Kind::Invalid, "quarantined", detail).with_field(field.clone(), *why),
    }
}

fn refusal(refused: Refused) -> Error {
    match refused {
        Refused::UnknownKey => Error::unauthenticated("This key is not known or no longer valid."),
        Refused::Suspicious => Error::new(
            Kind::Invalid,
            "suspicious_provider_rejected",
            "This phone number is not accepted from a supplier.",
        )
        .with_field("phone", "looks made up"),
        Refused::Origin => Error::forbidden("origin_not_allowed", "This origin is not on the form's list."),
    }
}

fn received(ctx: &Ctx, receipt: &Receipt) -> Response {
    let (code, status, message) = match &receipt.answer {
        Answer::DoubleSubmit => (StatusCode::OK, "double_submit", "This was received a moment ago."),
        Answer::Stored(status) => (StatusCode::CREATED, public_status(*status), "Thank you, this was received."),
        Answer::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused", "This was not accepted."),
    };
    let body = LeadReceived {
        success: true,
        lead_id: receipt.lead_id,
        status,
        entity: receipt.entity.map(|id| ctx.entity_code(id).to_owned()),
        produit: receipt.product.clone(),
        message,
    };
    (code, Json(body)).into_response()
}

/// A lead whose place another took looks like any other to the person who sent it.
fn public_status(status: LeadStatus) -> &'static str {
    match status {
        LeadStatus::ReplacedByLb => LeadStatus::Routed.as_str(),
        other => other.as_str(),
    }
}
