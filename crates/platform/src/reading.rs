//! Readings of what is personal are told in the event log: who opened which record, and who looked for somebody by what only he has. Lists
//! are not told of, and files that leave have events of their own (`export`).
//!
//! Failure policy: fail-closed. What cannot be told of is not shown.

use std::collections::HashMap;
use std::sync::Mutex;

use jiff::SignedDuration;
use kernel::{EntityId, Timestamp, UserId};
use uuid::Uuid;

use crate::{Ctx, Event, Result};

/// Opening the same again is told once in so long.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_hours(1);

/// From so many on, those that are told again anyway are forgotten.
const MANY: usize = 10_000;

/// Who opened what lately, in this process.
#[derive(Default)]
pub(crate) struct Readings(Mutex<HashMap<(UserId, Uuid), Timestamp>>);

impl Readings {
    fn is_new(&self, reader: UserId, subject: Uuid, now: Timestamp) -> bool {
        let mut seen = self.0.lock().expect("no one panics while holding the readings");
        let is_old = |at: &Timestamp| now.since(*at) >= AGAIN_AFTER;
        if seen.len() >= MANY {
            seen.retain(|_, at| !is_old(at));
        }
        seen.get(&(reader, subject)).is_none_or(is_old)
    }

    fn keep(&self, reader: UserId, subject: Uuid, now: Timestamp) {
        self.0.lock().expect("no one panics while holding the readings").insert((reader, subject), now);
    }
}

/// Tells that who acts opened `subject`, a record of `entity`: once an hour for each person and record, and of people only. It has a
/// transaction of its own: let go of the one that read.
///
/// Unavailable when it cannot be told.
pub async fn record(
    ctx: &Ctx,
    action: &'static str,
    kind: &'static str,
    subject: Uuid,
    entity: Option<EntityId>,
) -> Result<()> {
    let Some(reader) = ctx.user_id() else { return Ok(()) };
    let readings = ctx.platform().readings();
    if !readings.is_new(reader, subject, ctx.now()) {
        return Ok(());
    }
    // Who reads what another entity owns tells of it where he works.
    let scope = ctx.scope();
    let entity = entity.filter(|entity| scope.whole_tenant || scope.entities.contains(entity));
    let mut tx = ctx.begin().await?;
    tx.emit(Event::new(action, kind, subject).entity(entity.or(scope.entities.first().copied())));
    tx.commit().await?;
    readings.keep(reader, subject, ctx.now());
    Ok(())
}
