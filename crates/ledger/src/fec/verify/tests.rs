use super::*;
use crate::fec::write::{FecDelimiter, header};

const NAME: &str = "732829320FEC20251231.txt";

/// Three entries: an opening, a sale of the specification, and its receipt.
fn sound() -> Vec<String> {
    [
        "AN|À-nouveaux|AN000001|20250101|512000|Banques|||AN|20250101|Solde|100,00|0,00|||20260210||",
        "AN|À-nouveaux|AN000001|20250101|101000|Capital|||AN|20250101|Solde|0,00|100,00|||20260210||",
        "VE|Ventes|VE000001|20251103|4110000|Clients|C00042|Client Exemple SARL|FAC-2025-0012|20251103|Facture|343,89|0,00|AAA|20251203|20251103||",
        "VE|Ventes|VE000001|20251103|706000|Services|||FAC-2025-0012|20251103|Facture|0,00|343,89|||20251103|371,40|USD",
        "BQ|Banque|BQ000001|20251203|512000|Banques|||VIR|20251203|Virement|343,89|0,00|||20251203||",
        "BQ|Banque|BQ000001|20251203|4110000|Clients|C00042|Client Exemple SARL|VIR|20251203|Virement|0,00|343,89|AAA|20251203|20251203||",
    ]
    .map(str::to_owned)
    .into()
}

fn file(lines: &[String]) -> String {
    format!("{}{}\r\n", header(FecDelimiter::Pipe), lines.join("\r\n"))
}

fn check(name: &str, bytes: &[u8]) -> Report {
    verify(name, bytes, 100).unwrap()
}

fn rules(report: &Report) -> Vec<(u64, &'static str)> {
    report.findings.iter().map(|finding| (finding.line, finding.rule)).collect()
}

#[test]
fn a_sound_file_passes_in_both_delimiters_encodings_and_ways_to_write_amounts() {
    let text = file(&sound());
    let report = check(NAME, text.as_bytes());
    assert_eq!((rules(&report), report.lines, report.entries), (vec![], 6, 3));
    assert_eq!((report.debit.as_str(), report.credit.as_str()), ("787,78", "787,78"));
    assert_eq!(rules(&check(NAME, text.replace('|', "\t").as_bytes())), []);
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    assert_eq!(rules(&check(NAME, &latin)), []);
    assert_eq!(rules(&check(NAME, text.trim_end().replace("\r\n", "\n").as_bytes())), [], "without a last line break");
    let sense = text
        .replace("Debit|Credit", "Montant|Sens")
        .replace("|0,00|100,00|", "|100,00|C|")
        .replace("|0,00|343,89|", "|343,89|C|");
    let sense = sense.replace("|100,00|0,00|", "|100,00|D|").replace("|343,89|0,00|", "|343,89|D|");
    assert_eq!(rules(&check(NAME, sense.as_bytes())), []);
}

