//! One open screen: what it may be told, and for how long.

use std::time::Duration;

use axum::response::sse::Event;
use kernel::{EntityId, TenantId};
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use super::hub::{News, Seat, Topics};
use super::wire::Change;
use crate::{Ctx, Error, Permission, Platform, Result, identity};

/// How often a stream proves that its session still lives.
const CHECK_EVERY: Duration = Duration::from_secs(30);

/// What a member may be told of: the entities he may bring into scope, whichever he has there now.
struct Sight {
    tenant: TenantId,
    entities: Vec<EntityId>,
    all_entities: bool,
    operations: bool,
}

impl Sight {
    fn of(ctx: &Ctx) -> Self {
        Self {
            tenant: ctx.tenant().id,
            entities: ctx.accessible_entities().to_vec(),
            all_entities: ctx.sees_all_entities(),
            operations: ctx.may(Permission::OperationsManage),
        }
    }

    /// What of the changes he may know. Jobs belong to the tenant as a whole: of them those learn only who run them.
    fn topics(&self, changes: &[Change]) -> Topics {
        let mine = changes.iter().filter(|change| {
            change.tenant == self.tenant
                && change.entity.is_none_or(|entity| self.all_entities || self.entities.contains(&entity))
        });
        let topics = mine.flat_map(|change| &change.topics);
        topics.filter(|topic| *topic != super::JOB || self.operations).cloned().collect()
    }
}

/// A stream of hints to one screen.
pub(super) struct Stream {
    platform: Platform,
    token: String,
    request_id: String,
    sight: Sight,
    greeted: bool,
    news: Receiver<News>,
    checks: Interval,
    closing: CancellationToken,
    _seat: Seat,
}

impl Stream {
    /// Opens a stream for the member who shows `token`.
    ///
    /// Throttled when he has as many open as he may.
    pub(super) fn open(ctx: &Ctx, token: String) -> Result<Self> {
        let user = ctx.user_id().ok_or_else(|| Error::forbidden("not_a_person", "Only a person watches a screen."))?;
        let platform = ctx.platform().clone();
        let seat = platform.live().seat(user)?;
        let every = platform.options().live_check.unwrap_or(CHECK_EVERY);
        let mut checks = interval_at(Instant::now() + every, every);
        checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            news: platform.live().news(),
            closing: platform.live().closing(),
            platform,
            token,
            request_id: ctx.request_id().to_owned(),
            sight: Sight::of(ctx),
            greeted: false,
            checks,
            _seat: seat,
        })
    }

    /// The next event; none when the stream has ended.
    pub(super) async fn next(&mut self) -> Option<Event> {
        if !self.greeted {
            self.greeted = true;
            let version = json!({ "version": env!("CARGO_PKG_VERSION") });
            return Some(Event::default().event("hello").data(version.to_string()));
        }
        loop {
            tokio::select! {
                () = self.closing.cancelled() => return None,
                _ = self.checks.tick() => self.check().await?,
                news = self.news.recv() => match news {
                    Ok(News::Changed(changes)) => {
                        let topics = self.sight.topics(&changes);
                        if !topics.is_empty() {
                            return Some(Event::default().event("change").data(json!({ "topics": topics }).to_string()));
                        }
                    }
                    Ok(News::Refresh) | Err(RecvError::Lagged(_)) => {
                        return Some(Event::default().event("refresh").data("{}"));
                    }
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    /// Looks at the session again; none when it has ended or waits for a new password. While the database does not answer, nobody is sent away.
    async fn check(&mut self) -> Option<()> {
        match identity::authenticate(&self.platform, &self.token, None, &self.request_id).await {
            Ok(recognised) if recognised.is_pending => None,
            Ok(recognised) => {
                self.sight = Sight::of(&recognised.ctx);
                Some(())
            }
            Err(error) => error.is_transient().then_some(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn change(tenant: u128, entity: Option<u128>, topic: &'static str) -> Change {
        Change {
            tenant: Uuid::from_u128(tenant).into(),
            entity: entity.map(|n| Uuid::from_u128(n).into()),
            topics: Topics::from([topic.into()]),
        }
    }

    #[test]
    fn a_member_is_told_of_his_tenant_and_entities_and_of_jobs_only_who_runs_them() {
        let changes = [
            change(1, Some(10), "lead"),
            change(1, Some(11), "order"),
            change(1, None, "product"),
            change(1, None, "job"),
            change(2, Some(20), "delivery"),
            change(2, None, "setting"),
        ];
        let sight = |entities: &[u128], all_entities, operations| Sight {
            tenant: Uuid::from_u128(1).into(),
            entities: entities.iter().map(|n| Uuid::from_u128(*n).into()).collect(),
            all_entities,
            operations,
        };
        for (sight, expected) in [
            (sight(&[10], false, false), "lead product"),
            (sight(&[11], false, true), "job order product"),
            (sight(&[10, 11], true, true), "job lead order product"),
        ] {
            let topics: Vec<_> = sight.topics(&changes).into_iter().collect();
            assert_eq!(topics.join(" "), expected);
        }
    }
}
