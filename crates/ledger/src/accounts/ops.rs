//! The only writers of accounts and roles; and finding the accounts of an entry.

use std::collections::{BTreeSet, HashMap};

use kernel::{AccountId, EntityId};
use platform::{Error, Event, Result, Tx};
use rust_decimal::Decimal;
use serde_json::json;

use super::model::{Account, AccountClass, AccountRow, NewAccount, NormalBalance, at_rate, padded, qualifier};
use super::role::Role;
use super::store;
use crate::book;
use crate::book::model::Book;

/// The accounts that lines name, each found once.
pub(crate) type Found = HashMap<Account, AccountRow>;

/// Finds every account of `wanted` in a few statements; opens those of a VAT rate that is new.
///
/// Invalid, naming it, where no account has a code, or it takes no lines; `account_role_missing`, naming it, where no account
/// plays a role.
pub(crate) async fn find_accounts(tx: &mut Tx, book: &Book, wanted: BTreeSet<Account>) -> Result<Found> {
    let roles: BTreeSet<_> = wanted.iter().filter_map(role_of).map(|role| role.as_str().to_owned()).collect();
    let roles: Vec<_> = roles.into_iter().collect();
    let codes = wanted.iter().filter_map(|account| match account {
        Account::Code(code) => Some(code.clone()),
        Account::Role(_) | Account::RoleAt(..) => None,
    });
    let codes: Vec<_> = codes.collect();
    let played = if roles.is_empty() { Vec::new() } else { store::list_roles(tx, book.entity, Some(&roles)).await? };
    let by_code = if codes.is_empty() { Vec::new() } else { store::list_by_code(tx, book.entity, &codes).await? };
    let playing = |role: Role, at: &str| {
        let plays = |played: &&store::PlayedRole| played.role == role.as_str() && played.qualifier == at;
        played.iter().find(plays).map(|played| played.account.clone())
    };
    let mut found = Found::new();
    for account in wanted {
        let row = match &account {
            Account::Role(role) => playing(*role, "").ok_or_else(|| role_missing(*role))?,
            Account::RoleAt(role, rate) => match playing(*role, &qualifier(*rate)) {
                Some(row) => row,
                None => open_at_rate(tx, book, (*role, *rate), playing(*role, "")).await?,
            },
            Account::Code(code) => {
                let exact = by_code.iter().find(|row| row.code == *code);
                let row = exact.or_else(|| by_code.iter().find(|row| row.stem == *code));
                row.cloned().ok_or_else(|| Error::invalid("account", format!("there is no account {code}")))?
            }
        };
        if !row.postable || !row.active {
            return Err(Error::invalid("account", format!("the account {} takes no lines", row.code)));
        }
        found.insert(account, row);
    }
    Ok(found)
}

/// The account with this code as the book writes it, for what is bought: one of costs or of assets that takes lines without a
/// party. Opens the book when it is not yet.
///
/// Invalid at `field` where it is not.
pub async fn cost_account(tx: &mut Tx, entity: EntityId, (field, code): (&'static str, &str)) -> Result<String> {
    let book = book::ops::book(tx, entity).await?;
    let wanted = Account::Code(code.trim().to_uppercase());
    let found = find_accounts(tx, &book, BTreeSet::from([wanted])).await;
    let at_field = |error: Error| match error.fields().first() {
        Some(wrong) => Error::invalid(field, wrong.message.clone()),
        None => error,
    };
    let row = found.map_err(at_field)?.into_values().next();
    let row = row.ok_or_else(|| Error::internal("finding an account", "it was not found"))?;
    let is_cost = matches!(AccountClass::of(&row.class), Some(AccountClass::Expense | AccountClass::Asset));
    if !is_cost || row.is_auxiliary {
        return Err(Error::invalid(field, format!("the account {} is none of costs or assets", row.code)));
    }
    Ok(row.code)
}

const fn role_of(account: &Account) -> Option<Role> {
    match account {
        Account::Role(role) | Account::RoleAt(role, _) => Some(*role),
        Account::Code(_) => None,
    }
}

/// 422: no account of the book plays the role.
pub(crate) fn role_missing(role: Role) -> Error {
    let detail = format!("No account of this book plays the role {role}: choose one first.");
    Error::new(platform::Kind::Invalid, "account_role_missing", detail).with_field("role", role.as_str())
}

async fn open_at_rate(
    tx: &mut Tx,
    book: &Book,
    (role, rate): (Role, Decimal),
    parent: Option<AccountRow>,
) -> Result<AccountRow> {
    let parent = parent.ok_or_else(|| role_missing(role))?;
    if rate < Decimal::ZERO || rate > Decimal::ONE_HUNDRED || rate.normalize().scale() > 2 {
        return Err(Error::invalid("rate", "must be a VAT rate between 0 and 100 with at most two decimals"));
    }
    let new = at_rate(&parent, rate, book.account_digits);
    let existing = store::list_by_code(tx, book.entity, std::slice::from_ref(&new.code)).await?;
    let row = if let Some(row) = existing.into_iter().find(|row| row.code == new.code) {
        row
    } else {
        let ids = store::insert_accounts(tx, book.entity, std::slice::from_ref(&new)).await?;
        let id = ids.first().copied().ok_or_else(|| Error::internal("opening an account", "it has no id"))?;
        store::get_account(tx, id).await?
    };
    store::insert_roles(tx, book.entity, &[(role, qualifier(rate), row.id)]).await?;
    Ok(row)
}

/// What a new account is to be.
#[derive(Clone, Debug)]
pub struct CreateAccount {
    /// Its code; padded to the digits of the book.
    pub code: String,
    /// Its French name.
    pub name_fr: String,
    /// Its English name; the French one when none is given.
    pub name_en: Option<String>,
    /// What it stands for.
    pub class: AccountClass,
    /// Whether lines may be posted to it.
    pub postable: bool,
    /// Whether its lines name parties.
    pub is_auxiliary: bool,
    /// The side where it usually stands; the class's unless told.
    pub normal_balance: Option<NormalBalance>,
}

/// Creates an account in the chart of `entity`.
///
/// Invalid when the code is none; conflict when it is taken.
pub async fn create_account(tx: &mut Tx, entity: EntityId, command: CreateAccount) -> Result<AccountId> {
    let book = book::ops::book(tx, entity).await?;
    let stem = command.code.trim().to_ascii_uppercase();
    let is_code = stem.len() >= 2
        && stem.len() <= 20
        && stem.starts_with(|c: char| ('1'..='9').contains(&c))
        && stem.bytes().skip(1).take(2).all(|b| b.is_ascii_digit())
        && stem.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase() || b == b'-');
    if !is_code {
        return Err(Error::invalid(
            "code",
            "must begin with up to three digits, and hold digits, capitals or dashes after them",
        ));
    }
    let name_fr = named("name_fr", &command.name_fr)?;
    let name_en = command.name_en.as_deref().map_or(Ok(name_fr.clone()), |name| named("name_en", name))?;
    let account = NewAccount {
        code: padded(&stem, book.account_digits),
        stem,
        name_fr,
        name_en,
        class: command.class,
        normal_balance: command.normal_balance.unwrap_or_else(|| command.class.side()),
        postable: command.postable,
        is_auxiliary: command.is_auxiliary,
    };
    let ids = store::insert_accounts(tx, entity, std::slice::from_ref(&account)).await?;
    let id = ids.first().copied().ok_or_else(|| Error::internal("creating an account", "it has no id"))?;
    let details = json!({ "code": account.code, "name": account.name_fr });
    tx.emit(Event::new("account_created", "account", id).entity(entity).details(details));
    Ok(id)
}

