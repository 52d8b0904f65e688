-- Who a tenant deals with, and what it sells: no more of both than lead selling needs.

create schema parties;
grant usage on schema parties to comptoir_app;

-- A person or organisation. One that belongs to an entity is seen by that entity only.
create table parties.party (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid,
    kind text not null,
    roles text[] not null,
    name text not null,
    contact_name text not null default '',
    email text not null,
    phone text not null default '',
    notes text not null default '',
    vat_rate numeric(5, 2) not null default 20,
    payment_terms_days integer not null default 30,
    archived_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint party_pkey primary key (tenant_id, id),
    constraint party_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint party_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint party_kind_check check (kind in ('person', 'organisation')),
    constraint party_name_check check (btrim(name) <> ''),
    constraint party_email_check check (email = lower(btrim(email))),
    constraint party_vat_rate_check check (vat_rate between 0 and 100),
    constraint party_payment_terms_check check (payment_terms_days between 0 and 365)
);
create unique index party_buyer_email_key on parties.party (tenant_id, entity_id, email)
    where 'buyer' = any (roles) and archived_at is null;
create index party_entity_idx on parties.party (tenant_id, entity_id, id desc);
select platform.protect('parties.party', 'select, insert, update', 'shared');

-- What people wrote about a party; never changed.
create table parties.party_note (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid,
    party_id uuid not null,
    body text not null,
    author_id uuid,
    author_name text not null,
    created_at timestamptz not null,
    constraint party_note_pkey primary key (tenant_id, id),
    constraint party_note_party_fkey foreign key (tenant_id, party_id) references parties.party (tenant_id, id),
    constraint party_note_body_check check (btrim(body) <> '' and length(body) <= 10000)
);
create index party_note_party_idx on parties.party_note (tenant_id, party_id, id desc);
select platform.protect('parties.party_note', 'select, insert', 'shared');

create schema catalog;
grant usage on schema catalog to comptoir_app;

-- A product or service. Its code never changes and is what other tables refer to.
create table catalog.item (
    tenant_id uuid not null,
    id uuid not null,
    code text not null,
    name text not null,
    unit text not null default 'unit',
    active boolean not null default true,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint item_pkey primary key (tenant_id, id),
    constraint item_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint item_code_key unique (tenant_id, code),
    constraint item_code_check check (code ~ '^[A-Z0-9_-]{1,20}$'),
    constraint item_name_check check (btrim(name) <> '')
);
select platform.protect('catalog.item', 'select, insert, update');
