//! The banks of the demo: an account of each entity and a statement of its last days, as CAMT.053 and as a table.

use std::fmt::Write as _;

use kernel::Date;
use platform::Result;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::api::Api;
use super::{Due, decimal, id_of, items};

/// Days that the statement tells of.
const DAYS: i32 = 12;

struct Account {
    entity: &'static str,
    iban: &'static str,
    name: &'static str,
}

const ACCOUNTS: [Account; 2] = [
    Account { entity: "ZR7", iban: "FR7630006000010000123456708", name: "Compte courant" },
    Account { entity: "MDL", iban: "FR7630006000010000765432196", name: "Compte principal" },
];

/// A movement.
struct Movement {
    on: Date,
    amount: Decimal,
    label: String,
    name: String,
    end_to_end: String,
    /// What became of it: linked, posted, or left to suggestions.
    then: Then,
}

enum Then {
    /// A payment that a person recorded.
    Link(String),
    /// Posted to an account, with the VAT in it.
    Post(&'static str, Option<&'static str>),
    /// Nothing: the service matches it, or waits.
    Nothing,
}

/// Opens the accounts.
pub(super) async fn open(api: &Api) -> Result<()> {
    for account in &ACCOUNTS {
        let account = json!({ "entity": account.entity, "name": account.name, "iban": account.iban });
        api.post("/api/bank/accounts", &account).await?;
    }
    Ok(())
}

/// Imports the statement of an entity's account: what was recorded, what `due` customers paid without anybody recording it,
/// and what banks, suppliers and strangers do.
pub(super) async fn statement(api: &Api, entity: &str, today: Date, due: &[&Due]) -> Result<()> {
    let Some(account) = ACCOUNTS.iter().find(|account| account.entity == entity) else { return Ok(()) };
    let from = today.plus_days(-DAYS);
    let mut movements = recorded(api, entity, from).await?;
    movements.extend(due.iter().enumerate().map(|(n, due)| untold(n, due)));
    movements.extend(usual(today, entity == "ZR7"));
    movements.retain(|movement| from <= movement.on && movement.on < today);
    movements.sort_by(|a, b| (a.on, &a.label).cmp(&(b.on, &b.label)));
    let accounts = api.get(&format!("/api/bank/accounts?entity={entity}")).await?;
    let id = accounts.as_array().and_then(|all| all.first()).map(id_of).unwrap_or_default();
    let (file, query) = if entity == "ZR7" {
        let seen = api.get(&format!("/api/bank/accounts/{id}")).await?;
        let linked = movements.iter().filter(|movement| matches!(movement.then, Then::Link(_)));
        let opening = decimal(&seen["reconciliation"]["ledger_balance"])?
            - linked.map(|movement| movement.amount).sum::<Decimal>();
        (camt(account.iban, opening, (from, today.plus_days(-1)), &movements), "file_name=releve-zr7.xml")
    } else {
        (table(&movements), "file_name=releve-mdl.csv")
    };
    api.post_file(&format!("/api/bank/accounts/{id}/statements?{query}"), file).await?;
    for movement in &movements {
        let body = match &movement.then {
            Then::Nothing => continue,
            Then::Link(payment) => ("match", json!({ "payment_id": payment })),
            Then::Post(account, rate) => ("post", json!({ "account": account, "vat_rate": rate })),
        };
        let lines = api.get(&format!("/api/bank/lines?account={id}&search={}", encoded(&movement.label))).await?;
        let same = |line: &&Value| {
            line["state"] != "matched" && decimal(&line["amount"]).is_ok_and(|amount| amount == movement.amount)
        };
        if let Some(line) = items(&lines).find(same) {
            api.post(&format!("/api/bank/lines/{}/{}", id_of(line), body.0), &body.1).await?;
        }
    }
    Ok(())
}

/// What is in the books of these days already, and what was taken back.
async fn recorded(api: &Api, entity: &str, from: Date) -> Result<Vec<Movement>> {
    let page = api.get(&format!("/api/payments?entity={entity}&from={from}&limit=200")).await?;
    let mut movements = Vec::new();
    for payment in items(&page).filter(|payment| payment["status"] == "completed") {
        let text = |field: &str| payment[field].as_str().unwrap_or_default();
        let came_in = text("direction") == "in";
        let amount = decimal(&payment["amount"])?;
        movements.push(Movement {
            on: text("received_on").parse().unwrap_or(from),
            amount: if came_in { amount } else { -amount },
            label: format!("{} {}", if came_in { "VIR SEPA RECU" } else { "VIR SEPA EMIS" }, text("reference")),
            name: text("party_name").to_owned(),
            end_to_end: text("reference").to_owned(),
            then: Then::Link(text("id").to_owned()),
        });
    }
    Ok(movements)
}

