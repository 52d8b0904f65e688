//! The only writers of parties. A module above that writes a party tells of it in its own words; what is written through
//! the routes of parties is told here.

use kernel::{EntityId, Iban, PartyId};
use platform::changes::changes;
use platform::{Error, Event, Result, Tx};
use serde_json::{Value, json};

use super::model::{CreateParty, Kind, NewParty, Party, PartyFields, PartyRole, UpdateParty, read_code};
use super::store;

/// Writes a new party of an entity; none = the tenant's. Its code is drawn.
///
/// Conflict when another living buyer of the entity has the e-mail address.
pub async fn insert_party(
    tx: &mut Tx,
    entity: Option<EntityId>,
    kind: Kind,
    roles: &[PartyRole],
    fields: PartyFields,
) -> Result<Party> {
    insert_new_party(tx, NewParty { entity_id: entity, kind, roles: roles.to_vec(), code: None, fields }).await
}

/// Writes a new party, with the code it brings or with one that is drawn.
///
/// Conflict when its code, or the e-mail address of a living buyer of its entity, is taken.
pub async fn insert_new_party(tx: &mut Tx, new: NewParty) -> Result<Party> {
    let code = new.code.as_deref().filter(|code| !code.trim().is_empty());
    let code = code.map(|code| {
        let why = "must be 1 to 20 of A-Z, 0-9, _, . and -, and begin with a letter or a digit";
        read_code(code).ok_or_else(|| Error::invalid("code", why))
    });
    let new = NewParty { code: code.transpose()?, fields: checked(new.fields)?, ..new };
    if new.fields.is_consumer && new.kind != Kind::Person {
        return Err(Error::invalid("is_consumer", "only a person is a consumer"));
    }
    let now = tx.now();
    let id = PartyId::generate(now);
    let code = store::insert_party(tx, id, &new).await?;
    let NewParty { entity_id, kind, roles, fields, .. } = new;
    Ok(Party { id, code, entity_id, kind, roles, fields, archived_at: None, created_at: now, updated_at: now })
}

/// Creates a customer or a supplier of an entity.
///
/// Invalid at the field that is wrong; conflict when its code is taken.
pub async fn create_party(tx: &mut Tx, entity: EntityId, command: CreateParty) -> Result<Party> {
    let mut new = command.into_new(entity);
    new.roles = checked_roles(new.roles, false)?;
    let party = insert_new_party(tx, new).await?;
    let details = if party.fields.is_consumer { json!({}) } else { json!({ "new": party.fields }) };
    tell(tx, "party_created", &party, details);
    Ok(party)
}

/// Creates a supplier of an entity from what a document of its own says.
///
/// Invalid at the field that is wrong.
pub async fn create_supplier(tx: &mut Tx, entity: EntityId, fields: PartyFields) -> Result<Party> {
    let party = insert_party(tx, Some(entity), Kind::Organisation, &[PartyRole::Supplier], fields).await?;
    tell(tx, "party_created", &party, json!({ "new": party.fields }));
    Ok(party)
}

/// Makes a party that is held this to the tenant, too.
pub async fn add_role(tx: &mut Tx, party: &Party, role: PartyRole) -> Result<()> {
    if party.roles.contains(&role) {
        return Ok(());
    }
    let mut roles = party.roles.clone();
    roles.push(role);
    roles.sort_unstable();
    store::update_roles(tx, party.id, &roles).await?;
    let told = json!({ "old": { "roles": party.roles }, "new": { "roles": roles } });
    tell(tx, "party_updated", party, told);
    Ok(())
}

