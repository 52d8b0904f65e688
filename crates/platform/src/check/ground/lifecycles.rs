//! Lifecycles: what the code declares, what the database enforces, and the states that rows are in.

use std::collections::BTreeSet;

use sqlx::AssertSqlSafe;

use super::catalogue::list_tables;
use crate::check::CheckSeverity::Critical;
use crate::check::{Check, Evidence, Outcome, Section, Tally};
use crate::{Lifecycle, Registry, Result, Tx};

pub(super) fn register(registry: &mut Registry) {
    let check = |id, proves| Check::called(id, Section::Lifecycles, Critical, proves);
    registry.check(
        check("lifecycles.edges", "The moves that the database allows are those that the code declares.")
            .how("platform.lifecycle_edge against the lifecycles of this binary, both ways")
            .mend("As the owner, bring platform.lifecycle_edge to what `comptoir lifecycles` prints; find out who changed it.")
            .reads(edges),
    );
    registry.check(
        check(
            "lifecycles.guards",
            "Every lifecycle is guarded by its trigger, and no trigger of ours is switched off.",
        )
        .how("pg_trigger: one enabled trigger a lifecycle, and tgenabled of every trigger")
        .mend("As the owner: alter table … enable trigger …; then look for rows that came while it was off.")
        .reads(guards),
    );
    registry.check(
        check("lifecycles.states", "Nothing is in a state that its lifecycle does not know.")
            .how("the states of every row of every table with a lifecycle, against those that the code declares")
            .mend("The row was written past its trigger. Find out by whom; then, as the owner, set the state that its events tell.")
            .reads(states),
    );
}

async fn edges(mut tx: Tx) -> Result<Outcome> {
    let stored = sqlx::query!("select lifecycle, from_state, to_state from platform.lifecycle_edge order by 1, 2, 3")
        .fetch_all(tx.conn())
        .await?;
    let stored: BTreeSet<_> = stored.into_iter().map(|edge| (edge.lifecycle, edge.from_state, edge.to_state)).collect();
    let lifecycles = Lifecycle::all();
    let declared: BTreeSet<_> = lifecycles
        .iter()
        .flat_map(|one| one.edges.iter().map(|(from, to)| (one.name.to_owned(), (*from).to_owned(), (*to).to_owned())))
        .collect();
    let told = |what: &str, (name, from, to): &(String, String, String)| {
        Evidence::text(format!("{name}: {} -> {to} {what}", if from.is_empty() { "(new)" } else { from }))
    };
    let only_code = declared.difference(&stored).map(|edge| told("is refused by the database", edge));
    let only_stored = stored.difference(&declared).map(|edge| told("is not declared by the code", edge));
    Ok(Outcome::of(declared.len(), only_code.chain(only_stored).collect()))
}

async fn guards(mut tx: Tx) -> Result<Outcome> {
    let names: Vec<_> = Lifecycle::all().iter().map(|lifecycle| lifecycle.name.to_owned()).collect();
    sqlx::query_as!(
        Tally,
        r#"with ours as (
               select t.tgname::text as name, t.tgrelid::regclass::text as target, t.tgenabled <> 'D' as is_on
               from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
               where not t.tgisinternal and not c.relispartition
                 and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
           ), subject as (
               select target || ': trigger ' || name || ' is switched off' as text, is_on as is_safe from ours
               union all
               select 'lifecycle ' || lifecycle || ' has no trigger',
                   exists (select from ours where name = lifecycle || '_lifecycle')
               from unnest($1::text[]) lifecycle
           )
           select count(*) as "examined!", count(*) filter (where not is_safe) as "found!",
               array_agg(jsonb_build_object('text', text) order by text) filter (where not is_safe) as samples
           from subject"#,
        &names
    )
    .fetch_one(tx.conn())
    .await?
    .outcome()
}

/// Which column of which table each lifecycle guards is read from its trigger.
async fn states(mut tx: Tx) -> Result<Outcome> {
    let guarded = sqlx::query!(
        r#"select t.tgname::text as "name!", format('%I.%I', n.nspname, c.relname) as "table!", quote_ident(a.attname) as "column!"
           from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
           join pg_attribute a on a.attrelid = c.oid and a.attnum = t.tgattr[0]
           where t.tgname like '%\_lifecycle' and not t.tgisinternal and not c.relispartition
           order by 1"#
    )
    .fetch_all(tx.conn())
    .await?;
    let lifecycles = Lifecycle::all();
    let tenant = tx.tenant().uuid();
    // What belongs to the installation is its owner's to look at.
    let tables = list_tables(&mut tx).await?;
    let is_ours = |name: &str| tables.iter().any(|table| table.name == name && table.has_tenant && table.may_select);
    let (mut examined, mut evidence) = (0, Vec::new());
    for guard in guarded.into_iter().filter(|guard| is_ours(&guard.table)) {
        let name = guard.name.trim_end_matches("_lifecycle");
        let Some(lifecycle) = lifecycles.iter().find(|lifecycle| lifecycle.name == name) else { continue };
        let sql = format!(
            "select {column}::text, count(*) from {table} where tenant_id = $1 and {column} is not null group by 1 order by 1",
            column = guard.column,
            table = guard.table
        );
        let found: Vec<(String, i64)> = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant).fetch_all(tx.conn()).await?;
        for (state, count) in found {
            examined += count;
            if !lifecycle.states.contains(&state.as_str()) {
                evidence.push(Evidence::text(format!("{}: {count} in the state {state:?}", guard.table)));
            }
        }
    }
    Ok(Outcome::of(usize::try_from(examined).unwrap_or(0), evidence))
}
