//! An entry of a statement: one line, or one for each transaction of a batch.

use kernel::{Currency, Date};
use rust_decimal::Decimal;

use super::amount;
use crate::element::Element;
use crate::model::{StatementAccount, StatementLine, StatementReturn, StatementReturnReason, StatementWarning};
use crate::refusal::{Place, Refusal};
use crate::seal::DraftLine;
use crate::text::{iban, iso_date, plain_amount, said};

/// An entry and what is known around it.
pub(super) struct Source<'a> {
    pub(super) entry: &'a Element,
    pub(super) number: usize,
    pub(super) currency: Currency,
    pub(super) account: &'a StatementAccount,
}

impl Source<'_> {
    fn name(&self) -> String {
        format!("Ntry {}", self.number)
    }

    fn place(&self, element: &Element, name: &str) -> Place {
        Place::new(element.line, format!("Ntry {}, {name}", self.number))
    }
}

/// Adds the lines of an entry.
pub(super) fn read(
    source: &Source<'_>,
    lines: &mut Vec<DraftLine>,
    warnings: &mut Vec<StatementWarning>,
) -> Result<(), Refusal> {
    let entry = source.entry;
    let status = entry.text_at("Sts/Cd").or_else(|| entry.text_at("Sts/Prtry")).or_else(|| entry.text_at("Sts"));
    if let Some(status) = status.filter(|status| *status != "BOOK") {
        warnings.push(StatementWarning::NotBooked { entry: source.number, status: status.chars().take(40).collect() });
        return Ok(());
    }
    let amount = amount(entry, source.currency, &source.name())?;
    let transactions: Vec<_> = entry.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
    let reference = reference(entry.text_at("AcctSvcrRef"), entry);
    match transactions.as_slice() {
        [] => lines.push(line(source, &Element::default(), amount, reference)?),
        [only] => lines.push(line(source, only, amount, own_reference(only).or(reference))?),
        several => {
            if let Some(parts) = parts(source, several, amount) {
                return split(source, several, &parts, lines);
            }
            warnings.push(StatementWarning::BatchKept { entry: source.number, transactions: several.len() });
            lines.push(line(source, &Element::default(), amount, reference)?);
        }
    }
    Ok(())
}

/// A reversal may bear the reference of what it reverses.
fn reference(stated: Option<&str>, entry: &Element) -> Option<String> {
    let stated = stated.and_then(said)?;
    Some(if is_reversal(entry) { format!("{stated}/RVSL") } else { stated })
}

fn is_reversal(entry: &Element) -> bool {
    matches!(entry.text_at("RvslInd"), Some("true" | "1"))
}

fn own_reference(transaction: &Element) -> Option<String> {
    transaction.text_at("Refs/AcctSvcrRef").and_then(said)
}

/// The signed amounts of the transactions, when all are known and add up to the entry.
fn parts(source: &Source<'_>, transactions: &[&Element], total: Decimal) -> Option<Vec<Decimal>> {
    let parts: Option<Vec<_>> = transactions.iter().map(|transaction| part(source, transaction, total)).collect();
    parts.filter(|parts| parts.iter().sum::<Decimal>() == total)
}

fn part(source: &Source<'_>, transaction: &Element, total: Decimal) -> Option<Decimal> {
    let paths = ["Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt"];
    let in_currency = |amt: &&Element| amt.ccy.as_deref().is_some_and(|ccy| ccy == source.currency.code());
    let amt = paths.iter().filter_map(|path| transaction.at(path)).find(in_currency)?;
    let unsigned = plain_amount(&amt.text, source.currency, || source.place(amt, "Amt")).ok()?.abs();
    let is_debit = match transaction.text_at("CdtDbtInd") {
        Some("DBIT") => true,
        Some("CRDT") => false,
        _ => total.is_sign_negative(),
    };
    Some(if is_debit && !unsigned.is_zero() { -unsigned } else { unsigned })
}

