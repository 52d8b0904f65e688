//! What the operator does with tenants from the command line, over the owner's connection: the service's role has no
//! right to make a tenant.

use kernel::{Email, EntityId, TenantId, Timestamp, UserId, Zone};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use crate::event::store::insert_events_of;
use crate::identity::operator::OPERATOR;
use crate::identity::users::store::{NewMembership, NewUser, find_user_id, insert_membership, insert_user};
use crate::identity::{Access, PlainPassword, hash_password};
use crate::{Error, Event, Result, Role};

/// A tenant about to be made.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// Its name in addresses and commands: lower-case letters, digits and hyphens.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The zone of its schedules, and of its entities' business dates.
    pub time_zone: String,
    /// Code and name of each legal entity, in order; the first is the administrator's.
    pub entities: Vec<(String, String)>,
    /// Its first super admin.
    pub admin: NewAdmin,
}

/// The first super admin of a tenant.
#[derive(Clone, Debug)]
pub struct NewAdmin {
    /// What he signs in with.
    pub email: Email,
    /// His name; not used for an account that exists.
    pub name: String,
    /// His password; none for an account that exists, which keeps its own.
    pub password: Option<PlainPassword>,
}

/// Makes a tenant with its entities and its first super admin. The first tenant becomes the default one.
///
/// Invalid without an entity, with an unknown time zone or a weak password; refused when a password is given for an
/// account that exists; conflict when slug or code is taken.
pub async fn create(owner: &mut PgConnection, at: Timestamp, new: &NewTenant) -> Result<TenantId> {
    if new.entities.is_empty() {
        return Err(Error::invalid("entities", "a tenant needs at least one entity"));
    }
    Zone::named(&new.time_zone).map_err(|_| Error::invalid("time_zone", "is not an IANA time zone"))?;
    let password_hash = match &new.admin.password {
        Some(password) => {
            password.check_policy("admin_password", &new.admin.email)?;
            Some(hash_password(password).await?)
        }
        None => None,
    };
    let id = TenantId::generate(at);
    let mut tx = owner.begin().await?;
    insert_tenant(&mut tx, id, new, at).await?;
    let entities = insert_entities(&mut tx, id, new, at).await?;
    let home = *entities.first().ok_or_else(|| Error::not_found("entity"))?;
    let user_id = find_or_insert_admin(&mut tx, &new.admin, password_hash, at).await?;
    let access = Access::preset(Role::SuperAdmin);
    let membership = NewMembership { tenant_id: id, user_id, entity_id: home, access: &access };
    insert_membership(&mut tx, &membership, at).await?;
    let events = [
        Event::new("tenant_created", "tenant", id).details(json!({ "slug": new.slug, "entities": new.entities })),
        Event::new("create_user", "user", user_id)
            .entity(home)
            .details(json!({ "old": null, "new": { "role": Role::SuperAdmin } })),
    ];
    let stored = events.map(|event| event.stored_by(&OPERATOR, "", at));
    insert_events_of(&mut tx, id, &stored).await?;
    tx.commit().await?;
    Ok(id)
}

/// Makes one more super admin of a tenant, at home in its first entity.
///
/// Not found when the tenant has no entity; otherwise refused as in [`create`]; conflict when he is a member already.
pub async fn add_admin(owner: &mut PgConnection, at: Timestamp, tenant: TenantId, admin: &NewAdmin) -> Result<UserId> {
    let password_hash = match &admin.password {
        Some(password) => {
            password.check_policy("admin_password", &admin.email)?;
            Some(hash_password(password).await?)
        }
        None => None,
    };
    let mut tx = owner.begin().await?;
    let home = sqlx::query_scalar!(
        r#"select id as "id: EntityId" from platform.entity where tenant_id = $1 order by position, id limit 1"#,
        tenant.uuid()
    )
    .fetch_optional(&mut *tx)
    .await?
    .ok_or_else(|| Error::not_found("entity"))?;
    let user_id = find_or_insert_admin(&mut tx, admin, password_hash, at).await?;
    let access = Access::preset(Role::SuperAdmin);
    let membership = NewMembership { tenant_id: tenant, user_id, entity_id: home, access: &access };
    insert_membership(&mut tx, &membership, at).await?;
    let event = Event::new("create_user", "user", user_id)
        .entity(home)
        .details(json!({ "old": null, "new": { "role": Role::SuperAdmin } }));
    insert_events_of(&mut tx, tenant, &[event.stored_by(&OPERATOR, "", at)]).await?;
    tx.commit().await?;
    Ok(user_id)
}

