//! `/api/search`: one box for whatever a person has in hand, a phone, a name, a number.

mod store;

use std::cmp::Reverse;

use kernel::{EntityId, Limit};
use leads::deliveries::model::DeliveryOutcome;
use leads::leads::store::{LeadFilter, LeadRow, list_leads};
use leads::rules::phone;
use platform::http::{Api, Guard, Json, Query};
use platform::{Ctx, Error, Permission, Result, Tx, reading};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use uuid::Uuid;

use self::store::{DeliveryHit, Way};
use super::widget::{WidgetError, widget};

/// Hits a section unless told, and at most.
const USUAL: u16 = 5;
const MOST: u16 = 20;

/// From so many digits on a phone is somebody's.
const WHOLE_PHONE: usize = 9;

/// Shorter texts find too much to mean anything.
const SHORTEST: usize = 2;
const LONGEST: usize = 200;

/// The routes of this module.
pub(super) fn routes(api: Api) -> Api {
    api.route(routes!(search), Guard::signed_in().scoped().fail_open())
}

/// What is looked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    /// The beginning of a phone in any spelling, of a name, an e-mail or a delivery's id; or a part of a buyer's name or
    /// e-mail, or of a product. Literal. Less than 2 characters find nothing.
    #[serde(default)]
    q: String,
    /// Hits a section, 1 to 20; 5 unless told.
    limit: Option<u16>,
}

/// What was found, in sections; those are missing that you may not see or that failed.
#[derive(Debug, Serialize, ToSchema)]
struct Found {
    /// Leads, the newest first. Needs leads.view.
    #[serde(skip_serializing_if = "Option::is_none")]
    leads: Option<Vec<Hit>>,
    /// Buyers by name, those that buy first. Needs clients.view.
    #[serde(skip_serializing_if = "Option::is_none")]
    buyers: Option<Vec<Hit>>,
    /// Orders by buyer or product, active ones first. Needs commandes.view.
    #[serde(skip_serializing_if = "Option::is_none")]
    orders: Option<Vec<Hit>>,
    /// Deliveries by phone, buyer or id, the newest first. Needs deliveries.view.
    #[serde(skip_serializing_if = "Option::is_none")]
    deliveries: Option<Vec<Hit>>,
    /// The sections that failed.
    #[serde(rename = "_errors")]
    errors: Vec<WidgetError>,
}

/// One thing that was found.
#[derive(Debug, Serialize, ToSchema)]
struct Hit {
    /// The thing.
    id: Uuid,
    /// What it is called.
    label: String,
    /// What tells it from others of its name.
    detail: String,
    /// Its entity, by code.
    entity: Option<String>,
    /// Where it stands: the state of a lead; of a delivery, or its outcome once it was returned; `active`, `inactive` or
    /// `archived` of a buyer or order.
    status: String,
}

/// Searches leads, buyers, orders and deliveries at once. Who looks by a whole phone or an e-mail is told in the event log, once an hour,
/// and not what he looked for.
#[utoipa::path(get, path = "/api/search", tag = "search", params(SearchQuery), responses((status = 200, body = Found)))]
async fn search(ctx: Ctx, Query(query): Query<SearchQuery>) -> Result<Json<Found>> {
    let wanted = Wanted::read(&query)?;
    if wanted.is_somebody() {
        // What was looked for stays unsaid.
        reading::record(&ctx, "person_searched", "tenant", ctx.tenant().id.uuid(), None).await?;
    }
    let mut errors = Vec::new();
    Ok(Json(Found {
        leads: section(&ctx, &wanted, ("leads", Permission::LeadsView), &mut errors, leads).await,
        buyers: section(&ctx, &wanted, ("buyers", Permission::ClientsView), &mut errors, buyers).await,
        orders: section(&ctx, &wanted, ("orders", Permission::CommandesView), &mut errors, orders).await,
        deliveries: section(&ctx, &wanted, ("deliveries", Permission::DeliveriesView), &mut errors, deliveries).await,
        errors,
    }))
}

/// What a person typed, as each section reads it.
#[derive(Debug)]
struct Wanted {
    text: String,
    /// How the phones begin that it could be.
    phone: Option<String>,
    /// The ids that begin like it, first and last.
    ids: Option<(Uuid, Uuid)>,
    limit: Limit,
}

impl Wanted {
    fn read(query: &SearchQuery) -> Result<Self> {
        let text = query.q.trim().to_owned();
        if text.chars().count() > LONGEST {
            return Err(Error::bad_parameter("q", format!("must have at most {LONGEST} characters")));
        }
        let limit = Some(query.limit.unwrap_or(USUAL)).filter(|limit| *limit <= MOST).and_then(Limit::try_new);
        let limit = limit.ok_or_else(|| Error::bad_parameter("limit", format!("must be between 1 and {MOST}")))?;
        Ok(Self { phone: phone::beginning(&text), ids: ids_beginning(&text), text, limit })
    }

    /// Whether it is what one person alone has: a whole phone, or an e-mail.
    fn is_somebody(&self) -> bool {
        let digits = self.text.chars().filter(char::is_ascii_digit).count();
        (self.phone.is_some() && digits >= WHOLE_PHONE) || self.text.parse::<kernel::Email>().is_ok()
    }

    fn is_too_short(&self) -> bool {
        self.text.chars().count() < SHORTEST
    }
}

