//! The FEC of a year, and a checker over it.

use ledger::fec::verify::verify;
use serde_json::json;

use super::{begin, ctx, customer, day, entity, posted, receipt, sale};
use crate::support::{TestApp, comptoir};

/// Books of two journals, a label with a tab, a foreign document and lines that are lettered.
async fn books() -> TestApp {
    let app = TestApp::new().await;
    let id = app.get("/api/entities").expect(200).await[0]["id"].as_str().unwrap().to_owned();
    app.put(&format!("/api/entities/{id}"), json!({ "name": "ZR7", "legal": { "siren": "732 829 320" } }))
        .expect(200)
        .await;
    app.at("2026-01-05T09:00:00Z").await;
    let customer = customer(&app, "ZR7", "C00042").await;
    let zr7 = entity(&ctx(&app).await, "ZR7");
    for n in 0..30 {
        app.tick();
        let mut entry = sale(zr7, &customer, &format!("FAC-{n}"), day("2026-01-05"));
        if n == 3 {
            entry.label = "Une\tfacture | avec\r\ntout".into();
            entry.lines[0].label = Some("Ligne\tcoupée".into());
        }
        let invoice = posted(&app, entry).await;
        if n % 3 == 0 {
            let paid = posted(&app, receipt(zr7, &customer, "343.89", day("2026-01-05"))).await;
            let mut tx = begin(&app).await;
            ledger::letter(&mut tx, &[invoice.line_ids[0], paid.line_ids[1]]).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
    app.at("2026-02-11T09:00:00Z").await;
    let foreign = json!({ "entity": "ZR7", "label": "Dollars", "second": { "currency": "USD", "rate": "1.08" },
        "lines": [{ "account": "471", "debit": "100.00" }, { "account": "512", "credit": "100.00" }] });
    app.post("/api/ledger/entries", foreign).expect(201).await;
    let entry = app.post("/api/ledger/entries", super::manual("5.00", "2026-02-11")).expect(201).await;
    let path = format!("/api/ledger/entries/{}/reversal", entry["id"].as_str().unwrap());
    app.post(&path, json!({ "label": "Erreur" })).expect(201).await;
    app
}

#[tokio::test]
async fn f_26_the_fec_has_18_columns_continuous_numbers_balances_and_a_checker_finds_nothing() {
    let app = books().await;
    for delimiter in ["tab", "pipe"] {
        let path = format!("/api/ledger/fec?entity=ZR7&year=2026&delimiter={delimiter}");
        let file = app.get(&path).await;
        assert_eq!(file.status, 200, "{}", file.json);
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"732829320FEC20261231.txt\"");
        let cut = if delimiter == "tab" { '\t' } else { '|' };
        let lines: Vec<_> = file.text.strip_suffix("\r\n").unwrap().split("\r\n").collect();
        assert_eq!(lines.len(), 1 + 30 * 5 + 10 * 2 + 3 * 2);
        assert!(lines.iter().all(|line| line.split(cut).count() == 18));
        let report = verify("732829320FEC20261231.txt", file.text.as_bytes(), 10).unwrap();
        assert_eq!((report.findings, report.entries), (vec![], 43));
        let sale = lines.iter().find(|line| line.contains("VE000001")).unwrap();
        let sale: Vec<_> = sale.split(cut).collect();
        assert_eq!(sale[..3], ["VE", "Ventes", "VE000001"]);
        assert_eq!(
            sale[4..13],
            ["411000", "Clients", "C00042", "Client C00042", "FAC-0", "20260105", "Facture FAC-0", "343,89", "0,00"]
        );
        assert_eq!(sale[13..], ["AAA", "20260105", "20260105", "", ""]);
        let tabbed = lines.iter().find(|line| line.contains("Ligne")).unwrap();
        assert_eq!(tabbed.split(cut).nth(10), Some("Ligne coupée"), "a label with a tab stays one column");
        assert!(lines.iter().any(|line| line.ends_with(&format!("{cut}108,00{cut}USD"))));
        assert_eq!(app.get(&path).await.text, file.text, "the same bytes each time");
    }
    let log = app.get("/api/event-log?action=fec_exported").expect(200).await;
    assert_eq!(log["items"].as_array().unwrap().len(), 4);
    app.ledger_balances().await;
}

#[tokio::test]
async fn a_fec_needs_a_siren_a_year_and_the_right() {
    let app = TestApp::new().await;
    app.post("/api/ledger/entries", super::manual("1.00", "2026-02-11")).expect(201).await;
    let refused = app.get("/api/ledger/fec?entity=ZR7&year=2026").expect(409).await;
    assert_eq!(refused["type"], "urn:comptoir:problem:siren_missing");
    let app = books().await;
    app.get("/api/ledger/fec?entity=ZR7&year=2031").expect(404).await;
    app.get("/api/ledger/fec?entity=ZR7&year=x").expect(400).await;
    app.get("/api/ledger/fec?year=2026").expect(400).await;
    let (other, viewer) = (app.member("admin", "MDL").await, app.member("viewer", "ZR7").await);
    app.get("/api/ledger/fec?entity=ZR7&year=2026").by(&other).expect(403).await;
    app.get("/api/ledger/fec?year=2026").by(&viewer).expect(403).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_26_the_command_line_writes_the_file_and_checks_any() {
    let app = books().await;
    let dir = tempfile::tempdir().unwrap();
    let (folder, slug) = (dir.path().to_str().unwrap().to_owned(), app.slug.clone());
    let run = |args: &[&str]| {
        let done = comptoir(args);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.code(), text(&done.stdout), text(&done.stderr))
    };
    let file = format!("{folder}/732829320FEC20261231.txt");
    let (code, told, failed) = run(&["fec", "export", "--tenant", &slug, "--entity", "ZR7", "--year", "2026", &folder]);
    assert_eq!((code, told), (Some(0), format!("Wrote 176 lines to {file}.\n")), "{failed}");
    let written = std::fs::read_to_string(&file).unwrap();
    let served = app.get("/api/ledger/fec?entity=ZR7&year=2026").await;
    assert_eq!(written, served.text, "the file of the command line is the file of the service");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "no part is left behind");

    let (code, told, failed) = run(&["fec", "verify", &file]);
    assert_eq!((code, failed.as_str()), (Some(0), ""));
    assert!(told.starts_with("Lines: 176; entries: 43; debit: "), "{told}");
    assert!(told.ends_with("errors: 0; warnings: 0.\n"), "{told}");

    let at = written.find("343,89").unwrap();
    std::fs::write(&file, format!("{}343,88{}", &written[..at], &written[at + 6..])).unwrap();
    let (code, told, failed) = run(&["fec", "verify", &file]);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("line 2: error: the entry BQ BQ000001 has debit 343,88 and credit 343,89 [entry_balance]"),
        "{told}"
    );
    assert!(failed.contains("breaks the rules; errors: "), "{failed}");
    let (code, told, _) = run(&["fec", "verify", "--json", &file]);
    let report: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!((code, report["errors"].as_u64() > Some(0)), (Some(1), true), "{report:#}");

    let picture = format!("{folder}/732829320FEC20251231.txt");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    let (code, told, failed) = run(&["fec", "verify", &picture]);
    assert_eq!(code, Some(1));
    assert!(told.contains(": error: ") && failed.contains("breaks the rules"), "{told}{failed}");

    let (code, told, failed) = run(&["fec", "verify", &format!("{folder}/none.txt")]);
    assert_eq!((code, told.as_str()), (Some(1), ""));
    assert!(failed.contains("Cannot use"), "{failed}");
    let (code, _, failed) = run(&["fec", "export", "--tenant", &slug, "--entity", "ZR7", "--year", "2031", &folder]);
    assert_eq!(code, Some(1), "{failed}");
    assert!(failed.contains("There is no such"), "{failed}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "what fails writes no file");
}
