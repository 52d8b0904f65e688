//! What comes in: our own and foreign documents, and everything that is not one.

use einvoice::{Format, Invoice, Presentation, ReadError, Renderer, cii, read, ubl};
use lopdf::{Dictionary, Document, Object, Stream, dictionary};
use proptest::prelude::*;

use crate::kinds;
use crate::samples::simple;

/// What a document says in the terms of EN 16931, without what only the house knows.
fn semantic(mut invoice: Invoice) -> Invoice {
    invoice.issued_at = None;
    invoice.valid_until = None;
    invoice.buyer_kind = einvoice::BuyerKind::Business;
    for vat in &mut invoice.vat {
        if !vat.category.needs_reason() {
            (vat.reason, vat.reason_code) = (None, None);
        }
    }
    for line in &mut invoice.lines {
        // XML has no control characters, and no space around a text.
        let clean = |text: &String| text.replace('\u{1}', "").trim().to_owned();
        line.description = line.description.as_ref().map(clean);
        line.name = clean(&line.name);
    }
    invoice
}

#[test]
fn every_kind_is_read_back_as_it_was_written() {
    for (name, invoice) in kinds::all() {
        let written = semantic(invoice.clone());
        let from_cii = read(&cii::write(&invoice).unwrap()).unwrap();
        assert_eq!((from_cii.format, &from_cii.warnings[..]), (Format::Cii, &[][..]), "{name}");
        assert_eq!(from_cii.invoice, written, "{name}");
        let from_ubl = read(&ubl::write(&invoice).unwrap()).unwrap();
        assert_eq!((from_ubl.format, &from_ubl.warnings[..]), (Format::Ubl, &[][..]), "{name}");
        assert_eq!(from_ubl.invoice, written, "{name}");
    }
}

#[test]
fn a_model_survives_being_stored() {
    for (name, invoice) in kinds::all() {
        let stored = serde_json::to_string(&invoice).unwrap();
        assert_eq!(serde_json::from_str::<Invoice>(&stored).unwrap(), invoice, "{name}");
    }
}

#[test]
fn what_is_not_taken_over_is_told() {
    let text = String::from_utf8(cii::write(&simple()).unwrap()).unwrap();
    let text = text
        .replace("<ram:TypeCode>380<", "<ram:TypeCode>389<")
        .replace("<ram:CountryID>FR<", "<ram:CountryID>Frankreich<")
        .replace("<ram:Name>Clima", "<ram:RoleCode>SE</ram:RoleCode><ram:Name>Clima")
        .replace(">189.90</ram:LineTotalAmount>", ">189,90</ram:LineTotalAmount>");
    let received = read(text.as_bytes()).unwrap();
    let told: Vec<_> = received.warnings.iter().map(|warning| warning.at.rsplit('/').next().unwrap()).collect();
    for at in ["TypeCode", "CountryID", "RoleCode"] {
        assert!(told.contains(&at), "{at}: {told:?}");
    }
    assert!(received.warnings.iter().any(|warning| warning.message.contains("189,90")));
}

#[test]
fn numbers_that_nobody_can_reckon_with_are_passed_over() {
    let text = String::from_utf8(cii::write(&simple()).unwrap()).unwrap();
    let huge = "79228162514264337593543950335";
    for amount in ["LineTotalAmount>189.90", "BilledQuantity", "ChargeAmount", "GrandTotalAmount", "CalculatedAmount"] {
        let at = text.find(amount).unwrap();
        let start = text[at..].find('>').unwrap() + at + 1;
        let end = text[start..].find('<').unwrap() + start;
        let text = format!("{}{huge}{}", &text[..start], &text[end..]);
        let received = read(text.as_bytes()).unwrap();
        assert!(received.warnings.iter().any(|warning| warning.message.contains(huge)), "{amount}");
        assert!(!einvoice::check(&received.invoice).is_empty(), "{amount}");
    }
}

#[test]
fn what_is_no_invoice_is_named_for_what_it_is() {
    let xml = String::from_utf8(cii::write(&simple()).unwrap()).unwrap();
    let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>";
    let deep = "<a>".repeat(100_000);
    let wide = format!("<a>{}</a>", "<b/>".repeat(500_000));
    let cases: Vec<(Vec<u8>, ReadError)> = vec![
        (Vec::new(), ReadError::Empty),
        (b" \n\t ".to_vec(), ReadError::Empty),
        (b"MZ\x90\0\x03".to_vec(), ReadError::UnknownFormat),
        (vec![b' '; einvoice::MAX_FILE + 1], ReadError::TooLarge),
        (format!("<a>{}</a>", " ".repeat(einvoice::MAX_XML)).into_bytes(), ReadError::TooLarge),
        (format!("{bomb}{}", xml.split_once('\n').unwrap().1).into_bytes(), ReadError::DocumentType),
        (b"<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>".to_vec(), ReadError::DocumentType),
        (b"<html><body/></html>".to_vec(), ReadError::NotAnInvoice("html".to_owned())),
        (b"<Invoice/>".to_vec(), ReadError::NotAnInvoice("Invoice".to_owned())),
        (deep.into_bytes(), ReadError::TooComplex),
        (wide.into_bytes(), ReadError::TooComplex),
        (b"\xff\xfe<\0a\0".to_vec(), ReadError::Encoding),
        (b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>".to_vec(), ReadError::Encoding),
        (b"<a>\xe9</a>".to_vec(), ReadError::Encoding),
        (xml.replace("<ram:ID>FAC-2026-0042</ram:ID>", "").into_bytes(), ReadError::Missing("BT-1", "number")),
        (xml.replace(">EUR<", ">XXY<").into_bytes(), ReadError::Missing("BT-5", "currency that is known")),
    ];
    for (bytes, error) in cases {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
        assert_eq!(read(&bytes).unwrap_err(), error, "{start}");
    }
    for broken in [
        "<a>\0</a>",
        "<a b=\"\0\"/>",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "text",
        "<a>&evil;</a>",
        "<a>&#x0;</a>",
        &xml[..xml.len() / 2],
    ] {
        let error = read(broken.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::Malformed(_) | ReadError::UnknownFormat), "{broken}: {error}");
    }
}

