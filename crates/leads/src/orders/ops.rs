//! The only writers of orders.

use kernel::{EntityId, OrderId};
use platform::{Ctx, Error, Event, Permission, Result, Tx};
use serde_json::{Value, json};

use super::model::{CreateOrder, Order, Terms, UpdateOrder};
use super::store;
use crate::buyers::ops::Removal;
use crate::changes::changes;
use crate::routing::jobs::request_sweep;
use crate::rules::departement::{DepartementPolicy, DepartementSet};

/// Creates an order of `entity`.
///
/// Conflict when it is active and the buyer has an active one for the product (L-12).
pub async fn create_order(tx: &mut Tx, entity: EntityId, command: CreateOrder) -> Result<OrderId> {
    let terms = Terms {
        departements: parse_departements(&command.departements)?,
        quota: command.quota_semaine,
        lb_target: command.lb_target_pct,
        priority: command.priorite,
        auto_renew: command.auto_renew,
        replace_suspicious: command.replace_suspicious,
        notes: command.notes.trim().to_owned(),
    };
    check_terms(tx, &terms).await?;
    let now = tx.now();
    let mut order = Order {
        id: OrderId::generate(now),
        entity_id: entity,
        buyer_id: command.buyer_id,
        product: command.product.trim().to_uppercase(),
        terms,
        active: false,
        ends_on: None,
        archived_at: None,
    };
    check_product(tx, &order.product).await?;
    check_buyer(tx, &order).await?;
    if command.active {
        activate(tx, &mut order);
    }
    store::insert_order(tx, &order).await?;
    let details = json!({ "product": order.product, "active": order.active, "new": order.terms });
    emit(tx, "order_created", &order, details);
    if order.active {
        request_sweep(tx, "order_created")?;
    }
    Ok(order.id)
}

/// Changes an order; each field needs its own permission (L-51).
///
/// Refused when it is archived; conflict when it becomes active beside another (L-12).
pub async fn update_order(tx: &mut Tx, id: OrderId, command: UpdateOrder) -> Result<()> {
    check_permissions(tx.ctx(), &command)?;
    let before = lock_living(tx, id).await?;
    let mut after = Order { terms: applied(command.clone(), &before.terms)?, ..before.clone() };
    check_terms(tx, &after.terms).await?;
    if after.active && after.terms.auto_renew != before.terms.auto_renew {
        activate(tx, &mut after);
    }
    let changed = changes(&before.terms, &after.terms);
    let turned = command.active.filter(|active| *active != before.active);
    if let Some(active) = turned {
        turn(tx, &mut after, active).await?;
    }
    if changed.is_none() && turned.is_none() {
        return Ok(());
    }
    store::update_order(tx, &after).await?;
    if let Some(changed) = changed {
        emit(tx, "order_updated", &after, changed);
    }
    if let Some(active) = turned {
        emit(tx, turn_action(active), &after, json!({}));
    }
    if after.active && (turned.is_some() || after.terms.is_wider_than(&before.terms)) {
        request_sweep(tx, "order_widened")?;
    }
    Ok(())
}

/// Pauses an active order, activates a paused one.
///
/// Refused when it is archived, or its buyer or product is off; conflict beside another active one (L-12).
pub async fn toggle_order(tx: &mut Tx, id: OrderId) -> Result<()> {
    let mut order = lock_living(tx, id).await?;
    let active = !order.active;
    turn(tx, &mut order, active).await?;
    store::update_order(tx, &order).await?;
    emit(tx, turn_action(active), &order, json!({}));
    if active {
        request_sweep(tx, "order_activated")?;
    }
    Ok(())
}

/// Deletes an order, or archives it when anything refers to it (L-38).
pub async fn delete_order(tx: &mut Tx, id: OrderId) -> Result<Removal> {
    let order = lock_living(tx, id).await?;
    let removal = if store::has_history(tx, id).await? { Removal::Archived } else { Removal::Deleted };
    match removal {
        Removal::Deleted => store::delete_order(tx, id).await?,
        Removal::Archived => {
            let archived = Order { active: false, archived_at: Some(tx.now()), ..order.clone() };
            store::update_order(tx, &archived).await?;
        }
    }
    if order.active {
        emit(tx, turn_action(false), &order, json!({ "why": "archived" }));
    }
    emit(tx, "order_archived", &order, json!({ "product": order.product, "removal": removal }));
    Ok(removal)
}

