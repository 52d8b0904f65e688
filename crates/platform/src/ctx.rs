//! Who acts, in which tenant, with which entities in scope, for which request.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use kernel::{EntityId, TenantId, Timestamp, UserId, Zone};
use uuid::Uuid;

use crate::idempotency::Claim;
use crate::replica::Written;
use crate::{Error, Permission, Platform, Result, Role, Tx, setting};

/// A legal entity as every request knows it.
#[derive(Clone, Debug)]
pub struct EntityRef {
    /// The entity's id.
    pub id: EntityId,
    /// The code, such as `ZR7`.
    pub code: String,
    /// The zone of its business dates.
    pub zone: Zone,
}

/// A tenant as the service needs it to act there.
#[derive(Clone, Debug)]
pub struct TenantFrame {
    /// The tenant's id.
    pub id: TenantId,
    /// The tenant's name in addresses and commands.
    pub slug: String,
    /// The zone of its schedules.
    pub zone: Zone,
    /// The active entities, in the tenant's order.
    pub entities: Vec<EntityRef>,
}

/// Who acts. Becomes the actor of every event.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A person who signed in.
    User {
        /// The user.
        id: UserId,
        /// The name shown in the event log.
        name: String,
    },
    /// A machine that holds a key.
    Machine {
        /// What holds it, such as `provider`.
        kind: &'static str,
        /// The holder.
        id: Uuid,
        /// The name shown in the event log.
        name: String,
    },
    /// The service itself: a job, a reaction, the public edge, the command line.
    System(&'static str),
}

impl Actor {
    /// The word stored as `actor_kind`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::Machine { kind, .. } => kind,
            Self::System(_) => "system",
        }
    }

    /// The actor's id, where it has one.
    pub fn id(&self) -> Option<Uuid> {
        match self {
            Self::User { id, .. } => Some(id.uuid()),
            Self::Machine { id, .. } => Some(*id),
            Self::System(_) => None,
        }
    }

    /// The name shown in the event log.
    pub fn name(&self) -> &str {
        match self {
            Self::User { name, .. } | Self::Machine { name, .. } => name,
            Self::System(name) => name,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => write!(f, "{}:{id}", self.kind()),
            None => write!(f, "{}:{}", self.kind(), self.name()),
        }
    }
}

/// The entities whose rows a transaction reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The entities.
    pub entities: Vec<EntityId>,
    /// Whether rows that belong to no entity are reached too.
    pub whole_tenant: bool,
}

/// Who acts, in which tenant, with which scope, and which permission the route has proven. Cheap to clone.
#[derive(Clone)]
pub struct Ctx(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    platform: Platform,
    tenant: Arc<TenantFrame>,
    scope: Scope,
    accessible: Vec<EntityId>,
    actor: Actor,
    role: Option<Role>,
    permissions: Arc<BTreeSet<Permission>>,
    session_id: Option<kernel::SessionId>,
    request_id: Arc<str>,
    idempotency: Option<Arc<Mutex<Option<Claim>>>>,
    if_match: Option<Arc<str>>,
    replicas: Option<Arc<ReplicaUse>>,
}

/// What only reads, and may be answered by a replica that is as new as the request.
struct ReplicaUse {
    seen: Written,
    used: AtomicBool,
}

/// A signed-in member, as authentication found him.
pub(crate) struct Member {
    pub(crate) tenant: TenantFrame,
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) session_id: kernel::SessionId,
    pub(crate) role: Role,
    pub(crate) permissions: BTreeSet<Permission>,
    pub(crate) home: EntityId,
}

impl Ctx {
    pub(crate) fn whole_tenant(platform: Platform, tenant: TenantFrame, actor: Actor, request_id: &str) -> Self {
        let accessible: Vec<_> = tenant.entities.iter().map(|entity| entity.id).collect();
        Self(Arc::new(Inner {
            platform,
            scope: Scope { entities: accessible.clone(), whole_tenant: true },
            accessible,
            tenant: Arc::new(tenant),
            actor,
            role: None,
            permissions: Arc::new(Permission::ALL.iter().copied().collect()),
            session_id: None,
            request_id: request_id.into(),
            idempotency: None,
            if_match: None,
            replicas: None,
        }))
    }

    /// A member's context; `wanted` is the `X-Entity-Scope` header, obeyed for those who see every entity.
    pub(crate) fn of_member(
        platform: Platform,
        member: Member,
        wanted: Option<&str>,
        request_id: &str,
    ) -> Result<Self> {
        let all: Vec<_> = member.tenant.entities.iter().map(|entity| entity.id).collect();
        let sees_all = member.role.is_above_all();
        let scope = match wanted.map(str::trim).filter(|_| sees_all) {
            None if sees_all => Scope { entities: all.clone(), whole_tenant: true },
            None => Scope { entities: vec![member.home], whole_tenant: false },
            Some(code) if names_all(code) => Scope { entities: all.clone(), whole_tenant: true },
            Some(code) => {
                let entity = member.tenant.entities.iter().find(|entity| entity.code.eq_ignore_ascii_case(code));
                let entity = entity.ok_or_else(|| {
                    Error::bad_parameter("X-Entity-Scope", "must be the code of an active entity, or ALL")
                })?;
                Scope { entities: vec![entity.id], whole_tenant: false }
            }
        };
        Ok(Self(Arc::new(Inner {
            platform,
            scope,
            accessible: if sees_all { all } else { vec![member.home] },
            tenant: Arc::new(member.tenant),
            actor: Actor::User { id: member.user_id, name: member.name },
            role: Some(member.role),
            permissions: Arc::new(member.permissions),
            session_id: Some(member.session_id),
            request_id: request_id.into(),
            idempotency: None,
            if_match: None,
            replicas: None,
        })))
    }