async fn insert_tenant(conn: &mut PgConnection, id: TenantId, new: &NewTenant, at: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into platform.tenant (id, slug, name, time_zone, is_default, created_at)
         select $1, $2, $3, $4, not exists (select from platform.tenant where is_default), $5
         returning 1 as one",
        id.uuid(),
        new.slug,
        new.name,
        new.time_zone,
        at as Timestamp
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

async fn insert_entities(
    conn: &mut PgConnection,
    tenant: TenantId,
    new: &NewTenant,
    at: Timestamp,
) -> Result<Vec<EntityId>> {
    let ids: Vec<_> = new.entities.iter().map(|_| EntityId::generate(at)).collect();
    let uuids: Vec<_> = ids.iter().map(|id| id.uuid()).collect();
    let codes: Vec<_> = new.entities.iter().map(|(code, _)| code.trim().to_uppercase()).collect();
    let names: Vec<_> = new.entities.iter().map(|(_, name)| name.trim().to_owned()).collect();
    sqlx::query!(
        "insert into platform.entity (tenant_id, id, code, name, time_zone, position, created_at, updated_at)
         select $1, e.id, e.code, e.name, $5, e.position, $6, $6
         from unnest($2::uuid[], $3::text[], $4::text[]) with ordinality as e (id, code, name, position)
         returning 1 as one",
        tenant.uuid(),
        &uuids,
        &codes,
        &names,
        new.time_zone,
        at as Timestamp
    )
    .fetch_all(conn)
    .await?;
    Ok(ids)
}

async fn find_or_insert_admin(
    conn: &mut PgConnection,
    admin: &NewAdmin,
    password_hash: Option<String>,
    at: Timestamp,
) -> Result<UserId> {
    match (find_user_id(conn, &admin.email).await?, password_hash) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => Err(Error::refused(
            "user_exists",
            "This address has an account already, which keeps its own password: leave the password out.",
        )),
        (None, None) => Err(Error::invalid("admin_password", "is required: the address has no account yet")),
        (None, Some(hash)) => {
            let id = UserId::generate(at);
            let user = NewUser { id, email: &admin.email, name: admin.name.trim(), password_hash: &hash };
            insert_user(conn, &user, at).await?;
            Ok(id)
        }
    }
}

/// A tenant as the operator sees it.
#[derive(Clone, Debug)]
pub struct ListedTenant {
    /// The tenant.
    pub id: TenantId,
    /// Its name in addresses and commands.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The zone of its schedules.
    pub time_zone: String,
    /// Whether requests that name no tenant go here.
    pub is_default: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was archived, if it was.
    pub archived_at: Option<Timestamp>,
    /// The codes of its entities, in order.
    pub entities: Vec<String>,
    /// How many members may sign in.
    pub members: i64,
}

/// Every tenant, the oldest first.
pub async fn list(owner: &mut PgConnection) -> Result<Vec<ListedTenant>> {
    let tenants = sqlx::query_as!(
        ListedTenant,
        r#"select t.id as "id: TenantId", t.slug, t.name, t.time_zone, t.is_default, t.created_at, t.archived_at,
               array(select e.code from platform.entity e where e.tenant_id = t.id order by e.position, e.id) as "entities!",
               (select count(*) from platform.membership m where m.tenant_id = t.id and m.is_active) as "members!"
           from platform.tenant t order by t.created_at, t.id"#
    )
    .fetch_all(owner)
    .await?;
    Ok(tenants)
}