fn named(field: &'static str, name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        return Err(Error::invalid(field, "must have 1 to 120 characters"));
    }
    Ok(name.to_owned())
}

/// What is to change of an account; what is left out stays.
#[derive(Clone, Debug, Default)]
pub struct ChangeAccount {
    /// Its French name.
    pub name_fr: Option<String>,
    /// Its English name.
    pub name_en: Option<String>,
    /// Whether it is in use.
    pub active: Option<bool>,
}

/// Renames an account, takes it out of use or back into it.
///
/// Refused for one that plays a role: give the role to another first.
pub async fn change_account(tx: &mut Tx, id: AccountId, command: ChangeAccount) -> Result<()> {
    let before = store::lock_account(tx, id).await?;
    let mut after = before.clone();
    if let Some(name) = &command.name_fr {
        after.name_fr = named("name_fr", name)?;
    }
    if let Some(name) = &command.name_en {
        after.name_en = named("name_en", name)?;
    }
    after.active = command.active.unwrap_or(before.active);
    if before.active
        && !after.active
        && let Some(role) = store::plays_a_role(tx, id.uuid()).await?
    {
        let detail = format!("The account {} plays the role {role}: give it to another first.", before.code);
        return Err(Error::refused("account_in_role", detail));
    }
    store::update_account(tx, &after).await?;
    let told = |row: &AccountRow| json!({ "name_fr": row.name_fr, "name_en": row.name_en, "active": row.active });
    let details = json!({ "code": before.code, "old": told(&before), "new": told(&after) });
    tx.emit(Event::new("account_changed", "account", id).entity(before.entity_id).details(details));
    Ok(())
}

/// Gives a role to an account, for a VAT rate or for all, or takes it away.
///
/// Invalid when the account takes no lines.
pub async fn set_role(
    tx: &mut Tx,
    entity: EntityId,
    role: Role,
    rate: Option<Decimal>,
    code: Option<&str>,
) -> Result<()> {
    book::ops::book(tx, entity).await?;
    if rate.is_some_and(|rate| rate < Decimal::ZERO || rate > Decimal::ONE_HUNDRED || rate.normalize().scale() > 2) {
        return Err(Error::invalid("rate", "must be a VAT rate between 0 and 100 with at most two decimals"));
    }
    let at = rate.map(qualifier).unwrap_or_default();
    let code = code.map(|code| code.trim().to_ascii_uppercase());
    let account = match &code {
        None => {
            store::delete_role(tx, entity, role, &at).await?;
            None
        }
        Some(code) => {
            let rows = store::list_by_code(tx, entity, std::slice::from_ref(code)).await?;
            let row = rows.iter().find(|row| row.code == *code).or_else(|| rows.first());
            let row = row.ok_or_else(|| Error::invalid("account", format!("there is no account {code}")))?;
            if !row.postable || !row.active {
                return Err(Error::invalid("account", format!("the account {} takes no lines", row.code)));
            }
            store::insert_roles(tx, entity, &[(role, at.clone(), row.id)]).await?;
            Some(row.code.clone())
        }
    };
    let details = json!({ "role": role, "rate": at, "account": account });
    tx.emit(Event::new("account_role_changed", "book", entity).entity(entity).details(details));
    Ok(())
}
