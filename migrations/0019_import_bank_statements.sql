-- Accounts at banks, what their statements say, and what each movement was matched with.

create table billing.bank_account (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    name text not null,
    iban text,
    number text,
    currency text not null,
    ledger_account text not null,
    csv_mapping jsonb,
    active boolean not null default true,
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    constraint bank_account_pkey primary key (tenant_id, id),
    constraint bank_account_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint bank_account_entity_key unique (tenant_id, entity_id, id),
    constraint bank_account_iban_key unique (tenant_id, entity_id, iban),
    -- Two accounts on one account of the books could never be reconciled.
    constraint bank_account_ledger_key unique (tenant_id, entity_id, ledger_account),
    constraint bank_account_name_check check (btrim(name) <> '' and char_length(name) <= 120),
    constraint bank_account_iban_check check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$'),
    constraint bank_account_number_check check (number ~ '^[A-Z0-9]{1,40}$'),
    constraint bank_account_currency_check check (currency ~ '^[A-Z]{3}$')
);
select platform.protect('billing.bank_account', 'select, insert, update (name, number, csv_mapping, active, updated_at)');

-- A statement that was imported: `part` counts the statements of one file, which is imported once.
create table billing.bank_statement (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    account_id uuid not null,
    part integer not null,
    format text not null,
    file_name text not null default '',
    sha256 text not null,
    number text,
    from_on date,
    to_on date,
    opening numeric(18, 4),
    closing numeric(18, 4),
    line_count integer not null,
    known_count integer not null,
    warnings jsonb not null default '[]',
    imported_at timestamptz not null,
    imported_by text not null,
    constraint bank_statement_pkey primary key (tenant_id, id),
    constraint bank_statement_account_fkey foreign key (tenant_id, entity_id, account_id)
        references billing.bank_account (tenant_id, entity_id, id),
    constraint bank_statement_entity_key unique (tenant_id, entity_id, id),
    constraint bank_statement_file_key unique (tenant_id, account_id, sha256, part),
    constraint bank_statement_format_check check (format in ('camt053', 'camt054', 'ofx', 'csv')),
    constraint bank_statement_sha_check check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint bank_statement_count_check check (line_count >= 0 and known_count >= 0),
    constraint bank_statement_name_check check (char_length(file_name) <= 200)
);
create index bank_statement_account_idx on billing.bank_statement (tenant_id, account_id, id desc);
select platform.protect('billing.bank_statement', 'select, insert');
create trigger bank_statement_frozen before update or delete on billing.bank_statement
    for each row execute function billing.refuse_change();

-- One movement of an account, as the bank tells it. Only what became of it changes.
create table billing.bank_line (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    account_id uuid not null,
    statement_id uuid not null,
    external_id text not null,
    booked_on date not null,
    value_on date,
    amount numeric(18, 4) not null,
    currency text not null,
    label text not null,
    counterparty text,
    counterparty_iban text,
    end_to_end_id text,
    remittance text,
    refs jsonb not null default '[]',
    transaction_code text,
    charges numeric(18, 4),
    returned boolean not null,
    return_reason text,
    return_end_to_end_id text,
    return_mandate_id text,
    created_at timestamptz not null,
    -- What became of it.
    state text not null,
    suggestions jsonb not null default '[]',
    matched_at timestamptz,
    matched_by text,
    ignore_reason text not null default '',
    updated_at timestamptz not null,
    constraint bank_line_pkey primary key (tenant_id, id),
    constraint bank_line_account_fkey foreign key (tenant_id, entity_id, account_id)
        references billing.bank_account (tenant_id, entity_id, id),
    constraint bank_line_statement_fkey foreign key (tenant_id, entity_id, statement_id)
        references billing.bank_statement (tenant_id, entity_id, id),
    constraint bank_line_entity_key unique (tenant_id, entity_id, id),
    constraint bank_line_external_key unique (tenant_id, account_id, external_id),
    constraint bank_line_currency_check check (currency ~ '^[A-Z]{3}$'),
    constraint bank_line_charges_check check (charges > 0),
    constraint bank_line_matched_check check ((state = 'matched') = (matched_at is not null and matched_by is not null)),
    constraint bank_line_ignored_check check ((state = 'ignored') = (ignore_reason <> '')),
    constraint bank_line_suggested_check check ((state = 'suggested') = (suggestions <> '[]'))
);
create index bank_line_list_idx on billing.bank_line (tenant_id, entity_id, booked_on desc, id desc);
create index bank_line_account_idx on billing.bank_line (tenant_id, account_id, booked_on desc, id desc);
create index bank_line_open_idx on billing.bank_line (tenant_id, account_id, booked_on, id) where state in ('unmatched', 'suggested');
select platform.protect('billing.bank_line',
    'select, insert, update (state, suggestions, matched_at, matched_by, ignore_reason, updated_at)');
