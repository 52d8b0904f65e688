-- @ENTRIES sales of three lines in the books of ZR7, over the year of its only entry; without the triggers of each row, and with the
-- sums by day that those would have kept.
set session_replication_role = replica;

create temp table book as
select e.tenant_id, e.entity_id, e.fiscal_year_id as year, y.starts_on, y.ends_on - y.starts_on as days,
    (select array_agg(p.id order by p.id) from parties.party p where p.tenant_id = e.tenant_id and p.entity_id = e.entity_id) as parties,
    (select array_agg(a.id order by a.code) from ledger.account a
        where a.tenant_id = e.tenant_id and a.entity_id = e.entity_id and a.stem in ('704', '706', '707', '7085')) as sales,
    (select a.id from ledger.account a where a.tenant_id = e.tenant_id and a.entity_id = e.entity_id and a.stem = '411') as customers,
    (select a.id from ledger.account a where a.tenant_id = e.tenant_id and a.entity_id = e.entity_id and a.stem = '44571') as vat
from ledger.entry e join ledger.fiscal_year y on y.tenant_id = e.tenant_id and y.id = e.fiscal_year_id limit 1;

insert into ledger.entry (tenant_id, id, entity_id, journal, fiscal_year_id, number, reference, entry_on, piece_ref, piece_on, label,
    source_kind, source_id, line_count, vat_count, carried, posted_at, posted_by)
select b.tenant_id, (lpad(to_hex(1700000000000 + n), 12, '0') || '7' || substr(md5(n::text), 1, 19))::uuid, b.entity_id, 'VE', b.year, n,
    'VE' || lpad(n::text, greatest(6, length(n::text)), '0'), b.starts_on + (n * b.days / @ENTRIES)::integer, 'FAC-' || n,
    b.starts_on + (n * b.days / @ENTRIES)::integer, 'Facture FAC-' || n, 'invoice', md5('s' || n)::uuid, 3, 0, false,
    b.starts_on + interval '12 hours' + n * (interval '1 day' * b.days / @ENTRIES), 'bench'
from book b, generate_series(1::bigint, @ENTRIES) n;

insert into ledger.entry_line (tenant_id, id, entity_id, entry_id, line_no, account_id, entry_on, carried, aux_party_id, aux_code, aux_name,
    label, debit, credit, second_debit, second_credit)
select e.tenant_id, md5(e.number || '-' || l.no)::uuid, e.entity_id, e.id, l.no,
    case l.no when 1 then b.customers when 2 then b.sales[1 + e.number % 4] else b.vat end, e.entry_on, false,
    case l.no when 1 then b.parties[1 + e.number % 7] end, case l.no when 1 then 'C' || e.number % 7 end,
    case l.no when 1 then 'Client ' || e.number % 7 end, e.label, case l.no when 1 then 120.00 else 0 end,
    case l.no when 2 then 100.00 when 3 then 20.00 else 0 end, 0, 0
from ledger.entry e join book b on b.tenant_id = e.tenant_id and b.entity_id = e.entity_id, generate_series(1, 3) l (no)
where e.journal = 'VE';

delete from ledger.account_day;
insert into ledger.account_day (tenant_id, entity_id, account_id, day, second_currency, carried, debit, credit, second_debit,
    second_credit, lines)
select tenant_id, entity_id, account_id, entry_on, '', false, sum(debit), sum(credit), 0, 0, count(*)
from ledger.entry_line group by 1, 2, 3, 4;
