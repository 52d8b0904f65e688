//! `/api/monitoring/intelligence`.

use std::collections::BTreeMap;

use platform::http::{Api, Guard, Json, Query};
use platform::{Ctx, Permission, Result};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::store::{self, Asked, SourcePair};
use crate::rules::monitoring::{DelayBucket, QualityCounts, QualityRates, SourceCounts, SourceScore, rate_pct};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(intelligence), Guard::permit(Permission::DashboardView))
}

/// How far back.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
enum Range {
    /// 24 hours.
    #[serde(rename = "24h")]
    Day,
    /// 7 days.
    #[default]
    #[serde(rename = "7d")]
    Week,
    /// 30 days.
    #[serde(rename = "30d")]
    Month,
    /// 90 days.
    #[serde(rename = "90d")]
    Quarter,
}

impl Range {
    const fn days(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }
}

/// What to look at.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct MonitoringQuery {
    /// How far back; 7 days unless told.
    #[serde(default)]
    #[param(inline)]
    range: Range,
    /// Only for this product.
    product: Option<String>,
    /// Only of this entity, by code.
    entity: Option<String>,
}

/// What a period came to.
#[derive(Debug, Serialize, ToSchema)]
struct Intelligence {
    /// The period.
    range: Range,
    /// The leads and their quality.
    quality: Quality,
    /// The hundred sources that brought most leads.
    sources: Vec<SourceView>,
    /// The hundred pairs of sources that brought the same people most often.
    conflicts: Vec<SourceConflict>,
    /// Duplicates.
    duplicates: Duplicates,
    /// People who reached several entities.
    cannibalisation: Cannibalisation,
    /// Aged leads in the place of suspicious ones.
    lb_usage: LbUsage,
    /// Companies that several entities serve.
    shared_buyers: SharedBuyers,
    /// Leads served by another entity than their own.
    cross_entity: CrossEntity,
}

/// The leads and their quality.
#[derive(Debug, Serialize, ToSchema)]
struct Quality {
    /// Leads.
    total: u64,
    /// Those with a callable phone.
    valid: u64,
    /// Those routed or delivered.
    placed: u64,
    /// Those delivered and not returned.
    delivered: u64,
    /// The rates.
    #[serde(flatten)]
    rates: QualityRates,
}

/// Two sources that brought the same people.
#[derive(Debug, Serialize, ToSchema)]
struct SourceConflict {
    /// The source that brought them first; empty when none was given.
    first: String,
    /// The one that brought them again.
    later: String,
    /// How many.
    people: u64,
}

/// A source.
#[derive(Debug, Serialize, ToSchema)]
struct SourceView {
    /// Its name; empty when none was given.
    source: String,
    /// Leads.
    total: u64,
    /// Its rates and scores.
    #[serde(flatten)]
    score: SourceScore,
}

/// Duplicates.
#[derive(Debug, Serialize, ToSchema)]
struct Duplicates {
    /// Leads that every buyer had within 30 days.
    count: u64,
    /// Of all leads.
    rate_pct: Decimal,
    /// How long after the person's lead before; every bucket has its key.
    by_delay: BTreeMap<&'static str, u64>,
}

/// People who reached several entities.
#[derive(Debug, Serialize, ToSchema)]
struct Cannibalisation {
    /// Different phones.
    unique_phones: u64,
    /// Those that came in for several entities.
    in_several_entities: u64,
    /// Of all different phones.
    rate_pct: Decimal,
}

/// Aged leads in the place of suspicious ones.
#[derive(Debug, Serialize, ToSchema)]
struct LbUsage {
    /// Suspicious leads.
    suspicious: u64,
    /// Those whose place an aged one took.
    replaced: u64,
    /// Of all suspicious ones.
    rate_pct: Decimal,
}

/// Companies that several entities serve.
#[derive(Debug, Serialize, ToSchema)]
struct SharedBuyers {
    /// Deliveries to companies that another entity served within 30 days.
    deliveries: u64,
    /// Those delivered all the same for want of another buyer.
    fallbacks: u64,
    /// Of them.
    fallback_pct: Decimal,
}

/// Leads served by another entity than their own.
#[derive(Debug, Serialize, ToSchema)]
struct CrossEntity {
    /// Deliveries.
    deliveries: u64,
    /// Those by another entity.
    fallbacks: u64,
    /// Of all deliveries.
    rate_pct: Decimal,
}

/// What sources, duplicates, entities and aged leads came to over a period.
#[utoipa::path(get, path = "/api/monitoring/intelligence", tag = "dashboard", params(MonitoringQuery), responses((status = 200, body = Intelligence)))]
async fn intelligence(ctx: Ctx, Query(query): Query<MonitoringQuery>) -> Result<Json<Intelligence>> {
    let ctx = ctx.within(query.entity.as_deref())?;
    let asked = Asked {
        since: ctx.now().minus_days(query.range.days()),
        entities: ctx.counted_entities(),
        product: query.product,
    };
    let mut tx = ctx.read().await?;
    let leads = store::count_leads(&mut tx, &asked).await?;
    let sources = store::count_by_source(&mut tx, &asked).await?;
    let conflicts = store::count_source_pairs(&mut tx, &asked).await?;
    let delays = store::list_duplicate_delays(&mut tx, &asked).await?;
    let phones = store::count_phones(&mut tx, &asked).await?;
    let deliveries = store::count_deliveries(&mut tx, &asked).await?;

    let mut by_delay: BTreeMap<_, u64> = DelayBucket::ALL.iter().map(|bucket| (bucket.as_str(), 0)).collect();
    for delay in delays {
        *by_delay.entry(DelayBucket::for_delay(delay).as_str()).or_default() += 1;
    }
    let quality = QualityCounts {
        total: leads.total,
        placed: leads.placed,
        valid_phones: leads.valid,
        delivered_valid: leads.delivered_valid,
    };
    let source =
        |(source, counts): (String, SourceCounts)| SourceView { source, total: counts.total, score: counts.score() };
    let conflict = |SourcePair { first, later, people }| SourceConflict { first, later, people };
    Ok(Json(Intelligence {
        range: query.range,
        quality: Quality {
            total: leads.total,
            valid: leads.valid,
            placed: leads.placed,
            delivered: leads.delivered,
            rates: quality.rates(),
        },
        sources: sources.into_iter().map(source).collect(),
        conflicts: conflicts.into_iter().map(conflict).collect(),
        duplicates: Duplicates { count: leads.duplicates, rate_pct: rate_pct(leads.duplicates, leads.total), by_delay },
        cannibalisation: Cannibalisation {
            unique_phones: phones.unique,
            in_several_entities: phones.in_several,
            rate_pct: rate_pct(phones.in_several, phones.unique),
        },
        lb_usage: LbUsage {
            suspicious: leads.suspicious,
            replaced: leads.replaced,
            rate_pct: rate_pct(leads.replaced, leads.suspicious),
        },
        shared_buyers: SharedBuyers {
            deliveries: deliveries.shared,
            fallbacks: deliveries.shared_fallbacks,
            fallback_pct: rate_pct(deliveries.shared_fallbacks, deliveries.shared),
        },
        cross_entity: CrossEntity {
            deliveries: deliveries.total,
            fallbacks: deliveries.cross_entity,
            rate_pct: rate_pct(deliveries.cross_entity, deliveries.total),
        },
    }))
}
