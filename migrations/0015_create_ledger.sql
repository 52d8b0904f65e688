-- Double entry for every entity: charts, journals, entries that never change, what is derived from them, periods and rates.

create schema ledger;
grant usage on schema ledger to comptoir_app;

-- The books of an entity: its currencies, its fiscal year, how its accounts are written.
create table ledger.book (
    tenant_id uuid not null,
    entity_id uuid not null,
    chart text not null,
    country text not null,
    functional_currency text not null,
    functional_decimals integer not null,
    functional_tolerance numeric(18, 4) not null,
    second_currency text,
    second_decimals integer,
    second_tolerance numeric(18, 4),
    second_rate_type text,
    fiscal_year_end_month integer not null,
    fiscal_year_end_day integer not null,
    account_digits integer not null,
    opened_at timestamptz not null,
    updated_at timestamptz not null,
    constraint book_pkey primary key (tenant_id, entity_id),
    constraint book_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint book_chart_check check (chart in ('pcg', 'lb', 'generic')),
    constraint book_country_check check (country ~ '^[A-Z]{2}$'),
    constraint book_currency_check check (functional_currency ~ '^[A-Z]{3}$' and second_currency is distinct from functional_currency),
    constraint book_decimals_check check (functional_decimals between 0 and 4 and coalesce(second_decimals, 0) between 0 and 4),
    constraint book_tolerance_check check (functional_tolerance >= 0 and coalesce(second_tolerance, 0) >= 0),
    constraint book_second_check check ((second_currency is null) = (second_decimals is null)
        and (second_currency is null) = (second_tolerance is null) and (second_currency is null) = (second_rate_type is null)),
    constraint book_rate_type_check check (second_rate_type in ('official', 'market', 'internal')),
    constraint book_year_end_check check (fiscal_year_end_month between 1 and 12 and fiscal_year_end_day between 1 and 31),
    constraint book_digits_check check (account_digits between 3 and 8)
);
select platform.protect('ledger.book', 'select, insert, update');

-- An account of an entity's chart. `stem` is its code as the chart writes it, before it was padded.
create table ledger.account (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    code text not null,
    stem text not null,
    name_fr text not null,
    name_en text not null,
    class text not null,
    normal_balance text not null,
    postable boolean not null,
    is_auxiliary boolean not null,
    active boolean not null default true,
    letters integer not null default 0,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint account_pkey primary key (tenant_id, id),
    constraint account_book_fkey foreign key (tenant_id, entity_id) references ledger.book (tenant_id, entity_id),
    constraint account_code_key unique (tenant_id, entity_id, code),
    constraint account_entity_key unique (tenant_id, entity_id, id),
    constraint account_code_check check (code ~ '^[1-9][0-9]{1,2}[0-9A-Z-]{0,17}$'),
    constraint account_name_check check (btrim(name_fr) <> '' and btrim(name_en) <> '' and char_length(name_fr) <= 120
        and char_length(name_en) <= 120),
    constraint account_class_check check (class in ('asset', 'liability', 'equity', 'income', 'expense')),
    constraint account_balance_check check (normal_balance in ('debit', 'credit'))
);
select platform.protect('ledger.account', 'select, insert, update');

-- Which account plays a role in postings; `qualifier` is a VAT rate in percent, or empty for every rate.
create table ledger.posting_role (
    tenant_id uuid not null,
    entity_id uuid not null,
    role text not null,
    qualifier text not null default '',
    account_id uuid not null,
    updated_at timestamptz not null,
    constraint posting_role_pkey primary key (tenant_id, entity_id, role, qualifier),
    constraint posting_role_account_fkey foreign key (tenant_id, entity_id, account_id)
        references ledger.account (tenant_id, entity_id, id),
    constraint posting_role_check check (role ~ '^[a-z][a-z_]{1,40}$')
);
select platform.protect('ledger.posting_role', 'select, insert, update, delete');

create table ledger.journal (
    tenant_id uuid not null,
    entity_id uuid not null,
    code text not null,
    name_fr text not null,
    name_en text not null,
    constraint journal_pkey primary key (tenant_id, entity_id, code),
    constraint journal_book_fkey foreign key (tenant_id, entity_id) references ledger.book (tenant_id, entity_id),
    constraint journal_code_check check (code ~ '^[A-Z]{2}$')
);
select platform.protect('ledger.journal', 'select, insert');

