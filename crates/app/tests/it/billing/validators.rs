//! Every kind of document that the API issues passes the schema, EN 16931 and BR-FR, as validators from outside know them: as CII,
//! as UBL, and as what a reader from outside finds in its page.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::Method;
use serde_json::{Value, json};

use super::id;
use crate::support::TestApp;

/// Reads what is embedded in every PDF of a folder into a file beside it, and the text of its pages.
const READ_PAGES: &str = "import sys,pathlib,facturx,json,pypdf\n\
    for p in sorted(pathlib.Path(sys.argv[1]).glob('*.pdf')):\n\
    \x20   n,x=facturx.get_facturx_xml_from_pdf(p.read_bytes())\n\
    \x20   p.with_suffix('.embedded').write_bytes(x)\n\
    \x20   p.with_suffix('.text').write_text(json.dumps([q.extract_text() for q in pypdf.PdfReader(str(p)).pages]))\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a script of the validators' Python prints; it may end with 1, where documents failed.
fn python(arguments: &[&str]) -> Vec<u8> {
    let found = Command::new(root().join("script/validators")).output().unwrap();
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    let python = String::from_utf8(found.stdout).unwrap();
    let output = Command::new(python.trim()).args(arguments).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || !output.stdout.is_empty(), "{complaint}");
    output.stdout
}

/// What each file of a folder failed.
fn judged(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let script = root().join("crates/einvoice/validate/validate.py");
    let report: Value = serde_json::from_slice(&python(&[script.to_str().unwrap(), folder.to_str().unwrap()])).unwrap();
    let said = |failed: &Value| ["gate", "id", "text"].map(|key| failed[key].as_str().unwrap_or_default()).join(" ");
    let files = report["files"].as_object().unwrap().iter();
    files.map(|(name, file)| (name.clone(), file["failed"].as_array().unwrap().iter().map(said).collect())).collect()
}

/// Documents as they are issued one after the other.
struct House {
    app: TestApp,
    folder: tempfile::TempDir,
    issued: Vec<String>,
    refused: Vec<String>,
}

impl House {
    async fn open() -> Self {
        let app = TestApp::new().await;
        app.lawful("ZR7").await;
        app.lawful("MDL").await;
        let mut legal = app.get("/api/entities/ZR7/legal").expect(200).await["legal"].clone();
        legal["mediator"] = json!({ "name": "Médiateur", "address": "1 rue du Pont, 75001 Paris", "website": "https://mediateur.example" });
        app.put("/api/entities/ZR7/legal", legal).expect(200).await;
        for (from, rate) in [("USD", "0.92"), ("CHF", "1.06"), ("GBP", "1.17")] {
            let rate = json!({ "entity": "ZR7", "from": from, "to": "EUR", "rate_type": "official", "on": "2026-02-01", "rate": rate });
            app.put("/api/ledger/rates", rate).expect(200).await;
        }
        Self { app, folder: tempfile::tempdir().unwrap(), issued: Vec::new(), refused: Vec::new() }
    }

    async fn party(&self, name: &str, fields: Value) -> String {
        self.app.customer("ZR7", name, fields).await
    }

    /// Writes and issues a document of ZR7, and keeps its files.
    async fn issue(&mut self, name: &str, party: &str, fields: Value) -> Value {
        let mut draft = json!({ "entity": "ZR7", "party_id": party });
        for (key, value) in fields.as_object().unwrap() {
            draft[key] = value.clone();
        }
        let written = self.app.post("/api/documents", draft).answer().await;
        if written.status != 201 {
            self.refused.push(format!("{name}: {:#}", written.json));
            return Value::Null;
        }
        self.send(name, &written.json).await
    }

    async fn send(&mut self, name: &str, draft: &Value) -> Value {
        let sent = self.app.post(&format!("/api/documents/{}/issuance", id(draft)), json!({})).await;
        if sent.status != 200 {
            self.refused.push(format!("{name}: {:#}", sent.json));
            return Value::Null;
        }
        self.keep(name, id(&sent.json)).await;
        sent.json
    }

    /// Takes back a document, or a part of it.
    async fn credit(&mut self, name: &str, document: &Value, fields: Value) {
        let path = format!("/api/documents/{}/credit-notes", id(document));
        let draft = self.app.post(&path, fields).expect(201).await;
        self.send(name, &draft).await;
    }

    async fn keep(&mut self, name: &str, document: &str) {
        for (format, ending) in [("cii", "cii.xml"), ("ubl", "ubl.xml"), ("pdf", "pdf")] {
            let bytes = self.bytes(&format!("/api/documents/{document}/file?format={format}")).await;
            fs::write(self.folder.path().join(format!("{name}.{ending}")), bytes).unwrap();
        }
        self.issued.push(name.to_owned());
    }

