//! Setting pages.

use std::sync::LazyLock;

use einvoice::{AccountStatement, Invoice, Logo, Presentation, Renderer};
use kernel::Language;
use platform::{Error, Result, Tx};
use tokio::task::JoinHandle;

use super::batch::{Batch, Numbered};
use crate::documents::invoice;
use crate::documents::store::DocumentRow;
use crate::house::House;

/// Sets every page of this process: fonts and template are read once.
static RENDERER: LazyLock<Renderer> = LazyLock::new(Renderer::new);

/// A page and its data.
pub(super) struct Page {
    pub(super) pdf: Vec<u8>,
    pub(super) cii: Option<Vec<u8>>,
}

/// The logo that the pages of an entity bear.
pub(super) async fn logo(tx: &mut Tx, batch: &Batch) -> Result<Option<Logo>> {
    let logo = platform::tenancy::legal::logo(tx, batch.house.entity).await?;
    Ok(logo.and_then(|logo| Logo::try_new(logo.bytes).ok()))
}

/// Pages that are being set.
pub(super) struct Setting(Vec<JoinHandle<Result<Vec<Page>>>>);

/// Begins to set the pages, as many at a time as there are cores, while the caller goes on.
pub(super) fn begin(batch: &Batch, numbered: &[Numbered<'_>], logo: Option<&Logo>) -> Setting {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = numbered.len().div_ceil(cores).max(1);
    let set = |documents: &[Numbered<'_>]| {
        let work: Vec<_> = documents
            .iter()
            .map(|document| {
                let is_consumer = batch.parties[&document.row.party_id].fields.is_consumer;
                (document.invoice.clone(), look(&batch.house, document.row, logo.cloned(), is_consumer))
            })
            .collect();
        tokio::task::spawn_blocking(move || work.iter().map(|(invoice, look)| set_page(invoice, look)).collect())
    };
    Setting(numbered.chunks(share).map(set).collect())
}

impl Setting {
    /// The pages, in the order of their documents.
    pub(super) async fn done(self) -> Result<Vec<Page>> {
        let mut pages = Vec::new();
        for part in self.0 {
            pages.extend(part.await.map_err(|lost| Error::internal("setting a page", lost))??);
        }
        Ok(pages)
    }
}

fn set_page(invoice: &Invoice, look: &Presentation) -> Result<Page> {
    let pdf = RENDERER.render(invoice, look).map_err(|error| {
        // Texts cannot lead here; a picture that is none can.
        tracing::warn!(
            error = platform::redacted(&error.to_string()),
            number = invoice.number,
            "a page could not be set"
        );
        Error::refused("page_not_set", "Its page could not be set: is the logo a whole picture?")
    })?;
    let cii = if invoice.kind.is_fiscal() {
        Some(einvoice::cii::write(invoice).map_err(|error| Error::internal("writing an electronic invoice", error))?)
    } else {
        None
    };
    Ok(Page { pdf, cii })
}

/// Sets the page of a customer's account.
pub(crate) async fn set_statement(statement: AccountStatement, look: Presentation) -> Result<Vec<u8>> {
    let setting = tokio::task::spawn_blocking(move || RENDERER.render_statement(&statement, &look));
    let set = setting.await.map_err(|lost| Error::internal("setting a page", lost))?;
    set.map_err(|error| {
        tracing::warn!(error = platform::redacted(&error.to_string()), "a statement could not be set");
        Error::refused("page_not_set", "Its page could not be set: is the logo a whole picture?")
    })
}

fn look(house: &House, row: &DocumentRow, logo: Option<Logo>, is_consumer: bool) -> Presentation {
    Presentation {
        language: match invoice::language(row) {
            Language::Fr => einvoice::Language::French,
            Language::En => einvoice::Language::English,
        },
        logo,
        accent: house.legal.accent_color.as_deref().and_then(|color| color.parse().ok()).unwrap_or_default(),
        mentions: invoice::foot(house, is_consumer),
        intro: None,
        closing: None,
    }
}