create table ledger.fiscal_year (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    starts_on date not null,
    ends_on date not null,
    opened_at timestamptz not null,
    closed_at timestamptz,
    closed_by text,
    constraint fiscal_year_pkey primary key (tenant_id, id),
    constraint fiscal_year_book_fkey foreign key (tenant_id, entity_id) references ledger.book (tenant_id, entity_id),
    constraint fiscal_year_starts_key unique (tenant_id, entity_id, starts_on),
    constraint fiscal_year_ends_key unique (tenant_id, entity_id, ends_on),
    constraint fiscal_year_entity_key unique (tenant_id, entity_id, id),
    constraint fiscal_year_dates_check check (starts_on <= ends_on),
    constraint fiscal_year_closed_check check ((closed_at is null) = (closed_by is null))
);
select platform.protect('ledger.fiscal_year', 'select, insert, update (closed_at, closed_by)');

-- The next number of a journal in a fiscal year; drawn by the trigger of `entry`, never by the service.
create table ledger.journal_year (
    tenant_id uuid not null,
    entity_id uuid not null,
    journal text not null,
    fiscal_year_id uuid not null,
    next_number bigint not null,
    last_on date not null,
    last_posted_at timestamptz not null,
    constraint journal_year_pkey primary key (tenant_id, entity_id, journal, fiscal_year_id),
    constraint journal_year_journal_fkey foreign key (tenant_id, entity_id, journal)
        references ledger.journal (tenant_id, entity_id, code),
    constraint journal_year_year_fkey foreign key (tenant_id, entity_id, fiscal_year_id)
        references ledger.fiscal_year (tenant_id, entity_id, id)
);
select platform.protect('ledger.journal_year', 'select');

-- Dates that are closed for posting. A lock is lifted, never deleted.
create table ledger.period_lock (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    starts_on date not null,
    ends_on date not null,
    reason text not null,
    locked boolean not null default true,
    locked_at timestamptz not null,
    locked_by text not null,
    unlocked_at timestamptz,
    unlocked_by text,
    unlock_reason text,
    constraint period_lock_pkey primary key (tenant_id, id),
    constraint period_lock_book_fkey foreign key (tenant_id, entity_id) references ledger.book (tenant_id, entity_id),
    constraint period_lock_dates_check check (starts_on <= ends_on),
    constraint period_lock_reason_check check (btrim(reason) <> '' and (locked or btrim(unlock_reason) <> '')),
    constraint period_lock_lifted_check check (locked = (unlocked_at is null) and locked = (unlocked_by is null))
);
create index period_lock_dates_idx on ledger.period_lock (tenant_id, entity_id, ends_on) where locked;
select platform.protect('ledger.period_lock', 'select, insert, update (locked, unlocked_at, unlocked_by, unlock_reason)');

