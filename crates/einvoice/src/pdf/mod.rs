//! The page: PDF/A-3b set by typst, with the CII inside (Factur-X).

mod data;
pub mod figures;
mod place;
mod presentation;
mod statement;
mod text;
mod words;
mod world;
mod xmp;

pub use presentation::{Accent, InvalidAccent, Language, Logo, LogoRefused, Presentation};
pub use statement::{AccountStatement, OpenItem, StatementLine};

use typst::diag::SourceDiagnostic;
use typst::foundations::{Bytes, Datetime, Smart};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp, pdf};

use crate::{Invoice, cii};
use world::{Desk, Form, Sheet};

/// The document cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The page could not be set: what the typesetter says. Nothing that a text holds leads here, but a logo may.
    #[error("the page could not be set: {0}")]
    Typeset(String),
    /// The finished PDF could not be completed.
    #[error("the PDF could not be completed: {0}")]
    Pdf(#[from] lopdf::Error),
}

/// Sets documents. Made once and shared: it holds the fonts and the parsed template.
pub struct Renderer {
    desk: Desk,
    options: PdfStandards,
}

impl Default for Renderer {
    fn default() -> Self {
        Self::new()
    }
}

impl Renderer {
    /// Reads the fonts and the template; some milliseconds.
    pub fn new() -> Self {
        let options = PdfStandards::new(&[PdfStandard::A_3b]).expect("PDF/A-3b alone contradicts nothing");
        Self { desk: Desk::new(), options }
    }

    /// The document as PDF/A-3b: with its CII inside (Factur-X, profile EN 16931) when it is fiscal, and without when it is a
    /// quote or a pro-forma. The same document in the same look gives the same bytes.
    pub fn render(&self, invoice: &Invoice, look: &Presentation) -> Result<Vec<u8>, RenderError> {
        let xml = cii::write(invoice).ok();
        let fiscal = xml.is_some();
        let mut page = serde_json::to_value(data::page(invoice, look)).map_err(|error| typeset(&error))?;
        text::fit(&mut page, self.desk.fonts());
        let sheet = Sheet {
            desk: &self.desk,
            form: Form::Document,
            document: Bytes::from_string(page.to_string()),
            xml: xml.map(Bytes::new),
            logo: look.logo.as_ref().map(|logo| (logo.extension, Bytes::new(logo.bytes.clone()))),
        };
        let ident = format!("{}/{}/{}", invoice.seller.name, invoice.number, invoice.issue_date);
        let bytes = self.set(&sheet, ident, created(invoice))?;
        if fiscal { Ok(xmp::declare(&bytes)?) } else { Ok(bytes) }
    }

    /// What moved on a customer's account as PDF/A-3b, in the same house style. The same statement in the same look gives the same
    /// bytes.
    pub fn render_statement(&self, statement: &AccountStatement, look: &Presentation) -> Result<Vec<u8>, RenderError> {
        let mut page = serde_json::to_value(statement::page(statement, look)).map_err(|error| typeset(&error))?;
        text::fit(&mut page, self.desk.fonts());
        let sheet = Sheet {
            desk: &self.desk,
            form: Form::Statement,
            document: Bytes::from_string(page.to_string()),
            xml: None,
            logo: look.logo.as_ref().map(|logo| (logo.extension, Bytes::new(logo.bytes.clone()))),
        };
        let ident = format!("{}/{}/{}/{}", statement.seller.name, statement.account, statement.from, statement.to);
        self.set(&sheet, ident, midnight(statement.as_of))
    }

    fn set(&self, sheet: &Sheet<'_>, ident: String, at: Option<Datetime>) -> Result<Vec<u8>, RenderError> {
        let set = typst::compile::<PagedDocument>(sheet).output.and_then(|page| pdf(&page, &self.options(ident, at)));
        comemo::evict(CACHED_DOCUMENTS);
        set.map_err(|errors| RenderError::Typeset(said(&errors)))
    }

    fn options(&self, ident: String, at: Option<Datetime>) -> PdfOptions {
        PdfOptions {
            ident: Smart::Custom(ident),
            creator: Smart::Custom(Some("Comptoir".to_owned())),
            timestamp: at.map(Timestamp::new_utc),
            standards: self.options.clone(),
            tagged: false,
            ..PdfOptions::default()
        }
    }
}

/// How many documents back what was computed for one may serve another.
const CACHED_DOCUMENTS: usize = 2;

/// The instant of issue, or the start of the day of issue.
fn created(invoice: &Invoice) -> Option<Datetime> {
    match invoice.issued_at {
        Some(at) => written(at.jiff().to_zoned(jiff::tz::TimeZone::UTC).datetime()),
        None => midnight(invoice.issue_date),
    }
}

fn midnight(day: kernel::Date) -> Option<Datetime> {
    written(day.jiff().at(0, 0, 0, 0))
}

fn written(at: jiff::civil::DateTime) -> Option<Datetime> {
    let small = |part: i8| u8::try_from(part).ok();
    let (month, day) = (small(at.month())?, small(at.day())?);
    Datetime::from_ymd_hms(at.year().into(), month, day, small(at.hour())?, small(at.minute())?, small(at.second())?)
}

fn typeset(error: &dyn std::fmt::Display) -> RenderError {
    RenderError::Typeset(error.to_string())
}

fn said(errors: &[SourceDiagnostic]) -> String {
    errors.iter().map(|error| error.message.as_str()).collect::<Vec<_>>().join("; ")
}
