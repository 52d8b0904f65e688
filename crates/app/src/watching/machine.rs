//! Room on the machine.

use nix::sys::statvfs::{Statvfs, statvfs};
use platform::check::CheckSeverity::{Critical, Warning};
use platform::check::{Check, Outcome, Section};
use platform::{Ctx, Error, Registry, Result, Tx};

/// Less than this share of the disk free is too little (spec/trade.md 10).
const LEAST_FREE: f64 = 0.10;

/// The disk shall last so long at least.
const LEAST_DAYS: u64 = 90;

pub(super) fn register(registry: &mut Registry) {
    registry.check(
        Check::called("capacity.disk", Section::Capacity, Critical, "A tenth of the disk is free.")
            .how("the file system of the data directory of the instance that audits")
            .mend("Make room, or give more; a full disk stops the database. Old backups and mail files are what may go first.")
            .probes(disk),
    );
    registry.check(
        Check::called(
            "capacity.growth",
            Section::Capacity,
            Warning,
            "As it grows now, the database has room for another 90 days.",
        )
        .how("the size of the database day by day over a month, against what is free where the data directory is")
        .mend("Make room, or give more, while there is time.")
        .reads(growth),
    );
}

async fn growth(mut tx: Tx) -> Result<Outcome> {
    let inapplicable = |why: &str| Ok(Outcome::NotApplicable(why.to_owned()));
    if !is_database_here(&mut tx).await? {
        return inapplicable("The database is on another machine, whose disk is not seen from here.");
    }
    let Some(bytes_a_day) = platform::capacity::daily_growth(&mut tx).await? else {
        return inapplicable("The size of the database was not measured for a week yet.");
    };
    let found = file_system(tx.ctx())?;
    Ok(lasting(found.blocks_available() * found.fragment_size(), bytes_a_day))
}

/// A server behind a Unix socket, or one that sees us come from its own address, is on this machine.
async fn is_database_here(tx: &mut Tx) -> Result<bool> {
    let is_here = sqlx::query_scalar!(
        r#"select coalesce(host(inet_client_addr()) = host(inet_server_addr()), true) as "is_here!""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(is_here)
}

fn lasting(free: u64, bytes_a_day: i64) -> Outcome {
    let days = u64::try_from(bytes_a_day).ok().filter(|bytes| *bytes > 0).map(|bytes| free / bytes);
    Outcome::of_texts(1, days.filter(|days| *days < LEAST_DAYS).map(|days| format!("it is full in {days} days")))
}

async fn disk(ctx: Ctx) -> Result<Outcome> {
    let found = file_system(&ctx)?;
    Ok(room(found.blocks_available(), found.blocks()))
}

fn file_system(ctx: &Ctx) -> Result<Statvfs> {
    // Mail lies in the data directory.
    let mail = &ctx.platform().options().mail_dir;
    let data = mail.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(mail);
    statvfs(data).map_err(|error| Error::internal("asking for the room on the disk", error))
}

#[expect(clippy::cast_precision_loss, reason = "a share of the disk need not be exact")]
fn room(free: u64, all: u64) -> Outcome {
    let share = if all == 0 { 1.0 } else { free as f64 / all as f64 };
    Outcome::of_texts(1, (share < LEAST_FREE).then(|| format!("{:.1} % are free", share * 100.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_full_within_three_months_is_a_finding() {
        for (free, bytes_a_day, is_clean) in
            [(90_000, 1_000, true), (89_999, 1_000, false), (0, 1, false), (0, 0, true), (0, -5, true)]
        {
            assert_eq!(matches!(lasting(free, bytes_a_day), Outcome::Clean { .. }), is_clean, "{free}, {bytes_a_day}");
        }
    }

    #[test]
    fn a_disk_with_less_than_a_tenth_free_is_a_finding() {
        for (free, all, is_clean) in [(10, 100, true), (9, 100, false), (0, 100, false), (0, 0, true)] {
            assert_eq!(matches!(room(free, all), Outcome::Clean { .. }), is_clean, "{free} of {all}");
        }
    }
}
