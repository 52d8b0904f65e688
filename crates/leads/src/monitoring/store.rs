//! Every statement of the monitoring: counts over the leads and deliveries of a period, by index.

use jiff::SignedDuration;
use kernel::Timestamp;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::rules::monitoring::SourceCounts;

/// The leads and deliveries that are looked at.
pub(super) struct Asked {
    /// From this instant on.
    pub(super) since: Timestamp,
    /// Of one of these entities.
    pub(super) entities: Option<Vec<Uuid>>,
    /// For this product.
    pub(super) product: Option<String>,
}

/// The leads of a period, counted.
pub(super) struct LeadFigures {
    pub(super) total: u64,
    pub(super) placed: u64,
    pub(super) delivered: u64,
    pub(super) valid: u64,
    pub(super) delivered_valid: u64,
    pub(super) duplicates: u64,
    pub(super) suspicious: u64,
    pub(super) replaced: u64,
}

/// Counts the leads. A suspicious phone is callable too.
pub(super) async fn count_leads(tx: &mut Tx, asked: &Asked) -> Result<LeadFigures> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select count(*) as "total!", count(*) filter (where status in ('routed', 'livre')) as "placed!",
               count(*) filter (where status = 'livre') as "delivered!",
               count(*) filter (where phone_quality <> 'invalid') as "valid!",
               count(*) filter (where phone_quality <> 'invalid' and delivered_at is not null) as "delivered_valid!",
               count(*) filter (where status = 'duplicate') as "duplicates!",
               count(*) filter (where phone_quality = 'suspicious') as "suspicious!",
               count(*) filter (where was_replaced) as "replaced!"
           from leads.lead
           where tenant_id = $1 and created_at >= $2 and ($3::uuid[] is null or entity_id = any($3)) and ($4::text is null or product = $4)"#,
        tenant,
        asked.since as Timestamp,
        asked.entities.as_deref(),
        asked.product
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(LeadFigures {
        total: units(row.total),
        placed: units(row.placed),
        delivered: units(row.delivered),
        valid: units(row.valid),
        delivered_valid: units(row.delivered_valid),
        duplicates: units(row.duplicates),
        suspicious: units(row.suspicious),
        replaced: units(row.replaced),
    })
}

/// The hundred sources that brought most leads. A lead counts as rejected when any of its deliveries was.
pub(super) async fn count_by_source(tx: &mut Tx, asked: &Asked) -> Result<Vec<(String, SourceCounts)>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"with rejected as (
             select distinct lead_id from leads.delivery
             where tenant_id = $1 and outcome = 'rejected' and created_at >= $2
         )
         select l.source, count(*) as "total!", count(*) filter (where l.phone_quality <> 'invalid') as "valid!",
               count(*) filter (where l.phone_quality = 'suspicious') as "suspicious!",
               count(*) filter (where l.status = 'duplicate') as "duplicates!",
               count(*) filter (where l.delivered_at is not null) as "delivered!", count(r.lead_id) as "rejected!"
           from leads.lead l left join rejected r on r.lead_id = l.id
           where l.tenant_id = $1 and l.created_at >= $2 and ($3::uuid[] is null or l.entity_id = any($3))
             and ($4::text is null or l.product = $4)
           group by l.source order by count(*) desc, l.source limit 100"#,
        tenant,
        asked.since as Timestamp,
        asked.entities.as_deref(),
        asked.product
    )
    .fetch_all(tx.conn())
    .await?;
    let counts = rows.into_iter().map(|row| {
        let counts = SourceCounts {
            total: units(row.total),
            valid: units(row.valid),
            suspicious: units(row.suspicious),
            duplicates: units(row.duplicates),
            delivered: units(row.delivered),
            rejected: units(row.rejected),
        };
        (row.source, counts)
    });
    Ok(counts.collect())
}