/// Changes a customer or a supplier.
///
/// Refused when it is archived, and for the e-mail address of a buyer, which its buyer's routes keep.
pub async fn change_party(tx: &mut Tx, id: PartyId, command: UpdateParty) -> Result<Party> {
    let before = lock_living_party(tx, id).await?;
    tx.ctx().expect_version(before.updated_at)?;
    let is_buyer = before.roles.contains(&PartyRole::Buyer);
    let roles = command.roles.clone().map(|roles| checked_roles(roles, is_buyer)).transpose()?;
    let after = checked(command.applied_to(&before.fields))?;
    if is_buyer && (&after.email, after.vat_rate) != (&before.fields.email, before.fields.vat_rate) {
        let detail = "It buys leads: its e-mail address and its VAT rate are changed where buyers are.";
        return Err(Error::refused("party_is_buyer", detail));
    }
    if after.is_consumer && before.kind != Kind::Person {
        return Err(Error::invalid("is_consumer", "only a person is a consumer"));
    }
    let roles = roles.filter(|roles| *roles != before.roles);
    let changed = changes(&before.fields, &after);
    if changed.is_some() {
        store::update_party(tx, id, &after).await?;
    }
    if let Some(roles) = &roles {
        store::update_roles(tx, id, roles).await?;
    }
    if changed.is_some() || roles.is_some() {
        let mut told = changed.unwrap_or_else(|| json!({ "old": {}, "new": {} }));
        if let Some(roles) = roles {
            told["old"]["roles"] = json!(before.roles);
            told["new"]["roles"] = json!(roles);
        }
        let is_private = after.is_consumer || before.fields.is_consumer;
        tell(tx, "party_updated", &before, if is_private { names_of(&told) } else { told });
    }
    store::get_party(tx, id).await
}

/// A party that is not archived, held until the transaction ends.
///
/// Not found outside the caller's scope; refused when it is archived.
pub async fn lock_living_party(tx: &mut Tx, id: PartyId) -> Result<Party> {
    let party = store::lock_party(tx, id).await?;
    if party.archived_at.is_some() {
        return Err(Error::refused("party_archived", "It is archived: it no longer changes."));
    }
    Ok(party)
}

/// A party, held until the transaction ends.
///
/// Not found outside the caller's scope.
pub async fn lock_party(tx: &mut Tx, id: PartyId) -> Result<Party> {
    store::lock_party(tx, id).await
}

/// The one living party of an entity, or of all, that pays from this account; none when there are several.
pub async fn find_by_iban(tx: &mut Tx, entity: EntityId, iban: &Iban) -> Result<Option<Party>> {
    let mut found = store::list_by_iban(tx, entity, iban).await?;
    Ok(found.pop().filter(|_| found.is_empty()))
}

/// Writes what is known of a party; answers what is now stored.
///
/// Conflict when another living buyer of the entity has the e-mail address.
pub async fn update_party(tx: &mut Tx, id: PartyId, fields: PartyFields) -> Result<PartyFields> {
    let fields = checked(fields)?;
    store::update_party(tx, id, &fields).await?;
    Ok(fields)
}

/// Archives a party, which frees its e-mail address; whether it was not archived before.
pub async fn archive_party(tx: &mut Tx, id: PartyId) -> Result<bool> {
    store::archive_party(tx, id).await
}

/// Tells of what happened to a party in the words of this module.
pub(crate) fn tell(tx: &mut Tx, action: &'static str, party: &Party, details: Value) {
    let mut details = details;
    details["code"] = json!(party.code);
    tx.emit(Event::new(action, "party", party.id).entity(party.entity_id).details(details));
}

/// The names of what changed: what consumers are called and where they live is not told.
fn names_of(changed: &Value) -> Value {
    let fields: Vec<_> = changed["new"].as_object().into_iter().flatten().map(|(field, _)| field.clone()).collect();
    json!({ "fields": fields })
}

fn checked(fields: PartyFields) -> Result<PartyFields> {
    let fields = fields.normalised();
    match fields.refusal() {
        Some((field, why)) => Err(Error::invalid(field, why)),
        None => Ok(fields),
    }
}

/// Roles in order, once each; that it buys leads neither comes nor goes here.
fn checked_roles(mut roles: Vec<PartyRole>, is_buyer: bool) -> Result<Vec<PartyRole>> {
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() {
        return Err(Error::invalid("roles", "must have one at least"));
    }
    if roles.contains(&PartyRole::Buyer) != is_buyer {
        return Err(Error::invalid("roles", "cannot say here who buys leads"));
    }
    Ok(roles)
}