/// The first and last id that begin with these hexadecimal digits. Eight of them are as many as a screen shows of an id; with
/// fewer, all of a day begin alike.
fn ids_beginning(text: &str) -> Option<(Uuid, Uuid)> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    if !(8..=32).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    // These are 32 hexadecimal digits; were they none of an id, there would be nothing to find by them.
    let filled = |with: &str| Uuid::try_parse(&format!("{digits}{}", with.repeat(32 - digits.len()))).ok();
    filled("0").zip(filled("f"))
}

async fn section(
    ctx: &Ctx,
    wanted: &Wanted,
    (key, permission): (&'static str, Permission),
    errors: &mut Vec<WidgetError>,
    read: impl AsyncFnOnce(&mut Tx, &Wanted) -> Result<Vec<Hit>>,
) -> Option<Vec<Hit>> {
    if !ctx.may(permission) {
        return None;
    }
    if wanted.is_too_short() {
        return Some(Vec::new());
    }
    widget(ctx, key, errors, async |tx: &mut Tx| read(tx, wanted).await).await
}

async fn leads(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Hit>> {
    let filter = LeadFilter {
        entities: tx.ctx().counted_entities(),
        search: Some(wanted.text.clone()),
        ..LeadFilter::default()
    };
    let rows = list_leads(tx, &filter, wanted.limit).await?;
    // A list reads one row more, to know of the next page.
    Ok(rows.iter().take(usize::from(wanted.limit.get())).map(|row| lead_hit(tx.ctx(), row)).collect())
}

fn lead_hit(ctx: &Ctx, lead: &LeadRow) -> Hit {
    let name = format!("{} {}", lead.prenom, lead.nom).trim().to_owned();
    let detail = [Some(lead.phone.as_str()), lead.product.as_deref(), Some(lead.departement.as_str())];
    Hit {
        id: lead.id.uuid(),
        label: if name.is_empty() { lead.email.clone() } else { name },
        detail: joined(detail.into_iter().flatten()),
        entity: lead.entity_id.map(|id| code(ctx, id)),
        status: lead.status.as_str().to_owned(),
    }
}

async fn buyers(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Hit>> {
    let rows = store::find_buyers(tx, wanted).await?;
    let hit = |row: store::BuyerHit| Hit {
        id: row.id.uuid(),
        label: row.name,
        detail: row.email,
        entity: Some(code(tx.ctx(), row.entity_id)),
        status: standing(row.active, row.archived).to_owned(),
    };
    Ok(rows.into_iter().map(hit).collect())
}

async fn orders(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Hit>> {
    let rows = store::find_orders(tx, wanted).await?;
    let hit = |row: store::OrderHit| Hit {
        id: row.id.uuid(),
        label: row.buyer_name,
        detail: joined([row.product.as_str(), &few(&row.departements)]),
        entity: Some(code(tx.ctx(), row.entity_id)),
        status: standing(row.active, row.archived).to_owned(),
    };
    Ok(rows.into_iter().map(hit).collect())
}

async fn deliveries(tx: &mut Tx, wanted: &Wanted) -> Result<Vec<Hit>> {
    let by_phone = wanted.phone.as_deref().map(Way::Phone);
    let by_id = wanted.ids.map(|(first, last)| Way::Id(first, last));
    let mut rows = Vec::new();
    for way in by_phone.into_iter().chain(by_id).chain([Way::Buyer(&wanted.text)]) {
        rows.extend(store::find_deliveries(tx, way, wanted.limit).await?);
    }
    rows.sort_by_key(|row| Reverse((row.created_at, row.id)));
    rows.dedup_by_key(|row| row.id);
    rows.truncate(usize::from(wanted.limit.get()));
    let hit = |row: DeliveryHit| Hit {
        id: row.id.uuid(),
        label: row.buyer_name,
        detail: joined([row.phone.as_str(), &row.product, &row.departement]),
        entity: Some(code(tx.ctx(), row.entity_id)),
        status: match row.outcome {
            None | Some(DeliveryOutcome::Accepted) => row.status.as_str().to_owned(),
            Some(returned) => returned.as_str().to_owned(),
        },
    };
    Ok(rows.into_iter().map(hit).collect())
}

fn code(ctx: &Ctx, id: EntityId) -> String {
    ctx.entity_code(id).to_owned()
}

fn standing(active: bool, archived: bool) -> &'static str {
    match (archived, active) {
        (true, _) => "archived",
        (false, true) => "active",
        (false, false) => "inactive",
    }
}

fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" · ")
}

/// The first of many départements.
fn few(departements: &[String]) -> String {
    let shown = departements.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    if departements.len() > 5 { format!("{shown}, …") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_hexadecimal_digits_and_more_are_the_beginning_of_an_id() {
        let bounds = |text: &str| ids_beginning(text).map(|(first, last)| format!("{first} {last}"));
        let expected = "019c4b2e-0000-0000-0000-000000000000 019c4b2e-ffff-ffff-ffff-ffffffffffff";
        assert_eq!(bounds("019c4b2e").as_deref(), Some(expected));
        let whole = "019c4b2e-1d7e-7abc-8def-0123456789ab";
        assert_eq!(bounds(whole), Some(format!("{whole} {whole}")));
        assert_eq!(bounds("019C4B2E-").as_deref(), Some(expected), "as it was copied");
        for text in ["019c4b2", "019c4b2g", "Durand", "é19c4b2e", &"0".repeat(33)] {
            assert_eq!(bounds(text), None, "{text}");
        }
    }
}
