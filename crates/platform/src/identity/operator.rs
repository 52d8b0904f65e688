//! What the operator does with accounts from the command line, over the owner's connection: the service's role could
//! not, and must not.

use kernel::{Email, Timestamp, UserId};
use serde_json::json;
use sqlx::{Connection as _, PgConnection};

use super::users::store::{find_user_id, list_belongings};
use super::{PlainPassword, SecondFactor, password};
use crate::event::{Severity, store::insert_events_of};
use crate::{Actor, Error, Event, Result};

/// The name under which the operator's changes stand in the event log.
pub(crate) const OPERATOR: Actor = Actor::System("operator");

/// Gives an account a new password, which its owner may have to change before anything else, lifts its lockout and ends its sessions
/// everywhere.
///
/// Not found when no account has this address; invalid when the password is too weak.
pub async fn reset_password(
    owner: &mut PgConnection,
    at: Timestamp,
    email: &Email,
    new: &PlainPassword,
    must_change: bool,
    factor: SecondFactor,
) -> Result<()> {
    new.check_policy("password", email)?;
    let hash = password::hash(new).await?;
    let mut tx = owner.begin().await?;
    let id = find_user_id(&mut tx, email).await?.ok_or_else(|| Error::not_found("user"))?;
    update_password(&mut tx, id, &hash, must_change, at).await?;
    let was_locked = forgive_sign_ins(&mut tx, email).await?;
    if factor == SecondFactor::Remove {
        remove_second_factor(&mut tx, id).await?;
    }
    sqlx::query!("delete from platform.session where user_id = $1", id.uuid()).execute(&mut *tx).await?;
    sqlx::query!("delete from platform.password_reset where user_id = $1", id.uuid()).execute(&mut *tx).await?;
    for belonging in list_belongings(&mut tx, id).await? {
        let details = json!({ "second_factor_removed": factor == SecondFactor::Remove,
            "must_change_password": must_change });
        let event = Event::new("password_reset", "user", id).entity(belonging.entity_id).details(details);
        let stored = event.severity(Severity::Warning).stored_by(&OPERATOR, "", at);
        let unlocked = Event::new("account_unlocked", "user", id).entity(belonging.entity_id);
        let unlocked = was_locked.then(|| unlocked.stored_by(&OPERATOR, "", at));
        let events: Vec<_> = [stored].into_iter().chain(unlocked).collect();
        insert_events_of(&mut tx, belonging.tenant_id, &events).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn update_password(
    conn: &mut PgConnection,
    id: UserId,
    hash: &str,
    must_change: bool,
    at: Timestamp,
) -> Result<()> {
    sqlx::query!(
        "update platform.user
         set password_hash = $2, password_changed_at = $3, failed_sign_ins = 0, locked_until = null, must_change_password = $4,
             updated_at = $3
         where id = $1",
        id.uuid(),
        hash,
        at as Timestamp,
        must_change
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the failed sign-ins of an address; whether there was a lock.
async fn forgive_sign_ins(conn: &mut PgConnection, email: &Email) -> Result<bool> {
    let was_locked = sqlx::query_scalar!(
        r#"delete from platform.sign_in_guard where email_hash = sha256(convert_to($1, 'UTF8'))
           returning locked_until is not null as "was_locked!""#,
        email.as_str()
    )
    .fetch_optional(conn)
    .await?;
    Ok(was_locked.unwrap_or(false))
}

async fn remove_second_factor(conn: &mut PgConnection, id: UserId) -> Result<()> {
    sqlx::query!(
        "update platform.user
         set totp_secret = null, totp_secret_sealed = null, totp_confirmed_at = null, totp_last_step = null, recovery_codes = '{}'
         where id = $1",
        id.uuid()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A member as the operator sees him.
#[derive(Clone, Debug)]
pub struct ListedUser {
    /// The tenant's slug.
    pub tenant: String,
    /// What he signs in with.
    pub email: String,
    /// His name.
    pub name: String,
    /// The code of his entity.
    pub entity: String,
    /// His role's key.
    pub role: String,
    /// Whether he may sign in.
    pub is_active: bool,
    /// Whether he uses a second factor.
    pub has_totp: bool,
    /// Until when he is locked out, if he was.
    pub locked_until: Option<Timestamp>,
}

/// The members of every tenant, or of the one called `tenant`.
pub async fn list_users(owner: &mut PgConnection, tenant: Option<&str>) -> Result<Vec<ListedUser>> {
    let users = sqlx::query_as!(
        ListedUser,
        r#"select t.slug as tenant, u.email, u.name, e.code as entity, m.role, m.is_active and u.is_active as "is_active!",
               u.totp_confirmed_at is not null as "has_totp!",
               (select g.locked_until from platform.sign_in_guard g where g.email_hash = sha256(convert_to(u.email, 'UTF8')))
                   as locked_until
           from platform.membership m
           join platform.tenant t on t.id = m.tenant_id
           join platform.user u on u.id = m.user_id
           join platform.entity e on e.tenant_id = m.tenant_id and e.id = m.entity_id
           where $1::text is null or t.slug = $1
           order by t.slug, u.email"#,
        tenant
    )
    .fetch_all(owner)
    .await?;
    Ok(users)
}
