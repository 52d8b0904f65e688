//! Suppliers' electronic invoices: what comes in, what is refused, and what the books say of what is booked.

mod booking;

use einvoice::{Address, Country, Identifier, Invoice, Party, VatBreakdown, VatCategory, scheme};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use serde_json::{Value, json};

use super::{amount, decimal, id};
use crate::support::{Answer, TestApp, owner};

const PATH: &str = "/api/incoming-invoices";

/// An invoice over 100 and 20 % of a supplier nobody knows, to MDL.
pub(super) fn cii(number: &str) -> Invoice {
    let place = |street: &str| Address::new(street, "69002", "Lyon", Country::FRANCE);
    let seller = Party {
        legal_id: Some(Identifier::of(scheme::SIREN, "443061841")),
        vat_id: Some("FR27443061841".to_owned()),
        endpoint: Some(Identifier::of(scheme::FRENCH_ADDRESS, "443061841")),
        legal_info: Some("SARL au capital de 10 000 €, RCS Lyon".to_owned()),
        ..Party::new("Fournitures du Rhône", place("3 quai Perrache"))
    };
    let buyer = Party {
        legal_id: Some(Identifier::of(scheme::SIREN, "552081317")),
        vat_id: Some("FR03552081317".to_owned()),
        endpoint: Some(Identifier::of(scheme::FRENCH_ADDRESS, "552081317")),
        ..Party::new("MDL Énergie", place("1 rue de la Paix"))
    };
    let line = json!({ "id": "1", "name": "Câble", "description": null, "note": null, "quantity": "4", "unit": "C62",
        "net_price": "25.00", "price_base": null, "gross_price": null, "price_discount": null, "adjustments": [], "net": "100.00",
        "category": "S", "rate": "20", "seller_item_id": null, "buyer_item_id": null, "period": null });
    let vat = VatBreakdown {
        category: VatCategory::S,
        rate: amount("20"),
        base: amount("100.00"),
        tax: amount("20.00"),
        reason: None,
        reason_code: None,
    };
    Invoice {
        kind: einvoice::Kind::Invoice,
        number: number.to_owned(),
        issue_date: "2026-02-09".parse().unwrap(),
        issued_at: None,
        due_date: Some("2026-03-11".parse().unwrap()),
        valid_until: None,
        supply_date: Some("2026-02-06".parse().unwrap()),
        period: None,
        process: Some("B1".to_owned()),
        currency: "EUR".parse().unwrap(),
        vat_in_books: None,
        seller,
        buyer,
        buyer_kind: einvoice::BuyerKind::Business,
        payee: None,
        delivery: None,
        references: einvoice::References::default(),
        notes: ["PMT", "PMD", "AAB"].map(|subject| einvoice::Note::about(subject, "Selon la loi.")).to_vec(),
        payment: vec![einvoice::PaymentMeans::CreditTransfer {
            iban: "FR7630004008120001020304005".to_owned(),
            bic: None,
            account_name: None,
        }],
        payment_reference: Some(number.to_owned()),
        payment_terms: None,
        lines: vec![serde_json::from_value(line).unwrap()],
        adjustments: Vec::new(),
        vat: vec![vat],
        totals: einvoice::Totals {
            lines: amount("100.00"),
            net: amount("100.00"),
            vat: amount("20.00"),
            gross: amount("120.00"),
            due: amount("120.00"),
            ..einvoice::Totals::default()
        },
    }
}

/// A PDF with this file attached.
fn pdf_with(name: &str, stream: Stream) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let stream = document.add_object(stream);
    let specification = document.add_object(dictionary! { "Type" => "Filespec", "F" => Object::string_literal(name),
    "UF" => Object::string_literal(name), "EF" => dictionary! { "F" => stream } });
    let names = vec![Object::string_literal(name), specification.into()];
    let pages = document.add_object(dictionary! { "Type" => "Pages", "Kids" => Vec::<Object>::new(), "Count" => 0 });
    let tree = dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } };
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages, "Names" => tree });
    document.trailer.set("Root", catalog);
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn file(content: &[u8]) -> Stream {
    Stream::new(Dictionary::new(), content.to_vec())
}

async fn ready() -> TestApp {
    let app = TestApp::new().await;
    app.lawful("ZR7").await;
    app.lawful("MDL").await;
    app
}

