//! The samples, what is refused, and that no bytes make a reader panic.

use std::collections::HashSet;

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

const BNP: &[u8] = include_bytes!("../samples/bnp_camt053_001_02.xml");
const SPARKASSE: &[u8] = include_bytes!("../samples/sparkasse_camt053_001_08.xml");
const POSTFINANCE: &[u8] = include_bytes!("../samples/postfinance_camt053_001_04.xml");
const OFX1: &[u8] = include_bytes!("../samples/credit_agricole_ofx1.ofx");
const OFX2: &[u8] = include_bytes!("../samples/card_ofx2.ofx");
const AGRICOLE: &[u8] = include_bytes!("../samples/credit_agricole.csv");
const BNP_TABLE: &[u8] = include_bytes!("../samples/bnp.csv");
const GENERALE: &[u8] = include_bytes!("../samples/societe_generale.csv");
const QONTO: &[u8] = include_bytes!("../samples/qonto.csv");
const BOURSORAMA: &[u8] = include_bytes!("../samples/boursorama.csv");
const ALL: [&[u8]; 10] = [BNP, SPARKASSE, POSTFINANCE, OFX1, OFX2, AGRICOLE, BNP_TABLE, GENERALE, QONTO, BOURSORAMA];

fn one(bytes: &[u8]) -> Statement {
    let [statement] = <[_; 1]>::try_from(read(bytes, None).unwrap()).unwrap();
    statement
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn amounts(statement: &Statement) -> Vec<String> {
    statement.lines.iter().map(|line| line.amount.to_string()).collect()
}

fn ids(statement: &Statement) -> Vec<&str> {
    statement.lines.iter().map(|line| line.external_id.as_str()).collect()
}

#[test]
fn a_french_statement_splits_its_batch_and_knows_its_return() {
    let statement = one(BNP);
    assert_eq!(statement.account.iban.as_deref(), Some("FR7630004008120001020304005"));
    assert_eq!(
        (statement.account.bic.as_deref(), statement.number.as_deref()),
        (Some("BNPAFRPPXXX"), Some("0001020304020250314"))
    );
    assert_eq!((statement.opening, statement.closing), (Some(decimal("12500.40")), Some(decimal("13370.88"))));
    assert_eq!(amounts(&statement), ["361.48", "120.00", "260.00", "260.00", "-120.00", "-11.00"]);
    assert_eq!(
        ids(&statement)[..5],
        ["2507300012345", "2507300012399/1", "2507300012399/2", "2507300012399/3", "2507300012401"]
    );
    assert!(statement.lines[5].external_id.starts_with("sha256:"));
    let [transfer, debit, .., returned, fee] = statement.lines.as_slice() else { panic!() };
    assert_eq!(
        (transfer.label.as_str(), transfer.counterparty.as_deref()),
        ("VIR FAC-2025-0012", Some("Client Exemple SARL"))
    );
    assert_eq!(
        (transfer.end_to_end_id.as_deref(), transfer.transaction_code.as_deref()),
        (None, Some("PMNT-RCDT-ESCT"))
    );
    assert_eq!(transfer.counterparty_iban.as_deref(), Some("FR7630003012340005556667761"));
    assert_eq!(
        (debit.end_to_end_id.as_deref(), debit.counterparty.as_deref()),
        (Some("FAC-2025-0031"), Some("Mme Hélène Abiven"))
    );
    let why = returned.returned.as_ref().unwrap();
    assert_eq!(why.reason.as_ref().unwrap().meaning(), Some("there were no sufficient funds"));
    assert_eq!(
        (why.end_to_end_id.as_deref(), why.mandate_id.as_deref()),
        (Some("FAC-2025-0027"), Some("SEPA-2024-0007"))
    );
    assert_eq!(returned.counterparty.as_deref(), Some("Mme Hélène Abiven"));
    assert_eq!((fee.label.as_str(), &fee.returned), ("FRAIS REJET PRLVT", &None));
    assert_eq!(statement.warnings, [StatementWarning::NotBooked { entry: 5, status: "PDNG".to_owned() }]);
}

#[test]
fn a_german_statement_of_version_08_is_read_through_its_wrappers() {
    let statement = one(SPARKASSE);
    assert_eq!((statement.opening, statement.account.bic.as_deref()), (Some(decimal("-210.05")), Some("COLSDE33XXX")));
    assert_eq!(amounts(&statement), ["2380.00", "-103.00", "-25.00"]);
    let [transfer, returned, reversal] = statement.lines.as_slice() else { panic!() };
    assert_eq!(transfer.label, "Rechnung RE-2025-118 vom 24.03.2025 Kundennummer 4711, vielen Dank");
    assert_eq!(transfer.counterparty.as_deref(), Some("Bäckerei Köhler OHG"));
    assert_eq!((returned.charges, returned.counterparty.as_deref()), (Some(decimal("3.00")), Some("Jörg Ahrens")));
    assert_eq!(returned.returned.as_ref().unwrap().reason, Some(StatementReturnReason("MD06".to_owned())));
    assert_eq!(
        (reversal.external_id.as_str(), &reversal.returned),
        ("2025040111220001000/RVSL", &Some(StatementReturn::default()))
    );
}

#[test]
fn a_swiss_batch_gives_a_line_for_each_qr_reference() {
    let statement = one(POSTFINANCE);
    assert_eq!(amounts(&statement), ["200.10", "350.10", "-0.90"]);
    assert_eq!(statement.account.currency.unwrap().code(), "CHF");
    assert_eq!(statement.lines[0].references, ["210000000003139471430009017"]);
    assert_eq!(
        (statement.lines[1].label.as_str(), statement.lines[1].external_id.as_str()),
        ("RF18539007547034", "059001001700002-2")
    );
}

#[test]
fn a_batch_whose_details_do_not_add_up_stays_one_line() {
    let statement =
        one(text(BNP).replace(">260.00</Amt></TxAmt></AmtDtls>", ">261.00</Amt></TxAmt></AmtDtls>").as_bytes());
    assert_eq!(amounts(&statement), ["361.48", "640.00", "-120.00", "-11.00"]);
    assert_eq!(statement.warnings[0], StatementWarning::BatchKept { entry: 2, transactions: 3 });
}

#[test]
fn a_notification_is_read_without_balances_and_says_so() {
    let notification = text(BNP)
        .replace("camt.053", "camt.054")
        .replace("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn")
        .replace("<Stmt>", "<Ntfctn>")
        .replace("</Stmt>", "</Ntfctn>");
    let statement = one(notification.as_bytes());
    assert_eq!((statement.format, statement.lines.len()), (StatementFormat::Camt054, 6));
    assert_eq!(statement.warnings[0], StatementWarning::Notification);
}

#[test]
fn ofx_is_read_without_closing_tags_and_with_bare_ampersands() {
    let statement = one(OFX1);
    assert_eq!(statement.account.iban.as_deref(), Some("FR7613506100008501234567803"));
    assert_eq!(amounts(&statement), ["361.48", "-85.20", "-150.00"]);
    assert_eq!(statement.lines[0].label, "VIR SEPA CLIENT EXEMPLE SARL VIREMENT REÇU FAC-2025-0012");
    assert_eq!(
        (statement.lines[1].references.as_slice(), &statement.lines[1].remittance),
        (&["0004711".to_owned()][..], &None)
    );
    assert_eq!(statement.lines[1].booked_on.to_string(), "2025-03-14");
    assert_eq!(statement.lines[2].label, "CHEQUE IMPAYE 0098123 REJET CHQ LÉON & FILS");
    assert_eq!((statement.closing, statement.opening), (Some(decimal("4210.77")), None));
}

#[test]
fn ofx_2_holds_several_accounts_and_keeps_the_banks_own_day() {
    let statements = read(OFX2, None).unwrap();
    let [bank, card] = statements.as_slice() else { panic!() };
    assert_eq!(
        (bank.lines[0].booked_on.to_string().as_str(), amounts(bank)),
        ("2025-01-03", vec!["1250.00".to_owned(), "-12.50".to_owned()])
    );
    assert_eq!(bank.lines[0].counterparty.as_deref(), Some("Globex & Co"));
    assert_eq!((card.account.other.as_deref(), ids(card)), (Some("4000XXXXXXXX0002"), vec!["A-1"]));
}

#[test]
fn tables_of_french_banks_are_understood_unasked() {
    let agricole = one(AGRICOLE);
    assert_eq!(amounts(&agricole), ["361.48", "-85.20", "1234.56"]);
    assert_eq!(agricole.lines[0].label, "VIREMENT EN VOTRE FAVEUR CLIENT EXEMPLE SARL FAC-2025-0012");
    let bnp = one(BNP_TABLE);
    assert_eq!(amounts(&bnp), ["361.48", "-1085.20", "-12.00"]);
    assert!(bnp.lines[0].label.contains("FAC-2025-0012"), "{}", bnp.lines[0].label);
    let generale = one(GENERALE);
    assert_eq!(amounts(&generale), ["361.48", "-18.90", "-18.90"]);
    let qonto = one(QONTO);
    assert_eq!(
        (amounts(&qonto), qonto.opening),
        (vec!["361.48".to_owned(), "-1250.00".to_owned()], Some(decimal("2250.00")))
    );
    assert_eq!(
        (qonto.lines[0].external_id.as_str(), qonto.lines[0].end_to_end_id.as_deref()),
        ("atelier-1-trx-7", Some("FAC-2025-0012"))
    );
    assert_eq!(qonto.lines[0].counterparty_iban.as_deref(), Some("FR7630003012340005556667761"));
    let boursorama = read(BOURSORAMA, None).unwrap();
    assert_eq!(boursorama.iter().map(amounts).collect::<Vec<_>>(), [vec!["361.48", "-1012.40"], vec!["200.00"]]);
    assert_eq!(boursorama[0].account.other.as_deref(), Some("00040123456"));
}

#[test]
fn equal_lines_stay_two_and_reading_again_gives_the_same_ids() {
    for sample in ALL {
        let (first, again) = (read(sample, None).unwrap(), read(sample, None).unwrap());
        assert_eq!(first, again);
        for statement in &first {
            assert_eq!(ids(statement).iter().collect::<HashSet<_>>().len(), statement.lines.len());
            assert!(statement.lines.iter().all(|line| !line.external_id.is_empty()));
        }
    }
}

#[test]
fn a_line_twice_or_a_line_less_is_found() {
    let code = |text: String| read(text.as_bytes(), None).unwrap_err().code();
    let entry = |text: &str, nth: usize| {
        let start = text.match_indices("<Ntry>").nth(nth).unwrap().0;
        let end = start + text[start..].find("</Ntry>").unwrap() + "</Ntry>".len();
        (start, end)
    };
    let bnp = text(BNP);
    let (start, end) = entry(&bnp, 0);
    assert_eq!(code(format!("{}{}", &bnp[..end], &bnp[start..])), "statement_duplicate");
    assert_eq!(code(format!("{}{}", &bnp[..start], &bnp[end..])), "statement_unbalanced");
    let (start, end) = entry(&bnp, 3);
    assert_eq!(code(format!("{}{}", &bnp[..end], &bnp[start..])), "statement_unbalanced");
    let (start, end) = (bnp.find("<Stmt>").unwrap(), bnp.find("</Stmt>").unwrap() + 7);
    assert_eq!(code(format!("{}{}", &bnp[..end], &bnp[start..])), "statement_duplicate");
    let qonto = text(QONTO);
    let second = qonto.lines().nth(2).unwrap();
    assert_eq!(
        code(format!("{qonto}{second}\n").replace("-6,1000", "-5,1000").replace("trx-6", "")),
        "statement_unbalanced"
    );
    assert_eq!(
        code(
            qonto
                .replace("trx-6", "trx-7")
                .replace("-1,250.00", "361.48")
                .replace("11-03", "12-03")
                .replace(",Solde", "")
                .replace(",1361.48", "")
                .replace(",1000.00", "")
        ),
        "statement_duplicate"
    );
}

#[test]
fn a_movement_and_its_charge_may_share_a_reference() {
    let shared = text(SPARKASSE).replace("2025040211223355000", "2025040211223344000");
    let statement = one(shared.as_bytes());
    assert_eq!(ids(&statement)[..2], ["2025040211223344000", "2025040211223344000/2025-04-02/-103.00"]);
}

#[test]
fn every_refusal_says_where_and_why() {
    let bnp = text(BNP);
    let cases: Vec<(String, &str, &str)> = vec![
        (String::new(), "statement_unknown", "no bank statement"),
        ("<html></html>".to_owned(), "statement_unknown", "no bank statement"),
        ("a;b\n1;2\n".to_owned(), "statement_mapping_needed", "which columns"),
        (
            bnp.replace("BkToCstmrStmt", "BkToCstmrAcctRpt").replace("camt.053", "camt.052"),
            "statement_intraday",
            "camt.053",
        ),
        (bnp[..bnp.len() / 2].to_owned(), "statement_truncated", "ends before"),
        (bnp.replace("?>", "?><!DOCTYPE a [<!ENTITY b \"c\">]>"), "statement_malformed", "document type"),
        (bnp.replace("VIR FAC", "&b; FAC"), "statement_malformed", "line 40: a document type or an entity"),
        (bnp.replace("<Ustrd>", &"<a>".repeat(60)), "statement_malformed", "deeper"),
        (bnp.replace(">361.48</Amt><CdtDbtInd>", ">361,48</Amt><CdtDbtInd>"), "statement_amount", "Ntry 1, Amt"),
        (bnp.replace(">361.48</Amt><CdtDbtInd>", ">-361.48</Amt><CdtDbtInd>"), "statement_amount", "Ntry 1, Amt"),
        (
            bnp.replace(">361.48</Amt><CdtDbtInd>", ">361.481</Amt><CdtDbtInd>"),
            "statement_amount",
            "more digits than EUR",
        ),
        (bnp.replace(">361.48</Amt><CdtDbtInd>", ">1e9</Amt><CdtDbtInd>"), "statement_amount", "no amount"),
        (bnp.replace(">361.48</Amt><CdtDbtInd>", ">999999999999999</Amt><CdtDbtInd>"), "statement_amount", "no amount"),
        (bnp.replace("<Ccy>EUR</Ccy>", "<Ccy>EURO</Ccy>"), "statement_currency", "EURO"),
        (bnp.replace("\"EUR\">11.00", "\"USD\">11.00"), "statement_currency", "USD on an account in EUR"),
        (bnp.replace("<BookgDt><Dt>2025-03-14", "<BookgDt><Dt>2025-02-30"), "statement_date", "2025-02-30"),
        (bnp.replace("<BookgDt><Dt>2025-03-14", "<BookgDt><Dt>0025-03-14"), "statement_date", "1990"),
        (bnp.replace("<IBAN>FR7630004008120001020304005</IBAN>", ""), "statement_account_missing", "no account"),
        (bnp.replace("<CdtDbtInd>DBIT</CdtDbtInd>", ""), "statement_incomplete", "Ntry 3, CdtDbtInd"),
        (bnp.replace("13370.88", "13370.87"), "statement_unbalanced", "-0.01 is unexplained"),
        (bnp.replace("UTF-8", "UTF-99"), "statement_encoding", "UTF-99"),
    ];
    for (file, code, says) in cases {
        let refusal = read(file.as_bytes(), None).unwrap_err();
        assert_eq!(refusal.code(), code, "{refusal}");
        assert!(refusal.to_string().contains(says), "{refusal}");
    }
    assert_eq!(read(&vec![b'<'; MAX_BYTES + 1], None).unwrap_err().code(), "statement_too_large");
    assert_eq!(read(b"PK\x03\x04abc", None).unwrap_err().code(), "statement_unknown");
}

#[test]
fn ofx_and_tables_are_refused_with_their_own_places() {
    let ofx = String::from_utf8_lossy(OFX1).into_owned();
    let agricole = encoding_rs::WINDOWS_1252.decode(AGRICOLE).0.into_owned();
    let cases: Vec<(String, &str, &str)> = vec![
        (ofx.replace("</OFX>", ""), "statement_truncated", "OFX is not closed"),
        (ofx[..ofx.find("</BANKTRANLIST>").unwrap()].to_owned(), "statement_truncated", "not closed"),
        (ofx.replace("<DTPOSTED>20250318", "<DTPOSTED>20251318"), "statement_date", "STMTTRN 3, DTPOSTED"),
        (ofx.replace("<TRNAMT>-150.00", ""), "statement_incomplete", "STMTTRN 3, TRNAMT"),
        (ofx.replace("<TRNAMT>-150.00", "<TRNAMT>1.500,00"), "statement_amount", "1.500,00"),
        (ofx.replace("<ACCTID>85012345678", ""), "statement_account_missing", "STMTRS"),
        (ofx.replace("<CURDEF>EUR", "<CURDEF>FRF1"), "statement_currency", "FRF1"),
        (agricole.replace(";;361,48", ";;361.48,1"), "statement_mapping_needed", ""),
        (agricole.replace("12/03/2025;", ";"), "statement_incomplete", "line 9 (date, column 0)"),
        (agricole.replace(";85,20;;", ";85,20;85,20;"), "statement_amount", "both filled in"),
        (agricole.replace("85,20", ""), "statement_incomplete", "debit or credit"),
    ];
    for (file, code, says) in cases {
        let refusal = read(file.as_bytes(), None).unwrap_err();
        assert_eq!(refusal.code(), code, "{refusal}");
        assert!(refusal.to_string().contains(says), "{refusal}");
    }
}

#[test]
fn ids_of_a_table_do_not_change_with_the_account_that_an_importer_names() {
    let mapping = csv::guess(GENERALE).unwrap();
    let named = csv::StatementMapping { account: Some("FR7630004008120001020304005".to_owned()), ..mapping.clone() };
    let (without, with) = (csv::read(GENERALE, &mapping).unwrap(), csv::read(GENERALE, &named).unwrap());
    assert_eq!(ids(&without[0]), ids(&with[0]));
    assert_eq!(with[0].account.key(), "FR7630004008120001020304005");
}

#[test]
fn a_mapping_that_contradicts_itself_is_refused() {
    let mapping = csv::guess(AGRICOLE).unwrap();
    assert_eq!((mapping.skip_rows, mapping.encoding.as_deref(), mapping.decimal), (5, Some("windows-1252"), ','));
    let cases = [
        csv::StatementMapping { delimiter: 'x', ..mapping.clone() },
        csv::StatementMapping { decimal: '\'', ..mapping.clone() },
        csv::StatementMapping { skip_rows: usize::MAX, ..mapping.clone() },
        csv::StatementMapping { amount: csv::StatementAmountColumns::Split { debit: 2, credit: 2 }, ..mapping.clone() },
    ];
    for case in cases {
        assert_eq!(csv::read(AGRICOLE, &case).unwrap_err().code(), "statement_mapping_invalid", "{case:?}");
    }
    let wire = serde_json::to_string(&mapping).unwrap();
    assert_eq!(serde_json::from_str::<csv::StatementMapping>(&wire).unwrap(), mapping);
}

#[test]
fn a_table_of_a_hundred_thousand_lines_is_the_longest() {
    let line = "01/02/2025;VIR;1,00\n";
    let file = |count: usize| format!("Date;Libellé;Montant\n{}", line.repeat(count));
    assert_eq!(one(file(100_000).as_bytes()).lines.len(), 100_000);
    assert_eq!(read(file(100_001).as_bytes(), None).unwrap_err().code(), "statement_too_large");
}

/// Whatever is read holds together, whatever is not is refused.
fn holds(bytes: &[u8]) {
    for statement in read(bytes, None).unwrap_or_default() {
        let sum: Decimal = statement.lines.iter().map(|line| line.amount).sum();
        if let (Some(opening), Some(closing)) = (statement.opening, statement.closing) {
            assert_eq!(opening + sum, closing);
        }
        assert_eq!(ids(&statement).iter().collect::<HashSet<_>>().len(), statement.lines.len());
        assert!(statement.lines.iter().all(|line| !line.label.contains('\0')));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), head in 0_usize..5) {
        let heads: [&[u8]; 5] = [b"", b"<Document><BkToCstmrStmt>", b"OFXHEADER:100\n<OFX>", b"Date;Montant\n", b"\xff\xfe"];
        holds(&[heads[head], &bytes].concat());
    }

    #[test]
    fn no_change_of_a_statement_makes_a_reader_panic(
        which in 0_usize..ALL.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_usize..3), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = ALL[which].to_vec();
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        bytes.truncate(cut.map_or(bytes.len(), |cut| cut.index(bytes.len())));
        holds(&bytes);
        drop(csv::guess(&bytes));
    }

    #[test]
    fn a_camt_or_ofx_file_that_is_cut_is_never_read(cut in any::<prop::sample::Index>(), which in 0_usize..5) {
        let whole = ALL[which];
        let end = whole.iter().rposition(|byte| *byte == b'>').unwrap();
        prop_assert!(read(&whole[..cut.index(end)], None).is_err());
    }

    #[test]
    fn an_amount_is_read_as_it_was_written(cents in -10_000_000_000_i64..10_000_000_000, grouped in any::<bool>()) {
        let whole = (cents.abs() / 100).to_string();
        let mut text = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if grouped && at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push('\u{202f}');
            }
            text.push(digit);
        }
        let sign = if cents < 0 { "-" } else { "" };
        let file = format!("Date;Libellé;Montant\n01/02/2025;VIR;{sign}{text},{:02}\n", cents.abs() % 100);
        prop_assert_eq!(one(file.as_bytes()).lines[0].amount, Decimal::new(cents, 2));
    }
}