-- A posted entry. `line_count` and `vat_count` say what was written with it, in the same statement.
create table ledger.entry (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    journal text not null,
    fiscal_year_id uuid not null,
    number bigint not null,
    reference text not null,
    entry_on date not null,
    piece_ref text not null,
    piece_on date not null,
    label text not null,
    source_kind text not null,
    source_id uuid not null,
    second_currency text,
    second_rate numeric(18, 6),
    second_rate_type text,
    line_count integer not null,
    vat_count integer not null,
    carried boolean not null,
    reverses uuid,
    posted_at timestamptz not null,
    posted_by text not null,
    constraint entry_pkey primary key (tenant_id, id),
    constraint entry_journal_fkey foreign key (tenant_id, entity_id, journal) references ledger.journal (tenant_id, entity_id, code),
    constraint entry_year_fkey foreign key (tenant_id, entity_id, fiscal_year_id)
        references ledger.fiscal_year (tenant_id, entity_id, id),
    constraint entry_entity_key unique (tenant_id, entity_id, id),
    constraint entry_number_key unique (tenant_id, entity_id, journal, fiscal_year_id, number),
    constraint entry_source_key unique (tenant_id, entity_id, source_kind, source_id, journal),
    constraint entry_reverses_fkey foreign key (tenant_id, entity_id, reverses) references ledger.entry (tenant_id, entity_id, id),
    constraint entry_reverses_key unique (tenant_id, reverses),
    constraint entry_number_check check (number > 0),
    constraint entry_lines_check check (line_count >= 2 and vat_count >= 0),
    constraint entry_label_check check (btrim(label) <> '' and char_length(label) <= 500),
    constraint entry_piece_check check (char_length(piece_ref) <= 100),
    constraint entry_source_check check (source_kind ~ '^[a-z][a-z_]{1,40}$'),
    constraint entry_date_check check (entry_on between '1990-01-01' and '2199-12-31' and piece_on between '1900-01-01' and '2199-12-31'),
    constraint entry_second_check check (second_currency ~ '^[A-Z]{3}$' and (second_rate is null or second_rate > 0)
        or second_currency is null and second_rate is null and second_rate_type is null),
    constraint entry_rate_type_check check (second_rate_type in ('official', 'market', 'internal'))
);
create index entry_entity_idx on ledger.entry (tenant_id, entity_id, id desc);
create index entry_journal_idx on ledger.entry (tenant_id, entity_id, journal, id desc);
create index entry_posted_idx on ledger.entry (tenant_id, fiscal_year_id, (journal <> 'AN'), posted_at, journal, number);
select platform.protect('ledger.entry', 'select, insert');

create table ledger.entry_line (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    entry_id uuid not null,
    line_no integer not null,
    account_id uuid not null,
    entry_on date not null,
    carried boolean not null,
    aux_party_id uuid,
    aux_code text,
    aux_name text,
    label text not null,
    debit numeric(18, 4) not null,
    credit numeric(18, 4) not null,
    second_debit numeric(18, 4) not null,
    second_credit numeric(18, 4) not null,
    due_on date,
    constraint entry_line_pkey primary key (tenant_id, id),
    constraint entry_line_entry_fkey foreign key (tenant_id, entity_id, entry_id) references ledger.entry (tenant_id, entity_id, id),
    constraint entry_line_account_fkey foreign key (tenant_id, entity_id, account_id)
        references ledger.account (tenant_id, entity_id, id),
    constraint entry_line_party_fkey foreign key (tenant_id, aux_party_id) references parties.party (tenant_id, id),
    constraint entry_line_no_key unique (tenant_id, entry_id, line_no),
    constraint entry_line_sign_check check (debit >= 0 and credit >= 0 and second_debit >= 0 and second_credit >= 0),
    constraint entry_line_side_check check ((debit = 0 or credit = 0) and (second_debit = 0 or second_credit = 0)
        and debit + credit + second_debit + second_credit > 0),
    constraint entry_line_aux_check check ((aux_party_id is null) = (aux_code is null) and (aux_party_id is null) = (aux_name is null)),
    constraint entry_line_text_check check (char_length(label) <= 500 and char_length(aux_code) <= 40 and char_length(aux_name) <= 300)
);
create index entry_line_account_idx on ledger.entry_line (tenant_id, account_id, entry_on, id);
create index entry_line_party_idx on ledger.entry_line (tenant_id, aux_party_id, account_id, entry_on) where aux_party_id is not null;
select platform.protect('ledger.entry_line', 'select, insert');

-- What an entry says for the VAT return; returns and cancellations are negative.
create table ledger.vat_line (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    entry_id uuid not null,
    line_no integer not null,
    direction text not null,
    category text not null,
    rate numeric(7, 4) not null,
    base numeric(18, 4) not null,
    vat numeric(18, 4) not null,
    second_base numeric(18, 4) not null,
    second_vat numeric(18, 4) not null,
    tax_on date not null,
    constraint vat_line_pkey primary key (tenant_id, id),
    constraint vat_line_entry_fkey foreign key (tenant_id, entity_id, entry_id) references ledger.entry (tenant_id, entity_id, id),
    constraint vat_line_no_key unique (tenant_id, entry_id, line_no),
    constraint vat_line_direction_check check (direction in ('output', 'input')),
    constraint vat_line_category_check check (category in ('S', 'Z', 'E', 'AE', 'K', 'G', 'O')),
    constraint vat_line_rate_check check (rate between 0 and 100),
    constraint vat_line_date_check check (tax_on between '1990-01-01' and '2199-12-31')
);
create index vat_line_tax_idx on ledger.vat_line (tenant_id, entity_id, tax_on);
select platform.protect('ledger.vat_line', 'select, insert');