impl TestApp {
    pub(super) async fn receive(&self, entity: &str, file: impl Into<Vec<u8>>) -> Answer {
        self.post(&format!("{PATH}?entity={entity}"), json!({})).raw("application/octet-stream", file).await
    }

    async fn came(&self, invoice: &Invoice) -> Value {
        self.receive("MDL", einvoice::cii::write(invoice).unwrap()).await.expect(201)
    }

    async fn did(&self, invoice: &Value, action: &str, body: Value) -> Value {
        self.post(&format!("{PATH}/{}/{action}", id(invoice)), body).expect(200).await
    }

    /// An invoice with its supplier, approved.
    async fn approved(&self, invoice: &Invoice) -> Value {
        let came = self.came(invoice).await;
        let known = came["proposals"].as_array().unwrap().first().cloned();
        let supplier = known.map_or(json!({ "create": true }), |known| json!({ "party_id": known["party_id"] }));
        self.did(&came, "supplier", supplier).await;
        self.did(&came, "approval", json!({})).await
    }

    async fn stored(&self, document: &Value, format: &str) -> Vec<u8> {
        let sql = "select content from billing.document_file where document_id = $1::uuid and format = $2";
        let query = sqlx::query_scalar(sql).bind(uuid::Uuid::parse_str(id(document)).unwrap()).bind(format.to_owned());
        query.fetch_one(&mut owner().await).await.unwrap()
    }

    async fn nothing_came(&self) {
        let rows = "select (select count(*) from billing.incoming_invoice where tenant_id = $1)
            + (select count(*) from billing.incoming_file where tenant_id = $1)";
        assert_eq!(self.value::<i64>(rows).await, 0, "half of something was written");
    }
}

#[tokio::test]
async fn what_one_entity_issues_the_other_receives_in_every_form_and_books() {
    let app = ready().await;
    let mdl = json!({ "siren": "552081317", "vat_number": "FR03552081317", "legal_name": "MDL Énergie" });
    let customer = app.customer("ZR7", "MDL", mdl).await;
    let mut supplier = None;
    for (at, format) in ["pdf", "cii", "ubl"].into_iter().enumerate() {
        let issued = app.invoice(&customer, "100.00").await;
        let bytes = match format {
            "ubl" => app.get(&format!("/api/documents/{}/file?format=ubl", id(&issued))).await.text.into_bytes(),
            _ => app.stored(&issued, format).await,
        };
        let came = app.receive("MDL", bytes.clone()).await.expect(201);
        assert_eq!(came["findings"], json!([]), "{format}");
        assert_eq!(came["warnings"], json!([]), "{format}");
        assert_eq!(came["format"], ["factur_x", "cii", "ubl"][at]);
        assert_eq!(
            (&came["number"], &came["issue_on"], &came["due_on"]),
            (&issued["number"], &issued["issue_on"], &issued["due_on"])
        );
        assert_eq!((came["seller"]["name"].as_str(), came["currency"].as_str()), (Some("ZR7 Énergie"), Some("EUR")));
        assert_eq!(came["seller"]["vat_number"], "FR44732829320");
        assert_eq!(came["payment"][0]["iban"], "FR7630006000011234567890189");
        assert_eq!(
            (decimal(&came["net"]), decimal(&came["vat"]), decimal(&came["gross"])),
            (amount("100"), amount("20"), amount("120"))
        );
        assert_eq!(came["can"], json!(["set_supplier", "refuse"]));
        let body = match &supplier {
            None => {
                assert_eq!(came["proposals"], json!([]));
                json!({ "create": true })
            }
            Some(party) => {
                let proposed = &came["proposals"][0];
                assert_eq!((&proposed["party_id"], &proposed["because"]), (party, &json!("vat_number")));
                json!({ "party_id": party })
            }
        };
        let linked = app.did(&came, "supplier", body).await;
        supplier = Some(linked["party_id"].clone());
        app.did(&came, "approval", json!({})).await;
        let booked = app.did(&came, "booking", json!({})).await;
        assert_eq!((booked["status"].as_str(), booked["can"].clone()), (Some("booked"), json!([])));
        let document =
            app.get(&format!("/api/documents/{}", booked["document_id"].as_str().unwrap())).expect(200).await;
        assert_eq!(
            (&document["number"], &document["direction"], &document["origin"]),
            (&issued["number"], &json!("purchase"), &json!("received"))
        );
        assert_eq!(
            (decimal(&document["balance"]), document["payment_state"].as_str()),
            (amount("120"), Some("unpaid"))
        );
        let file = app.get(&format!("{PATH}/{}/file", id(&came))).await;
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"FAC-2026-000"));
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert_eq!(file.text, String::from_utf8_lossy(&bytes));
    }
    let party = app.get(&format!("/api/parties/{}", supplier.unwrap().as_str().unwrap())).expect(200).await;
    assert_eq!((party["roles"].clone(), party["siren"].as_str()), (json!(["supplier"]), Some("732829320")));
    assert_eq!(party["iban"], "FR7630006000011234567890189");
    let found = [app.account("401").await, app.account("44566").await, app.account("607").await];
    assert_eq!(found, ["-360", "60", "300"].map(amount));
    app.ledger_balances().await;
}