#[test]
fn each_rule_finds_what_breaks_it() {
    type Case<'a> = (usize, &'a str, &'a str, &'a [(u64, &'a str)]);
    let rows: &[Case<'_>] = &[
        (2, "|C00042|Client Exemple SARL|", "|C00042||", &[(4, "auxiliary")]),
        (2, "|AAA|20251203|", "|AAA||", &[(4, "lettering")]),
        (2, "|343,89|", "|343.89|", &[(4, "amount"), (4, "entry_balance"), (0, "balance")]),
        (2, "|343,89|", "|1 343,89|", &[(4, "amount"), (4, "entry_balance"), (0, "balance")]),
        (2, "|343,89|", "|343,88|", &[(4, "entry_balance"), (0, "balance")]),
        (2, "|343,89|0,00|", "|343,89|343,89|", &[(4, "side"), (4, "entry_balance"), (0, "balance")]),
        (2, "|343,89|0,00|", "|0,00|0,00|", &[(4, "side"), (4, "entry_balance"), (0, "balance")]),
        (2, "|20251103|4110000|", "|2025-11-03|4110000|", &[(4, "date"), (5, "entry_date")]),
        (2, "|20251103|4110000|", "|20251131|4110000|", &[(4, "date"), (5, "entry_date")]),
        (
            2,
            "|20251103|4110000|",
            "|20260101|4110000|",
            &[(4, "period"), (4, "validated_before_booked"), (5, "entry_date")],
        ),
        (2, "|20251103|4110000|", "|20231231|4110000|", &[(4, "period"), (5, "entry_date")]),
        (2, "|4110000|", "|41|", &[(4, "account")]),
        (2, "|4110000|", "|C42|", &[(4, "account")]),
        (2, "|4110000|", "|911000|", &[(4, "account")]),
        (2, "|4110000|", "||", &[(4, "mandatory")]),
        (2, "|FAC-2025-0012|", "||", &[(4, "mandatory")]),
        (2, "|Ventes|", "|  |", &[(4, "mandatory")]),
        (2, "|Facture|", "|Facture|x|", &[(4, "columns"), (5, "entry_balance"), (0, "balance")]),
        (3, "|USD", "|", &[(5, "currency")]),
        (3, "|USD", "|usd", &[(5, "currency")]),
        (3, "|371,40|", "|371.40|", &[(5, "amount")]),
        (2, "|AAA|20251203|", "|AAA|20251102|", &[(4, "lettered_before_booked")]),
        (4, "|20251203||", "|20251102||", &[(6, "validated_before_booked"), (6, "order")]),
        (4, "BQ000001", "BQ-x", &[(6, "number"), (6, "entry_balance"), (7, "entry_balance")]),
        (
            4,
            "BQ|Banque|BQ000001|20251203|512000|Banques|||VIR|20251203|Virement|343,89|0,00|||20251203||",
            "",
            &[(6, "empty_line"), (7, "entry_balance"), (0, "balance")],
        ),
    ];
    for (at, from, to, expected) in rows {
        let mut lines = sound();
        assert!(lines[*at].contains(from), "{from}");
        lines[*at] = lines[*at].replacen(from, to, 1);
        let found = rules(&check(NAME, file(&lines).as_bytes()));
        assert_eq!(found, *expected, "{from} → {to}");
    }
}

#[test]
fn names_headers_and_encodings_are_checked() {
    let text = file(&sound());
    for name in [
        "fec.txt",
        "73282932FEC20251231.txt",
        "732829321FEC20251231.txt",
        "732829320FEC20251331.txt",
        "732829320FEC20251231.csv",
    ] {
        assert_eq!(rules(&check(name, text.as_bytes())), [(0, "name")], "{name}");
    }
    assert_eq!(rules(&check(NAME, text.replacen("CompteNum", "Compte", 1).as_bytes())), [(1, "header")]);
    assert_eq!(rules(&check(NAME, text.replacen("|Idevise", "", 1).as_bytes())), [(1, "header")]);
    assert_eq!(rules(&check(NAME, text.replace('|', ";").as_bytes())), [(1, "header")]);
    assert_eq!(rules(&check(NAME, b"")), [(0, "empty_file")]);
    assert_eq!(rules(&check(NAME, header(FecDelimiter::Tab).as_bytes())), [(0, "empty_file")]);
    let mark = format!("\u{feff}{text}");
    assert_eq!(rules(&check(NAME, mark.as_bytes())), [(1, "encoding")]);
    assert!(check(NAME, mark.as_bytes()).is_sound(), "a mark is a warning");
    let mut mixed = text.clone().into_bytes();
    let at = text.find("Client Ex").unwrap();
    mixed[at] = 0xe9;
    assert_eq!(rules(&check(NAME, &mixed)), [(4, "encoding")]);
    mixed[at] = 0x92;
    assert_eq!(rules(&check(NAME, &mixed)), [(4, "encoding")]);
    mixed[at] = 0x07;
    assert_eq!(rules(&check(NAME, &mixed)), [(4, "encoding")]);
    let long = text.replacen("Client Exemple", &"x".repeat(70_000), 1);
    assert!(rules(&check(NAME, long.as_bytes())).contains(&(4, "line_length")));
    let blank = text.replacen("\r\nVE|", "\r\n\r\nVE|", 1);
    assert_eq!(rules(&check(NAME, blank.as_bytes())), [(4, "empty_line")]);
}

#[test]
fn numbers_run_without_a_gap_in_each_journal_or_over_all() {
    let with = |numbers: [&str; 3]| {
        let text = file(&sound())
            .replace("AN000001", numbers[0])
            .replace("VE000001", numbers[1])
            .replace("BQ000001", numbers[2]);
        rules(&check(NAME, text.as_bytes()))
    };
    assert_eq!(with(["1", "2", "3"]), [], "one numbering over all journals");
    assert_eq!(with(["AN5", "VE9", "BQ2"]), [], "each journal on its own");
    let mut lines = sound();
    for line in &mut lines[4..] {
        *line = line.replace("BQ|Banque|BQ000001", "VE|Ventes|VE000003");
    }
    assert_eq!(rules(&check(NAME, file(&lines).as_bytes())), [(6, "number")]);
}

#[test]
fn findings_are_counted_beyond_those_that_are_shown() {
    let lines: Vec<_> = (0..500).map(|_| sound()[2].replace("|4110000|", "|x|")).collect();
    let report = verify(NAME, file(&lines).as_bytes(), 10).unwrap();
    assert_eq!(report.findings.len(), 10);
    assert_eq!(report.errors, 502, "each account, the entry and the file");
}