-- What was posted on an account in a day, in each currency, so that no balance needs the lines. Written by the trigger of
-- `entry_line` alone. `carried` tells what a year's opening entry repeats of the years before.
create table ledger.account_day (
    tenant_id uuid not null,
    entity_id uuid not null,
    account_id uuid not null,
    day date not null,
    second_currency text not null,
    carried boolean not null,
    debit numeric(20, 4) not null,
    credit numeric(20, 4) not null,
    second_debit numeric(20, 4) not null,
    second_credit numeric(20, 4) not null,
    lines bigint not null,
    constraint account_day_pkey primary key (tenant_id, entity_id, account_id, day, second_currency, carried)
);
select platform.protect('ledger.account_day', 'select');

-- Lines of one account and party that settle each other. It ends by `undone_at`, and its rows stay.
create table ledger.lettering (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    account_id uuid not null,
    code text not null,
    lettered_on date not null,
    created_at timestamptz not null,
    created_by text not null,
    undone_at timestamptz,
    undone_by text,
    constraint lettering_pkey primary key (tenant_id, id),
    constraint lettering_account_fkey foreign key (tenant_id, entity_id, account_id)
        references ledger.account (tenant_id, entity_id, id),
    constraint lettering_code_key unique (tenant_id, account_id, code),
    constraint lettering_entity_key unique (tenant_id, entity_id, id),
    constraint lettering_code_check check (code ~ '^[A-Z]{3,8}$'),
    constraint lettering_undone_check check ((undone_at is null) = (undone_by is null))
);
select platform.protect('ledger.lettering', 'select, insert, update (undone_at, undone_by)');

create table ledger.lettering_line (
    tenant_id uuid not null,
    lettering_id uuid not null,
    line_id uuid not null,
    entity_id uuid not null,
    undone_at timestamptz,
    constraint lettering_line_pkey primary key (tenant_id, lettering_id, line_id),
    constraint lettering_line_lettering_fkey foreign key (tenant_id, entity_id, lettering_id)
        references ledger.lettering (tenant_id, entity_id, id),
    constraint lettering_line_line_fkey foreign key (tenant_id, line_id) references ledger.entry_line (tenant_id, id)
);
create unique index lettering_line_live_key on ledger.lettering_line (tenant_id, line_id) where undone_at is null;
select platform.protect('ledger.lettering_line', 'select, insert, update (undone_at)');

-- What one unit of a currency is worth in another. A rate is replaced by a newer row, which it names.
create table ledger.exchange_rate (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    from_currency text not null,
    to_currency text not null,
    rate_type text not null,
    rate_on date not null,
    rate numeric(18, 6) not null,
    source text not null,
    created_at timestamptz not null,
    created_by text not null,
    superseded_by uuid,
    constraint exchange_rate_pkey primary key (tenant_id, id),
    constraint exchange_rate_book_fkey foreign key (tenant_id, entity_id) references ledger.book (tenant_id, entity_id),
    constraint exchange_rate_superseded_fkey foreign key (tenant_id, superseded_by)
        references ledger.exchange_rate (tenant_id, id) deferrable initially deferred,
    constraint exchange_rate_currency_check check (from_currency ~ '^[A-Z]{3}$' and to_currency ~ '^[A-Z]{3}$'
        and from_currency <> to_currency),
    constraint exchange_rate_type_check check (rate_type in ('official', 'market', 'internal')),
    constraint exchange_rate_positive_check check (rate > 0),
    constraint exchange_rate_date_check check (rate_on between '1990-01-01' and '2199-12-31'),
    constraint exchange_rate_source_check check (char_length(source) <= 200)
);
create unique index exchange_rate_live_key on ledger.exchange_rate
    (tenant_id, entity_id, from_currency, to_currency, rate_type, rate_on) where superseded_by is null;
select platform.protect('ledger.exchange_rate', 'select, insert, update (superseded_by)');

