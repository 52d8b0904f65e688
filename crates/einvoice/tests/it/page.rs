//! The page: what is in it, that it is the same each time, and what a reader finds inside.

use std::fs;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Instant;

use einvoice::{Format, Invoice, Kind, Language, Logo, Presentation, Renderer, cii, read};
use proptest::prelude::*;

use crate::gates::python;
use crate::samples::{account, credit_note, detailed, foreign, simple, sixty_lines};

static RENDERER: LazyLock<Renderer> = LazyLock::new(Renderer::new);

fn look() -> Presentation {
    Presentation { mentions: vec!["RCS Lyon 732 829 320".to_owned()], ..Presentation::default() }
}

fn english() -> Presentation {
    Presentation { language: Language::English, ..look() }
}

/// The text of each page, as a reader of PDF that was not written here extracts it.
fn pages(pdf: &[u8]) -> Vec<String> {
    const SCRIPT: &str =
        "import sys,json,pypdf\nprint(json.dumps([p.extract_text() for p in pypdf.PdfReader(sys.argv[1]).pages]))";
    serde_json::from_str(&run(SCRIPT, pdf)).unwrap()
}

/// What a Python script prints that is given the path of the PDF.
fn run(script: &str, pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("document.pdf");
    fs::write(&path, pdf).unwrap();
    let output = Command::new(python()).args(["-c", script]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}').collect()
}

fn says(pdf: &[u8], texts: &[&str]) {
    let all = plain(&pages(pdf).concat());
    for text in texts {
        assert!(all.contains(&plain(text)), "{text}\n{all}");
    }
}

#[test]
fn the_same_document_gives_the_same_bytes_whoever_sets_it() {
    let first = RENDERER.render(&detailed(), &look()).unwrap();
    let again = Renderer::new();
    let other = std::thread::scope(|scope| scope.spawn(|| again.render(&detailed(), &look()).unwrap()).join().unwrap());
    assert!(first == other);
    assert_eq!(cii::write(&detailed()), cii::write(&detailed()));
}

#[test]
fn the_embedded_xml_is_the_cii_and_a_foreign_reader_finds_it_at_the_right_level() {
    const SCRIPT: &str = "import sys,json,facturx\nfrom lxml import etree\nd=open(sys.argv[1],'rb').read()\n\
        n,x=facturx.get_facturx_xml_from_pdf(d)\n\
        from pypdf import PdfReader\nr=PdfReader(sys.argv[1])\nm=r.xmp_metadata.rdf_root.toxml()\nc=r.trailer['/Root']\n\
        print(json.dumps([n,x.decode(),facturx.get_level(etree.fromstring(x)),m,c['/AF'][0]['/AFRelationship'],r.metadata.title,c['/Lang']]))";
    let invoice = detailed();
    let pdf = RENDERER.render(&invoice, &look()).unwrap();
    let [name, xml, level, xmp, relationship, title, language]: [String; 7] =
        serde_json::from_str(&run(SCRIPT, &pdf)).unwrap();
    assert_eq!(name, "factur-x.xml");
    assert_eq!(xml.into_bytes(), cii::write(&invoice).unwrap());
    assert_eq!((level.as_str(), relationship.as_str(), language.as_str()), ("en16931", "/Alternative", "fr"));
    assert_eq!(title, "Facture FAC-2026-0042");
    for part in ["ConformanceLevel>EN 16931<", "DocumentFileName>factur-x.xml<", "part>3<", "conformance>B<"] {
        assert!(xmp.contains(part), "{part}");
    }
    assert_eq!(xmp.matches("<pdfaExtension:schemas>").count(), 1);
}

#[test]
fn what_was_set_is_read_back_whole() {
    for invoice in [simple(), detailed(), credit_note(), foreign()] {
        let received = read(&RENDERER.render(&invoice, &look()).unwrap()).unwrap();
        assert_eq!(received.format, Format::FacturX);
        assert_eq!(received.warnings, Vec::new());
        assert_eq!(received.xml, cii::write(&invoice).unwrap());
    }
}

#[test]
fn f_18_the_page_prints_the_real_rates_the_due_date_and_the_data_of_the_entity() {
    let pdf = RENDERER.render(&detailed(), &look()).unwrap();
    says(&pdf, &["5,5 %", "10 %", "20 %", "9 669,75 €", "12/03/2026", "Clima Lyon Énergies", "SIRET 73282932000074"]);
    says(
        &pdf,
        &["FR76 3000 6000 0112 3456 7890 189", "RCS Lyon 732 829 320", "art. 278-0 bis A du CGI", "BC-2026-118"],
    );
    says(&pdf, &["40 €", "trois fois l’intérêt légal", "Pas d’escompte"]);
}

#[test]
fn f_18_a_long_description_is_wrapped_and_not_cut() {
    let invoice = detailed();
    let description = invoice.lines[0].description.clone().unwrap();
    assert!(description.chars().count() > 300);
    says(&RENDERER.render(&invoice, &look()).unwrap(), &[&description]);
}

#[test]
fn f_18_sixty_lines_run_over_pages_with_their_head_and_carried_totals() {
    let invoice = sixty_lines();
    let all = pages(&RENDERER.render(&invoice, &look()).unwrap());
    for (at, page) in all.iter().enumerate() {
        assert!(plain(page).contains(&format!("Page{}/{}", at + 1, all.len())));
    }
    let pages: Vec<_> = all.iter().filter(|page| plain(page).contains("Article")).collect();
    assert!(pages.len() >= 3);
    let last = pages.len() - 1;
    for (at, page) in pages.iter().enumerate() {
        let page = plain(page);
        assert!(page.contains("Désignation"), "the head of the table is on page {at}");
        assert_eq!(page.contains("Àreporter"), at < last, "page {at}");
        assert_eq!(page.contains("Report"), at > 0, "page {at}");
    }
    assert!(all.iter().rposition(|page| plain(page).contains("Netàpayer")) >= Some(last));
    let carried = |page: &str, word: &str| {
        let line = page.lines().find(|line| line.starts_with(word)).unwrap().to_owned();
        plain(line.trim_start_matches(word))
    };
    assert_eq!(carried(pages[0], "À reporter"), carried(pages[1], "Report"));
    assert_ne!(carried(pages[0], "À reporter"), "");
}

