//! Who is next at the database: tenants take turns, and none holds every connection, so that one tenant's flood does not slow another's
//! (design §8). Who is alone waits for nobody but himself.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use kernel::TenantId;
use tokio::sync::oneshot;

/// From so many connections on, one in so many is left to what is asked before a tenant is known (sessions, keys, due jobs).
const SHARES: usize = 8;

/// The places at the database.
pub(crate) struct Turns(Arc<Mutex<Places>>);

struct Places {
    free: usize,
    /// What one tenant holds at most.
    most: usize,
    held: HashMap<TenantId, usize>,
    /// Who waits, by tenant; the tenant whose turn it is first.
    waiting: VecDeque<(TenantId, VecDeque<oneshot::Sender<Place>>)>,
}

/// A place at the database; given back when dropped.
pub(crate) struct Place {
    tenant: Option<TenantId>,
    places: Arc<Mutex<Places>>,
}

impl Turns {
    /// Turns over a pool of so many connections.
    pub(crate) fn new(connections: u32) -> Self {
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        let free = (connections - connections / SHARES).max(1);
        let most = (free - free / 4).max(1);
        Self(Arc::new(Mutex::new(Places { free, most, held: HashMap::new(), waiting: VecDeque::new() })))
    }

    /// A place for the tenant, when its turn has come. Who stops waiting loses nothing of anybody's.
    pub(crate) async fn place(&self, tenant: TenantId) -> Option<Place> {
        let waiting = {
            let mut places = lock(&self.0);
            if !places.is_awaited(tenant) && places.take(tenant) {
                return Some(Place { tenant: Some(tenant), places: Arc::clone(&self.0) });
            }
            let (told, waiting) = oneshot::channel();
            places.queue(tenant, told);
            waiting
        };
        waiting.await.ok()
    }
}

impl Places {
    fn is_awaited(&self, tenant: TenantId) -> bool {
        self.waiting.iter().any(|(waits, _)| *waits == tenant)
    }

    fn take(&mut self, tenant: TenantId) -> bool {
        let held = self.held.entry(tenant).or_default();
        let may = self.free > 0 && *held < self.most;
        if may {
            *held += 1;
            self.free -= 1;
        } else if *held == 0 {
            self.held.remove(&tenant);
        }
        may
    }

    fn give_back(&mut self, tenant: TenantId) {
        self.free += 1;
        if let Some(held) = self.held.get_mut(&tenant) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(&tenant);
            }
        }
    }

    fn queue(&mut self, tenant: TenantId, told: oneshot::Sender<Place>) {
        match self.waiting.iter_mut().find(|(waits, _)| *waits == tenant) {
            Some((_, line)) => line.push_back(told),
            None => self.waiting.push_back((tenant, VecDeque::from([told]))),
        }
    }

    /// The next whose turn it is, his place taken: the first tenant in line that may have one more. It goes to the end of the line.
    fn next(&mut self) -> Option<(TenantId, oneshot::Sender<Place>)> {
        let index = (0..self.waiting.len()).find(|index| self.take(self.waiting[*index].0))?;
        let (tenant, mut line) = self.waiting.remove(index)?;
        let told = line.pop_front()?;
        if !line.is_empty() {
            self.waiting.push_back((tenant, line));
        }
        Some((tenant, told))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(tenant) = self.tenant.take() else { return };
        lock(&self.places).give_back(tenant);
        loop {
            let Some((tenant, told)) = lock(&self.places).next() else { return };
            let place = Self { tenant: Some(tenant), places: Arc::clone(&self.places) };
            // Who has stopped waiting leaves his place to the next.
            if let Err(mut unwanted) = told.send(place) {
                unwanted.tenant = None;
                lock(&self.places).give_back(tenant);
            }
        }
    }
}

fn lock(places: &Mutex<Places>) -> MutexGuard<'_, Places> {
    places.lock().expect("no one panics while holding the places")
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use uuid::Uuid;

    use super::*;

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    type Waiting<'a> = Pin<Box<dyn Future<Output = Option<Place>> + 'a>>;

    fn asks(turns: &Turns, of: u128) -> Waiting<'_> {
        let mut waiting: Waiting<'_> = Box::pin(turns.place(tenant(of)));
        assert!(poll(&mut waiting).is_none(), "there was a place");
        waiting
    }

    fn poll(waiting: &mut Waiting<'_>) -> Option<Place> {
        match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(place) => Some(place.unwrap()),
            Poll::Pending => None,
        }
    }

    fn gets(turns: &Turns, of: u128) -> Place {
        let mut waiting: Waiting<'_> = Box::pin(turns.place(tenant(of)));
        poll(&mut waiting).expect("a place is free")
    }

    #[test]
    fn who_floods_waits_behind_himself_and_the_others_come_in_turn() {
        let turns = Turns::new(4);
        let held: Vec<_> = (0..3).map(|_| gets(&turns, 1)).collect();
        let mut flood: Vec<_> = (0..100).map(|_| asks(&turns, 1)).collect();
        let other = gets(&turns, 2);
        let (mut second, mut third) = (asks(&turns, 2), asks(&turns, 3));
        drop(other);
        assert!(poll(&mut flood[0]).is_none(), "it holds as many as one may");
        let second = poll(&mut second).expect("the first in line that may have one more");
        drop(held);
        let got: Vec<_> = flood.iter_mut().filter_map(poll).collect();
        assert_eq!(got.len(), 2, "the flood goes on with what the third leaves");
        assert!(poll(&mut third).is_some());
        drop((second, got));
    }

    #[test]
    fn who_is_alone_and_few_have_every_place_and_nobody_lost_keeps_one() {
        let turns = Turns::new(1);
        let only = gets(&turns, 1);
        let (gone, mut next) = (asks(&turns, 1), asks(&turns, 2));
        drop(gone);
        drop(only);
        let place = poll(&mut next).expect("who went away took no place");
        let told = asks(&turns, 1);
        drop(place);
        // He was given it and goes away before he takes it.
        drop(told);
        drop(gets(&turns, 3));
        let places = lock(&turns.0);
        assert_eq!((places.free, places.held.len(), places.waiting.len()), (1, 0, 0));
    }

    #[test]
    fn of_many_connections_some_are_left_to_what_knows_no_tenant_and_none_are_all_of_one() {
        for (connections, all, most) in [(1, 1, 1), (2, 2, 2), (4, 4, 3), (8, 7, 6), (16, 14, 11), (100, 88, 66)] {
            let turns = Turns::new(connections);
            let places = lock(&turns.0);
            assert_eq!((places.free, places.most), (all, most), "of {connections}");
        }
    }
}