#[tokio::test]
async fn d_20_a_file_is_kept_under_our_id_and_goes_out_under_the_type_that_was_found() {
    let app = ready().await;
    let bytes = einvoice::cii::write(&cii("F-20")).unwrap();
    let named = format!("{PATH}?entity=MDL&file_name=..%2F..%5C..%2Fetc%2Fpasswd%0d%0a.html");
    let came = app.post(&named, json!({})).raw("application/octet-stream", bytes.clone()).await.expect(201);
    assert_eq!(came["file_name"], "passwd.html", "a label, without folders and control characters");
    let file = app.get(&format!("{PATH}/{}/file", id(&came))).await;
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"F-20.xml\"", "{:?}", file.headers);
    assert_eq!(file.header("content-type"), "application/octet-stream", "no browser opens a stranger's XML");
}

#[tokio::test]
async fn what_came_before_comes_not_again() {
    let app = ready().await;
    let bytes = einvoice::cii::write(&cii("F-1")).unwrap();
    let first = app.receive("MDL", bytes.clone()).await.expect(201);
    let known = |answer: &Answer| answer.json["errors"][0]["message"].clone();
    let again = app.receive("MDL", bytes.clone()).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "incoming_known_file"));
    assert_eq!(known(&again), first["id"]);
    // The same invoice in another file.
    let again = app.receive("MDL", einvoice::ubl::write(&cii("F-1")).unwrap()).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, "incoming_known"));
    assert_eq!(known(&again), first["id"]);
    assert_eq!(app.value::<i64>("select count(*) from billing.incoming_file where tenant_id = $1").await, 1);
    // What came to the wrong entity may come to the other, which is told.
    let other = app.receive("ZR7", bytes).await.expect(201);
    assert_eq!(other["findings"][0]["code"], "C-BUYER");
    app.came(&cii("F-2")).await;
}

#[tokio::test]
async fn two_that_come_at_once_come_once() {
    let app = ready().await;
    let bytes = einvoice::cii::write(&cii("F-1")).unwrap();
    let answers = futures_util::future::join_all((0..8).map(|_| app.receive("MDL", bytes.clone()))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn hostile_and_wrong_files_are_refused_and_leave_nothing() {
    let app = ready().await;
    let xml = einvoice::cii::write(&cii("F-1")).unwrap();
    let text = String::from_utf8(xml.clone()).unwrap();
    let mut bomb = file(&vec![b' '; 40 * 1024 * 1024]);
    bomb.compress().unwrap();
    let entities = text.replacen('\n', "\n<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>\n", 1);
    let pdf = pdf_with("factur-x.xml", file(&xml));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (Vec::new(), "incoming_format"),
        (b"PK\x03\x04 a spreadsheet".to_vec(), "incoming_format"),
        (b"\xff\xd8\xff\xe0 a picture".to_vec(), "incoming_format"),
        (pdf_with("photo.xml", file(&xml)), "incoming_no_invoice"),
        (pdf_with("factur-x.xml", bomb), "incoming_too_large"),
        (pdf_with("../../factur-x.xml", file(&xml)), "incoming_attachment"),
        (pdf_with("factur-x.xml", file(b"MZ\x90")), "incoming_attachment"),
        (pdf_with("factur-x.xml", file(entities.as_bytes())), "incoming_xml"),
        (pdf[..pdf.len() / 3].to_vec(), "incoming_pdf"),
        (b"%PDF-1.7\nnothing".to_vec(), "incoming_pdf"),
        (entities.into_bytes(), "incoming_xml"),
        (text.replace("Rh\u{f4}ne", "Rh\u{0}ne").into_bytes(), "incoming_xml"),
        ([&b"<a>"[..], b"\xe9", b"</a>"].concat(), "incoming_xml"),
        (xml[..xml.len() / 2].to_vec(), "incoming_xml"),
        (b"<html><body/></html>".to_vec(), "incoming_not_invoice"),
        (text.replace(">EUR<", ">XXY<").into_bytes(), "incoming_not_invoice"),
        (text.replace(">F-1<", &format!(">{}<", "9".repeat(5000))).into_bytes(), "incoming_not_invoice"),
        (text.replace(">20260209<", ">00010101<").into_bytes(), "incoming_not_invoice"),
    ];
    for (at, (bytes, code)) in cases.into_iter().enumerate() {
        let refused = app.receive("MDL", bytes).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (422, code), "case {at}: {:#}", refused.json);
        assert_eq!(refused.json["errors"][0]["field"], "file");
    }
    let large = app.receive("MDL", vec![b' '; einvoice::MAX_FILE + 1]).await;
    assert_eq!((large.status.as_u16(), large.code()), (413, "body_too_large"));
    app.nothing_came().await;
}

