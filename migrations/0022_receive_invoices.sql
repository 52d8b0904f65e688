-- Suppliers' electronic invoices: the file as it came, what it says, and what became of it.

create table billing.incoming_invoice (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    -- What came, and what it says: never changed.
    format text not null,
    file_name text not null default '',
    sha256 text not null,
    size integer not null,
    kind text not null,
    number text not null,
    issue_on date not null,
    due_on date,
    currency text not null,
    net numeric(18, 4) not null,
    vat numeric(18, 4) not null,
    gross numeric(18, 4) not null,
    due numeric(18, 4) not null,
    seller_key text not null,
    seller_name text not null,
    seller_vat_number text,
    seller_siren text,
    seller_iban text,
    said jsonb not null,
    findings jsonb not null,
    warnings jsonb not null,
    received_at timestamptz not null,
    received_by text not null,
    -- What became of it.
    status text not null,
    party_id uuid,
    approved_at timestamptz,
    approved_by text,
    refused_at timestamptz,
    refused_by text,
    refusal_reason text not null default '',
    booked_at timestamptz,
    booked_by text,
    document_id uuid,
    updated_at timestamptz not null,
    constraint incoming_invoice_pkey primary key (tenant_id, id),
    constraint incoming_invoice_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint incoming_invoice_entity_key unique (tenant_id, entity_id, id),
    constraint incoming_invoice_party_fkey foreign key (tenant_id, party_id) references parties.party (tenant_id, id),
    constraint incoming_invoice_document_fkey foreign key (tenant_id, entity_id, document_id)
        references billing.document (tenant_id, entity_id, id),
    -- The same file, and the same invoice in another file, come in once.
    constraint incoming_invoice_file_key unique (tenant_id, entity_id, sha256),
    constraint incoming_invoice_number_key unique (tenant_id, entity_id, seller_key, number, issue_on),
    constraint incoming_invoice_document_key unique (tenant_id, document_id),
    constraint incoming_invoice_format_check check (format in ('factur_x', 'cii', 'ubl')),
    constraint incoming_invoice_kind_check check (kind in ('invoice', 'corrected', 'deposit', 'credit_note', 'deposit_credit_note')),
    constraint incoming_invoice_sha_check check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint incoming_invoice_size_check check (size > 0),
    constraint incoming_invoice_currency_check check (currency ~ '^[A-Z]{3}$'),
    constraint incoming_invoice_text_check check (char_length(number) between 1 and 100 and char_length(seller_name) <= 300
        and char_length(file_name) <= 200 and char_length(seller_key) <= 320),
    constraint incoming_invoice_approved_check check ((approved_at is null) = (approved_by is null)
        and (status not in ('approved', 'booked') or (approved_at is not null and party_id is not null))),
    constraint incoming_invoice_refused_check check ((status = 'refused')
        = (refused_at is not null and refused_by is not null and btrim(refusal_reason) <> '')),
    constraint incoming_invoice_booked_check check ((status = 'booked')
        = (booked_at is not null and booked_by is not null and document_id is not null))
);
create index incoming_invoice_list_idx on billing.incoming_invoice (tenant_id, entity_id, received_at desc, id desc);
create index incoming_invoice_party_idx on billing.incoming_invoice (tenant_id, party_id, received_at desc, id desc)
    where party_id is not null;
select platform.protect('billing.incoming_invoice', 'select, insert, update (status, party_id, approved_at, approved_by, refused_at,
    refused_by, refusal_reason, booked_at, booked_by, document_id, updated_at)');
insert into platform.lifecycle_edge
select 'incoming_invoice', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    '>received', 'received>approved', 'received>refused', 'approved>booked', 'approved>refused', 'refused>received']) edge;
select platform.guard_lifecycle('billing.incoming_invoice', 'status', 'incoming_invoice');

-- What came is never changed, whoever writes; what is booked never changes at all.
create function billing.freeze_incoming_invoice() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.status = 'booked' or not to_jsonb(new) @> (to_jsonb(old) - array['status', 'party_id', 'approved_at',
        'approved_by', 'refused_at', 'refused_by', 'refusal_reason', 'booked_at', 'booked_by', 'document_id', 'updated_at']) then
        raise exception 'an incoming invoice is never changed'
            using errcode = 'check_violation', constraint = 'incoming_invoice_frozen';
    end if;
    return new;
end
$$;
create trigger incoming_invoice_freeze before update or delete on billing.incoming_invoice
    for each row execute function billing.freeze_incoming_invoice();

-- The file, byte for byte: kept apart, so that lists never read it.
create table billing.incoming_file (
    tenant_id uuid not null,
    entity_id uuid not null,
    invoice_id uuid not null,
    content bytea not null,
    sha256 text not null,
    constraint incoming_file_pkey primary key (tenant_id, invoice_id),
    constraint incoming_file_invoice_fkey foreign key (tenant_id, entity_id, invoice_id)
        references billing.incoming_invoice (tenant_id, entity_id, id),
    constraint incoming_file_sha_check check (sha256 = encode(sha256(content), 'hex'))
);
select platform.protect('billing.incoming_file', 'select, insert');
create trigger incoming_file_frozen before update or delete on billing.incoming_file
    for each row execute function billing.refuse_change();

-- What a supplier bills goes to any account of expenses, not only to one that plays a role.
alter table billing.document_line add column account text;
alter table billing.document_line add constraint document_line_account_check check (account ~ '^[0-9A-Z]{1,20}$');

-- A supplier's credit note may take back what was never in these books.
alter table billing.document drop constraint document_original_check;
alter table billing.document add constraint document_original_check
    check (case when direction = 'purchase' then kind = 'credit_note' or original_id is null
        else (kind = 'credit_note') = (original_id is not null) end);

-- Suppliers begin their numbers anew each year.
drop index billing.document_purchase_number_key;
create unique index document_purchase_number_key on billing.document (tenant_id, entity_id, party_id, lower(number), number_year)
    where number is not null and direction = 'purchase';