    async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = self.app.send(Method::GET, path, None).by(&self.app.root).await;
        assert_eq!(answer.status, 200, "{path}: {:#}", answer.json);
        answer.bytes
    }

    fn read(&self, name: &str, ending: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(format!("{name}.{ending}"))).unwrap()
    }
}

#[expect(clippy::needless_pass_by_value, reason = "calls read better with a value")]
fn line(name: &str, price: &str, fields: Value) -> Value {
    let mut line = json!({ "name": name, "unit_price": price });
    for (key, value) in fields.as_object().unwrap() {
        line[key] = value.clone();
    }
    line
}

fn reduced(name: &str, price: &str, rate: &str, reason: &str) -> Value {
    line(name, price, json!({ "vat_rate": rate, "vat_reason": reason }))
}

const OVERSEAS: &str = "Taux de 8,5 % applicable à La Réunion, article 296 du CGI.";
const CORSICA: &str = "Taux de 10 % applicable en Corse, article 297 du CGI.";
const PRESS: &str = "Taux de 2,1 %, article 298 septies du CGI.";

/// Rates, and what is taken off.
async fn rates_and_discounts(house: &mut House, acme: &str) {
    let all = json!([
        line("Prestation", "33.33", json!({ "quantity": "1.5" })),
        reduced("Rénovation", "120", "10", "renovation"),
        reduced("Isolation", "81.27", "5.5", "energy_saving"),
        reduced("Abonnement", "9.99", "2.1", PRESS),
    ]);
    for (name, rate, reason) in
        [("rate-10", "10", "renovation"), ("rate-5-5", "5.5", "energy_saving"), ("rate-2-1", "2.1", PRESS)]
    {
        house.issue(name, acme, json!({ "lines": [reduced("Prestation", "149.99", rate, reason)] })).await;
    }
    let whole = house.issue("rate-20", acme, json!({ "lines": [line("Prestation", "1000", json!({}))] })).await;
    let mixed = house.issue("mixed-rates", acme, json!({ "lines": all })).await;
    let percent = json!({ "lines": all, "discount": { "percent": "12.5" }, "discount_reason": "Fidélité" });
    house.issue("document-discount", acme, percent).await;
    house.issue("document-discount-amount", acme, json!({ "lines": all, "discount": { "amount": "17.03" } })).await;
    let off = |n: i32| line("Pose", "0.11", json!({ "quantity": "3", "discount_pct": n.to_string() }));
    house.issue("line-discounts", acme, json!({ "lines": (1..8).map(off).collect::<Vec<_>>() })).await;
    let part = json!({ "reason": "Retour", "lines": [line("Prestation", "20", json!({}))] });
    house.credit("credit-note-part", &mixed, part).await;
    house.credit("credit-note-whole", &whole, json!({ "reason": "Annulation" })).await;
}

/// What stands on lines, and how they are paid.
async fn lines_and_payment(house: &mut House, acme: &str) {
    let pose = || line("Pose", "80", json!({}));
    let training = json!({ "category": "E", "rate": "0", "reason": "Exonération de TVA, article 261, 4, 4° du CGI.",
        "reason_code": "VATEX-FR-CGI261-4" });
    let kinds = [
        ("taken-off-on-a-line", json!([pose(), line("Geste commercial", "-5", json!({ "kind": "discount" }))])),
        ("free-line", json!([pose(), line("Visite offerte", "0", json!({}))])),
        ("goods", json!([line("Panneau", "210", json!({ "kind": "goods", "quantity": "12" }))])),
        ("goods-and-services", json!([line("Panneau", "210", json!({ "kind": "goods" })), pose()])),
        ("exempt-training", json!([line("Formation", "900", json!({ "vat": training }))])),
        ("zero-rated", json!([line("Livre", "10", json!({ "vat": { "category": "Z", "rate": "0" } }))])),
        ("units-and-decimals", units_and_decimals()),
        (
            "sixty-lines",
            (1..=60)
                .map(|n| line(&format!("Article {n}"), &format!("{n}.10"), json!({ "description": long(n) })))
                .collect(),
        ),
    ];
    for (name, lines) in kinds {
        house.issue(name, acme, json!({ "lines": lines })).await;
    }
    for method in ["cash", "cheque", "card"] {
        let terms = if method == "cash" { 0 } else { 30 };
        let paid = json!({ "lines": [pose()], "payment_method": method, "payment_terms_days": terms });
        house.issue(method, acme, paid).await;
    }
}

