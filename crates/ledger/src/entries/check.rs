//! Whether an entry may stand in a book, before anything is written.

use kernel::{Currency, Date, is_exact};
use platform::{Error, Result};
use rust_decimal::Decimal;

use super::model::{Account, LABEL, NewEntry, NewLine, VatLine};
use crate::accounts::role::Role;
use crate::book::model::Book;
use crate::rules::balance::{Amounts, rounding_lines};

/// The most lines an entry may have.
const LINES: usize = 20_000;

/// Proves that an entry may stand in `book`; returns the lines that its rounding needs.
///
/// Invalid, naming the field: amounts that are negative, on both sides, too fine or all zero; sides that differ by more than
/// rounding explains.
pub(super) fn check(book: &Book, entry: &NewEntry) -> Result<Vec<NewLine>> {
    check_head(entry)?;
    check_second(book, entry)?;
    if entry.lines.len() < 2 || entry.lines.len() > LINES {
        return Err(Error::invalid("lines", format!("must be 2 to {LINES}")));
    }
    for (at, line) in entry.lines.iter().enumerate() {
        check_line(book, entry, line).map_err(|(field, why)| Error::invalid(format!("lines.{at}.{field}"), why))?;
    }
    for (at, line) in entry.vat.iter().enumerate() {
        check_vat(book, entry, line).map_err(|(field, why)| Error::invalid(format!("vat.{at}.{field}"), why))?;
    }
    let amounts: Vec<_> = entry.lines.iter().map(NewLine::amounts).collect();
    let currency = entry.second.map(|second| second.currency);
    let rounding = rounding_lines(&amounts, book.tolerance(currency)).map_err(|off| {
        let second = currency.map(|currency| format!(" and {} {currency}", off.second)).unwrap_or_default();
        let detail = format!("Debit and credit differ by {} {}{second}.", off.functional, book.functional);
        Error::new(platform::Kind::Invalid, "entry_unbalanced", detail)
            .with_field("lines", "debit and credit must be equal in each currency")
    })?;
    Ok(rounding.into_iter().map(rounding_line).collect())
}

fn rounding_line(amounts: Amounts) -> NewLine {
    let is_loss = amounts.debit + amounts.second_debit > Decimal::ZERO;
    NewLine {
        account: Account::Role(if is_loss { Role::RoundingLoss } else { Role::RoundingGain }),
        aux: None,
        label: None,
        debit: amounts.debit,
        credit: amounts.credit,
        second: Some((amounts.second_debit, amounts.second_credit)),
        due_on: None,
    }
}

fn check_head(entry: &NewEntry) -> Result<()> {
    let is_label = |text: &str, most: usize| text.chars().count() <= most;
    if entry.label.trim().is_empty() || !is_label(&entry.label, LABEL) {
        return Err(Error::invalid("label", "must have 1 to 500 characters"));
    }
    if !is_label(&entry.piece_ref, 100) {
        return Err(Error::invalid("piece_ref", "must have at most 100 characters"));
    }
    let years = |date: Date| date.jiff().year();
    if !(1990..=2199).contains(&years(entry.on)) {
        return Err(Error::invalid("on", "must lie between 1990 and 2199"));
    }
    if !(1900..=2199).contains(&years(entry.piece_on)) {
        return Err(Error::invalid("piece_on", "must lie between 1900 and 2199"));
    }
    Ok(())
}

fn check_second(book: &Book, entry: &NewEntry) -> Result<()> {
    let currency = entry.second.map(|second| second.currency);
    if let Some(own) = book.second
        && currency != Some(own.currency)
    {
        return Err(Error::invalid("second", format!("every entry of this book carries {}", own.currency)));
    }
    if currency == Some(book.functional) {
        return Err(Error::invalid("second", "is the currency of the book itself"));
    }
    let Some(rate) = entry.second.and_then(|second| second.rate) else { return Ok(()) };
    let limit = Decimal::from(1_000_000_000_000_i64);
    if rate <= Decimal::ZERO || rate >= limit || rate.normalize().scale() > 6 {
        return Err(Error::invalid("second.rate", "must be above zero, with at most six decimals"));
    }
    Ok(())
}

