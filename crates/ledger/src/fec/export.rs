//! The file of a fiscal year, part by part: its memory does not grow with the year.

use std::collections::HashMap;

use kernel::{Date, EntityId, Timestamp, Zone};
use platform::{Ctx, Error, Result, Tx};
use uuid::Uuid;

use super::store::{self, FecRow};
use super::write::{FecDelimiter, FecLine, file_name, header, push_line};
use crate::book;
use crate::entries::model::Journal;

/// A file that is being written.
pub struct FecExport {
    tx: Tx,
    accounts: HashMap<Uuid, (String, String)>,
    zone: Zone,
    delimiter: FecDelimiter,
    validated: Option<(Timestamp, Date)>,
    is_begun: bool,
    is_done: bool,
    /// What the file is called.
    pub name: String,
}

impl FecExport {
    /// Begins the file of the fiscal year of `entity` that ends in `year`. What is posted meanwhile is not in it.
    ///
    /// Not found when there is no such year; refused when the entity's legal data has no SIREN.
    pub async fn begin(ctx: &Ctx, entity: EntityId, year: i16, delimiter: FecDelimiter) -> Result<Self> {
        let mut tx = ctx.read().await?;
        let siren = book::store::entity_siren(&mut tx, entity).await?;
        let siren = siren.map(|siren| siren.chars().filter(|c| !c.is_whitespace()).collect::<String>());
        let siren = siren.filter(|siren| siren.len() == 9 && siren.bytes().all(|b| b.is_ascii_digit()));
        let siren = siren.ok_or_else(|| {
            let detail = "The entity has no SIREN: write its nine digits as `siren` into its legal data.";
            Error::refused("siren_missing", detail)
        })?;
        let (id, ends_on) = store::find_year(&mut tx, entity, year).await?;
        let accounts = store::list_account_names(&mut tx, entity).await?;
        store::open_cursor(&mut tx, id).await?;
        let zone = ctx.entity(entity).map_or(&ctx.tenant().zone, |entity| &entity.zone).clone();
        Ok(Self {
            tx,
            accounts: accounts.into_iter().map(|(id, code, name)| (id.uuid(), (code, name))).collect(),
            zone,
            delimiter,
            validated: None,
            is_begun: false,
            is_done: false,
            name: file_name(&siren, ends_on),
        })
    }

    /// The next part of the file; none at its end.
    pub async fn next(&mut self) -> Result<Option<String>> {
        if self.is_done {
            return Ok(None);
        }
        let mut part = String::with_capacity(1 << 19);
        if !self.is_begun {
            part.push_str(&header(self.delimiter));
            self.is_begun = true;
        }
        let rows = store::next_rows(&mut self.tx).await?;
        self.is_done = rows.is_empty();
        for row in &rows {
            self.push(&mut part, row);
        }
        Ok(Some(part).filter(|part| !part.is_empty()))
    }

    fn push(&mut self, part: &mut String, row: &FecRow) {
        let validated_on = match self.validated {
            Some((at, day)) if at == row.posted_at => day,
            _ => row.posted_at.date_in(&self.zone),
        };
        self.validated = Some((row.posted_at, validated_on));
        let (account, account_name) = self.accounts.get(&row.account_id).map_or(("", ""), |(code, name)| (code, name));
        let foreign = row.second_currency.as_deref().filter(|_| !row.second_amount.is_zero());
        let line = FecLine {
            journal_code: &row.journal,
            journal_name: Journal::of(&row.journal).map_or(row.journal.as_str(), |journal| journal.name_fr()),
            number: &row.reference,
            on: row.entry_on,
            account,
            account_name,
            aux: row.aux_code.as_deref().zip(row.aux_name.as_deref()),
            piece_ref: &row.piece_ref,
            piece_on: row.piece_on,
            label: &row.label,
            debit: row.debit,
            credit: row.credit,
            letter: row.letter.as_deref().zip(row.lettered_on),
            validated_on,
            foreign: foreign.map(|currency| (row.second_amount, currency)),
        };
        push_line(part, &line, self.delimiter);
    }
}
