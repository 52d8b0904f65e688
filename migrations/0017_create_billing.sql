-- Commercial documents: written as drafts, numbered without a gap and frozen when they are issued; and what is paid on them.

create schema billing;
grant usage on schema billing to comptoir_app;

-- The last number drawn of each series and year; the row is the lock under which a number is drawn (spec/field.md 5.7).
create table billing.number_series (
    tenant_id uuid not null,
    entity_id uuid not null,
    series text not null,
    year integer not null,
    next_value bigint not null,
    last_on date not null,
    constraint number_series_pkey primary key (tenant_id, entity_id, series, year),
    constraint number_series_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint number_series_value_check check (next_value >= 1)
);
select platform.protect('billing.number_series', 'select, insert, update');

create table billing.document (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    kind text not null,
    direction text not null,
    series text not null,
    status text not null,
    origin text not null,
    party_id uuid not null,
    original_id uuid,
    source_id uuid,
    mirror_id uuid,
    version integer not null default 1,
    -- Given at issue.
    number text,
    number_value bigint,
    number_year integer,
    issue_on date,
    due_on date,
    seller jsonb,
    buyer jsonb,
    mentions jsonb,
    rate numeric(18, 6),
    gross_functional numeric(18, 4),
    entry_id uuid,
    line_id uuid,
    pdf_sha256 text,
    issued_at timestamptz,
    issued_by text,
    -- Written as a draft.
    currency text not null,
    language text not null,
    subject text not null default '',
    notes text not null default '',
    internal_notes text not null default '',
    purchase_order text not null default '',
    contract text not null default '',
    supply_from date,
    supply_to date,
    week date,
    valid_until date,
    payment_terms_days integer not null,
    payment_method text not null default 'transfer',
    discount_pct numeric(5, 2),
    discount_amount numeric(18, 4),
    discount_reason text not null default '',
    lines_net numeric(18, 4) not null default 0,
    discount numeric(18, 4) not null default 0,
    net numeric(18, 4) not null default 0,
    vat numeric(18, 4) not null default 0,
    gross numeric(18, 4) not null default 0,
    -- Kept by the engine of payments.
    paid numeric(18, 4) not null default 0,
    credited numeric(18, 4) not null default 0,
    payment_state text,
    settled_on date,
    disputed boolean not null default false,
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    constraint document_pkey primary key (tenant_id, id),
    constraint document_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint document_party_fkey foreign key (tenant_id, party_id) references parties.party (tenant_id, id),
    constraint document_entity_key unique (tenant_id, entity_id, id),
    constraint document_original_fkey foreign key (tenant_id, entity_id, original_id)
        references billing.document (tenant_id, entity_id, id),
    constraint document_source_fkey foreign key (tenant_id, entity_id, source_id)
        references billing.document (tenant_id, entity_id, id),
    constraint document_mirror_fkey foreign key (tenant_id, mirror_id) references billing.document (tenant_id, id)
        deferrable initially deferred,
    constraint document_kind_check check (kind in ('quote', 'pro_forma', 'invoice', 'deposit_invoice', 'credit_note')),
    constraint document_direction_check check (direction in ('sale', 'purchase')),
    constraint document_status_check check (status in ('draft', 'sent') or case kind
        when 'quote' then status in ('accepted', 'refused', 'expired', 'converted')
        when 'pro_forma' then status in ('accepted', 'refused')
        else status = 'paid' end),
    constraint document_original_check check ((kind = 'credit_note') = (original_id is not null)),
    constraint document_issued_check check (status = 'draft' or (number is not null and issue_on is not null
        and seller is not null and buyer is not null and issued_at is not null and issued_by is not null)),
    constraint document_draft_check check (status <> 'draft' or (number is null and number_value is null
        and entry_id is null and pdf_sha256 is null and issued_at is null and paid = 0 and credited = 0 and payment_state is null)),
    -- Nothing fiscal is issued without its entry in the books and its page.
    constraint document_posted_check check (status = 'draft' or kind in ('quote', 'pro_forma')
        or (entry_id is not null and gross_functional is not null)),
    constraint document_page_check check (status = 'draft' or direction = 'purchase' or pdf_sha256 is not null),
    constraint document_currency_check check (currency ~ '^[A-Z]{3}$'),
    constraint document_language_check check (language in ('fr', 'en')),
    constraint document_terms_check check (payment_terms_days between 0 and 365),
    constraint document_discount_check check (discount_pct is null or discount_amount is null),
    constraint document_amounts_check check (discount >= 0 and net = lines_net - discount and gross = net + vat),
    constraint document_issued_amount_check check (status = 'draft' or gross >= 0),
    -- What is paid and credited may exceed the total only as the customer's credit, which is kept elsewhere.
    constraint document_settled_check check (paid >= 0 and credited >= 0 and (status = 'draft' or paid + credited <= gross)),
    constraint document_state_check check (payment_state in ('unpaid', 'partial', 'paid', 'overdue', 'credited')),
    constraint document_state_set_check check ((payment_state is not null)
        = (status <> 'draft' and kind in ('invoice', 'deposit_invoice', 'credit_note'))),
    constraint document_sha_check check (pdf_sha256 ~ '^[0-9a-f]{64}$')
);
create unique index document_number_key on billing.document (tenant_id, entity_id, number, version)
    where number is not null and direction = 'sale';
