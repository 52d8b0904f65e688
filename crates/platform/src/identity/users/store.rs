//! Every statement on users and memberships.

use kernel::{Email, EntityId, Limit, MembershipId, SessionId, TenantId, Timestamp, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::model::Member;
use crate::identity::Access;
use crate::{Error, Permission, Result, Role, Tx};

struct Row {
    user_id: Uuid,
    id: Uuid,
    email: Email,
    name: String,
    entity_id: Uuid,
    role: String,
    granted: Vec<String>,
    revoked: Vec<String>,
    is_active: bool,
    has_totp: bool,
    must_change_password: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<Row> for Member {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let role = row.role.parse().map_err(|error| Error::internal("reading a stored role", error))?;
        Ok(Self {
            user_id: row.user_id.into(),
            membership_id: row.id.into(),
            email: row.email,
            name: row.name,
            entity_id: row.entity_id.into(),
            access: Access::stored(role, &row.granted, &row.revoked),
            is_active: row.is_active,
            has_totp: row.has_totp,
            must_change_password: row.must_change_password,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// Which members.
#[derive(Clone, Debug, Default)]
pub(super) struct MemberFilter {
    pub(super) entity_id: Option<EntityId>,
    pub(super) is_active: Option<bool>,
    /// Literal text in name or address.
    pub(super) search: Option<String>,
    pub(super) before: Option<MembershipId>,
}

/// Members in scope, the newest first, one more than `limit`.
pub(super) async fn list_members(tx: &mut Tx, filter: &MemberFilter, limit: Limit) -> Result<Vec<Member>> {
    let tenant = tx.tenant().uuid();
    let rows = sqlx::query_as!(
        Row,
        r#"select m.user_id, m.id, u.email as "email: Email", u.name, m.entity_id, m.role, m.granted, m.revoked, m.is_active,
               u.totp_confirmed_at is not null as "has_totp!", u.must_change_password, m.created_at, m.updated_at
           from platform.membership m join platform.user u on u.id = m.user_id
           where m.tenant_id = $1
             and ($2::uuid is null or m.entity_id = $2)
             and ($3::boolean is null or m.is_active = $3)
             and ($4::text is null or strpos(lower(u.name || ' ' || u.email), lower($4)) > 0)
             and ($5::uuid is null or m.id < $5)
           order by m.id desc limit $6"#,
        tenant,
        filter.entity_id.map(EntityId::uuid),
        filter.is_active,
        filter.search,
        filter.before.map(MembershipId::uuid),
        limit.probe()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Member::try_from).collect()
}

/// The member `user`, within scope.
///
/// Not found when he is none.
pub(crate) async fn get_member(tx: &mut Tx, user: UserId) -> Result<Member> {
    find_member(tx, user).await?.ok_or_else(|| Error::not_found("user"))
}

/// The member `user`, within scope, if he is one.
pub(crate) async fn find_member(tx: &mut Tx, user: UserId) -> Result<Option<Member>> {
    let tenant = tx.tenant().uuid();
    let row = sqlx::query_as!(
        Row,
        r#"select m.user_id, m.id, u.email as "email: Email", u.name, m.entity_id, m.role, m.granted, m.revoked, m.is_active,
               u.totp_confirmed_at is not null as "has_totp!", u.must_change_password, m.created_at, m.updated_at
           from platform.membership m join platform.user u on u.id = m.user_id
           where m.tenant_id = $1 and m.user_id = $2"#,
        tenant,
        user.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(Member::try_from).transpose()
}

/// Active members with one of these roles who see one of these entities, or all of them; the whole tenant must be in scope.
pub(crate) async fn list_members_of(tx: &mut Tx, roles: &[Role], entities: &[EntityId]) -> Result<Vec<UserId>> {
    let tenant = tx.tenant().uuid();
    let roles: Vec<_> = roles.iter().map(|role| role.key().to_owned()).collect();
    let entities: Vec<_> = entities.iter().map(|entity| entity.uuid()).collect();
    let users = sqlx::query_scalar!(
        r#"select m.user_id as "user_id: UserId"
           from platform.membership m join platform.user u on u.id = m.user_id
           where m.tenant_id = $1 and m.is_active and u.is_active and m.role = any($2)
             and (m.role = 'super_admin' or m.entity_id = any($3))
           order by m.id"#,
        tenant,
        &roles,
        &entities
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(users)
}

/// Active super admins of the tenant other than `user`; the whole tenant must be in scope.
pub(super) async fn count_other_super_admins(tx: &mut Tx, user: UserId) -> Result<i64> {
    let tenant = tx.tenant().uuid();
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!"
           from platform.membership m join platform.user u on u.id = m.user_id
           where m.tenant_id = $1 and m.user_id <> $2 and m.role = 'super_admin' and m.is_active and u.is_active"#,
        tenant,
        user.uuid()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}

/// The account with this address, whichever tenant it belongs to.
pub(crate) async fn find_user_id(conn: &mut PgConnection, email: &Email) -> Result<Option<UserId>> {
    let id = sqlx::query_scalar!(
        r#"select user_id as "user_id!: UserId" from platform.sign_in_candidate($1)"#,
        email.as_str()
    )
    .fetch_optional(conn)
    .await?;
    Ok(id)
}

/// A tenant that a user belongs to.
pub(crate) struct Belonging {
    pub(crate) tenant_id: TenantId,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) entity_id: EntityId,
    pub(crate) is_active: bool,
}

/// The tenants a user belongs to, the first joined first.
pub(crate) async fn list_belongings(conn: &mut PgConnection, user: UserId) -> Result<Vec<Belonging>> {
    let rows = sqlx::query_as!(
        Belonging,
        r#"select tenant_id as "tenant_id!", slug as "slug!", name as "name!", entity_id as "entity_id!", is_active as "is_active!"
           from platform.memberships_of($1)"#,
        user.uuid()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows)
}

/// A person about to get an account.
pub(crate) struct NewUser<'a> {
    pub(crate) id: UserId,
    pub(crate) email: &'a Email,
    pub(crate) name: &'a str,
    pub(crate) password_hash: &'a str,
}

pub(crate) async fn insert_user(conn: &mut PgConnection, user: &NewUser<'_>, at: Timestamp) -> Result<()> {
    sqlx::query!(
        "select platform.create_user($1, $2, $3, $4, $5)",
        user.id.uuid(),
        user.email.as_str(),
        user.name,
        user.password_hash,
        at as Timestamp
    )
    .fetch_one(conn)
    .await?;
    Ok(())
}

/// A user's place in a tenant, about to be made.
pub(crate) struct NewMembership<'a> {
    pub(crate) tenant_id: TenantId,
    pub(crate) user_id: UserId,
    pub(crate) entity_id: EntityId,
    pub(crate) access: &'a Access,
}

pub(crate) async fn insert_membership(conn: &mut PgConnection, new: &NewMembership<'_>, at: Timestamp) -> Result<()> {
    sqlx::query!(
        "insert into platform.membership (tenant_id, id, user_id, entity_id, role, granted, revoked, created_at, updated_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        new.tenant_id.uuid(),
        MembershipId::generate(at).uuid(),
        new.user_id.uuid(),
        new.entity_id.uuid(),
        new.access.role().key(),
        &keys(new.access.granted()),
        &keys(new.access.revoked()),
        at as Timestamp
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn update_membership(tx: &mut Tx, member: &Member) -> Result<()> {
    let (tenant, now) = (tx.tenant().uuid(), tx.now());
    let done = sqlx::query!(
        "update platform.membership
         set entity_id = $3, role = $4, granted = $5, revoked = $6, is_active = $7, updated_at = $8
         where tenant_id = $1 and id = $2",
        tenant,
        member.membership_id.uuid(),
        member.entity_id.uuid(),
        member.access.role().key(),
        &keys(member.access.granted()),
        &keys(member.access.revoked()),
        member.is_active,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    one(done.rows_affected())
}

pub(super) async fn update_name(tx: &mut Tx, user: UserId, name: &str) -> Result<()> {
    let now = tx.now();
    let done = sqlx::query!(
        "update platform.user set name = $2, updated_at = $3 where id = $1",
        user.uuid(),
        name,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    one(done.rows_affected())
}

pub(super) async fn update_must_change_password(tx: &mut Tx, user: UserId, must: bool) -> Result<()> {
    let now = tx.now();
    let done = sqlx::query!(
        "update platform.user set must_change_password = $2, updated_at = $3 where id = $1",
        user.uuid(),
        must,
        now as Timestamp
    )
    .execute(tx.conn())
    .await?;
    one(done.rows_affected())
}

/// Ends the sessions of a member in this tenant; how many.
pub(super) async fn delete_member_sessions(tx: &mut Tx, user: UserId) -> Result<u64> {
    let tenant = tx.tenant().uuid();
    let done = sqlx::query!("delete from platform.session where tenant_id = $1 and user_id = $2", tenant, user.uuid())
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}

/// Ends the sessions in this tenant of the members in scope, but of those with the role `above`, and but for the one to `keep`; how many.
pub(super) async fn delete_sessions_of_all(tx: &mut Tx, above: Option<Role>, keep: Option<SessionId>) -> Result<u64> {
    let tenant = tx.tenant().uuid();
    let done = sqlx::query!(
        "delete from platform.session s using platform.membership m
         where s.tenant_id = $1 and m.tenant_id = s.tenant_id and m.user_id = s.user_id
           and ($2::text is null or m.role <> $2) and s.id is distinct from $3::uuid",
        tenant,
        above.map(Role::key),
        keep.map(SessionId::uuid)
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

fn keys<'a>(permissions: impl IntoIterator<Item = &'a Permission>) -> Vec<String> {
    permissions.into_iter().map(|permission| permission.key().to_owned()).collect()
}

fn one(rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(Error::not_found("user")) }
}
