//! The lines of the journals as a file.

use kernel::EntityId;
use platform::export::{Part, Sheet};
use platform::{Ctx, Result};
use uuid::Uuid;

use super::store::{self, EntryFilter, JournalLine};
use crate::wire::comma;

/// The file.
pub(super) const SHEET: Sheet<15> = Sheet {
    name: "ecritures",
    columns: [
        "journal",
        "numero",
        "date",
        "compte",
        "libelle_compte",
        "compte_auxiliaire",
        "libelle_auxiliaire",
        "piece",
        "date_piece",
        "libelle",
        "debit",
        "credit",
        "echeance",
        "montant_devise",
        "devise",
    ],
};

/// Lines are read so many at a time.
const PART: i64 = 5000;

/// Which lines come next.
pub(super) struct JournalLines {
    entity: EntityId,
    filter: EntryFilter,
    after: Option<(Uuid, i32)>,
}

impl JournalLines {
    /// From the first line on.
    pub(super) const fn first(entity: EntityId, filter: EntryFilter) -> Self {
        Self { entity, filter, after: None }
    }
}

/// The next lines.
pub(super) async fn read(ctx: Ctx, lines: JournalLines) -> Result<Part<15, JournalLines>> {
    let mut tx = ctx.read().await?;
    let rows = store::list_journal_lines(&mut tx, lines.entity, &lines.filter, (lines.after, PART)).await?;
    let is_more = i64::try_from(rows.len()).is_ok_and(|found| found == PART);
    let after = rows.last().filter(|_| is_more).map(|row| (row.entry_id, row.line_no));
    let cells = rows.into_iter().map(cells).collect();
    Ok((cells, after.map(|after| JournalLines { after: Some(after), ..lines })))
}

fn cells(line: JournalLine) -> [String; 15] {
    let foreign = line.second_debit + line.second_credit;
    [
        line.journal,
        line.reference,
        line.entry_on.to_string(),
        line.account_code,
        line.account_name,
        line.aux_code.unwrap_or_default(),
        line.aux_name.unwrap_or_default(),
        line.piece_ref,
        line.piece_on.to_string(),
        line.label,
        comma(line.debit),
        comma(line.credit),
        line.due_on.map(|day| day.to_string()).unwrap_or_default(),
        line.second_currency.as_ref().map(|_| comma(foreign)).unwrap_or_default(),
        line.second_currency.unwrap_or_default(),
    ]
}
