//! Control totals: what every table holds of every tenant, so that a restored database can be compared with the original.

use std::collections::BTreeMap;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::Result;

/// By tenant's slug (empty for tables without a tenant), then by table: the number of its rows as `rows`, and the sum of each
/// column of exact numbers by its name. `platform.event_seal` has the last seal as `last_hash`. What is nothing is left out.
pub type Totals = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

/// Adds up everything, in the transaction of `owner`, who must be able to read every tenant's rows. It looks for tables and
/// columns in the catalogue, so that it serves older schemas too, and no table can be forgotten.
pub async fn read_totals(owner: &mut PgConnection) -> Result<Totals> {
    let tables: Vec<(String, String, bool, Vec<String>)> = sqlx::query_as(
        "select format('%I.%I', n.nspname, c.relname), n.nspname || '.' || c.relname,
             coalesce(bool_or(a.attname = 'tenant_id'), false),
             coalesce(array_agg(a.attname::text order by a.attname) filter (where a.atttypid = 'numeric'::regtype), '{}')
         from pg_class c
         join pg_namespace n on n.oid = c.relnamespace
         left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
         where c.relkind in ('r', 'p') and not c.relispartition
           and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
         group by 1, 2 order by 2",
    )
    .fetch_all(&mut *owner)
    .await?;
    let mut totals = Totals::new();
    for (quoted, name, of_tenants, sums) in tables {
        let rows: Vec<(String, i64, Vec<Option<String>>)> =
            sqlx::query_as(AssertSqlSafe(statement(&quoted, of_tenants, &sums))).fetch_all(&mut *owner).await?;
        for (tenant, count, added) in rows.into_iter().filter(|(_, count, _)| *count > 0) {
            let of_table = totals.entry(tenant).or_default().entry(name.clone()).or_default();
            of_table.insert("rows".to_owned(), count.to_string());
            let added = sums.iter().cloned().zip(added).filter_map(|(column, sum)| Some((column, sum?)));
            of_table.extend(added);
        }
    }
    add_seals(owner, &mut totals).await?;
    Ok(totals)
}

fn statement(table: &str, of_tenants: bool, sums: &[String]) -> String {
    let quoted = sums.iter().map(|column| format!("sum(\"{}\")::text", column.replace('"', "\"\"")));
    let sums = quoted.collect::<Vec<_>>().join(", ");
    let sums = format!("array[{sums}]::text[]");
    if of_tenants {
        format!(
            "select coalesce(t.slug, x.tenant_id::text), x.count, x.sums
             from (select tenant_id, count(*), {sums} as sums from {table} group by tenant_id) x
             left join platform.tenant t on t.id = x.tenant_id"
        )
    } else {
        format!("select '', count(*), {sums} from {table}")
    }
}

async fn add_seals(owner: &mut PgConnection, totals: &mut Totals) -> Result<()> {
    let sealed: bool =
        sqlx::query_scalar("select to_regclass('platform.event_seal') is not null").fetch_one(&mut *owner).await?;
    if !sealed {
        return Ok(());
    }
    let last: Vec<(String, String)> = sqlx::query_as(
        "select t.slug, encode(s.hash, 'hex')
         from (select distinct on (tenant_id) tenant_id, hash from platform.event_seal order by tenant_id, seq desc) s
         join platform.tenant t on t.id = s.tenant_id",
    )
    .fetch_all(owner)
    .await?;
    for (tenant, hash) in last {
        let of_table = totals.entry(tenant).or_default().entry("platform.event_seal".to_owned()).or_default();
        of_table.insert("last_hash".to_owned(), hash);
    }
    Ok(())
}

/// What differs between two sets of totals, one sentence each; empty when they are equal.
pub fn differences(expected: &Totals, found: &Totals) -> Vec<String> {
    let (expected, found) = (flat(expected), flat(found));
    let keys: std::collections::BTreeSet<_> = expected.keys().chain(found.keys()).collect();
    keys.into_iter()
        .filter(|key| expected.get(*key) != found.get(*key))
        .map(|key| {
            let (tenant, table, figure) = key;
            let said = |totals: &BTreeMap<_, &str>| totals.get(key).map_or("nothing", |value| value).to_owned();
            let of = if tenant.is_empty() { String::new() } else { format!(" of {tenant}") };
            format!("{figure} in {table}{of}: {} expected, {} found", said(&expected), said(&found))
        })
        .collect()
}

type Key<'a> = (&'a str, &'a str, &'a str);

fn flat(totals: &Totals) -> BTreeMap<Key<'_>, &str> {
    let figures = totals.iter().flat_map(|(tenant, tables)| {
        tables.iter().flat_map(move |(table, figures)| {
            figures
                .iter()
                .map(move |(figure, value)| ((tenant.as_str(), table.as_str(), figure.as_str()), value.as_str()))
        })
    });
    figures.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(tenant: &str, table: &str, figures: &[(&str, &str)]) -> Totals {
        let figures = figures.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        BTreeMap::from([(tenant.to_owned(), BTreeMap::from([(table.to_owned(), figures)]))])
    }

    #[test]
    fn whatever_is_missing_more_or_else_is_said() {
        let was = totals("martin", "ledger.entry_line", &[("rows", "2"), ("debit", "10.0000")]);
        assert_eq!(differences(&was, &was), Vec::<String>::new());
        let less = totals("martin", "ledger.entry_line", &[("rows", "1"), ("debit", "10.0000")]);
        assert_eq!(differences(&was, &less), ["rows in ledger.entry_line of martin: 2 expected, 1 found"]);
        let gone = differences(&was, &Totals::new());
        assert_eq!(gone[1], "rows in ledger.entry_line of martin: 2 expected, nothing found");
        let more = differences(&Totals::new(), &totals("", "platform.user", &[("rows", "1")]));
        assert_eq!(more, ["rows in platform.user: nothing expected, 1 found"]);
    }
}