type Wrong = (&'static str, String);

fn check_line(book: &Book, entry: &NewEntry, line: &NewLine) -> Result<(), Wrong> {
    let amounts = line.amounts();
    if amounts.is_zero() {
        return Err(("debit", "is zero, and so is all else of the line: leave it out".to_owned()));
    }
    for (field, other, amount, against) in [
        ("debit", "credit", amounts.debit, amounts.credit),
        ("credit", "debit", amounts.credit, amounts.debit),
        ("second_debit", "second_credit", amounts.second_debit, amounts.second_credit),
        ("second_credit", "second_debit", amounts.second_credit, amounts.second_debit),
    ] {
        if amount < Decimal::ZERO {
            return Err((field, "must not be negative: it belongs on the other side".to_owned()));
        }
        if !amount.is_zero() && !against.is_zero() {
            return Err((field, format!("stands beside {other}: a line has one side")));
        }
    }
    exact("debit", amounts.debit, (book.functional, book.functional_decimals))?;
    exact("credit", amounts.credit, (book.functional, book.functional_decimals))?;
    match entry.second {
        Some(second) => {
            let digits = (second.currency, book.second_decimals(second.currency));
            exact("second_debit", amounts.second_debit, digits)?;
            exact("second_credit", amounts.second_credit, digits)?;
        }
        None if !(amounts.second_debit + amounts.second_credit).is_zero() => {
            return Err(("second_debit", "the entry has no second currency".to_owned()));
        }
        None => {}
    }
    if line.label.as_ref().is_some_and(|label| label.chars().count() > LABEL) {
        return Err(("label", "must have at most 500 characters".to_owned()));
    }
    match &line.aux {
        Some(aux) if aux.code.trim().is_empty() || aux.code.chars().count() > 40 => {
            Err(("aux.code", "must have 1 to 40 characters".to_owned()))
        }
        Some(aux) if aux.name.trim().is_empty() || aux.name.chars().count() > 300 => {
            Err(("aux.name", "must have 1 to 300 characters".to_owned()))
        }
        _ => Ok(()),
    }
}

fn exact(field: &'static str, amount: Decimal, (currency, decimals): (Currency, u32)) -> Result<(), Wrong> {
    if is_exact(amount, decimals) {
        return Ok(());
    }
    Err((field, format!("must have at most {decimals} decimals of {currency}, and less than 15 digits before them")))
}

fn check_vat(book: &Book, entry: &NewEntry, line: &VatLine) -> Result<(), Wrong> {
    if !["S", "Z", "E", "AE", "K", "G", "O"].contains(&line.category.as_str()) {
        return Err(("category", "must be one of S, Z, E, AE, K, G, O".to_owned()));
    }
    if line.rate < Decimal::ZERO || line.rate > Decimal::ONE_HUNDRED || line.rate.normalize().scale() > 4 {
        return Err(("rate", "must be between 0 and 100".to_owned()));
    }
    // Zero and exempt groups carry no VAT (spec/trade.md 3.3, 5.5).
    if line.rate.is_zero() && !line.vat.is_zero() {
        return Err(("vat", "must be zero at the rate zero".to_owned()));
    }
    exact("base", line.base, (book.functional, book.functional_decimals))?;
    exact("vat", line.vat, (book.functional, book.functional_decimals))?;
    if let (Some(second), Some((base, vat))) = (entry.second, line.second) {
        let digits = (second.currency, book.second_decimals(second.currency));
        exact("second_base", base, digits)?;
        exact("second_vat", vat, digits)?;
    }
    if !(1990..=2199).contains(&line.tax_on.jiff().year()) {
        return Err(("tax_on", "must lie between 1990 and 2199".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use kernel::EntityId;

    use super::*;
    use crate::book::model::{EntityFacts, OpenBook, open};
    use crate::entries::model::{Journal, Second, VatDirection};

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn book(country: &str) -> Book {
        let facts = EntityFacts { country: Some(country.into()), ..EntityFacts::default() };
        open(EntityId::from_uuid(uuid::Uuid::nil()), &facts, &OpenBook::default())
    }

    fn sale() -> NewEntry {
        let line = |role: Role, debit: &str, credit: &str| NewLine {
            debit: decimal(debit),
            credit: decimal(credit),
            ..NewLine::debit(Account::Role(role), Decimal::ZERO)
        };
        NewEntry {
            entity: EntityId::from_uuid(uuid::Uuid::nil()),
            journal: Journal::Sales,
            on: day("2026-02-11"),
            piece_ref: "FAC-2026-0001".into(),
            piece_on: day("2026-02-11"),
            label: "Facture FAC-2026-0001".into(),
            source_kind: "invoice",
            source_id: uuid::Uuid::nil(),
            second: None,
            lines: vec![
                line(Role::Customers, "343.89", "0"),
                line(Role::SalesServices, "0", "112.50"),
                line(Role::SalesGoods, "0", "189.90"),
                line(Role::VatCollected, "0", "41.49"),
            ],
            vat: vec![VatLine {
                direction: VatDirection::Output,
                category: "S".into(),
                rate: decimal("20"),
                base: decimal("112.50"),
                vat: decimal("22.50"),
                second: None,
                tax_on: day("2026-02-11"),
            }],
            reverses: None,
        }
    }

    #[test]
    fn what_may_not_stand_in_a_book_is_named() {
        type Spoil = fn(&mut NewEntry);
        let rows: [(&str, Spoil); 18] = [
            ("label", |entry| entry.label = "  ".into()),
            ("label", |entry| entry.label = "x".repeat(501)),
            ("piece_ref", |entry| entry.piece_ref = "x".repeat(101)),
            ("on", |entry| entry.on = "1989-12-31".parse().unwrap()),
            ("lines", |entry| entry.lines.truncate(1)),
            ("lines", |entry| entry.lines[0].debit += Decimal::new(6, 2)),
            ("lines.0.debit", |entry| entry.lines[0].debit = Decimal::new(-34389, 2)),
            ("lines.1.credit", |entry| entry.lines[1].credit = Decimal::new(112_501, 3)),
            ("lines.1.debit", |entry| entry.lines[1].debit = Decimal::ONE),
            ("lines.0.debit", |entry| entry.lines[0].debit = Decimal::from(100_000_000_000_000_i64)),
            ("lines.2.debit", |entry| entry.lines[2].credit = Decimal::ZERO),
            ("lines.0.second_debit", |entry| entry.lines[0].second = Some((Decimal::ONE, Decimal::ZERO))),
            ("second", |entry| entry.second = Some(Second { currency: Currency::EUR, rate: None, rate_type: None })),
            ("second.rate", |entry| {
                entry.second = Some(Second { currency: Currency::USD, rate: Some(Decimal::ZERO), rate_type: None });
            }),
            ("vat.0.category", |entry| entry.vat[0].category = "X".into()),
            ("vat.0.rate", |entry| entry.vat[0].rate = Decimal::from(101)),
            ("vat.0.vat", |entry| entry.vat[0].vat = Decimal::new(22_501, 3)),
            ("lines.0.aux.code", |entry| {
                entry.lines[0].aux = Some(super::super::model::Aux {
                    party_id: kernel::PartyId::from_uuid(uuid::Uuid::nil()),
                    code: String::new(),
                    name: "x".into(),
                });
            }),
        ];
        assert_eq!(check(&book("FR"), &sale()).unwrap(), []);
        for (field, spoil) in rows {
            let mut entry = sale();
            spoil(&mut entry);
            let error = check(&book("FR"), &entry).unwrap_err();
            assert_eq!(error.fields().first().map(|error| error.field.as_str()), Some(field), "{error:?}");
            assert_eq!(error.kind(), platform::Kind::Invalid);
        }
    }

    #[test]
    fn cents_lost_by_rounding_get_a_line_of_their_own() {
        let mut entry = sale();
        entry.lines[0].debit += Decimal::new(5, 2);
        let rounding = check(&book("FR"), &entry).unwrap();
        assert_eq!(rounding.len(), 1);
        assert_eq!(
            (&rounding[0].account, rounding[0].credit),
            (&Account::Role(Role::RoundingGain), Decimal::new(5, 2))
        );
        entry.lines[0].debit -= Decimal::new(7, 2);
        let rounding = check(&book("FR"), &entry).unwrap();
        assert_eq!((&rounding[0].account, rounding[0].debit), (&Account::Role(Role::RoundingLoss), Decimal::new(2, 2)));
    }

    #[test]
    fn every_entry_of_a_book_in_two_currencies_carries_both() {
        assert_eq!(check(&book("LB"), &sale()).unwrap_err().fields()[0].field, "second");
        let mut entry = sale();
        entry.second = Some(Second { currency: Currency::LBP, rate: None, rate_type: None });
        for line in &mut entry.lines {
            line.second = Some((line.debit * decimal("89500"), line.credit * decimal("89500")));
        }
        assert_eq!(check(&book("LB"), &entry).unwrap(), [], "T-34: a rate need not apply");
        entry.lines[0].second = Some((decimal("343.89") * decimal("89500") + decimal("5001"), Decimal::ZERO));
        assert_eq!(check(&book("LB"), &entry).unwrap_err().code(), "entry_unbalanced");
        entry.lines[0].second = Some((decimal("343.89") * decimal("89500") + decimal("4200"), Decimal::ZERO));
        assert_eq!(check(&book("LB"), &entry).unwrap()[0].second, Some((Decimal::ZERO, decimal("4200.00"))));
    }
}
