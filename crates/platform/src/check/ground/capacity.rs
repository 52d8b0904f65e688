//! Room to grow, as far as the database can tell.

use crate::check::CheckSeverity::{Critical, Warning};
use crate::check::{Check, Outcome, Section};
use crate::{Registry, Result, Tx};

pub(super) fn register(registry: &mut Registry) {
    let check = |id, severity, proves| Check::called(id, Section::Capacity, severity, proves);
    registry.check(
        check("capacity.connections", Warning, "A fifth of the database's connections is free.")
            .how("pg_stat_activity against max_connections")
            .mend("Give instances fewer: --db-pool; or raise max_connections.")
            .reads(connections),
    );
    registry.check(
        check("capacity.transaction_ids", Critical, "PostgreSQL is far from running out of transaction numbers.")
            .how("age(datfrozenxid) of every database, against 1 200 million of 2 147 million")
            .mend("As the owner: vacuum freeze; and see that autovacuum is on and no old transaction keeps it from its work.")
            .reads(transaction_ids),
    );
}

async fn connections(mut tx: Tx) -> Result<Outcome> {
    let row = sqlx::query!(
        r#"select count(*) as "used!", current_setting('max_connections')::bigint as "most!"
           from pg_stat_activity where backend_type = 'client backend'"#
    )
    .fetch_one(tx.conn())
    .await?;
    let used = usize::try_from(row.used).unwrap_or(0);
    Ok(Outcome::of_texts(
        used,
        is_tight(row.used, row.most).then(|| format!("{} of {} are in use", row.used, row.most)),
    ))
}

const fn is_tight(used: i64, most: i64) -> bool {
    used * 5 > most * 4
}

async fn transaction_ids(mut tx: Tx) -> Result<Outcome> {
    let rows =
        sqlx::query!(r#"select datname::text as "name!", age(datfrozenxid) as "age!" from pg_database order by 1"#)
            .fetch_all(tx.conn())
            .await?;
    let old = rows.iter().filter(|row| is_far(row.age));
    Ok(Outcome::of_texts(rows.len(), old.map(|row| format!("{}: {} transactions", row.name, row.age))))
}

/// PostgreSQL stops at 2 147 million; it freezes by itself from 200 million on.
const fn is_far(age: i32) -> bool {
    age > 1_200_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_than_a_fifth_of_the_connections_free_is_a_finding() {
        assert_eq!(
            [(80, 100), (81, 100), (0, 100), (97, 97)].map(|(used, most)| is_tight(used, most)),
            [false, true, false, true]
        );
    }

    #[test]
    fn a_database_that_was_not_frozen_for_long_is_a_finding() {
        assert_eq!([200_000_000, 1_200_000_000, 1_200_000_001].map(is_far), [false, false, true]);
    }
}