-- Says no under the name of a rule, so that the service finds the sentence for it.
create function ledger.refuse(rule text, why text) returns void
language plpgsql set search_path = pg_catalog as $$
begin
    raise exception '%', why using errcode = 'restrict_violation', constraint = rule;
end
$$;

-- Frozen rows change for nobody, the owner included.
create function ledger.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    perform ledger.refuse('ledger_frozen', format('rows of %s never change', tg_table_name));
    return null;
end
$$;

create trigger entry_frozen before update or delete on ledger.entry for each row execute function ledger.refuse_change();
create trigger entry_kept before truncate on ledger.entry for each statement execute function ledger.refuse_change();
create trigger entry_line_frozen before update or delete on ledger.entry_line for each row execute function ledger.refuse_change();
create trigger entry_line_kept before truncate on ledger.entry_line for each statement execute function ledger.refuse_change();
create trigger vat_line_frozen before update or delete on ledger.vat_line for each row execute function ledger.refuse_change();
create trigger vat_line_kept before truncate on ledger.vat_line for each statement execute function ledger.refuse_change();
create trigger lettering_kept before delete on ledger.lettering for each row execute function ledger.refuse_change();
create trigger lettering_line_kept before delete on ledger.lettering_line for each row execute function ledger.refuse_change();
create trigger exchange_rate_kept before delete on ledger.exchange_rate for each row execute function ledger.refuse_change();
create trigger period_lock_kept before delete on ledger.period_lock for each row execute function ledger.refuse_change();
create trigger fiscal_year_kept before delete on ledger.fiscal_year for each row execute function ledger.refuse_change();
create trigger account_kept before delete on ledger.account for each row execute function ledger.refuse_change();

-- Of these rows only the named columns change, and each only once, from nothing to something.
create function ledger.refuse_second_change() returns trigger
language plpgsql set search_path = pg_catalog as $$
declare
    before jsonb := to_jsonb(old);
    after jsonb := to_jsonb(new);
    may text;
begin
    foreach may in array tg_argv loop
        if coalesce(before -> may, 'null') not in ('null', 'true') and before -> may is distinct from after -> may then
            perform ledger.refuse('ledger_frozen', format('%s of %s changes once', may, tg_table_name));
        end if;
        before := before - may;
        after := after - may;
    end loop;
    if before <> after then
        perform ledger.refuse('ledger_frozen', format('rows of %s do not change', tg_table_name));
    end if;
    return new;
end
$$;

create trigger lettering_frozen before update on ledger.lettering for each row
    execute function ledger.refuse_second_change('undone_at', 'undone_by');
create trigger lettering_line_frozen before update on ledger.lettering_line for each row
    execute function ledger.refuse_second_change('undone_at');
create trigger exchange_rate_frozen before update on ledger.exchange_rate for each row
    execute function ledger.refuse_second_change('superseded_by');
create trigger period_lock_frozen before update on ledger.period_lock for each row
    execute function ledger.refuse_second_change('locked', 'unlocked_at', 'unlocked_by', 'unlock_reason');
create trigger fiscal_year_frozen before update on ledger.fiscal_year for each row
    execute function ledger.refuse_second_change('closed_at', 'closed_by');

-- An account keeps what entries rely on.
create function ledger.keep_account() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    if (old.tenant_id, old.id, old.entity_id, old.code, old.class, old.created_at)
        is distinct from (new.tenant_id, new.id, new.entity_id, new.code, new.class, new.created_at) or new.letters < old.letters then
        perform ledger.refuse('account_kept', 'an account keeps its code and its class');
    end if;
    return new;
end
$$;
create trigger account_kept_as_it_is before update on ledger.account for each row execute function ledger.keep_account();

-- A book keeps its currencies and its year once something is posted.
create function ledger.keep_book() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
    if (to_jsonb(old) - array['functional_tolerance', 'second_tolerance', 'updated_at'])
        <> (to_jsonb(new) - array['functional_tolerance', 'second_tolerance', 'updated_at'])
        and exists (select from ledger.entry e where e.tenant_id = old.tenant_id and e.entity_id = old.entity_id) then
        perform ledger.refuse('book_kept', 'a book with entries keeps its currencies, its chart and its year');
    end if;
    return new;
end
$$;
create trigger book_kept before update on ledger.book for each row execute function ledger.keep_book();

