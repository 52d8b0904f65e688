//! People and machines that sign in: users, memberships, sessions, keys.
//!
//! Tables owned: `platform.user`, `membership`, `session`, `sign_in_guard`, `api_key`, `password_reset`.
//!
//! Invariants: passwords, tokens, keys and recovery codes are kept as hashes only, secrets of second factors sealed; a code or recovery code signs in
//! once; nobody gives rights he lacks, and only a super admin touches one; an account that belongs to several tenants
//! is changed by its owner or the operator, never by one of the tenants; every tenant keeps an active super admin.
//!
//! Failure policy: fail-closed. A sign-in that cannot be counted, recorded or proven does not happen.

mod access;
mod account;
mod factor;
pub mod keys;
pub(crate) mod operator;
mod password;
mod recovery;
mod session;
mod totp;
pub(crate) mod users;

use sha2::{Digest as _, Sha256};

pub use access::{Access, AlwaysHeld};
pub use factor::seal_clear_factors;
pub use operator::{ListedUser, list_users, reset_password};
pub use password::PlainPassword;
pub(crate) use password::hash as hash_password;
pub use recovery::store::delete_expired_resets;
pub use session::store::{delete_expired_sessions, forget_failures};
pub(crate) use session::{Recognised, authenticate};
pub use users::SecondFactor;

use crate::Registry;
use crate::constraint;
use crate::http::Api;

/// The actions of the account log.
pub const ACCOUNT_ACTIONS: &[&str] = &[
    "login",
    "login_failed",
    "account_unlocked",
    "sessions_ended",
    "all_sessions_ended",
    "create_user",
    "update_user",
    "deactivate_user",
    "permission_changed",
    "password_changed",
    "password_reset",
    "totp_enabled",
    "totp_disabled",
];

constraint!("user_email_key", "email", "has an account already");
constraint!("user_email_check", "email", "must be a lower-case e-mail address");
constraint!("user_name_check", "name", "must not be empty");
constraint!("membership_user_key", "email", "is a member already");
constraint!("membership_entity_fkey", "entity", "there is no such entity");
constraint!("membership_role_check", "role", "is not a role");
constraint!("session_token_key", "token", "could not be made unique; try again");
constraint!("password_reset_token_key", "token", "could not be made unique; try again");
constraint!("api_key_live_key", "key", "is being replaced by somebody else; try again");
constraint!("api_key_hash_key", "key", "could not be made unique; try again");

/// A member as a mail finds him.
#[derive(Clone, Debug)]
pub struct Reader {
    /// His address.
    pub email: kernel::Email,
    /// His name.
    pub name: String,
    /// His entity, from whose address he is written to.
    pub entity: kernel::EntityId,
    /// His role.
    pub role: crate::Role,
}

/// The active members with one of these roles who see one of these entities, or all of them.
pub async fn list_members_of(
    tx: &mut crate::Tx,
    roles: &[crate::Role],
    entities: &[kernel::EntityId],
) -> crate::Result<Vec<kernel::UserId>> {
    users::store::list_members_of(tx, roles, entities).await
}

/// An active member; none when he left.
pub async fn find_reader(tx: &mut crate::Tx, user: kernel::UserId) -> crate::Result<Option<Reader>> {
    let member = users::store::find_member(tx, user).await?.filter(|member| member.is_active);
    Ok(member.map(|member| Reader {
        role: member.access.role(),
        email: member.email,
        name: member.name,
        entity: member.entity_id,
    }))
}

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.with(session::http::routes).with(recovery::http::routes).with(account::http::routes).with(users::http::routes)
}

/// The jobs of this module.
pub fn jobs(registry: &mut Registry) {
    recovery::register(registry);
}

/// The hash under which a token or key is stored.
pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