insert into platform.lifecycle_edge
select 'bank_line', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    '>unmatched', 'unmatched>suggested', 'unmatched>matched', 'unmatched>ignored', 'suggested>unmatched', 'suggested>matched',
    'suggested>ignored', 'matched>unmatched', 'ignored>unmatched']) edge;
select platform.guard_lifecycle('billing.bank_line', 'state', 'bank_line');

-- What a movement was matched with: payments it made or was recorded as before, the return of one, a posting of its own.
-- A match is undone, never taken away.
create table billing.bank_match (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    line_id uuid not null,
    kind text not null,
    amount numeric(18, 4) not null,
    payment_id uuid,
    entry_id uuid,
    automatic boolean not null,
    made_at timestamptz not null,
    made_by text not null,
    undone_at timestamptz,
    undone_by text,
    undone_reason text not null default '',
    constraint bank_match_pkey primary key (tenant_id, id),
    constraint bank_match_line_fkey foreign key (tenant_id, entity_id, line_id) references billing.bank_line (tenant_id, entity_id, id),
    constraint bank_match_payment_fkey foreign key (tenant_id, entity_id, payment_id)
        references billing.payment (tenant_id, entity_id, id),
    constraint bank_match_kind_check check (kind in ('recorded', 'linked', 'bounced', 'posted')),
    constraint bank_match_amount_check check (amount <> 0),
    constraint bank_match_of_check check (case kind when 'posted' then payment_id is null and entry_id is not null
        else payment_id is not null end),
    constraint bank_match_undone_check check ((undone_at is null) = (undone_by is null) and (undone_at is null) = (undone_reason = ''))
);
create index bank_match_line_idx on billing.bank_match (tenant_id, line_id);
-- A payment came in by one movement, and came back by one.
create unique index bank_match_payment_key on billing.bank_match (tenant_id, payment_id)
    where kind in ('recorded', 'linked') and undone_at is null;
create unique index bank_match_bounce_key on billing.bank_match (tenant_id, payment_id) where kind = 'bounced' and undone_at is null;
select platform.protect('billing.bank_match', 'select, insert, update (undone_at, undone_by, undone_reason)');

create function billing.freeze_bank_match() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.undone_at is not null
        or not to_jsonb(new) @> (to_jsonb(old) - array['undone_at', 'undone_by', 'undone_reason']) then
        raise exception 'a match is undone, never changed' using errcode = 'check_violation', constraint = 'bank_match_frozen';
    end if;
    return new;
end
$$;
create trigger bank_match_freeze before update or delete on billing.bank_match
    for each row execute function billing.freeze_bank_match();

-- A movement stays as the bank told it, and is matched exactly while what it is matched with sums to its amount.
create function billing.freeze_bank_line() returns trigger language plpgsql as $$
declare
    matched numeric;
begin
    if tg_op = 'DELETE' or not to_jsonb(new) @> (to_jsonb(old)
        - array['state', 'suggestions', 'matched_at', 'matched_by', 'ignore_reason', 'updated_at']) then
        raise exception 'a bank line is never changed' using errcode = 'check_violation', constraint = 'bank_line_frozen';
    end if;
    if new.state <> old.state and 'matched' in (new.state, old.state) then
        select sum(m.amount) into matched from billing.bank_match m
        where m.tenant_id = new.tenant_id and m.line_id = new.id and m.undone_at is null;
        if (case new.state when 'matched' then matched is distinct from new.amount else matched is not null end) then
            raise exception 'what a bank line is matched with sums to %, not to %', matched, new.amount
                using errcode = 'check_violation', constraint = 'bank_line_sum';
        end if;
    end if;
    return new;
end
$$;
create trigger bank_line_freeze before update or delete on billing.bank_line
    for each row execute function billing.freeze_bank_line();

-- A bank line whose match was undone may record a payment again.
alter table billing.payment drop constraint payment_external_key;
create unique index payment_external_key on billing.payment (tenant_id, entity_id, source, external_id)
    where source <> 'bank_import' or status = 'completed';
