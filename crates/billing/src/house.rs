//! The entity that bills: its books, its legal identity, its day. Read once by every operation.

use kernel::{Country, Currency, Date, EntityId, PartyId, Zone};
use ledger::{Aux, Book, RateType};
use platform::tenancy::legal::{Legal, VatRegime};
use platform::{Error, Result, Tx};
use rust_decimal::Decimal;

use crate::documents::posting::{Conversion, VatDue};

/// An entity, ready to bill.
#[derive(Clone, Debug)]
pub struct House {
    /// The entity.
    pub entity: EntityId,
    /// Its code.
    pub code: String,
    /// Where its days begin.
    pub zone: Zone,
    /// The day there.
    pub today: Date,
    /// Its books.
    pub book: Book,
    /// Its legal identity.
    pub legal: Legal,
}

/// Reads an entity.
///
/// Not found when it is not in scope.
pub async fn open(tx: &mut Tx, entity: EntityId) -> Result<House> {
    let known = tx.ctx().entity(entity).ok_or_else(|| Error::not_found("entity"))?;
    let (code, zone) = (known.code.clone(), known.zone.clone());
    let book = ledger::peek(tx, entity).await?;
    let legal = platform::tenancy::legal::legal(tx, entity).await?;
    let today = tx.now().date_in(&zone);
    Ok(House { entity, code, zone, today, book, legal })
}

/// An amount as spreadsheets read it: with the digits of its currency.
pub fn figure(mut amount: Decimal, currency: Currency) -> String {
    amount.rescale(currency.decimals());
    amount.to_string()
}

/// The auxiliary account of a party: its code and name.
///
/// Not found out of scope.
pub async fn aux(tx: &mut Tx, party: PartyId) -> Result<Aux> {
    let party = parties::get_party(tx, party).await?;
    Ok(Aux { party_id: party.id, code: party.code.clone(), name: party.legal_name().to_owned() })
}

impl House {
    /// The standard VAT rate of its country, in percent: any other needs a reason.
    pub fn standard_rate(&self) -> Decimal {
        let country = self.book.country.parse().unwrap_or_else(|_| Country::france());
        let usual = catalog::vat_rates(&country).into_iter().find(|rate| rate.is_usual);
        usual.map_or(Decimal::ZERO, |rate| rate.rate)
    }

    /// When the VAT of its sales falls due.
    pub fn vat_due(&self) -> VatDue {
        match self.legal.vat_regime {
            VatRegime::OnReceipts => VatDue::OnReceipt,
            VatRegime::OnInvoicing | VatRegime::Franchise => VatDue::OnIssue,
        }
    }

    /// Whether the VAT of its purchases is deducted: not by who charges none (CGI art. 293 B).
    pub fn deducts_vat(&self) -> bool {
        self.legal.vat_regime != VatRegime::Franchise
    }

    /// Whether amounts of `currency` are converted for its books.
    pub fn is_foreign(&self, currency: Currency) -> bool {
        currency != self.book.functional
    }

    /// Proves that what happened on `on` lies not ahead.
    pub fn expect_past(&self, field: &'static str, on: Date) -> Result<()> {
        if on > self.today { Err(Error::invalid(field, "must not lie in the future")) } else { Ok(()) }
    }

    /// How amounts of `currency` get into the books on a day.
    ///
    /// Refused when there is no rate.
    pub async fn conversion(&self, tx: &mut Tx, currency: Currency, on: Date) -> Result<Conversion> {
        let book = &self.book;
        let rate = if self.is_foreign(currency) {
            let kind = book.second.map_or(RateType::Official, |second| second.rate_type);
            ledger::rate(tx, self.entity, currency, book.functional, kind, on).await?.rate
        } else {
            Decimal::ONE
        };
        let second = match book.second {
            Some(second) if second.currency == currency => Some((currency, Decimal::ONE, second.decimals)),
            Some(second) => {
                let found = ledger::rate(tx, self.entity, currency, second.currency, second.rate_type, on).await?;
                Some((second.currency, found.rate, second.decimals))
            }
            None => self.is_foreign(currency).then(|| (currency, Decimal::ONE, currency.decimals())),
        };
        Ok(Conversion { rate, decimals: book.functional_decimals, second })
    }
}
