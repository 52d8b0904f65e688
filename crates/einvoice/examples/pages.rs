//! Sets a page of each kind to look at: `cargo run -p einvoice --example pages -- DIRECTORY`.

#![expect(clippy::unwrap_used, clippy::assigning_clones, reason = "samples are written to be read")]

#[path = "../tests/it/samples.rs"]
mod samples;

use std::path::Path;

use einvoice::{Invoice, Kind, Language, Logo, Preceding, Presentation, Renderer};

const LOGO: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 60">
<circle cx="30" cy="30" r="26" fill="#0b6e6e"/><path d="M18 38 L30 14 L42 38 Z" fill="#fff"/>
<rect x="70" y="18" width="140" height="10" rx="5" fill="#0b6e6e"/>
<rect x="70" y="34" width="96" height="8" rx="4" fill="#8fc1c1"/></svg>"##;

fn french() -> Presentation {
    let mentions = [
        "Clima Lyon Énergies, SAS au capital de 50 000 €",
        "RCS Lyon 732 829 320",
        "SIRET 732 829 320 00074",
        "TVA FR44732829320",
        "Assurance décennale : MAAF, 79036 Niort, contrat n° 2210-4471, France métropolitaine",
        "Médiateur de la consommation : CM2C, 14 rue Saint-Jean, 75017 Paris, cm2c.net",
    ];
    Presentation {
        logo: Some(Logo::try_new(LOGO.into()).expect("it is a small SVG")),
        accent: "#0b6e6e".parse().expect("it is a colour"),
        mentions: mentions.map(str::to_owned).to_vec(),
        ..Presentation::default()
    }
}

fn changed(mut invoice: Invoice, change: impl FnOnce(&mut Invoice)) -> Invoice {
    change(&mut invoice);
    invoice
}

fn main() {
    let folder = std::env::args().nth(1).expect("the directory to write to");
    let look = french();
    let bare = Presentation { logo: None, accent: "#7a1f3d".parse().expect("it is a colour"), ..french() };
    let light = Presentation { accent: "#f2b705".parse().expect("it is a colour"), ..bare.clone() };
    let english = Presentation { language: Language::English, ..french() };
    let quote = changed(samples::detailed(), |quote| {
        quote.kind = Kind::Quote;
        quote.number = "DEV-2026-018".to_owned();
        quote.valid_until = Some("2026-03-10".parse().expect("it is a day"));
        quote.notes.clear();
    });
    let pro_forma = changed(samples::simple(), |invoice| {
        invoice.kind = Kind::ProForma;
        invoice.buyer = samples::consumer();
    });
    let last = changed(samples::simple(), |invoice| {
        let date = Some("2026-01-12".parse().expect("it is a day"));
        invoice.references.preceding.push(Preceding { number: "FAC-2026-0009".to_owned(), date });
        invoice.totals.prepaid = samples::dec("60.00");
        invoice.totals.due -= samples::dec("60.00");
    });
    let hostile = changed(samples::simple(), |invoice| {
        invoice.lines[0].name = "#panic(\"x\") *bold* $x$ `raw` @ref".to_owned();
        invoice.lines[0].description = Some(format!("{} 😀 العربية 漢字 ✓ ½", "A".repeat(300)));
        invoice.buyer.name = "W".repeat(120);
    });
    let documents = vec![
        ("1-one-line", samples::simple(), &look),
        ("2-five-long-lines", samples::detailed(), &look),
        ("3-sixty-lines", samples::sixty_lines(), &look),
        ("4-credit-note-no-logo", samples::credit_note(), &bare),
        ("5-english-dollars", samples::foreign(), &english),
        ("6-quote", quote, &bare),
        ("7-pro-forma", pro_forma, &look),
        ("8-final-after-deposit", last, &light),
        ("9-hostile-text", hostile, &bare),
    ];
    let renderer = Renderer::new();
    for (name, invoice, look) in documents {
        let pdf = renderer.render(&invoice, look).expect("it is a sound document");
        std::fs::write(Path::new(&folder).join(format!("{name}.pdf")), pdf).expect("the directory can be written");
    }
    for (name, lines, look) in [("10-account", 9, &look), ("11-long-account", 90, &english)] {
        let pdf = renderer.render_statement(&samples::account(lines), look).expect("it is a sound account");
        std::fs::write(Path::new(&folder).join(format!("{name}.pdf")), pdf).expect("the directory can be written");
    }
}
