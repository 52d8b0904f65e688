//! How many documents a second one thread and two set: `cargo run --release -p einvoice --example render_rate`.
//! The time on the processor is told besides, which on a machine with other work is what the code costs.

#![expect(clippy::unwrap_used, clippy::assigning_clones, reason = "samples are written to be read")]
#![expect(clippy::cast_precision_loss, reason = "a rate is printed to a tenth")]

#[path = "../tests/it/samples.rs"]
#[expect(dead_code, reason = "shared with the tests, which use all of it")]
mod samples;

use std::time::{Duration, Instant};

use einvoice::{Invoice, Logo, Presentation, Renderer};

fn look() -> Presentation {
    let logo = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 60"><circle cx="30" cy="30" r="26" fill="#0b6e6e"/><path d="M18 38 L30 14 L42 38 Z" fill="#fff"/><rect x="70" y="18" width="140" height="10" rx="5" fill="#0b6e6e"/><rect x="70" y="34" width="96" height="8" rx="4" fill="#8fc1c1"/></svg>"##;
    Presentation {
        logo: Some(Logo::try_new(logo.to_vec()).expect("it is a small SVG")),
        accent: "#0b6e6e".parse().expect("it is a colour"),
        mentions: vec![
            "Clima Lyon Énergies, SAS au capital de 50 000 €".to_owned(),
            "RCS Lyon 732 829 320".to_owned(),
            "SIRET 732 829 320 00074".to_owned(),
            "TVA FR44732829320".to_owned(),
            "Assurance décennale : MAAF, contrat n° 2210-4471, France métropolitaine".to_owned(),
        ],
        ..Presentation::default()
    }
}

/// The milliseconds that this thread was on a processor, as Linux counts them; zero elsewhere.
fn on_processor() -> f64 {
    let spent = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    spent.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or_default() / 1e6
}

fn rate(renderer: &Renderer, document: &Invoice, span: Duration) -> u64 {
    let (begin, look) = (Instant::now(), look());
    let mut done = 0;
    while begin.elapsed() < span {
        let mut document = document.clone();
        document.number = format!("FAC-{done:08}");
        std::hint::black_box(renderer.render(&document, &look).expect("it is a sound document"));
        done += 1;
    }
    done
}

fn main() {
    let begin = Instant::now();
    let renderer = Renderer::new();
    println!("renderer          {:>8.1} ms", begin.elapsed().as_secs_f64() * 1000.0);
    let begin = Instant::now();
    renderer.render(&samples::simple(), &look()).expect("it is a sound document");
    println!("first document    {:>8.1} ms", begin.elapsed().as_secs_f64() * 1000.0);
    let span = Duration::from_secs(4);
    for (name, document) in [
        ("one line", samples::simple()),
        ("five long lines", samples::detailed()),
        ("sixty lines", samples::sixty_lines()),
    ] {
        let before = on_processor();
        let alone = rate(&renderer, &document, span);
        let each = (on_processor() - before) / alone as f64;
        let both: u64 = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2).map(|_| scope.spawn(|| rate(&renderer, &document, span))).collect();
            threads.into_iter().map(|thread| thread.join().expect("the thread ends")).sum()
        });
        let (alone, both) = (alone as f64 / span.as_secs_f64(), both as f64 / span.as_secs_f64());
        let wall = 1000.0 / alone;
        println!(
            "{name:<18}{wall:>8.1} ms ({each:.1} on the processor)  {alone:>6.1}/s alone  {both:>6.1}/s on two threads"
        );
    }
}