#[tokio::test]
async fn what_is_odd_is_told_and_what_does_not_add_up_is_not_booked() {
    let app = ready().await;
    let text = String::from_utf8(einvoice::cii::write(&cii("F-1")).unwrap()).unwrap();
    let wrong = text.replace(">120.00</ram:GrandTotalAmount>", ">130.00</ram:GrandTotalAmount>");
    assert_ne!(text, wrong);
    let came = app.receive("MDL", wrong).await.expect(201);
    let codes = |came: &Value| -> Vec<String> {
        came["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["code"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(codes(&came), ["BR-CO-15", "BR-CO-16"]);
    assert_eq!(app.get(PATH).expect(200).await["items"][0]["finding_count"], 2);
    app.did(&came, "supplier", json!({ "create": true })).await;
    app.did(&came, "approval", json!({})).await;
    let refused = app.post(&format!("{PATH}/{}/booking", id(&came)), json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "incoming_sums"));
    assert_eq!(refused.json["detail"], "Its total is 120.00, not 130.00.");
    assert_eq!(app.value::<i64>("select count(*) from billing.document where tenant_id = $1").await, 0);
    let own = Invoice { seller: cii("x").buyer, ..cii("F-2") };
    assert!(codes(&app.came(&own).await).contains(&"C-SELLER".to_owned()));
    let ahead = Invoice { issue_date: "2026-02-12".parse().unwrap(), ..cii("F-3") };
    assert_eq!(codes(&app.came(&ahead).await), ["C-FUTURE"]);
    // Numbers that nobody can reckon with, and a line that is not computed.
    let huge = text
        .replace(">F-1<", ">F-4<")
        .replace(">20.00</ram:CalculatedAmount>", ">79228162514264337593543950335</ram:CalculatedAmount>");
    let came = app.receive("MDL", huge).await.expect(201);
    assert!(came["warnings"][0]["message"].as_str().unwrap().contains("is no number"), "{came:#}");
}

#[tokio::test]
async fn another_account_than_the_suppliers_is_told() {
    let app = ready().await;
    app.approved(&cii("F-1")).await;
    let mut other = cii("F-2");
    other.payment = vec![einvoice::PaymentMeans::CreditTransfer {
        iban: "FR7630006000011234567890189".to_owned(),
        bic: None,
        account_name: None,
    }];
    let approved = app.approved(&other).await;
    assert_eq!(approved["findings"][0]["code"], "C-OTHER-IBAN");
}

#[tokio::test]
async fn an_invoice_is_owed_by_a_supplier_or_refused_with_a_reason() {
    let app = ready().await;
    let came = app.came(&cii("F-1")).await;
    let path = format!("{PATH}/{}", id(&came));
    let refused = app.post(&format!("{path}/approval"), json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "incoming_supplier_missing"));
    for bad in [json!({}), json!({ "party_id": came["id"], "create": true })] {
        app.post(&format!("{path}/supplier"), bad).expect(422).await;
    }
    app.post(&format!("{path}/supplier"), json!({ "party_id": came["id"] })).expect(404).await;
    let foreign = app.customer("ZR7", "Elsewhere", json!({})).await;
    let refused = app.post(&format!("{path}/supplier"), json!({ "party_id": foreign })).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "incoming_supplier_other"));
    let known = app.customer("MDL", "Fournitures du Rhône", json!({ "siren": null })).await;
    let proposed = app.get(&path).expect(200).await["proposals"].clone();
    assert_eq!((&proposed[0]["party_id"], &proposed[0]["because"]), (&json!(known), &json!("name")));
    let linked = app.did(&came, "supplier", json!({ "party_id": known })).await;
    assert_eq!(linked["party_name"], "Fournitures du Rhône");
    let roles = app.get(&format!("/api/parties/{known}")).expect(200).await["roles"].clone();
    assert_eq!(roles, json!(["customer", "supplier"]));
    app.post(&format!("{path}/refusal"), json!({ "reason": "  " })).expect(422).await;
    let refused = app.did(&came, "refusal", json!({ "reason": "Jamais commandé" })).await;
    assert_eq!(
        (refused["status"].as_str(), refused["refusal_reason"].as_str()),
        (Some("refused"), Some("Jamais commandé"))
    );
    app.post(&format!("{path}/approval"), json!({})).expect(409).await;
    app.post(&format!("{path}/booking"), json!({})).expect(409).await;
    let reopened = app.did(&came, "reopening", json!({})).await;
    assert_eq!((reopened["status"].as_str(), reopened["refusal_reason"].as_str()), (Some("received"), Some("")));
    app.did(&came, "approval", json!({})).await;
    let told = "select string_agg(action, ' ' order by action) from platform.event where tenant_id = $1 and action like 'incoming%'";
    assert_eq!(
        app.value::<String>(told).await,
        "incoming_invoice_approved incoming_invoice_linked incoming_invoice_received incoming_invoice_refused incoming_invoice_reopened"
    );
}

