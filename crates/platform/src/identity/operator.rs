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

/// Gives an account a new password, lifts its lockout and ends its sessions everywhere.
///
/// Not found when no account has this address; invalid when the password is too weak.
pub async fn reset_password(
    owner: &mut PgConnection,
    at: Timestamp,
    email: &Email,
    new: &PlainPassword,
    factor: SecondFactor,
) -> Result<()> {
    new.check_policy("password", email)?;
    let hash = password::hash(new).await?;
    let mut tx = owner.begin().await?;
    let id = find_user_id(&mut tx, email).await?.ok_or_else(|| Error::not_found("user"))?;
    update_password(&mut tx, id, &hash, at).await?;
    if factor == SecondFactor::Remove {
        remove_second_factor(&mut tx, id).await?;
    }
    sqlx::query!("delete from platform.session where user_id = $1", id.uuid()).execute(&mut *tx).await?;
    sqlx::query!("delete from platform.password_reset where user_id = $1", id.uuid()).execute(&mut *tx).await?;
    for belonging in list_belongings(&mut tx, id).await? {
        let details = json!({ "second_factor_removed": factor == SecondFactor::Remove });
        let event = Event::new("password_reset", "user", id).entity(belonging.entity_id).details(details);
        let stored = event.severity(Severity::Warning).stored_by(&OPERATOR, "", at);
        insert_events_of(&mut tx, belonging.tenant_id, &[stored]).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn update_password(conn: &mut PgConnection, id: UserId, hash: &str, at: Timestamp) -> Result<()> {
    sqlx::query!(
        "update platform.user
         set password_hash = $2, password_changed_at = $3, failed_sign_ins = 0, locked_until = null, updated_at = $3
         where id = $1",
        id.uuid(),
        hash,
        at as Timestamp
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn remove_second_factor(conn: &mut PgConnection, id: UserId) -> Result<()> {
    sqlx::query!(
        "update platform.user
         set totp_secret = null, totp_confirmed_at = null, totp_last_step = null, recovery_codes = '{}' where id = $1",
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
               u.totp_confirmed_at is not null as "has_totp!", u.locked_until
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