fn units_and_decimals() -> Value {
    [
        ("KWH", "0.1234", "1234.5678"),
        ("HUR", "64.5", "7.25"),
        ("MTK", "12.9999", "33.3333"),
        ("DAY", "640", "0.5"),
        ("KGM", "3", "12"),
    ]
    .iter()
    .map(|(unit, price, much)| line("Article", price, json!({ "unit_code": unit, "quantity": much })))
    .collect()
}

/// A description of more than 300 characters.
fn long(n: usize) -> String {
    format!("{n} : {} fin.", "Une description qui ne tient pas sur une ligne de la page".repeat(6))
}

async fn at_home(house: &mut House) {
    let acme = house.party("Acme", json!({})).await;
    rates_and_discounts(house, &acme).await;
    lines_and_payment(house, &acme).await;
    let month = json!({ "supply_from": "2026-01-01", "supply_to": "2026-01-31" });
    let named = json!({ "lines": [line("Maintenance", "310", month)], "purchase_order": "BC-2026-118", "contract": "C-77",
        "subject": "Janvier", "notes": "Merci. <b>&</b> \"à\" bientôt", "supply_from": "2026-01-01", "supply_to": "2026-01-31" });
    house.issue("references-and-period", &acme, named).await;
    let deposit = json!({ "kind": "deposit_invoice", "lines": [line("Acompte de 30 %", "300", json!({}))] });
    let deposit = house.issue("deposit", &acme, deposit).await;
    let last = json!({ "lines": [line("Chantier", "1000", json!({}))], "deposits": [id(&deposit)] });
    house.issue("final-after-deposit", &acme, last).await;
    let back = json!({ "reason": "Renoncement", "lines": [line("Acompte", "50", json!({}))] });
    house.credit("deposit-credit-note", &deposit, back).await;
}

async fn elsewhere(house: &mut House) {
    let subcontractor = json!({ "vat_rate": "0", "vat_category": "reverse_charge", "vat_number": "FR64443061841" });
    let subcontractor = house.party("Bâtisseurs", subcontractor).await;
    house
        .issue("reverse-charge-construction", &subcontractor, json!({ "lines": [line("Pose", "800", json!({}))] }))
        .await;
    let consumer = json!({ "siren": null, "is_consumer": true });
    let consumer = house.party("Hélène Kerven", consumer).await;
    house
        .issue(
            "consumer",
            &consumer,
            json!({ "lines": [reduced("Chaudière", "3200", "5.5", "energy_saving"), line("Pose", "400", json!({}))] }),
        )
        .await;
    let island = json!({ "postal_code": "97400", "city": "Saint-Denis" });
    let island = house.party("Soleil Réunion", island).await;
    house.issue("overseas-8-5", &island, json!({ "lines": [reduced("Chauffe-eau", "640", "8.5", OVERSEAS)] })).await;
    let corsica = json!({ "postal_code": "20000", "city": "Ajaccio" });
    let corsica = house.party("Isula", corsica).await;
    house.issue("corsica", &corsica, json!({ "lines": [reduced("Travaux", "640", "10", CORSICA)] })).await;
    let abroad = [
        ("DE", "DE123456789", "EUR", "20457", "Hamburg"),
        ("BE", "BE0403170701", "EUR", "1000", "Bruxelles"),
        ("GB", "", "GBP", "SW1A 1AA", "London"),
        ("CH", "", "CHF", "1204", "Genève"),
        ("US", "", "USD", "10001", "New York"),
    ];
    for (country, vat, currency, postal_code, city) in abroad {
        let mut fields = json!({ "siren": null, "country": country, "vat_rate": "0", "currency": currency,
            "postal_code": postal_code, "city": city, "address_line1": "1 Main Street", "language": "en", "registration_number": "REG-1" });
        if !vat.is_empty() {
            fields["vat_number"] = json!(vat);
        }
        let party = house.party(&format!("Buyer {country}"), fields).await;
        house
            .issue(
                &format!("services-{country}"),
                &party,
                json!({ "lines": [line("Consulting", "1249.99", json!({ "quantity": "3" }))] }),
            )
            .await;
        let goods =
            json!({ "lines": [line("Equipment", "999.95", json!({ "kind": "goods", "vat": abroad_goods(country) }))] });
        house.issue(&format!("goods-{country}"), &party, goods).await;
    }
    // Business with a customer abroad that is taxed here.
    let foreign_taxed = json!({ "siren": null, "country": "DE", "postal_code": "20457", "city": "Hamburg", "language": "en", "currency": "USD" });
    let taxed = house.party("Taxed GmbH", foreign_taxed).await;
    house
        .issue("foreign-currency-with-vat", &taxed, json!({ "lines": [line("Consulting", "333.33", json!({}))] }))
        .await;
}

