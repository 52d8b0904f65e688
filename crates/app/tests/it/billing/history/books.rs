//! What must be true at every moment.

use std::collections::BTreeMap;

use billing::payments::claim::Source;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::world::World;
use crate::support::owner;

/// The balance of a line in the currency of its document: the books' own where there is no other.
const WORTH: &str =
    "case when e.second_currency is null then l.debit - l.credit else l.second_debit - l.second_credit end";

/// Statements that find what is not true, each with what it is.
fn untrue() -> Vec<(&'static str, String)> {
    let of_account = |code: &str| {
        format!(
            "select l.entity_id, l.aux_party_id as party_id, sum({WORTH}) as amount from ledger.entry_line l
             join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
             join ledger.entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id
             where l.tenant_id = $1 and starts_with(a.code, '{code}') group by 1, 2"
        )
    };
    let apart = |books: String, told: &str| {
        format!(
            "select count(*) from ({books}) b full join (select entity_id, party_id, sum(amount) as amount from ({told}) t group by 1, 2) d
             using (entity_id, party_id) where coalesce(b.amount, 0) <> coalesce(d.amount, 0)"
        )
    };
    let open = |direction: &str, kinds: &str, origin: &str, sign: &str| {
        format!(
            "select entity_id, party_id, {sign}(gross - paid - credited) as amount from billing.document where tenant_id = $1
             and direction = '{direction}' and kind in ({kinds}) and origin {origin} 'intercompany' and status <> 'draft'"
        )
    };
    let claims = "'invoice', 'deposit_invoice'";
    let unallocated = "select y.entity_id, y.party_id, -(y.amount
            - coalesce((select sum(a.amount) from billing.allocation a where a.tenant_id = y.tenant_id and a.payment_id = y.id and a.released_on is null), 0)
            - coalesce((select sum(r.amount) from billing.payment r where r.tenant_id = y.tenant_id and r.refund_of = y.id and r.status = 'completed'), 0)) as amount
        from billing.payment y where y.tenant_id = $1 and y.direction = 'in' and y.status = 'completed'";
    let notes = open("sale", "'credit_note'", "<>", "-");
    let notes_between = open("sale", "'credit_note'", "=", "-");
    vec![
        ("what customers owe is what is open on their invoices", apart(of_account("411"), &open("sale", claims, "<>", ""))),
        ("credit is what is left of payments and credit notes", apart(of_account("4191"), &format!("{unallocated} union all {notes} union all {notes_between}"))),
        ("what entities are owed is what is open between them", apart(of_account("4511"), &open("sale", claims, "=", ""))),
        ("what entities owe is the same", apart(of_account("4512"), &open("purchase", claims, "=", "-"))),
        ("the bank has what was paid, by currency", format!(
            "select count(*) from (select l.entity_id, coalesce(e.second_currency, 'EUR') as currency, sum({WORTH}) as amount from ledger.entry_line l
                 join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
                 join ledger.entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id
                 where l.tenant_id = $1 and starts_with(a.code, '512') group by 1, 2) b
             full join (select entity_id, currency, sum(case direction when 'in' then amount else -amount end) as amount
                 from billing.payment where tenant_id = $1 and status = 'completed' group by 1, 2) p
             using (entity_id, currency) where coalesce(b.amount, 0) <> coalesce(p.amount, 0)")),
        ("VAT that is due is declared",
            "select count(*) from (select l.entity_id, -sum(l.debit - l.credit) as vat from ledger.entry_line l
                 join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
                 where l.tenant_id = $1 and starts_with(a.code, '44571') group by 1) b
             full join (select entity_id, sum(vat) as vat from ledger.vat_line where tenant_id = $1 and direction = 'output' group by 1) v
             using (entity_id) where coalesce(b.vat, 0) <> coalesce(v.vat, 0)".to_owned()),
        ("entries balance in each currency",
            "select count(*) from (select from ledger.entry_line where tenant_id = $1 group by entry_id
             having sum(debit) <> sum(credit) or sum(second_debit) <> sum(second_credit)) x".to_owned()),
        ("what is lettered is even",
            "select count(*) from (select from ledger.lettering_line g join ledger.entry_line l on l.tenant_id = g.tenant_id and l.id = g.line_id
             where g.tenant_id = $1 and g.undone_at is null group by g.lettering_id having sum(l.debit) <> sum(l.credit)) x".to_owned()),
        ("numbers have no gap",
            "select count(*) from (select from billing.document where tenant_id = $1 and direction = 'sale' and number is not null
             group by entity_id, series, number_year having max(number_value) <> count(*) or min(number_value) <> 1) x".to_owned()),
        ("numbers of entries have no gap",
            "select count(*) from (select from ledger.entry where tenant_id = $1 group by entity_id, journal, fiscal_year_id
             having max(number) <> count(*) or min(number) <> 1) x".to_owned()),
        ("a sale between entities is a purchase in the other books",
            "select count(*) from billing.document d left join billing.document m on m.tenant_id = d.tenant_id and m.id = d.mirror_id
             where d.tenant_id = $1 and d.origin = 'intercompany' and (m.id is null or m.gross <> d.gross or m.direction = d.direction
                 or m.entity_id = d.entity_id or m.mirror_id <> d.id)".to_owned()),
        ("an invoice between entities is the sum of its transfers",
            "select count(*) from billing.document d where d.tenant_id = $1 and d.origin = 'intercompany' and d.direction = 'sale'
             and d.net <> (select abs(sum(t.units * t.unit_price)) from leads.transfer t where t.tenant_id = d.tenant_id and t.document_id = d.id)".to_owned()),
        ("what takes a transfer back takes back one of the same price, the other way",
            "select count(*) from leads.transfer t join leads.transfer o on o.tenant_id = t.tenant_id and o.id = t.credit_of
             where t.tenant_id = $1 and (t.unit_price, t.from_entity_id, t.to_entity_id, t.units) is distinct from (o.unit_price, o.from_entity_id, o.to_entity_id, -o.units)".to_owned()),
    ]
}

impl World {
    /// The database agrees with itself and with the model.
    pub(super) async fn agrees(&mut self) {
        let mut owner = owner().await;
        for (what, sql) in untrue() {
            let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(self.app.tenant.uuid());
            let found: i64 = query.fetch_one(&mut owner).await.unwrap();
            assert_eq!(found, 0, "{what}");
        }
        let sql = "select id, gross - paid - credited from billing.document where tenant_id = $1 and status <> 'draft' order by id";
        let stored: Vec<(Uuid, Decimal)> =
            sqlx::query_as(sql).bind(self.app.tenant.uuid()).fetch_all(&mut owner).await.unwrap();
        let stored: BTreeMap<_, _> = stored.into_iter().collect();
        for claim in &self.claims {
            assert_eq!(stored.get(&claim.id.uuid()), Some(&claim.open), "{claim:?}");
        }
        for credit in &self.credits {
            if let Source::CreditNote(id) = credit.source {
                assert_eq!(stored.get(&id.uuid()), Some(&credit.left), "{credit:?}");
            }
        }
        assert_eq!(stored.len(), self.claims.len() + self.notes(), "every document is known");
    }

    fn notes(&self) -> usize {
        self.credits.iter().filter(|credit| matches!(credit.source, Source::CreditNote(_))).count()
    }

    /// At the end: nothing drifted, the books by day are those of the lines, and something of each kind was done.
    pub(super) async fn end(&mut self) {
        self.settle_all().await;
        self.app.run_jobs().await;
        self.app.ledger_balances().await;
        assert_eq!(self.app.run("reconcile-payments").await["drifted"], 0);
        let done = |what: &str| self.tally.get(what).map_or(0, |of| of[0] + of[1]);
        for (what, least) in [
            ("write", 200),
            ("issue", 50),
            ("pay", 1200),
            ("allocate", 400),
            ("bounce", 300),
            ("refund", 200),
            ("credit", 50),
            ("reprice", 2000),
            ("build", 15),
            ("build what is invoiced", 30),
            ("reject", 15),
            ("credit buyer", 1),
            ("between", 2),
            ("pay too much", 100),
        ] {
            assert!(done(what) >= least, "{what}: {}, {:?}", done(what), self.tally);
        }
    }

    /// Lines, documents, journal and VAT return, in euros: the customers who pay in euros.
    pub(super) async fn sums_agree(&self) {
        let sql = "with documents as (
                select d.id, d.entry_id, d.net, d.vat, d.gross, case d.kind when 'credit_note' then -1 else 1 end as sign
                from billing.document d where d.tenant_id = $1 and d.direction = 'sale' and d.status <> 'draft' and d.currency = 'EUR'
            ), entries as (
                select a.code, l.debit - l.credit as amount from ledger.entry_line l
                join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
                where l.tenant_id = $1 and l.entry_id in (select entry_id from documents)
            )
            select (select sum(sign * net) from documents) as net,
                (select sum(d.sign * l.net) from documents d join billing.document_line l on l.tenant_id = $1 and l.document_id = d.id)
                    - (select sum(d.sign * v.discount) from documents d join billing.document_vat v on v.tenant_id = $1 and v.document_id = d.id) as lines,
                -(select sum(amount) from entries where starts_with(code, '70')) as revenue,
                (select sum(sign * vat) from documents) as vat,
                -(select sum(amount) from entries where starts_with(code, '4457')) as booked,
                (select sum(sign * gross) from documents) as gross,
                (select sum(amount) from entries where starts_with(code, '411') or starts_with(code, '4191')) as owed";
        let sums: [Decimal; 7] = {
            let row: (Decimal, Decimal, Decimal, Decimal, Decimal, Decimal, Decimal) =
                sqlx::query_as(sql).bind(self.app.tenant.uuid()).fetch_one(&mut owner().await).await.unwrap();
            [row.0, row.1, row.2, row.3, row.4, row.5, row.6]
        };
        let [net, lines, revenue, vat, booked, gross, owed] = sums;
        assert!(net > Decimal::ZERO && vat > Decimal::ZERO);
        assert_eq!((lines, revenue), (net, net), "lines, documents and journal");
        assert_eq!((booked, owed), (vat, gross), "VAT and customers in the journal");
        assert_eq!(net + vat, gross);
        // All of ZR7's VAT is due with its invoices: the return says what its documents say, rate by rate.
        let sql = "select count(*) from (
                select v.rate, sum(case d.kind when 'credit_note' then -1 else 1 end * v.base) as base, sum(case d.kind when 'credit_note' then -1 else 1 end * v.vat) as vat
                from billing.document d join billing.document_vat v on v.tenant_id = d.tenant_id and v.document_id = d.id
                join platform.entity n on n.tenant_id = d.tenant_id and n.id = d.entity_id and n.code = 'ZR7'
                where d.tenant_id = $1 and d.status <> 'draft' and d.currency = 'EUR' group by 1) d
            full join (
                select l.rate, sum(l.base) as base, sum(l.vat) as vat from ledger.vat_line l
                join ledger.entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id and e.second_currency is null
                join platform.entity n on n.tenant_id = l.tenant_id and n.id = e.entity_id and n.code = 'ZR7'
                where l.tenant_id = $1 group by 1) r using (rate)
            where (d.base, d.vat) is distinct from (r.base, r.vat)";
        assert_eq!(self.app.value::<i64>(sql).await, 0, "the VAT return is the sum of the documents, rate by rate");
    }
}
