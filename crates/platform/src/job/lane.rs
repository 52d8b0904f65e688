//! The workers of a lane: how many jobs run at once in it, and whose turn it is.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kernel::TenantId;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::round::Round;
use super::worker::run_claimed;
use super::{LEASE, Lane, store};
use crate::{Platform, Result};

/// Jobs claimed from one tenant at a time, so that a full queue of one does not hold up the others.
const PER_TENANT: usize = 4;

/// Calls to other systems of one tenant that run at once in this process: who does not answer keeps his own waiting alone.
const CALLS_PER_TENANT: usize = 2;

/// The workers of a lane in this process.
pub(super) struct Workers {
    lane: Lane,
    slots: Arc<Semaphore>,
    all: usize,
    running: Arc<Mutex<BTreeMap<TenantId, usize>>>,
    /// Whose jobs were claimed last: in the next round it is the turn of those after him.
    served: Option<TenantId>,
}

impl Workers {
    pub(super) fn new(lane: Lane, parallel: usize) -> Self {
        Self { lane, slots: Arc::new(Semaphore::new(parallel)), all: parallel, running: Arc::default(), served: None }
    }

    /// How many jobs run.
    pub(super) fn busy(&self) -> usize {
        self.all - self.slots.available_permits()
    }

    /// Starts due jobs while there are workers, tenant after tenant. What goes wrong in one keeps no other waiting.
    pub(super) async fn claim_round(&mut self, platform: &Platform, started: &mut JoinSet<()>) -> Result<()> {
        if self.slots.available_permits() == 0 {
            return Ok(());
        }
        let due = store::tenants_with_due_jobs_in(platform, self.lane).await?;
        let mut round = Round::default();
        for tenant in in_turn(due, self.served) {
            let free = self.slots.available_permits();
            if free == 0 {
                break;
            }
            let free = free.min(self.room(tenant));
            if free == 0 {
                continue;
            }
            self.served = Some(tenant);
            round.had("claiming jobs", tenant, self.claim_in(platform, tenant, free, started).await);
        }
        round.end()
    }

    async fn claim_in(
        &self,
        platform: &Platform,
        tenant: TenantId,
        free: usize,
        started: &mut JoinSet<()>,
    ) -> Result<()> {
        let free = i32::try_from(free).unwrap_or(i32::MAX);
        for job in store::claim_jobs_in(platform, tenant, self.lane, LEASE, free).await? {
            let Ok(slot) = Arc::clone(&self.slots).try_acquire_owned() else { break };
            let place = Place::take(&self.running, tenant);
            let platform = platform.clone();
            started.spawn(async move {
                run_claimed(&platform, tenant, job).await;
                drop((slot, place));
                platform.wake_workers();
            });
        }
        Ok(())
    }

    /// How many more jobs of the tenant may start now.
    fn room(&self, tenant: TenantId) -> usize {
        match self.lane {
            Lane::Main => PER_TENANT,
            Lane::Outside => {
                let running = self.running.lock().expect("no one panics while holding the counts");
                CALLS_PER_TENANT.saturating_sub(running.get(&tenant).copied().unwrap_or(0))
            }
        }
    }
}

/// The tenants in their order, beginning after the one that was served last.
fn in_turn(mut tenants: Vec<TenantId>, served: Option<TenantId>) -> Vec<TenantId> {
    tenants.sort_unstable();
    let next = served.map_or(0, |served| tenants.partition_point(|tenant| *tenant <= served));
    tenants.rotate_left(next);
    tenants
}

/// A tenant's place among the jobs that run; given back however the job ends.
struct Place {
    running: Arc<Mutex<BTreeMap<TenantId, usize>>>,
    tenant: TenantId,
}

impl Place {
    fn take(running: &Arc<Mutex<BTreeMap<TenantId, usize>>>, tenant: TenantId) -> Self {
        *running.lock().expect("no one panics while holding the counts").entry(tenant).or_default() += 1;
        Self { running: Arc::clone(running), tenant }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = self.running.lock().expect("no one panics while holding the counts");
        let left = running.get(&self.tenant).copied().unwrap_or(0).saturating_sub(1);
        if left == 0 {
            running.remove(&self.tenant);
        } else {
            running.insert(self.tenant, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_tenant_has_its_turn_whoever_was_served_last() {
        let tenant = |n: u128| TenantId::from_uuid(Uuid::from_u128(n));
        let turn = |served: Option<u128>| in_turn([3, 1, 2].map(tenant).to_vec(), served.map(tenant));
        for (served, order) in [
            (None, [1, 2, 3]),
            (Some(1), [2, 3, 1]),
            (Some(2), [3, 1, 2]),
            (Some(3), [1, 2, 3]),
            (Some(0), [1, 2, 3]),
            (Some(9), [1, 2, 3]),
        ] {
            assert_eq!(turn(served), order.map(tenant), "{served:?}");
        }
        assert_eq!(in_turn(Vec::new(), Some(tenant(1))), []);
    }

    #[test]
    fn a_place_is_given_back() {
        let running = Arc::default();
        let tenant = TenantId::from_uuid(Uuid::nil());
        let (one, two) = (Place::take(&running, tenant), Place::take(&running, tenant));
        assert_eq!(running.lock().unwrap().get(&tenant), Some(&2));
        drop(one);
        drop(two);
        assert!(running.lock().unwrap().is_empty());
    }
}