/// A line for each transaction, under the bank's reference of the transaction where those tell them apart, else under
/// the entry's and their rank.
fn split(
    source: &Source<'_>,
    transactions: &[&Element],
    parts: &[Decimal],
    lines: &mut Vec<DraftLine>,
) -> Result<(), Refusal> {
    let own: Vec<_> = transactions.iter().filter_map(|transaction| own_reference(transaction)).collect();
    let distinct: std::collections::HashSet<_> = own.iter().collect();
    let tells_apart = distinct.len() == transactions.len();
    let batch = reference(source.entry.text_at("AcctSvcrRef"), source.entry);
    for (at, (transaction, part)) in transactions.iter().zip(parts).enumerate() {
        let of_batch = batch.as_ref().map(|batch| format!("{batch}/{}", at + 1));
        let reference = if tells_apart { own_reference(transaction) } else { of_batch };
        lines.push(line(source, transaction, *part, reference)?);
    }
    Ok(())
}

fn line(
    source: &Source<'_>,
    transaction: &Element,
    amount: Decimal,
    reference: Option<String>,
) -> Result<DraftLine, Refusal> {
    let entry = source.entry;
    let booked_on = day(source, "BookgDt")?.or(day(source, "ValDt")?);
    let booked_on = booked_on.ok_or_else(|| Refusal::Missing(source.place(entry, "BookgDt")))?;
    let remittance = joined(transaction.child("RmtInf").map(|info| info.all("Ustrd")).into_iter().flatten());
    let references = structured(transaction);
    let returned = returned(entry, transaction);
    let is_turned = returned.is_some() || is_reversal(entry);
    let (counterparty, counterparty_iban) = counterparty(source.account, transaction, amount, is_turned);
    let label = remittance
        .clone()
        .or_else(|| (!references.is_empty()).then(|| references.join(" ")))
        .or_else(|| transaction.text_at("AddtlTxInf").and_then(said))
        .or_else(|| entry.text_at("AddtlNtryInf").and_then(said))
        .or_else(|| counterparty.clone())
        .unwrap_or_default();
    let line = StatementLine {
        external_id: String::new(),
        booked_on,
        value_on: day(source, "ValDt")?,
        amount,
        currency: source.currency,
        label,
        counterparty,
        counterparty_iban,
        end_to_end_id: transaction.text_at("Refs/EndToEndId").and_then(said),
        references,
        remittance,
        transaction_code: code(transaction).or_else(|| code(entry)),
        charges: charges(source, transaction),
        returned,
    };
    Ok(DraftLine { line, reference, place: Place::new(entry.line, source.name()) })
}

fn day(source: &Source<'_>, name: &str) -> Result<Option<Date>, Refusal> {
    let Some(date) = source.entry.child(name) else { return Ok(None) };
    let Some(stated) = date.child("Dt").or_else(|| date.child("DtTm")) else { return Ok(None) };
    iso_date(&stated.text, || source.place(stated, name)).map(Some)
}

/// Banks cut a long text into several elements, of 140 or 35 characters each.
fn joined<'a>(texts: impl Iterator<Item = &'a Element>) -> Option<String> {
    let texts: Vec<_> = texts.filter_map(|text| said(&text.text)).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}

fn structured(transaction: &Element) -> Vec<String> {
    let mut references = Vec::new();
    for part in transaction.child("RmtInf").map(|info| info.all("Strd")).into_iter().flatten() {
        references.extend(part.text_at("CdtrRefInf/Ref").or_else(|| part.text_at("CdtrRefInf/CdtrRef")).and_then(said));
        references.extend(part.all("RfrdDocInf").filter_map(|document| document.text_at("Nb").and_then(said)));
    }
    references.extend(transaction.text_at("Refs/ChqNb").and_then(said));
    references.dedup();
    references
}

/// `PMNT-RCDT-ESCT`, or the bank's own code.
fn code(element: &Element) -> Option<String> {
    let code = element.child("BkTxCd")?;
    let domain = ["Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd"].map(|path| code.text_at(path));
    if let [Some(domain), Some(family), Some(sub)] = domain {
        return said(&format!("{domain}-{family}-{sub}"));
    }
    code.text_at("Prtry/Cd").and_then(said)
}