-- Whoever posts holds the book, so that numbers, days and locks are settled one after the other; the number is drawn here, and
-- a transaction that is given up gives it back.
create function ledger.admit_entry() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    books record;
    year record;
    drawn record;
begin
    select b.second_currency into books from ledger.book b
    where b.tenant_id = new.tenant_id and b.entity_id = new.entity_id for no key update;
    if books.second_currency is not null and new.second_currency is distinct from books.second_currency then
        perform ledger.refuse('entry_second_currency', 'every entry of this book carries its second currency');
    end if;
    if exists (
        select from ledger.period_lock l where l.tenant_id = new.tenant_id and l.entity_id = new.entity_id and l.locked
            and new.entry_on between l.starts_on and l.ends_on
    ) then
        perform ledger.refuse('period_locked', 'the period is locked');
    end if;
    select y.starts_on, y.ends_on, y.closed_at into year from ledger.fiscal_year y
    where y.tenant_id = new.tenant_id and y.entity_id = new.entity_id and y.id = new.fiscal_year_id;
    if year.closed_at is not null then
        perform ledger.refuse('period_locked', 'the fiscal year is closed');
    end if;
    if new.entry_on not between year.starts_on and year.ends_on then
        perform ledger.refuse('entry_fiscal_year', 'the date lies outside the fiscal year');
    end if;
    insert into ledger.journal_year as j (tenant_id, entity_id, journal, fiscal_year_id, next_number, last_on, last_posted_at)
    values (new.tenant_id, new.entity_id, new.journal, new.fiscal_year_id, 2, new.entry_on, new.posted_at)
    on conflict (tenant_id, entity_id, journal, fiscal_year_id) do update
        set next_number = j.next_number + 1, last_on = greatest(j.last_on, excluded.last_on),
            last_posted_at = greatest(j.last_posted_at, excluded.last_posted_at)
    returning j.next_number - 1 as number, j.last_posted_at into drawn;
    new.number := drawn.number;
    new.reference := new.journal || lpad(drawn.number::text, greatest(6, length(drawn.number::text)), '0');
    new.posted_at := drawn.last_posted_at;
    return new;
end
$$;
create trigger entry_admitted before insert on ledger.entry for each row execute function ledger.admit_entry();

-- Lines come whole, with their entry, balanced in each currency, on accounts that may be posted to; the days are brought up to date.
create function ledger.admit_lines() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    wrong record;
begin
    select a.entry_id, e.id is null or a.lines <> e.line_count or a.first <> 1 or a.last <> e.line_count or a.strayed as torn,
        a.debit <> a.credit or a.second_debit <> a.second_credit as unbalanced,
        a.finest > b.functional_decimals or e.second_currency is null and a.second_debit > 0
            or e.second_currency = b.second_currency and a.second_finest > b.second_decimals as inexact
    into wrong
    from (
        select l.tenant_id, l.entity_id, l.entry_id, count(*) as lines, min(l.line_no) as first, max(l.line_no) as last,
            sum(l.debit) as debit, sum(l.credit) as credit, sum(l.second_debit) as second_debit,
            sum(l.second_credit) as second_credit, max(min_scale(l.debit + l.credit)) as finest,
            max(min_scale(l.second_debit + l.second_credit)) as second_finest,
            bool_or(not exists (select from ledger.entry o where o.tenant_id = l.tenant_id and o.id = l.entry_id
                and o.entry_on = l.entry_on and o.carried = l.carried)) as strayed
        from added l group by l.tenant_id, l.entity_id, l.entry_id
    ) a
    left join ledger.entry e on e.tenant_id = a.tenant_id and e.id = a.entry_id
    left join ledger.book b on b.tenant_id = a.tenant_id and b.entity_id = a.entity_id
    where e.id is null or a.lines <> e.line_count or a.first <> 1 or a.last <> e.line_count or a.strayed
        or a.debit <> a.credit or a.second_debit <> a.second_credit or a.finest > b.functional_decimals
        or e.second_currency is null and a.second_debit > 0
        or e.second_currency = b.second_currency and a.second_finest > b.second_decimals
    limit 1;
    if found then
        if wrong.torn then
            perform ledger.refuse('entry_lines_whole', 'the lines of an entry are written together with it');
        elsif wrong.unbalanced then
            perform ledger.refuse('entry_balanced', 'debit and credit of an entry are equal in each currency');
        end if;
        perform ledger.refuse('entry_line_exact', 'an amount is finer than its currency, or of a currency the entry has not');
    end if;
    if exists (
        select from added l join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
        where not a.postable or not a.active or (l.aux_party_id is not null and not a.is_auxiliary)
    ) then
        perform ledger.refuse('entry_line_postable', 'an account takes no lines, or none of a party');
    end if;
    insert into ledger.account_day as d (tenant_id, entity_id, account_id, day, second_currency, carried, debit, credit, second_debit,
        second_credit, lines)
    select l.tenant_id, l.entity_id, l.account_id, l.entry_on, coalesce(e.second_currency, ''), l.carried, sum(l.debit),
        sum(l.credit), sum(l.second_debit), sum(l.second_credit), count(*)
    from added l join ledger.entry e on e.tenant_id = l.tenant_id and e.id = l.entry_id
    group by 1, 2, 3, 4, 5, 6
    order by 1, 2, 3, 4, 5, 6
    on conflict (tenant_id, entity_id, account_id, day, second_currency, carried) do update
        set debit = d.debit + excluded.debit, credit = d.credit + excluded.credit,
            second_debit = d.second_debit + excluded.second_debit, second_credit = d.second_credit + excluded.second_credit,
            lines = d.lines + excluded.lines;
    return null;