create unique index document_purchase_number_key on billing.document (tenant_id, entity_id, party_id, lower(number))
    where number is not null and direction = 'purchase';
-- A quote becomes one invoice, once (spec/field.md 5.20).
create unique index document_source_key on billing.document (tenant_id, source_id) where kind in ('invoice', 'pro_forma');
create index document_list_idx on billing.document (tenant_id, entity_id, created_at desc, id desc);
create index document_party_idx on billing.document (tenant_id, party_id, created_at desc, id desc);
create index document_original_idx on billing.document (tenant_id, original_id) where original_id is not null;
create index document_open_idx on billing.document (tenant_id, entity_id, due_on)
    where status = 'sent' and kind in ('invoice', 'deposit_invoice');
create index document_issue_idx on billing.document (tenant_id, entity_id, issue_on, id) where issue_on is not null;
create index document_week_idx on billing.document (tenant_id, week) where week is not null;
create index document_mirror_idx on billing.document (tenant_id, mirror_id) where mirror_id is not null;
select platform.protect('billing.document', 'select, insert, update, delete');

insert into platform.lifecycle_edge
select 'document', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    '>draft', 'draft>sent', 'sent>paid', 'paid>sent',
    'sent>accepted', 'sent>refused', 'sent>expired', 'accepted>converted']) edge;
select platform.guard_lifecycle('billing.document', 'status', 'document');

-- An issued document is frozen, whoever writes (spec/field.md 4.8). What payments do to it stays possible, alone in its
-- statement; and a purchase learns its page once.
create function billing.freeze_document() returns trigger language plpgsql as $$
declare
    frozen jsonb;
begin
    if old.status = 'draft' then
        return coalesce(new, old);
    end if;
    if tg_op = 'DELETE' then
        raise exception '% % is locked (status: %)', initcap(replace(old.kind, '_', ' ')), old.number, old.status
            using errcode = 'check_violation', constraint = 'document_locked';
    end if;
    if old.pdf_sha256 is null and new.pdf_sha256 is not null and to_jsonb(new) - 'pdf_sha256' = to_jsonb(old) - 'pdf_sha256' then
        return new;
    end if;
    frozen := to_jsonb(old) - array['status', 'payment_state', 'paid', 'credited', 'settled_on', 'disputed', 'updated_at'];
    if not to_jsonb(new) @> frozen then
        raise exception '% % is locked (status: %)', initcap(replace(old.kind, '_', ' ')), old.number, old.status
            using errcode = 'check_violation', constraint = 'document_locked';
    end if;
    return new;
end
$$;
create trigger document_freeze before update or delete on billing.document
    for each row execute function billing.freeze_document();

