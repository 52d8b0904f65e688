//! The books, over the whole router and a real PostgreSQL.

mod entries;
mod fec;
mod frozen;
mod opening;
mod periods;
mod reports;

use kernel::{Date, EntityId, PartyId};
use ledger::{Account, Aux, Journal, NewEntry, NewLine, Posted, Role, VatDirection, VatLine};
use platform::{Actor, Ctx, Tx};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::TestApp;

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// An id that is used nowhere else.
pub(crate) fn new_id() -> Uuid {
    kernel::EntryId::generate(crate::support::instant("2026-02-11T09:00:00Z")).uuid()
}

/// The service itself, over the whole tenant.
pub(crate) async fn ctx(app: &TestApp) -> Ctx {
    app.platform.act_in(app.tenant, Actor::System("test"), "test").await.unwrap()
}

pub(crate) async fn begin(app: &TestApp) -> Tx {
    ctx(app).await.begin().await.unwrap()
}

pub(crate) fn entity(ctx: &Ctx, code: &str) -> EntityId {
    ctx.entity_by_code(code).unwrap().id
}

/// A customer of an entity, as the books know it.
pub(crate) async fn customer(app: &TestApp, entity: &str, code: &str) -> Aux {
    let client = json!({ "entity": entity, "name": format!("Client {code}"), "email": format!("{}@c.example", code.to_lowercase()) });
    let client = app.post("/api/clients", client).expect(201).await;
    let id: Uuid = client["id"].as_str().unwrap().parse().unwrap();
    Aux { party_id: PartyId::from_uuid(id), code: code.to_owned(), name: format!("Client {code}") }
}

/// The sale of spec/field.md 5.9: 112.50 of labour and 189.90 of parts, at 20 and 10 %.
pub(crate) fn sale(entity: EntityId, customer: &Aux, number: &str, on: Date) -> NewEntry {
    let aux = |line: NewLine| NewLine { aux: Some(customer.clone()), due_on: Some(on.plus_days(30)), ..line };
    let vat = |rate: &str, base: &str, vat: &str| VatLine {
        direction: VatDirection::Output,
        category: "S".into(),
        rate: decimal(rate),
        base: decimal(base),
        vat: decimal(vat),
        second: None,
        tax_on: on,
    };
    NewEntry {
        entity,
        journal: Journal::Sales,
        on,
        piece_ref: number.to_owned(),
        piece_on: on,
        label: format!("Facture {number}"),
        source_kind: "invoice",
        source_id: new_id(),
        second: None,
        lines: vec![
            aux(NewLine::debit(Account::Role(Role::Customers), decimal("343.89"))),
            NewLine::credit(Account::Role(Role::SalesServices), decimal("112.50")),
            NewLine::credit(Account::Role(Role::SalesGoods), decimal("189.90")),
            NewLine::credit(Account::RoleAt(Role::VatCollected, decimal("20")), decimal("22.50")),
            NewLine::credit(Account::RoleAt(Role::VatCollected, decimal("10")), decimal("18.99")),
        ],
        vat: vec![vat("20", "112.50", "22.50"), vat("10", "189.90", "18.99")],
        reverses: None,
    }
}

/// Money received for it.
pub(crate) fn receipt(entity: EntityId, customer: &Aux, amount: &str, on: Date) -> NewEntry {
    let credit = NewLine::credit(Account::Role(Role::Customers), decimal(amount));
    NewEntry {
        journal: Journal::Bank,
        label: "Virement".into(),
        source_kind: "payment",
        lines: vec![
            NewLine::debit(Account::Role(Role::Bank), decimal(amount)),
            NewLine { aux: Some(customer.clone()), ..credit },
        ],
        vat: vec![],
        ..sale(entity, customer, "VIR", on)
    }
}

/// Posts and commits.
pub(crate) async fn posted(app: &TestApp, entry: NewEntry) -> Posted {
    let mut tx = begin(app).await;
    let posted = ledger::post(&mut tx, entry).await.unwrap();
    tx.commit().await.unwrap();
    posted
}

/// An entry by hand, of one amount from one account to another.
pub(crate) fn manual(amount: &str, on: &str) -> Value {
    json!({ "entity": "ZR7", "on": on, "label": "À la main", "lines": [
        { "account": "471", "debit": amount, "credit": null }, { "account": "512", "debit": null, "credit": amount } ] })
}