#[test]
fn each_kind_has_its_own_words() {
    let of = |kind: Kind| {
        let mut invoice = simple();
        invoice.kind = kind;
        invoice
    };
    let mut quote = of(Kind::Quote);
    quote.valid_until = Some("2026-03-31".parse().unwrap());
    let set = |invoice: &Invoice, look: &Presentation| RENDERER.render(invoice, look).unwrap();
    says(
        &set(&credit_note(), &look()),
        &["Avoir sur la facture n° FAC-2026-0031 du 28/01/2026", "Net en votre faveur"],
    );
    says(&set(&quote, &look()), &["Devis", "Valable jusqu’au 31/03/2026", "Bon pour accord"]);
    says(&set(&of(Kind::ProForma), &look()), &["Pro forma – ne vaut pas facture"]);
    says(&set(&of(Kind::Deposit), &look()), &["Facture d’acompte"]);
    says(&set(&foreign(), &english()), &["Invoice", "Amount due", "USD 7,440.00", "12 March 2026", "UNITED STATES"]);
}

#[test]
fn quotes_and_pro_formas_have_no_xml() {
    for kind in [Kind::Quote, Kind::ProForma] {
        let mut invoice = simple();
        invoice.kind = kind;
        assert!(cii::write(&invoice).is_err());
        let pdf = RENDERER.render(&invoice, &look()).unwrap();
        assert_eq!(read(&pdf).unwrap_err(), einvoice::ReadError::NoInvoiceAttached);
    }
}

#[test]
fn a_text_is_never_markup_and_never_leaves_its_column() {
    let mut invoice = simple();
    let evil = "#panic(\"x\") *b* _i_ $x$ `r` @a <b> [c] {d} \\ // /* \u{202e}evil 😀 漢 العربية";
    invoice.lines[0].name = evil.to_owned();
    invoice.lines[0].description = Some("W".repeat(400));
    invoice.buyer.name = evil.to_owned();
    invoice.seller.name = "#read(\"/etc/passwd\")".to_owned();
    let pdf = RENDERER.render(&invoice, &Presentation { intro: Some(evil.to_owned()), ..look() }).unwrap();
    says(
        &pdf,
        &["#panic(\"x\") *b* _i_ $x$ `r` @a <b> [c] {d} \\ // /* evil □ □", "#read(\"/etc/passwd\")", &"W".repeat(400)],
    );
}

#[test]
fn a_logo_that_is_broken_inside_is_an_error_and_not_a_panic() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0".to_vec();
    png.extend([7; 64]);
    let logo = Some(Logo::try_new(png).unwrap());
    assert!(RENDERER.render(&simple(), &Presentation { logo, ..look() }).is_err());
}

#[test]
fn setting_a_page_is_quick_even_in_a_debug_build() {
    RENDERER.render(&simple(), &look()).unwrap();
    let quickest = (0..5).map(|at| {
        let mut invoice = simple();
        invoice.number = format!("FAC-{at}");
        let begin = Instant::now();
        RENDERER.render(&invoice, &look()).unwrap();
        begin.elapsed().as_millis()
    });
    let quickest = quickest.min().unwrap();
    // Some 20 ms on a quiet machine; without the workspace's opt-levels more than a second.
    assert!(quickest < 400, "{quickest} ms");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_text_can_be_set(name in any::<String>(), description in "\\PC{0,400}", mention in any::<String>()) {
        let mut invoice = simple();
        invoice.buyer.name = name.clone();
        invoice.lines[0].name = name;
        invoice.lines[0].description = Some(description);
        let look = Presentation { mentions: vec![mention.clone()], closing: Some(mention), ..look() };
        prop_assert!(RENDERER.render(&invoice, &look).is_ok());
    }
}

#[test]
fn a_customers_account_says_what_moved_what_stands_and_what_is_late() {
    let pdf = RENDERER.render_statement(&account(3), &look()).unwrap();
    says(&pdf, &["Relevé de compte", "du 01/01/2026 au 31/03/2026", "C00042", "\u{2212}25,00", "18 jours", "675,00 €"]);
    says(&pdf, &["Ancienneté du solde", "1 à 30 jours", "FR76 3000 6000", "Avoirs et acomptes disponibles"]);
    let pdf = RENDERER.render_statement(&account(0), &english()).unwrap();
    says(&pdf, &["Statement of account", "Nothing moved in this period", "Balance due", "€675.00", "18 days"]);
    assert!(pdf == Renderer::new().render_statement(&account(0), &english()).unwrap(), "the same bytes");
}

#[test]
fn a_long_account_runs_over_pages_with_its_head_and_what_was_brought_forward() {
    let all = pages(&RENDERER.render_statement(&account(120), &look()).unwrap());
    assert!(all.len() >= 3);
    for (at, page) in all.iter().enumerate() {
        assert!(plain(page).contains(&format!("Page{}/{}", at + 1, all.len())));
    }
    assert!(plain(&all[1]).contains("Report") && plain(&all[1]).contains("Libellé"), "{}", all[1]);
}