create table billing.document_line (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    document_id uuid not null,
    position integer not null,
    kind text not null,
    item_code text not null default '',
    name text not null,
    description text not null default '',
    quantity numeric(18, 4) not null,
    unit_code text not null,
    unit_price numeric(18, 4) not null,
    discount_pct numeric(5, 2) not null default 0,
    gross numeric(18, 4) not null,
    net numeric(18, 4) not null,
    vat_category text not null,
    vat_rate numeric(5, 2) not null,
    vat_reason text not null default '',
    vat_reason_code text,
    revenue_role text not null,
    supply_from date,
    supply_to date,
    constraint document_line_pkey primary key (tenant_id, id),
    constraint document_line_document_fkey foreign key (tenant_id, entity_id, document_id)
        references billing.document (tenant_id, entity_id, id) on delete cascade,
    constraint document_line_position_key unique (tenant_id, document_id, position),
    constraint document_line_kind_check check (kind in ('service', 'goods', 'labor', 'parts', 'travel', 'equipment', 'discount', 'deposit', 'other')),
    constraint document_line_name_check check (btrim(name) <> ''),
    constraint document_line_quantity_check check (quantity > 0),
    constraint document_line_price_check check (unit_price >= 0 or kind in ('discount', 'deposit')),
    constraint document_line_discount_check check (discount_pct between 0 and 100),
    constraint document_line_vat_check check (vat_category in ('S', 'Z', 'E', 'AE', 'K', 'G', 'O')
        and (vat_category = 'S') = (vat_rate > 0) and vat_rate >= 0 and vat_rate < 100)
);
select platform.protect('billing.document_line', 'select, insert, update, delete');

-- VAT by category and rate, as it is printed, posted and declared.
create table billing.document_vat (
    tenant_id uuid not null,
    entity_id uuid not null,
    document_id uuid not null,
    category text not null,
    rate numeric(5, 2) not null,
    lines_net numeric(18, 4) not null,
    discount numeric(18, 4) not null,
    base numeric(18, 4) not null,
    vat numeric(18, 4) not null,
    reason text not null default '',
    reason_code text,
    constraint document_vat_pkey primary key (tenant_id, document_id, category, rate),
    constraint document_vat_document_fkey foreign key (tenant_id, entity_id, document_id)
        references billing.document (tenant_id, entity_id, id) on delete cascade,
    constraint document_vat_base_check check (base = lines_net - discount)
);
select platform.protect('billing.document_vat', 'select, insert, update, delete');

-- What an issued document was made of is frozen with it: no row comes, changes or goes (F-03).
create function billing.freeze_document_part() returns trigger language plpgsql as $$
declare
    held record;
begin
    select d.kind, d.number, d.status into held from billing.document d
    where d.tenant_id = coalesce(new.tenant_id, old.tenant_id) and d.id = coalesce(new.document_id, old.document_id);
    if found and held.status <> 'draft' then
        raise exception '% % is locked (status: %)', initcap(replace(held.kind, '_', ' ')), held.number, held.status
            using errcode = 'check_violation', constraint = 'document_locked';
    end if;
    if tg_op = 'UPDATE' and (new.tenant_id, new.document_id) <> (old.tenant_id, old.document_id) then
        raise exception 'a part stays with its document' using errcode = 'check_violation', constraint = 'document_locked';
    end if;
    return coalesce(new, old);
end
$$;
create trigger document_line_freeze before insert or update or delete on billing.document_line
    for each row execute function billing.freeze_document_part();
create trigger document_vat_freeze before insert or update or delete on billing.document_vat
    for each row execute function billing.freeze_document_part();

-- The stored page and its data, as they were issued; a re-download serves these bytes.
create table billing.document_file (
    tenant_id uuid not null,
    entity_id uuid not null,
    document_id uuid not null,
    format text not null,
    content bytea not null,
    sha256 text not null,
    created_at timestamptz not null,
    constraint document_file_pkey primary key (tenant_id, document_id, format),
    constraint document_file_document_fkey foreign key (tenant_id, entity_id, document_id)
        references billing.document (tenant_id, entity_id, id),
    constraint document_file_format_check check (format in ('pdf', 'cii')),
    constraint document_file_sha_check check (sha256 = encode(sha256(content), 'hex'))
);
-- A page is compressed in itself.
alter table billing.document_file alter column content set storage external;
select platform.protect('billing.document_file', 'select, insert');

create function billing.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'a row of % is never changed', tg_table_name
        using errcode = 'check_violation', constraint = tg_table_name || '_frozen';
end
$$;
create trigger document_file_frozen before update or delete on billing.document_file
    for each row execute function billing.refuse_change();