    /// The same context for a request that only reads: replicas may answer that have replayed all that was `seen`.
    pub(crate) fn reading_replicas(&self, seen: Written) -> Self {
        let replicas = ReplicaUse { seen, used: AtomicBool::new(false) };
        Self(Arc::new(Inner { replicas: Some(Arc::new(replicas)), ..(*self.0).clone() }))
    }

    /// The same context for the primary alone.
    pub(crate) fn reading_primary(&self) -> Self {
        Self(Arc::new(Inner { replicas: None, ..(*self.0).clone() }))
    }

    /// What a replica must have replayed to be read; none where only the primary may be.
    pub(crate) fn may_read_replicas(&self) -> Option<&Written> {
        self.0.replicas.as_ref().map(|replicas| &replicas.seen)
    }

    pub(crate) fn note_replica(&self) {
        if let Some(replicas) = &self.0.replicas {
            replicas.used.store(true, Ordering::Relaxed);
        }
    }

    /// Whether a replica was read.
    pub(crate) fn has_read_replica(&self) -> bool {
        self.0.replicas.as_ref().is_some_and(|replicas| replicas.used.load(Ordering::Relaxed))
    }

    pub(crate) fn with_idempotency(&self, claim: Arc<Mutex<Option<Claim>>>) -> Self {
        Self(Arc::new(Inner { idempotency: Some(claim), ..(*self.0).clone() }))
    }

    pub(crate) fn with_if_match(&self, versions: &str) -> Self {
        Self(Arc::new(Inner { if_match: Some(versions.into()), ..(*self.0).clone() }))
    }

    /// Proves that the caller has seen the current version of what he changes, when he said which one he saw (`If-Match`,
    /// RFC 9110 §13.1.1). To be asked once the row is held.
    ///
    /// Stale when he saw an older one.
    pub fn expect_version(&self, updated_at: Timestamp) -> Result<()> {
        let Some(seen) = &self.0.if_match else { return Ok(()) };
        let current = crate::http::etag(updated_at);
        if seen.split(',').map(str::trim).any(|tag| tag == "*" || tag == current) {
            return Ok(());
        }
        Err(Error::new(crate::Kind::Stale, "stale", "It was changed since you read it: read it again."))
    }

    /// Whether the caller said which version he saw.
    pub(crate) fn names_version(&self) -> bool {
        self.0.if_match.is_some()
    }

    /// The same context for a read before the work: the `Idempotency-Key` is left to the transaction of the work.
    pub(crate) fn unclaimed(&self) -> Self {
        Self(Arc::new(Inner { idempotency: None, ..(*self.0).clone() }))
    }

    pub(crate) fn take_idempotency_claim(&self) -> Option<Claim> {
        let claim = self.0.idempotency.as_ref()?;
        claim.lock().expect("no one panics while holding the claim").take()
    }

    /// Opens a transaction: tenant, entity scope and actor are set for row security in the same round trip, and the
    /// time is frozen.
    ///
    /// Unavailable when the database cannot be reached; conflict when the request's Idempotency-Key is in use.
    pub async fn begin(&self) -> Result<Tx> {
        Tx::begin(self).await
    }

    /// Opens a transaction like [`Self::begin`] that cannot write, and is dropped when done: nothing is to be committed,
    /// which spares the database a round trip.
    ///
    /// Unavailable when the database cannot be reached.
    pub async fn read(&self) -> Result<Tx> {
        Tx::read(self).await
    }

    /// The platform underneath.
    pub fn platform(&self) -> &Platform {
        &self.0.platform
    }

    /// The current instant.
    pub fn now(&self) -> Timestamp {
        self.0.platform.now()
    }

    /// The tenant acted in.
    pub fn tenant(&self) -> &TenantFrame {
        &self.0.tenant
    }

    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    /// The user who acts, if a person does.
    pub fn user_id(&self) -> Option<UserId> {
        match self.actor() {
            Actor::User { id, .. } => Some(*id),
            _ => None,
        }
    }

    /// The member's role; none for machines and the service.
    pub fn role(&self) -> Option<Role> {
        self.0.role
    }

    /// The session the request came with.
    pub fn session_id(&self) -> Option<kernel::SessionId> {
        self.0.session_id
    }

