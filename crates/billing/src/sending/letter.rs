//! A letter: written once, kept as it is, set as text and as HTML. Pure.

use einvoice::figures;
use kernel::{Email, Language};
use serde::{Deserialize, Serialize};

/// A letter to a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Its language.
    pub language: Language,
    /// The subject line.
    pub subject: String,
    /// What it says, paragraph by paragraph.
    pub paragraphs: Vec<String>,
    /// What it is about, in figures: label and value.
    pub facts: Vec<(String, String)>,
    /// What stands below the figures.
    pub closing: Vec<String>,
    /// Who wrote it, line by line.
    pub signature: Vec<String>,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<Email>,
    /// The colour of the house, `#rrggbb`.
    pub accent: String,
}

/// The language in the words of pages.
pub fn of_page(language: Language) -> einvoice::Language {
    match language {
        Language::Fr => einvoice::Language::French,
        Language::En => einvoice::Language::English,
    }
}

/// A day as the language writes it.
pub fn day(date: kernel::Date, language: Language) -> String {
    figures::date(date, of_page(language))
}

/// An amount as the language writes it.
pub fn money(amount: rust_decimal::Decimal, currency: kernel::Currency, language: Language) -> String {
    figures::money(amount, currency, of_page(language))
}

impl Letter {
    /// What stands between two facts' label and value.
    const fn colon(&self) -> &'static str {
        match self.language {
            Language::Fr => "\u{a0}: ",
            Language::En => ": ",
        }
    }

    const fn greeting(&self) -> &'static str {
        match self.language {
            Language::Fr => "Madame, Monsieur,",
            Language::En => "Dear Sir or Madam,",
        }
    }

    const fn regards(&self) -> &'static str {
        match self.language {
            Language::Fr => "Nous vous prions d’agréer, Madame, Monsieur, l’expression de nos salutations distinguées.",
            Language::En => "Yours faithfully,",
        }
    }

    /// As text.
    pub fn text(&self) -> String {
        let facts: Vec<_> = self.facts.iter().map(|(label, value)| format!("{label}{}{value}", self.colon())).collect();
        let blocks = std::iter::once(self.greeting().to_owned())
            .chain(self.paragraphs.iter().cloned())
            .chain((!facts.is_empty()).then(|| facts.join("\r\n")))
            .chain(self.closing.iter().cloned())
            .chain([self.regards().to_owned(), self.signature.join("\r\n")]);
        let mut text = blocks.collect::<Vec<_>>().join("\r\n\r\n");
        text.push_str("\r\n");
        text
    }

    /// As HTML, everything in it escaped; no picture, no link, nothing from elsewhere.
    pub fn html(&self) -> String {
        const PARAGRAPH: &str = "margin:0 0 14px";
        let paragraph = |text: &str| format!("<p style=\"{PARAGRAPH}\">{}</p>", escaped(text));
        let said: String = self.paragraphs.iter().map(|text| paragraph(text)).collect();
        let below: String = self.closing.iter().map(|text| paragraph(text)).collect();
        let facts: String = self.facts.iter().map(|(label, value)| row(label, value)).collect();
        let facts = if facts.is_empty() {
            facts
        } else {
            format!(
                "<table role=\"presentation\" style=\"border-collapse:collapse;margin:4px 0 18px;border-left:3px solid {}\">{facts}</table>",
                escaped(&self.accent)
            )
        };
        let signature: Vec<_> = self.signature.iter().map(|line| escaped(line)).collect();
        format!(
            "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
             <body style=\"margin:0;padding:24px;font:15px/1.5 Helvetica,Arial,sans-serif;color:#1b1f24\">\
             <div style=\"max-width:620px\">{}{said}{facts}{below}{}<p style=\"margin:0;color:#5d6672\">{}</p></div></body></html>",
            self.language,
            escaped(&self.subject),
            paragraph(self.greeting()),
            paragraph(self.regards()),
            signature.join("<br>")
        )
    }
}

fn row(label: &str, value: &str) -> String {
    format!(
        "<tr><td style=\"padding:3px 18px 3px 14px;color:#5d6672\">{}</td><td style=\"padding:3px 0;font-weight:600\">{}</td></tr>",
        escaped(label),
        escaped(value)
    )
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' => safe.push_str("<br>"),
            '\r' => {}
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_a_letter_becomes_markup() {
        let letter = Letter {
            language: Language::Fr,
            subject: "Facture <1>".into(),
            paragraphs: vec!["<script>alert('x')</script>".into(), "Une ligne\nune autre".into()],
            facts: vec![("Montant".into(), "1 200,00 €".into())],
            closing: vec![],
            signature: vec!["Dupont & Fils".into()],
            reply_to: None,
            accent: "#1f4e5f\" onload=\"x".into(),
        };
        let html = letter.html();
        assert!(
            !html.contains("<script>") && !html.contains("\" onload") && html.contains("Dupont &amp; Fils"),
            "{html}"
        );
        assert!(html.contains("Une ligne<br>une autre"));
        let text = letter.text();
        assert!(text.starts_with("Madame, Monsieur,\r\n\r\n<script>"), "text is text: {text}");
        assert!(text.contains("Montant\u{a0}: 1 200,00 €\r\n"), "{text}");
    }
}