/// What the bank took of a transaction; its total, else the sum of its records, when in the account's currency.
fn charges(source: &Source<'_>, transaction: &Element) -> Option<Decimal> {
    let charges = transaction.child("Chrgs").or_else(|| source.entry.child("Chrgs"))?;
    let read = |amt: &Element| {
        let ours = amt.ccy.as_deref() == Some(source.currency.code());
        ours.then(|| plain_amount(&amt.text, source.currency, Place::default).ok()).flatten().map(|amount| amount.abs())
    };
    let total = charges.child("TtlChrgsAndTaxAmt").or_else(|| charges.child("Amt")).and_then(read);
    let records = || {
        let records: Option<Vec<_>> = charges.all("Rcrd").map(|record| record.child("Amt").and_then(read)).collect();
        records.map(|records| records.iter().sum())
    };
    total.or_else(records).filter(|charges| !charges.is_zero())
}

/// ISO 20022's families of movements that undo an earlier one, and the German codes (GVC) that mean the same.
fn returned(entry: &Element, transaction: &Element) -> Option<StatementReturn> {
    const SUB_FAMILIES: [&str; 4] = ["-UPDD", "-RRTN", "-UPCQ", "-UPCT"];
    const GVC: [&str; 3] = ["108", "109", "159"];
    let info = transaction.child("RtrInf");
    // A debit that reverses takes an earlier credit back; a credit that reverses gives back a charge.
    let takes_back = is_reversal(entry) && entry.text_at("CdtDbtInd") == Some("DBIT");
    let code = code(transaction).or_else(|| code(entry)).unwrap_or_default();
    let says = SUB_FAMILIES.iter().any(|sub| code.ends_with(sub))
        || [transaction, entry].iter().any(|element| {
            let own = element.text_at("BkTxCd/Prtry/Cd").unwrap_or_default();
            own.split('+').any(|part| GVC.contains(&part))
        });
    if info.is_none() && !says && !takes_back {
        return None;
    }
    let stated = |info: &Element| info.text_at("Rsn/Cd").or_else(|| info.text_at("Rsn/Prtry")).and_then(said);
    Some(StatementReturn {
        reason: info.and_then(stated).map(StatementReturnReason),
        end_to_end_id: transaction.text_at("Refs/EndToEndId").and_then(said),
        mandate_id: transaction.text_at("Refs/MndtId").and_then(said),
    })
}

/// The other side: who pays what comes in, who is paid what goes out; turned around when an earlier payment came back,
/// because the parties are those of that one.
fn counterparty(
    own: &StatementAccount,
    transaction: &Element,
    amount: Decimal,
    is_turned: bool,
) -> (Option<String>, Option<String>) {
    let Some(parties) = transaction.child("RltdPties") else { return (None, None) };
    let side = |role: &str, account: &str, ultimate: &str| {
        let name = |role: &str| {
            let party = parties.child(role)?;
            let paths = ["Nm", "Pty/Nm", "Agt/FinInstnId/Nm"];
            paths.iter().find_map(|path| party.text_at(path)).and_then(said)
        };
        let iban = parties.child(account).and_then(|account| account.text_at("Id/IBAN")).and_then(iban);
        (name(role).or_else(|| name(ultimate)), iban)
    };
    let debtor = side("Dbtr", "DbtrAcct", "UltmtDbtr");
    let creditor = side("Cdtr", "CdtrAcct", "UltmtCdtr");
    let (picked, other) = if amount.is_sign_positive() == is_turned { (creditor, debtor) } else { (debtor, creditor) };
    let is_own = picked.1.is_some() && picked.1 == own.iban;
    let is_unknown = picked.0.is_none() && picked.1.is_none() && (other.1.is_none() || other.1 != own.iban);
    if is_own || is_unknown { other } else { picked }
}