/// A PDF with these files attached.
fn pdf_with(files: &[(&str, Stream)]) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let mut names = Vec::new();
    for (name, stream) in files {
        let stream = document.add_object(stream.clone());
        let specification = document.add_object(dictionary! {
            "Type" => "Filespec",
            "F" => Object::string_literal(*name),
            "UF" => Object::string_literal(*name),
            "EF" => dictionary! { "F" => stream },
        });
        names.extend([Object::string_literal(*name), specification.into()]);
    }
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

fn packed(content: &[u8]) -> Stream {
    let mut stream = file(content);
    stream.compress().unwrap();
    stream
}

#[test]
fn the_invoice_of_a_foreign_pdf_is_found_by_each_name_that_the_standards_know() {
    let xml = cii::write(&simple()).unwrap();
    for name in ["factur-x.xml", "zugferd-invoice.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml"] {
        let received = read(&pdf_with(&[("photo.jpg", file(b"...")), (name, packed(&xml))])).unwrap();
        assert_eq!((received.format, received.warnings), (Format::FacturX, Vec::new()));
    }
    let twice = read(&pdf_with(&[("factur-x.xml", file(&xml)), ("xrechnung.xml", packed(&xml))])).unwrap();
    assert_eq!(twice.warnings.len(), 1);
}

#[test]
fn a_hostile_pdf_is_named_for_what_it_is() {
    let xml = cii::write(&simple()).unwrap();
    let mut other = simple();
    other.number = "FAC-2026-0043".to_owned();
    let other = cii::write(&other).unwrap();
    let bomb = packed(&vec![b' '; 40 * 1024 * 1024]);
    assert!(bomb.content.len() < 100_000);
    let cases = [
        (pdf_with(&[]), ReadError::NoInvoiceAttached),
        (pdf_with(&[("invoice.xml", file(&xml))]), ReadError::NoInvoiceAttached),
        (pdf_with(&[("factur-x.xml", file(b"MZ\x90"))]), ReadError::AttachmentNotXml("factur-x.xml".to_owned())),
        (pdf_with(&[("factur-x.xml", file(b""))]), ReadError::AttachmentNotXml("factur-x.xml".to_owned())),
        (pdf_with(&[("../../factur-x.xml", file(&xml))]), ReadError::UnsafeName("../../factur-x.xml".to_owned())),
        (pdf_with(&[("C:\\x\\factur-x.xml", file(&xml))]), ReadError::UnsafeName("C:\\x\\factur-x.xml".to_owned())),
        (pdf_with(&[("factur-x.xml", file(&xml)), ("xrechnung.xml", file(&other))]), ReadError::TwoInvoices),
        (pdf_with(&[("factur-x.xml", bomb)]), ReadError::TooLarge),
        (pdf_with(&[("factur-x.xml", file(b"<!DOCTYPE a><a/>"))]), ReadError::DocumentType),
    ];
    for (at, (bytes, error)) in cases.into_iter().enumerate() {
        assert_eq!(read(&bytes).unwrap_err(), error, "case {at}");
    }
    let whole = Renderer::new().render(&simple(), &Presentation::default()).unwrap();
    for cut in [8, 100, whole.len() / 3, whole.len() / 2] {
        assert!(read(&whole[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn an_encrypted_pdf_is_told_from_a_damaged_one() {
    let mut document =
        Document::load_mem(&pdf_with(&[("factur-x.xml", file(&cii::write(&simple()).unwrap()))])).unwrap();
    let id = Object::string_literal("0123456789abcdef");
    document.trailer.set("ID", vec![id.clone(), id]);
    let version = lopdf::EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner",
        user_password: "user",
        key_length: 128,
        permissions: lopdf::Permissions::all(),
    };
    let state = lopdf::EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    assert_eq!(read(&bytes).unwrap_err(), ReadError::Encrypted);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..2000), start in 0_usize..4) {
        let start: &[u8] = [&b""[..], b"%PDF-1.7\n", b"<?xml version=\"1.0\"?>", b"<rsm:CrossIndustryInvoice>"][start];
        prop_assert!(read(&[start, &bytes].concat()).is_err());
    }

    #[test]
    fn a_mutated_document_is_answered(which in 0_usize..3, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12), cut in any::<prop::sample::Index>()) {
        static WHOLE: std::sync::LazyLock<[Vec<u8>; 3]> = std::sync::LazyLock::new(|| [
            cii::write(&simple()).unwrap(),
            ubl::write(&simple()).unwrap(),
            Renderer::new().render(&simple(), &Presentation::default()).unwrap(),
        ]);
        let mut bytes = WHOLE[which].clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cut.index(4) == 0 {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes);
    }
}