end
$$;
create trigger entry_line_admitted after insert on ledger.entry_line referencing new table as added
    for each statement execute function ledger.admit_lines();

create function ledger.admit_vat_lines() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if exists (
        select from added v left join ledger.entry e on e.tenant_id = v.tenant_id and e.id = v.entry_id
        group by v.tenant_id, v.entry_id, e.vat_count
        having e.vat_count is null or count(*) <> e.vat_count or min(v.line_no) <> 1 or max(v.line_no) <> e.vat_count
    ) then
        perform ledger.refuse('entry_lines_whole', 'the lines of an entry are written together with it');
    end if;
    return null;
end
$$;
create trigger vat_line_admitted after insert on ledger.vat_line referencing new table as added
    for each statement execute function ledger.admit_vat_lines();

-- An entry without its lines is none: the statement that writes it writes them too.
create function ledger.admit_entries() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if exists (
        select from added e
        where e.line_count <> (select count(*) from ledger.entry_line l where l.tenant_id = e.tenant_id and l.entry_id = e.id)
            or e.vat_count <> (select count(*) from ledger.vat_line v where v.tenant_id = e.tenant_id and v.entry_id = e.id)
    ) then
        perform ledger.refuse('entry_lines_whole', 'an entry is written together with its lines');
    end if;
    return null;
end
$$;
create trigger entry_whole after insert on ledger.entry referencing new table as added
    for each statement execute function ledger.admit_entries();

-- What settles each other is of one account and party, and sums to nothing.
create function ledger.admit_lettering() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if exists (
        select from added n
        join ledger.lettering t on t.tenant_id = n.tenant_id and t.id = n.lettering_id
        join ledger.entry_line l on l.tenant_id = n.tenant_id and l.id = n.line_id
        group by n.tenant_id, n.lettering_id
        having sum(l.debit) <> sum(l.credit) or bool_or(l.account_id <> t.account_id) or bool_or(l.carried)
            or count(distinct coalesce(l.aux_party_id::text, '')) <> 1 or count(*) < 2
            or count(*) <> (select count(*) from ledger.lettering_line a
                where a.tenant_id = n.tenant_id and a.lettering_id = n.lettering_id)
    ) then
        perform ledger.refuse('lettering_balanced', 'lines that settle each other are of one account and party and sum to nothing');
    end if;
    return null;
end
$$;
create trigger lettering_line_admitted after insert on ledger.lettering_line referencing new table as added
    for each statement execute function ledger.admit_lettering();

revoke execute on all functions in schema ledger from public;
grant execute on function ledger.refuse(text, text), ledger.refuse_change(), ledger.refuse_second_change(),
    ledger.keep_account(), ledger.keep_book() to comptoir_app;
