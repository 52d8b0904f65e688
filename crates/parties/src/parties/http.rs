//! Routes of parties.

use axum::http::StatusCode;
use kernel::{Email, Page, PartyId, Timestamp};
use platform::http::{Api, Guard, IdCursor, Json, Path, Query, Tagged, limit};
use platform::{Ctx, Permission, Result, reading};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::identity::PartyIdentity;
use super::model::{CreateParty, Kind, Party, PartyRole, UpdateParty};
use super::ops;
use super::store::{self, PartyFilter};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let view = || Guard::permit(Permission::ClientsView);
    api.route(routes!(list_parties), view())
        .route(routes!(create_party), Guard::permit(Permission::ClientsCreate))
        .route(routes!(get_party), view())
        .route(routes!(update_party), Guard::permit(Permission::ClientsEdit))
}

/// A party as people see it.
#[derive(Debug, Serialize, ToSchema)]
struct PartyView {
    /// The party.
    id: PartyId,
    /// Its code, which never changes: its auxiliary account in the books.
    code: String,
    /// The entity it belongs to, by code; empty when every entity sees it.
    entity: Option<String>,
    /// A person or an organisation.
    kind: Kind,
    /// What it is to you.
    roles: Vec<PartyRole>,
    /// Its name.
    name: String,
    /// Whom to ask for.
    contact_name: String,
    /// The main address.
    email: Option<Email>,
    /// The phone.
    phone: String,
    /// Free text.
    notes: String,
    /// VAT in percent.
    vat_rate: Decimal,
    /// Days it may take to pay.
    payment_terms_days: i32,
    /// Whether it buys for itself and not for a business.
    is_consumer: bool,
    #[serde(flatten)]
    identity: PartyIdentity,
    /// The fields that an invoice to it still needs.
    missing: Vec<&'static str>,
    /// When it was archived.
    archived_at: Option<Timestamp>,
    /// When it was created.
    created_at: Timestamp,
    /// When it was last changed.
    updated_at: Timestamp,
    /// What the caller may do with it now: `edit`.
    can: Vec<&'static str>,
}

impl PartyView {
    fn of(ctx: &Ctx, party: Party) -> Self {
        let may_edit = party.archived_at.is_none() && ctx.may(Permission::ClientsEdit);
        Self {
            missing: party.missing_for_invoice(),
            id: party.id,
            code: party.code,
            entity: party.entity_id.map(|id| ctx.entity_code(id).to_owned()),
            kind: party.kind,
            roles: party.roles,
            name: party.fields.name,
            contact_name: party.fields.contact_name,
            email: party.fields.email,
            phone: party.fields.phone,
            notes: party.fields.notes,
            vat_rate: party.fields.vat_rate,
            payment_terms_days: party.fields.payment_terms_days,
            is_consumer: party.fields.is_consumer,
            identity: party.fields.identity,
            archived_at: party.archived_at,
            created_at: party.created_at,
            updated_at: party.updated_at,
            can: may_edit.then_some("edit").into_iter().collect(),
        }
    }
}

/// Which parties.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PartyQuery {
    /// The entity, by code; those in scope when left out.
    entity: Option<String>,
    /// Only those that are this to you.
    role: Option<PartyRole>,
    /// Literal text in code, names, contact, e-mail or SIREN.
    search: Option<String>,
    /// Archived ones too.
    archived: Option<bool>,
    /// Rows per page, 1 to 200.
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Lists customers, suppliers and buyers, newest first.
#[utoipa::path(get, path = "/api/parties", tag = "parties", params(PartyQuery), responses((status = 200, body = Page<PartyView>)))]
async fn list_parties(ctx: Ctx, Query(query): Query<PartyQuery>) -> Result<Json<Page<PartyView>>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let rows = limit(query.limit)?;
    let filter = PartyFilter {
        role: query.role,
        search: query.search,
        archived: query.archived.unwrap_or(false),
        before: query.cursor.as_deref().map(IdCursor::decode).transpose()?,
    };
    let mut tx = ctx.read().await?;
    let parties = store::list_parties(&mut tx, &filter, rows).await?;
    let page = IdCursor::cut(parties, rows, |party| party.id.uuid());
    Ok(Json(page.map(|party| PartyView::of(&ctx, party))))
}

/// Creates a customer or a supplier.
#[utoipa::path(post, path = "/api/parties", tag = "parties", request_body = CreateParty, responses((status = 201, body = PartyView)))]
async fn create_party(ctx: Ctx, Json(command): Json<CreateParty>) -> Result<(StatusCode, Tagged<PartyView>)> {
    let entity = ctx.write_entity(command.entity.as_deref())?.id;
    let mut tx = ctx.begin().await?;
    let party = ops::create_party(&mut tx, entity, command).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Tagged(party.updated_at, PartyView::of(&ctx, party))))
}

/// One customer, supplier or buyer. Who opens it is told in the event log, once an hour.
#[utoipa::path(get, path = "/api/parties/{id}", tag = "parties", params(("id" = PartyId, Path)), responses((status = 200, body = PartyView)))]
async fn get_party(ctx: Ctx, Path(id): Path<PartyId>) -> Result<Tagged<PartyView>> {
    let mut tx = ctx.read().await?;
    let party = store::get_party(&mut tx, id).await?;
    drop(tx);
    reading::record(&ctx, "party_opened", "party", id.uuid(), party.entity_id).await?;
    Ok(Tagged(party.updated_at, PartyView::of(&ctx, party)))
}

/// Changes a customer or a supplier; what is left out stays, `null` clears. Its code and its entity never change.
#[utoipa::path(put, path = "/api/parties/{id}", tag = "parties", params(("id" = PartyId, Path), ("If-Match" = Option<String>, Header, description = "The `ETag` of the version the change is made to; refused when there is a newer one.")), request_body = UpdateParty, responses((status = 200, body = PartyView)))]
async fn update_party(
    ctx: Ctx,
    Path(id): Path<PartyId>,
    Json(command): Json<UpdateParty>,
) -> Result<Tagged<PartyView>> {
    let mut tx = ctx.begin().await?;
    let party = ops::change_party(&mut tx, id, command).await?;
    tx.commit().await?;
    Ok(Tagged(party.updated_at, PartyView::of(&ctx, party)))
}
