//! What a line brings into the books beside the payments it makes: one entry, built leg by leg.

use kernel::{Date, EntryId, Rounding, VatCode, round};
use ledger::{Account, Journal, Role};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::store::accounts::BankAccountRow;
use super::store::lines::BankLineRow;
use crate::documents::model::Direction;
use crate::documents::posting::{Leg, vat_line};
use crate::documents::vat::VatKey;
use crate::house::House;
use crate::payments::entry::{Entry, Header};

/// Where a line's entries stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Booking<'a> {
    pub(super) house: &'a House,
    pub(super) account: &'a BankAccountRow,
    pub(super) line: &'a BankLineRow,
    pub(super) on: Date,
}

/// What stands against the money: where, how much of what the bank's account gets, and what one unit was worth when it came.
pub(super) struct Against {
    pub(super) account: Account,
    pub(super) amount: Decimal,
    pub(super) rate: Option<Decimal>,
}

impl Booking<'_> {
    /// Posts `moved` (above zero when it came in) between the bank's account and `against`, for a match.
    pub(super) async fn post(&self, tx: &mut Tx, of: Uuid, label: &str, against: Against) -> Result<EntryId> {
        let conversion = self.house.conversion(tx, self.line.currency, self.on).await?;
        let mut entry = Entry::new(conversion);
        let leg = Leg { account: against.account, aux: None, amount: -against.amount, due_on: None };
        let worth = round(leg.amount * against.rate.unwrap_or(conversion.rate), conversion.decimals, Rounding::HalfUp);
        entry.add(leg, worth);
        self.finish(tx, entry, (of, label), against.amount).await
    }

    /// Posts the whole line to an account; of what went out, `vat_rate` percent are VAT to be deducted.
    pub(super) async fn post_line(
        &self,
        tx: &mut Tx,
        (of, label): (Uuid, &str),
        account: Account,
        vat_rate: Option<Decimal>,
    ) -> Result<EntryId> {
        let conversion = self.house.conversion(tx, self.line.currency, self.on).await?;
        let mut entry = Entry::new(conversion);
        let gross = -self.line.amount;
        let vat = vat_rate.map_or(Decimal::ZERO, |rate| {
            round(gross * rate / (Decimal::ONE_HUNDRED + rate), self.line.currency.decimals(), Rounding::HalfUp)
        });
        let net = Leg { account, aux: None, amount: gross - vat, due_on: None };
        let worth = conversion.functional(net.amount);
        entry.add(net, worth);
        if let Some(rate) = vat_rate.filter(|_| !vat.is_zero()) {
            let leg = Leg { account: Account::RoleAt(Role::VatDeductible, rate), aux: None, amount: vat, due_on: None };
            let worth = conversion.functional(vat);
            entry.add(leg, worth);
            let key = VatKey { category: VatCode::S, rate };
            entry.declare(vat_line(Direction::Purchase, key, (gross - vat, vat), self.on, &conversion));
        }
        self.finish(tx, entry, (of, label), self.line.amount).await
    }

    async fn finish(
        &self,
        tx: &mut Tx,
        mut entry: Entry,
        (of, label): (Uuid, &str),
        moved: Decimal,
    ) -> Result<EntryId> {
        let bank = Account::Code(self.account.ledger_account.clone());
        entry.add_money(Leg { account: bank, aux: None, amount: moved, due_on: None });
        let label = if label.trim().is_empty() { &self.account.name } else { label };
        let header = Header {
            entity: self.account.entity_id,
            journal: Journal::Bank,
            on: self.on,
            piece: label.chars().take(60).collect(),
            label: label.chars().take(300).collect(),
            source: ("bank_line", of),
        };
        Ok(ledger::post(tx, entry.finish(header)).await?.id)
    }
}

/// The code of the account that plays a role.
///
/// Invalid as `account_role_missing` when none does.
pub(super) async fn code_of(tx: &mut Tx, house: &House, role: Role) -> Result<String> {
    let played = ledger::accounts::store::list_roles(tx, house.entity, Some(&[role.as_str().to_owned()])).await?;
    let account = played.into_iter().find(|played| played.qualifier.is_empty()).map(|played| played.account.code);
    account.ok_or_else(|| {
        let detail = format!("No account of this book plays the role {role}: choose one first.");
        Error::new(platform::Kind::Invalid, "account_role_missing", detail).with_field("role", role.as_str())
    })
}

/// The code of an account that takes lines which name no party.
///
/// Invalid, naming the field, where there is none, or it takes no such lines.
pub(super) async fn plain_account(tx: &mut Tx, house: &House, field: &'static str, code: &str) -> Result<String> {
    let code = code.trim();
    let found = ledger::accounts::store::list_by_code(tx, house.entity, &[code.to_owned()]).await?;
    let row = found.iter().find(|row| row.code == code).or_else(|| found.first());
    let row = row.ok_or_else(|| Error::invalid(field, format!("there is no account {code}")))?;
    if !row.postable || !row.active {
        return Err(Error::invalid(field, format!("the account {} takes no lines", row.code)));
    }
    if row.is_auxiliary {
        return Err(Error::invalid(
            field,
            format!("lines of the account {} name a party: match the payment instead", row.code),
        ));
    }
    Ok(row.code.clone())
}