#[tokio::test]
async fn nobody_sees_what_came_to_others() {
    let (app, other) = (ready().await, ready().await);
    let came = app.came(&cii("F-1")).await;
    let path = format!("{PATH}/{}", id(&came));
    let outsider = app.member("admin", "ZR7").await;
    for (who, token) in [(&app, &outsider), (&other, &other.root)] {
        assert_eq!(who.get(PATH).by(token).expect(200).await["items"], json!([]));
        for path in [path.clone(), format!("{path}/file")] {
            who.get(&path).by(token).expect(404).await;
        }
        for (action, body) in [
            ("approval", json!({})),
            ("refusal", json!({ "reason": "x" })),
            ("booking", json!({})),
            ("supplier", json!({ "create": true })),
        ] {
            who.post(&format!("{path}/{action}"), body).by(token).expect(404).await;
        }
    }
    assert_eq!(app.get(&format!("{PATH}?entity=ZR7")).expect(200).await["items"], json!([]));
    let viewer = app.member("viewer", "MDL").await;
    app.get(PATH).by(&viewer).expect(403).await;
}

#[tokio::test]
async fn lists_are_narrowed_and_read_page_by_page() {
    let app = ready().await;
    for at in 1..=3 {
        app.tick();
        app.came(&cii(&format!("F-{at}"))).await;
    }
    app.tick();
    let approved = app.approved(&Invoice { issue_date: "2026-01-20".parse().unwrap(), ..cii("G_1") }).await;
    let numbers = async |query: &str| -> Vec<String> {
        let page = app.get(&format!("{PATH}?{query}")).expect(200).await;
        page["items"].as_array().unwrap().iter().map(|item| item["number"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(numbers("").await, ["G_1", "F-3", "F-2", "F-1"]);
    assert_eq!(numbers("status=approved").await, ["G_1"]);
    assert_eq!(numbers("q=g_").await, ["G_1"]);
    assert_eq!(numbers("q=rh%C3%B4ne").await.len(), 4);
    assert_eq!(numbers("from=2026-02-01&to=2026-02-28").await, ["F-3", "F-2", "F-1"]);
    assert_eq!(numbers(&format!("supplier={}", approved["party_id"].as_str().unwrap())).await, ["G_1"]);
    let first = app.get(&format!("{PATH}?limit=3")).expect(200).await;
    assert_eq!(numbers(&format!("limit=3&cursor={}", first["next_cursor"].as_str().unwrap())).await, ["F-1"]);
    app.get(&format!("{PATH}?status=paid")).expect(400).await;
}