/// Pauses the orders that do not renew themselves and whose week is over; for a daily schedule. Safe to run twice.
pub async fn close_ended(ctx: &Ctx) -> Result<Value> {
    let today: Vec<_> = ctx.entities().map(|entity| (entity.id, ctx.now().date_in(&entity.zone))).collect();
    let mut tx = ctx.begin().await?;
    let closed = store::close_ended(&mut tx, &today).await?;
    for (order, entity, buyer) in &closed {
        let event = Event::new(turn_action(false), "order", *order).entity(*entity).related(*buyer);
        tx.emit(event.details(json!({ "why": "week_ended" })));
    }
    tx.commit().await?;
    Ok(json!({ "closed": closed.len() }))
}

const fn turn_action(active: bool) -> &'static str {
    if active { "order_activate" } else { "order_deactivate" }
}

async fn turn(tx: &mut Tx, order: &mut Order, active: bool) -> Result<()> {
    if active {
        check_product(tx, &order.product).await?;
        check_buyer(tx, order).await?;
        activate(tx, order);
    } else {
        order.active = false;
        order.ends_on = None;
    }
    Ok(())
}

/// An order that does not renew itself ends with the week in which it was activated.
fn activate(tx: &Tx, order: &mut Order) {
    let zone = tx.ctx().entity(order.entity_id).map_or(&tx.ctx().tenant().zone, |entity| &entity.zone);
    order.active = true;
    order.ends_on = order.terms.ends_on(tx.now().date_in(zone));
}

fn check_permissions(ctx: &Ctx, command: &UpdateOrder) -> Result<()> {
    if command.touches_quota() {
        ctx.require(Permission::CommandesEditQuota)?;
    }
    if command.touches_lb_target() {
        ctx.require(Permission::CommandesEditLbTarget)?;
    }
    if command.active.is_some() {
        ctx.require(Permission::CommandesActivatePause)?;
    }
    Ok(())
}

fn applied(command: UpdateOrder, before: &Terms) -> Result<Terms> {
    Ok(Terms {
        departements: command.departements.map_or(Ok(before.departements), |codes| parse_departements(&codes))?,
        quota: command.quota_semaine.unwrap_or(before.quota),
        lb_target: command.lb_target_pct.unwrap_or(before.lb_target),
        priority: command.priorite.unwrap_or(before.priority),
        auto_renew: command.auto_renew.unwrap_or(before.auto_renew),
        replace_suspicious: command.replace_suspicious.unwrap_or(before.replace_suspicious),
        notes: command.notes.map_or_else(|| before.notes.clone(), |notes| notes.trim().to_owned()),
    })
}

fn parse_departements(codes: &[String]) -> Result<DepartementSet> {
    DepartementSet::try_from_codes(codes).map_err(|error| Error::invalid("departements", error.to_string()))
}

async fn check_terms(tx: &mut Tx, terms: &Terms) -> Result<()> {
    let policy: DepartementPolicy = tx.setting().await?;
    match terms.refusal(&policy) {
        Some((field, why)) => Err(Error::invalid(field, why)),
        None => Ok(()),
    }
}

async fn check_product(tx: &mut Tx, code: &str) -> Result<()> {
    match catalog::store::find_item(tx, code).await? {
        Some(item) if item.active => Ok(()),
        Some(_) => Err(Error::invalid("product", "is no longer sold")),
        None => Err(Error::invalid("product", "is not in the catalogue")),
    }
}

/// Holds the buyer, so that it is not archived meanwhile.
async fn check_buyer(tx: &mut Tx, order: &Order) -> Result<()> {
    let buyer = crate::buyers::store::lock_buyer(tx, order.buyer_id).await?;
    if buyer.entity_id != order.entity_id {
        return Err(Error::invalid("buyer_id", "belongs to another entity"));
    }
    if !buyer.active || buyer.archived_at.is_some() {
        return Err(Error::refused("client_inactive", "The buyer is not active."));
    }
    Ok(())
}

async fn lock_living(tx: &mut Tx, id: OrderId) -> Result<Order> {
    let order = store::lock_order(tx, id).await?;
    if order.archived_at.is_some() {
        return Err(Error::refused("order_archived", "This order is archived: it no longer changes."));
    }
    Ok(order)
}

fn emit(tx: &mut Tx, action: &'static str, order: &Order, details: Value) {
    tx.emit(Event::new(action, "order", order.id).entity(order.entity_id).related(order.buyer_id).details(details));
}