    /// The request this is for.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// The entities in scope.
    pub fn scope(&self) -> &Scope {
        &self.0.scope
    }

    /// The entities in scope, with codes and zones.
    pub fn entities(&self) -> impl Iterator<Item = &EntityRef> {
        self.tenant().entities.iter().filter(|entity| self.0.scope.entities.contains(&entity.id))
    }

    /// Whether the actor may see every entity of the tenant, whichever he has in scope now: super admins and the
    /// service itself.
    pub fn sees_all_entities(&self) -> bool {
        self.0.role.is_none_or(Role::is_above_all)
    }

    /// The active entities the actor may bring into scope.
    pub fn accessible_entities(&self) -> &[EntityId] {
        &self.0.accessible
    }

    /// Any active entity of the tenant by id.
    pub fn entity(&self, id: EntityId) -> Option<&EntityRef> {
        self.tenant().entities.iter().find(|entity| entity.id == id)
    }

    /// Any active entity of the tenant by code, in any case.
    pub fn entity_by_code(&self, code: &str) -> Option<&EntityRef> {
        self.tenant().entities.iter().find(|entity| entity.code.eq_ignore_ascii_case(code.trim()))
    }

    /// The code of an entity, for views; empty when it is no longer active.
    pub fn entity_code(&self, id: EntityId) -> &str {
        self.entity(id).map_or("", |entity| &entity.code)
    }

    /// The permissions held.
    pub fn permissions(&self) -> &BTreeSet<Permission> {
        &self.0.permissions
    }

    /// Whether the actor holds `permission`.
    pub fn may(&self, permission: Permission) -> bool {
        self.0.permissions.contains(&permission)
    }

    /// Forbidden, naming the permission, when the actor lacks it: for fields guarded one by one.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) { Ok(()) } else { Err(Error::lacks(permission)) }
    }

    /// This context with the scope narrowed to `entity`, an explicit parameter that wins over the header; unchanged
    /// for `ALL`, which names everything in scope.
    ///
    /// Malformed when there is no such entity; forbidden when the actor cannot see it.
    pub fn within(&self, entity: Option<&str>) -> Result<Self> {
        let Some(code) = entity.map(str::trim).filter(|code| !code.is_empty()) else { return Ok(self.clone()) };
        if names_all(code) {
            return Ok(self.clone());
        }
        let id = self.accessible(code)?;
        let scope = Scope { entities: vec![id], whole_tenant: false };
        Ok(Self(Arc::new(Inner { scope, ..(*self.0).clone() })))
    }

    /// The entities that figures and lists are cut to; none when the whole tenant is in scope. Row security reaches further
    /// where a rule needs it: an entity that serves another's lead may read it, and does not count it as its own.
    pub fn counted_entities(&self) -> Option<Vec<Uuid>> {
        let scope = self.scope();
        (!scope.whole_tenant).then(|| scope.entities.iter().map(|entity| entity.uuid()).collect())
    }

    /// The one entity a write goes to: the one in scope, or `explicit` where all are.
    ///
    /// Malformed when all are in scope and none is named; forbidden when another than the one in scope is named.
    pub fn write_entity(&self, explicit: Option<&str>) -> Result<&EntityRef> {
        let explicit = explicit.map(str::trim).filter(|code| !code.is_empty());
        let named = explicit.map(|code| self.accessible(code)).transpose()?;
        let id = match (named, self.0.scope.entities.as_slice()) {
            (Some(id), scope) if scope.contains(&id) => id,
            (Some(_), _) => {
                return Err(Error::forbidden("entity_out_of_scope", "The entity is not the one in scope."));
            }
            (None, [only]) if !self.0.scope.whole_tenant => *only,
            (None, _) => {
                return Err(Error::bad_parameter(
                    "entity",
                    "a write needs one entity: name it, or choose one with X-Entity-Scope",
                ));
            }
        };
        self.entity(id).ok_or_else(|| Error::not_found("entity"))
    }

    fn accessible(&self, code: &str) -> Result<EntityId> {
        let entity = self.entity_by_code(code);
        let entity = entity.ok_or_else(|| Error::bad_parameter("entity", "there is no entity with this code"))?;
        if !self.0.accessible.contains(&entity.id) {
            return Err(Error::forbidden("entity_out_of_scope", "The entity is outside your scope."));
        }
        Ok(entity.id)
    }

    /// Reads a setting in a transaction of its own.
    pub async fn setting<S: setting::Setting>(&self) -> Result<S> {
        self.read().await?.setting::<S>().await
    }
}

/// Whether a scope's word means every entity the caller may see.
pub fn names_all(code: &str) -> bool {
    code.eq_ignore_ascii_case("ALL") || code.eq_ignore_ascii_case("BOTH")
}

impl fmt::Debug for Ctx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ctx")
            .field("tenant", &self.tenant().slug)
            .field("actor", &self.actor().to_string())
            .field("scope", self.scope())
            .field("request_id", &self.request_id())
            .finish_non_exhaustive()
    }
}