fn abroad_goods(country: &str) -> Value {
    if matches!(country, "DE" | "BE") {
        json!({ "category": "K", "rate": "0", "reason": "VAT exempt, article 262 ter, I of the CGI.", "reason_code": "VATEX-EU-IC" })
    } else {
        json!({ "category": "G", "rate": "0", "reason": "VAT exempt, article 262, I of the CGI.", "reason_code": "VATEX-EU-G" })
    }
}

/// A house that charges no VAT, and an invoice between entities.
async fn of_other_houses(house: &mut House) {
    let app = &house.app;
    app.form("PV-001", "ZR7", "PV").await;
    app.order("MDL", "Ouest", json!({})).await;
    let price = json!({ "from": "ZR7", "to": "MDL", "product": "PV", "unit_price_ht": "25" });
    app.put("/api/intercompany/pricing", json!({ "prices": [price] })).expect(200).await;
    app.lead(json!({ "phone": "0612394001" })).expect(201).await;
    app.run("daily-delivery").await;
    app.at("2026-02-16T08:00:00Z").await;
    let run = app.post("/api/intercompany/generate-invoices", json!({})).expect(200).await;
    let between = run["invoices"][0]["document_id"].as_str().unwrap().to_owned();
    house.keep("intercompany", &between).await;
    let mut legal = house.app.get("/api/entities/MDL/legal").expect(200).await["legal"].clone();
    legal["vat_regime"] = json!("franchise");
    house.app.put("/api/entities/MDL/legal", legal).expect(200).await;
    let party = house.app.customer("MDL", "Petit", json!({ "siren": "732829320" })).await;
    house
        .issue(
            "franchise",
            &party,
            json!({ "entity": "MDL", "lines": [line("Cours", "45", json!({ "quantity": "2" }))] }),
        )
        .await;
}

#[tokio::test]
async fn f_16_f_22_every_kind_of_document_that_is_issued_passes_every_gate_from_outside() {
    let mut house = House::open().await;
    at_home(&mut house).await;
    elsewhere(&mut house).await;
    of_other_houses(&mut house).await;
    assert_eq!(house.refused, Vec::<String>::new());
    assert!(house.issued.len() >= 30, "{}", house.issued.len());
    // Each gate first refuses a document that is wrong in its way.
    let sound = String::from_utf8(house.read("rate-20", "cii.xml")).unwrap();
    let wrong = [
        ("0-schema", "xsd ", sound.replace("IssueDateTime>", "IssuedOn>")),
        ("0-sum", "en16931 ", sound.replacen(">1200.00<", ">1300.00<", 1)),
        ("0-france", "br-fr ", sound.replace(">PMD<", ">AAI<")),
    ];
    for (name, _, text) in &wrong {
        assert_ne!(*text, sound, "{name}");
        fs::write(house.folder.path().join(format!("{name}.cii.xml")), text).unwrap();
    }
    let mut judged = judged(house.folder.path());
    for (name, gate, _) in wrong {
        let failed = judged.remove(&format!("{name}.cii.xml")).unwrap();
        assert!(failed.iter().any(|failed| failed.starts_with(gate)), "{name}: {failed:?}");
    }
    assert_eq!(judged.len(), 2 * house.issued.len(), "each file is judged");
    judged.retain(|_, failed| !failed.is_empty());
    assert_eq!(judged, BTreeMap::new());
    // What is inside of a page is what was judged.
    python(&["-c", &format!("{READ_PAGES}print('read')"), house.folder.path().to_str().unwrap()]);
    for name in &house.issued {
        assert!(house.read(name, "embedded") == house.read(name, "cii.xml"), "{name}");
    }
    f_18_the_page_of_sixty_lines_says_all(&house);
}

/// F-18: nothing is cut, however long and however many.
fn f_18_the_page_of_sixty_lines_says_all(house: &House) {
    let pages: Vec<String> = serde_json::from_slice(&house.read("sixty-lines", "text")).unwrap();
    let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect::<String>();
    let text = plain(&pages.concat());
    assert!(pages.len() > 5, "{}", pages.len());
    for n in 1..=60 {
        assert!(long(n).chars().count() > 300 && text.contains(&plain(&long(n))), "line {n}: {text}");
    }
}