/// What a customer paid: every third tells no number, so that a person must look.
fn untold(n: usize, due: &Due) -> Movement {
    let name = due.party.to_uppercase();
    let (label, end_to_end) = if n % 3 == 2 {
        (format!("VIR SEPA RECU {name}"), String::new())
    } else {
        (format!("VIR SEPA RECU {name} {}", due.number), due.number.clone())
    };
    Movement {
        on: due.coming.on,
        amount: due.coming.amount,
        label,
        name: due.party.clone(),
        end_to_end,
        then: Then::Nothing,
    }
}

fn usual(today: Date, is_zr7: bool) -> Vec<Movement> {
    let movement = |ago: i32, cents: i64, label: &str, name: &str, then: Then| Movement {
        on: today.plus_days(-ago),
        amount: Decimal::new(cents, 2),
        label: label.to_owned(),
        name: name.to_owned(),
        end_to_end: String::new(),
        then,
    };
    let mut usual = vec![movement(5, -2490, "COTISATION COMPTE PRO", "", Then::Post("627", None))];
    if is_zr7 {
        usual.extend([
            movement(8, -144_000, "PRLV ANNONCES EN LIGNE", "Régie en ligne", Then::Post("623", Some("20"))),
            movement(4, -231_000, "PRLV SEPA ORGANISME SOCIAL", "Organisme social", Then::Nothing),
            movement(3, 35_000, "VIR INST RECU M DUPRAT", "M Duprat", Then::Nothing),
        ]);
    } else {
        usual.push(movement(2, -8_990, "PAIEMENT CB PAPETERIE DU PORT", "", Then::Nothing));
    }
    usual
}

fn camt(iban: &str, opening: Decimal, (from, to): (Date, Date), movements: &[Movement]) -> String {
    let balance = |code: &str, amount: Decimal, on: Date| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{:.2}</Amt><CdtDbtInd>{}</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>",
            amount.abs(),
            sign(amount)
        )
    };
    let closing = opening + movements.iter().map(|movement| movement.amount).sum::<Decimal>();
    let mut file = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><GrpHdr><MsgId>RELEVE-{to}</MsgId><CreDtTm>{to}T23:00:00</CreDtTm></GrpHdr><Stmt><Id>{to}</Id><ElctrncSeqNb>11</ElctrncSeqNb><CreDtTm>{to}T23:00:00</CreDtTm><FrToDt><FrDtTm>{from}T00:00:00</FrDtTm><ToDtTm>{to}T23:59:59</ToDtTm></FrToDt><Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>{}{}",
        balance("OPBD", opening, from.plus_days(-1)),
        balance("CLBD", closing, to)
    );
    for (n, movement) in movements.iter().enumerate() {
        _ = write!(
            file,
            "\n<Ntry><Amt Ccy=\"EUR\">{:.2}</Amt><CdtDbtInd>{}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt><AcctSvcrRef>{on}-{n:03}</AcctSvcrRef><NtryDtls><TxDtls>",
            movement.amount.abs(),
            sign(movement.amount),
            on = movement.on
        );
        if !movement.end_to_end.is_empty() {
            _ = write!(file, "<Refs><EndToEndId>{}</EndToEndId></Refs>", escaped(&movement.end_to_end));
        }
        if !movement.name.is_empty() {
            let who = if movement.amount.is_sign_negative() { "Cdtr" } else { "Dbtr" };
            _ = write!(file, "<RltdPties><{who}><Nm>{}</Nm></{who}></RltdPties>", escaped(&movement.name));
        }
        _ = write!(
            file,
            "<RmtInf><Ustrd>{label}</Ustrd></RmtInf></TxDtls></NtryDtls><AddtlNtryInf>{label}</AddtlNtryInf></Ntry>",
            label = escaped(&movement.label)
        );
    }
    file.push_str("</Stmt></BkToCstmrStmt></Document>\n");
    file
}

fn table(movements: &[Movement]) -> String {
    let mut file = "Date;Libellé;Montant;Devise\n".to_owned();
    for movement in movements {
        let on = movement.on.jiff().strftime("%d/%m/%Y");
        let amount = format!("{:.2}", movement.amount).replace('.', ",");
        _ = writeln!(file, "{on};{};{amount};EUR", movement.label.replace(';', ","));
    }
    file
}

fn sign(amount: Decimal) -> &'static str {
    if amount.is_sign_negative() { "DBIT" } else { "CRDT" }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
