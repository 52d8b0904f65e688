//! Every document passes the schema, EN 16931 and BR-FR, as validators from outside know them; and each of the three first fails
//! on a document that is wrong in its way.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use einvoice::{Invoice, cii, ubl};
use serde_json::Value;

use crate::kinds;
use crate::samples::simple;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The Python that has the validators, which `script/validators` installs when they are missing.
pub(crate) fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let output = Command::new(root().join("script/validators")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
    })
}

/// What each file failed, as `gate id`.
fn judged(files: &[(String, Vec<u8>)]) -> BTreeMap<String, Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(format!("{name}.xml")), bytes).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("validate/validate.py");
    let output = Command::new(python()).arg(script).arg(folder.path()).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let judged: BTreeMap<_, _> = report["files"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, result)| {
            let failed = result["failed"].as_array().unwrap().iter();
            let said = failed.map(|failed| {
                let part = |key: &str| failed[key].as_str().unwrap_or_default().to_owned();
                format!("{} {} {}", part("gate"), part("id"), part("text"))
            });
            (name.trim_end_matches(".xml").to_owned(), said.collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(judged.len(), files.len(), "each file is judged");
    assert_eq!(output.status.success(), judged.values().all(Vec::is_empty));
    judged
}

fn written(invoices: Vec<(String, Invoice)>) -> Vec<(String, Vec<u8>)> {
    invoices
        .into_iter()
        .flat_map(|(name, invoice)| {
            let (cii, ubl) = (cii::write(&invoice).unwrap(), ubl::write(&invoice).unwrap());
            [(format!("{name}.cii"), cii), (format!("{name}.ubl"), ubl)]
        })
        .collect()
}

fn failures(invoices: Vec<(String, Invoice)>) -> BTreeMap<String, Vec<String>> {
    judged(&written(invoices)).into_iter().filter(|(_, failed)| !failed.is_empty()).collect()
}

#[test]
fn each_gate_refuses_a_document_that_is_wrong_in_its_way() {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let wrong = |change: fn(&mut Invoice)| {
        let mut invoice = simple();
        change(&mut invoice);
        invoice
    };
    let in_sum = wrong(|invoice| invoice.totals.gross += invoice.totals.gross);
    let in_france = wrong(|invoice| invoice.notes.clear());
    let cii = text(cii::write(&simple()).unwrap()).replace("IssueDateTime>", "IssuedOn>");
    let ubl = text(ubl::write(&simple()).unwrap()).replace("IssueDate>", "IssuedOn>");
    let mut files = written(vec![("sum".to_owned(), in_sum), ("france".to_owned(), in_france)]);
    files.push(("schema.cii".to_owned(), cii.into_bytes()));
    files.push(("schema.ubl".to_owned(), ubl.into_bytes()));
    files.push(("sound".to_owned(), cii::write(&simple()).unwrap()));

    let judged = judged(&files);

    let refused_by = |name: &str, rule: &str| {
        assert!(judged[name].iter().any(|failed| failed.starts_with(rule)), "{name}: {:?}", judged[name]);
    };
    for format in ["cii", "ubl"] {
        refused_by(&format!("schema.{format}"), "xsd ");
        refused_by(&format!("sum.{format}"), "en16931 ");
        refused_by(&format!("france.{format}"), "br-fr BR-FR-05");
        assert!(
            judged[&format!("france.{format}")].iter().all(|failed| failed.starts_with("br-fr")),
            "it is sound elsewhere"
        );
    }
    assert_eq!(judged["sound"], Vec::<String>::new());
}

#[test]
fn every_kind_of_document_passes_every_gate_as_cii_and_as_ubl() {
    let kinds = kinds::all();
    assert!(kinds.len() >= 30);
    let invoices = kinds.into_iter().map(|(name, invoice)| (name.to_owned(), invoice)).collect();
    assert_eq!(failures(invoices), BTreeMap::new());
}

#[test]
fn a_thousand_random_documents_pass_every_gate_as_cii_and_as_ubl() {
    let invoices =
        kinds::randoms(1000).into_iter().enumerate().map(|(at, invoice)| (format!("{at:04}"), invoice)).collect();
    assert_eq!(failures(invoices), BTreeMap::new());
}
