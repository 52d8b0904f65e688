#[path = "../tests/it/samples.rs"]
#[allow(dead_code)]
mod samples;
use einvoice::*;
fn main() {
    let logo = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 60"><circle cx="30" cy="30" r="26" fill="#0b6e6e"/><path d="M18 38 L30 14 L42 38 Z" fill="#fff"/><rect x="70" y="18" width="140" height="10" rx="5" fill="#0b6e6e"/><rect x="70" y="34" width="96" height="8" rx="4" fill="#8fc1c1"/></svg>"##;
    let french = Presentation { logo: Some(Logo::try_new(logo.to_vec()).unwrap()), accent: "#0b6e6e".parse().unwrap(),
        mentions: ["Clima Lyon Énergies, SAS au capital de 50 000 €","RCS Lyon 732 829 320","SIRET 732 829 320 00074","TVA FR44732829320","Assurance décennale : MAAF, 79036 Niort, contrat n° 2210-4471, France métropolitaine","Médiateur de la consommation : CM2C, 14 rue Saint-Jean, 75017 Paris, cm2c.net"].map(String::from).to_vec(), ..Presentation::default() };
    let bare = Presentation { logo: None, accent: "#7a1f3d".parse().unwrap(), ..french.clone() };
    let english = Presentation { language: Language::English, ..french.clone() };
    let out = std::env::args().nth(1).unwrap();
    let r = Renderer::new();
    let mut quote = samples::detailed(); quote.kind = Kind::Quote; quote.number = "DEV-2026-018".into(); quote.valid_until = Some("2026-03-10".parse().unwrap()); quote.notes.clear();
    let mut pro = samples::simple(); pro.kind = Kind::ProForma; pro.buyer = samples::consumer();
    let mut deposit = samples::simple(); deposit.totals.prepaid = samples::dec("60.00"); deposit.totals.due -= samples::dec("60.00"); deposit.references.preceding.push(Preceding{ number: "FAC-2026-0009".into(), date: Some("2026-01-12".parse().unwrap())});
    let mut nasty = samples::simple(); nasty.lines[0].name = "#panic(\"x\") *bold* $x$ ".into(); nasty.lines[0].description = Some(format!("{} 😀 العربية 漢字 \u{202e}evil\n#read(\"/etc/passwd\") @ref <lbl> `raw` ✓ ½", "A".repeat(300))); nasty.buyer.name = "W".repeat(200); nasty.buyer.address.line1=Some("\\ #x [y] {z}".into());
    for (name, invoice, look) in [("one", samples::simple(), &french), ("five", samples::detailed(), &french), ("sixty", samples::sixty_lines(), &french), ("credit", samples::credit_note(), &bare), ("english", samples::foreign(), &english), ("quote", quote, &bare), ("proforma", pro, &french), ("final", deposit, &french), ("nasty", nasty, &bare)] {
        match r.render(&invoice, look) { Ok(b) => std::fs::write(format!("{out}/{name}.pdf"), b).unwrap(), Err(e) => println!("{name}: {e}") }
        if let Ok(x) = cii::write(&invoice) { std::fs::write(format!("{out}/{name}.cii.xml"), x).unwrap(); std::fs::write(format!("{out}/{name}.ubl.xml"), ubl::write(&invoice).unwrap()).unwrap(); }
    }
}