/// How long after the person's lead before each duplicate came; the lead before may be older than the period.
pub(super) async fn list_duplicate_delays(tx: &mut Tx, asked: &Asked) -> Result<Vec<SignedDuration>> {
    let tenant = tx.tenant().uuid();
    let seconds = sqlx::query_scalar!(
        r#"select extract(epoch from l.created_at - before.created_at)::bigint as "seconds!"
           from leads.lead l
           cross join lateral (
               select b.created_at from leads.lead b
               where b.tenant_id = $1 and b.phone = l.phone and b.created_at < l.created_at
               order by b.created_at desc limit 1
           ) before
           where l.tenant_id = $1 and l.status = 'duplicate' and l.created_at >= $2 and ($3::uuid[] is null or l.entity_id = any($3))
             and ($4::text is null or l.product = $4)"#,
        tenant,
        asked.since as Timestamp,
        asked.entities.as_deref(),
        asked.product
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(seconds.into_iter().map(SignedDuration::from_secs).collect())
}

/// People who came in by two sources within a period.
pub(super) struct SourcePair {
    pub(super) first: String,
    pub(super) later: String,
    pub(super) people: u64,
}

/// The hundred pairs of sources that brought the same people most often, by which came first.
pub(super) async fn count_source_pairs(tx: &mut Tx, asked: &Asked) -> Result<Vec<SourcePair>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query!(
        r#"with seen as (
               select phone, source, min(created_at) as first_at from leads.lead
               where tenant_id = $1 and created_at >= $2 and phone_quality <> 'invalid' and erased_at is null
                 and ($3::uuid[] is null or entity_id = any($3)) and ($4::text is null or product = $4)
               group by phone, source
           )
           select a.source as first, b.source as later, count(*) as "people!"
           from seen a join seen b on b.phone = a.phone and b.first_at > a.first_at
           group by a.source, b.source order by count(*) desc, a.source, b.source limit 100"#,
        tenant,
        asked.since as Timestamp,
        asked.entities.as_deref(),
        asked.product
    )
    .fetch_all(tx.conn())
    .await?;
    let pairs = rows.into_iter();
    Ok(pairs.map(|row| SourcePair { first: row.first, later: row.later, people: units(row.people) }).collect())
}

/// Different phones of a period.
pub(super) struct PhoneFigures {
    pub(super) unique: u64,
    pub(super) in_several: u64,
}

/// Counts people, and those who came in for several entities. Whose leads are not in scope is not looked at, so that only
/// who sees several entities sees their overlap.
pub(super) async fn count_phones(tx: &mut Tx, asked: &Asked) -> Result<PhoneFigures> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select count(*) as "unique!", count(*) filter (where entities > 1) as "in_several!"
           from (
               select count(distinct owner_entity_id) as entities from leads.lead
               where tenant_id = $1 and created_at >= $2 and phone_quality <> 'invalid' and erased_at is null
                 and ($3::text is null or product = $3)
               group by phone
               having $4::uuid[] is null or bool_or(owner_entity_id = any($4))
           ) person"#,
        tenant,
        asked.since as Timestamp,
        asked.product,
        asked.entities.as_deref()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(PhoneFigures { unique: units(row.unique), in_several: units(row.in_several) })
}

/// The deliveries of a period.
pub(super) struct DeliveryFigures {
    pub(super) total: u64,
    pub(super) cross_entity: u64,
    pub(super) shared: u64,
    pub(super) shared_fallbacks: u64,
}

/// Counts the deliveries routed in the period.
pub(super) async fn count_deliveries(tx: &mut Tx, asked: &Asked) -> Result<DeliveryFigures> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query!(
        r#"select count(*) as "total!", count(*) filter (where routing_mode = 'fallback_no_orders') as "cross_entity!",
               count(*) filter (where is_shared_client_30d) as "shared!",
               count(*) filter (where overlap_fallback_delivery) as "shared_fallbacks!"
           from leads.delivery
           where tenant_id = $1 and created_at >= $2 and ($3::uuid[] is null or entity_id = any($3)) and ($4::text is null or product = $4)"#,
        tenant,
        asked.since as Timestamp,
        asked.entities.as_deref(),
        asked.product
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(DeliveryFigures {
        total: units(row.total),
        cross_entity: units(row.cross_entity),
        shared: units(row.shared),
        shared_fallbacks: units(row.shared_fallbacks),
    })
}

fn units(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