-- Money that came in, went back or went out. What it is, never changes; a bounce or a refund is told beside it.
create table billing.payment (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    party_id uuid not null,
    direction text not null,
    method text not null,
    status text not null,
    amount numeric(18, 4) not null,
    currency text not null,
    rate numeric(18, 6),
    received_on date not null,
    reference text not null default '',
    note text not null default '',
    source text not null,
    external_id text,
    refund_of uuid,
    entry_id uuid,
    bounce_entry_id uuid,
    bounced_on date,
    bounce_reason text not null default '',
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    constraint payment_pkey primary key (tenant_id, id),
    constraint payment_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint payment_entity_key unique (tenant_id, entity_id, id),
    constraint payment_party_fkey foreign key (tenant_id, party_id) references parties.party (tenant_id, id),
    constraint payment_refund_fkey foreign key (tenant_id, entity_id, refund_of) references billing.payment (tenant_id, entity_id, id),
    constraint payment_external_key unique (tenant_id, entity_id, source, external_id),
    constraint payment_direction_check check (direction in ('in', 'refund', 'out')),
    constraint payment_method_check check (method in ('transfer', 'card', 'cash', 'cheque', 'sepa_debit', 'other')),
    constraint payment_source_check check (source in ('manual', 'bank_import', 'psp')),
    constraint payment_amount_check check (amount > 0),
    constraint payment_bounced_check check ((status = 'failed') = (bounced_on is not null and bounce_entry_id is not null))
);
create index payment_list_idx on billing.payment (tenant_id, entity_id, received_on desc, id desc);
create index payment_party_idx on billing.payment (tenant_id, party_id, received_on desc, id desc);
select platform.protect('billing.payment', 'select, insert, update');
insert into platform.lifecycle_edge
select 'payment', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    '>completed', 'completed>failed']) edge;
select platform.guard_lifecycle('billing.payment', 'status', 'payment');

create function billing.freeze_payment() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or not to_jsonb(new) @> (to_jsonb(old)
        - array['status', 'bounce_entry_id', 'bounced_on', 'bounce_reason', 'updated_at']) or old.status = 'failed' then
        raise exception 'a payment is never changed' using errcode = 'check_violation', constraint = 'payment_frozen';
    end if;
    return new;
end
$$;
create trigger payment_freeze before update or delete on billing.payment
    for each row execute function billing.freeze_payment();

-- What of a payment or a credit note settles what. A settlement is given up by its release, never taken away.
create table billing.allocation (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    document_id uuid not null,
    payment_id uuid,
    credit_note_id uuid,
    amount numeric(18, 4) not null,
    functional numeric(18, 4) not null,
    entry_id uuid,
    line_id uuid,
    made_on date not null,
    released_on date,
    release_reason text not null default '',
    created_at timestamptz not null,
    constraint allocation_pkey primary key (tenant_id, id),
    constraint allocation_document_fkey foreign key (tenant_id, entity_id, document_id)
        references billing.document (tenant_id, entity_id, id),
    constraint allocation_payment_fkey foreign key (tenant_id, entity_id, payment_id)
        references billing.payment (tenant_id, entity_id, id),
    constraint allocation_credit_note_fkey foreign key (tenant_id, entity_id, credit_note_id)
        references billing.document (tenant_id, entity_id, id),
    constraint allocation_source_check check (num_nonnulls(payment_id, credit_note_id) = 1),
    constraint allocation_amount_check check (amount > 0)
);
create index allocation_document_idx on billing.allocation (tenant_id, document_id);
create index allocation_payment_idx on billing.allocation (tenant_id, payment_id) where payment_id is not null;
create index allocation_credit_note_idx on billing.allocation (tenant_id, credit_note_id) where credit_note_id is not null;
select platform.protect('billing.allocation', 'select, insert, update');

create function billing.freeze_allocation() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.released_on is not null
        or not to_jsonb(new) @> (to_jsonb(old) - array['released_on', 'release_reason']) then
        raise exception 'a settlement is released, never changed' using errcode = 'check_violation', constraint = 'allocation_frozen';
    end if;
    return new;
end
$$;
create trigger allocation_freeze before update or delete on billing.allocation
    for each row execute function billing.freeze_allocation();

-- The VAT that a settlement made due, where VAT is due on receipt: what a document has not made due yet still waits.
create table billing.allocation_vat (
    tenant_id uuid not null,
    entity_id uuid not null,
    allocation_id uuid not null,
    category text not null,
    rate numeric(5, 2) not null,
    base numeric(18, 4) not null,
    vat numeric(18, 4) not null,
    constraint allocation_vat_pkey primary key (tenant_id, allocation_id, category, rate),
    constraint allocation_vat_allocation_fkey foreign key (tenant_id, allocation_id) references billing.allocation (tenant_id, id)
);
select platform.protect('billing.allocation_vat', 'select, insert');
create trigger allocation_vat_frozen before update or delete on billing.allocation_vat
    for each row execute function billing.refuse_change();
