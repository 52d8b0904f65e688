-- What an invoice says of who sends it, of who gets it and of what is sold. Every new column has a default or is drawn by
-- the database, so that what was there before goes on writing.

-- The logo of an entity's documents. It is only ever shown as an image.
create table platform.entity_logo (
    tenant_id uuid not null,
    entity_id uuid not null,
    content_type text not null,
    bytes bytea not null,
    sha256 text not null,
    width integer not null,
    height integer not null,
    updated_at timestamptz not null,
    constraint entity_logo_pkey primary key (tenant_id, entity_id),
    constraint entity_logo_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint entity_logo_content_type_check check (content_type in ('image/png', 'image/jpeg')),
    constraint entity_logo_bytes_check check (octet_length(bytes) between 1 and 204800),
    constraint entity_logo_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
    constraint entity_logo_size_check check (width between 1 and 4000 and height between 1 and 4000)
);
select platform.protect('platform.entity_logo', 'select, insert, update, delete');

-- The next customer code of a tenant. Its row is locked while a party is written, so that no code is drawn twice.
create table parties.party_counter (
    tenant_id uuid not null,
    next_value bigint not null,
    constraint party_counter_pkey primary key (tenant_id),
    constraint party_counter_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint party_counter_next_value_check check (next_value > 0)
);
select platform.protect('parties.party_counter', 'select, insert, update');

alter table parties.party
    add column code text,
    add column legal_name text not null default '',
    add column registration_number text not null default '',
    add column siren text,
    add column siret text,
    add column vat_number text,
    add column vat_category text,
    add column vat_reason text not null default '',
    add column is_consumer boolean not null default false,
    add column language text not null default 'fr',
    add column address_line1 text not null default '',
    add column address_line2 text not null default '',
    add column postal_code text not null default '',
    add column city text not null default '',
    add column country text not null default 'FR',
    add column electronic_address text,
    add column electronic_scheme text,
    add column iban text,
    add column currency text not null default 'EUR',
    add constraint party_code_check check (code ~ '^[A-Z0-9][A-Z0-9_.-]{0,19}$'),
    add constraint party_siren_check check (siren ~ '^[0-9]{9}$'),
    add constraint party_siret_check check (siret is null or (siret ~ '^[0-9]{14}$' and siren is not null and left(siret, 9) = siren)),
    add constraint party_vat_number_check check (vat_number ~ '^[A-Z]{2}[A-Z0-9]{2,18}$'),
    add constraint party_vat_category_check check (vat_category in
        ('standard', 'reverse_charge', 'intra_community', 'export', 'exempt', 'out_of_scope')
        and (vat_category = 'standard') = (vat_rate > 0)),
    add constraint party_consumer_check check (not is_consumer or kind = 'person'),
    add constraint party_language_check check (language in ('fr', 'en')),
    add constraint party_country_check check (country ~ '^[A-Z]{2}$'),
    add constraint party_electronic_address_check check ((electronic_address is null) = (electronic_scheme is null)
        and electronic_scheme ~ '^[0-9]{4}$|^EM$'),
    add constraint party_iban_check check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$'),
    add constraint party_currency_check check (currency ~ '^[A-Z]{3}$');

-- Those who were there get their codes in the order they came. The owner is not bound by row security for this.
alter table parties.party no force row level security;
update parties.party p set code = 'C' || lpad(n.place::text, greatest(5, length(n.place::text)), '0')
from (select tenant_id, id, row_number() over (partition by tenant_id order by created_at, id) as place from parties.party) n
where n.tenant_id = p.tenant_id and n.id = p.id;
alter table parties.party_counter no force row level security;
insert into parties.party_counter (tenant_id, next_value)
select tenant_id, count(*) + 1 from parties.party group by tenant_id;
alter table parties.party_counter force row level security;
alter table parties.party force row level security;

alter table parties.party alter column code set not null;
create unique index party_code_key on parties.party (tenant_id, code);
create index party_iban_idx on parties.party (tenant_id, iban) where iban is not null;

-- Draws the code of a party that brings none, and passes over the codes that others bring (imports).
create function parties.draw_party_code() returns trigger language plpgsql as $$
declare
    drawn bigint;
begin
    if new.code is null then
        insert into parties.party_counter as c (tenant_id, next_value) values (new.tenant_id, 2)
        on conflict (tenant_id) do update set next_value = c.next_value + 1
        returning next_value - 1 into drawn;
        new.code := 'C' || lpad(drawn::text, greatest(5, length(drawn::text)), '0');
    elsif new.code ~ '^C[0-9]{5,15}$' then
        drawn := substr(new.code, 2)::bigint;
        insert into parties.party_counter as c (tenant_id, next_value) values (new.tenant_id, drawn + 1)
        on conflict (tenant_id) do update set next_value = greatest(c.next_value, drawn + 1);
    end if;
    return new;
end
$$;
create trigger party_code before insert on parties.party for each row execute function parties.draw_party_code();

-- Where else a party is: where goods go, where work is done.
create table parties.party_address (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid,
    party_id uuid not null,
    kind text not null,
    is_default boolean not null,
    label text not null,
    line1 text not null,
    line2 text not null,
    postal_code text not null,
    city text not null,
    country text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint party_address_pkey primary key (tenant_id, id),
    constraint party_address_party_fkey foreign key (tenant_id, party_id) references parties.party (tenant_id, id),
    constraint party_address_kind_check check (kind in ('delivery', 'site', 'other')),
    constraint party_address_line1_check check (btrim(line1) <> ''),
    constraint party_address_country_check check (country ~ '^[A-Z]{2}$')
);
create unique index party_address_default_key on parties.party_address (tenant_id, party_id, kind) where is_default;
create index party_address_party_idx on parties.party_address (tenant_id, party_id, id desc);
select platform.protect('parties.party_address', 'select, insert, update, delete', 'shared');

-- Whom to ask for at a party.
create table parties.party_contact (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid,
    party_id uuid not null,
    kind text not null,
    is_default boolean not null,
    name text not null,
    job_title text not null,
    email text,
    phone text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint party_contact_pkey primary key (tenant_id, id),
    constraint party_contact_party_fkey foreign key (tenant_id, party_id) references parties.party (tenant_id, id),
    constraint party_contact_kind_check check (kind in ('general', 'billing', 'technical', 'other')),
    constraint party_contact_name_check check (btrim(name) <> ''),
    constraint party_contact_email_check check (email = lower(btrim(email)) and email <> '')
);
create unique index party_contact_default_key on parties.party_contact (tenant_id, party_id, kind) where is_default;
create index party_contact_party_idx on parties.party_contact (tenant_id, party_id, id desc);
select platform.protect('parties.party_contact', 'select, insert, update, delete', 'shared');

alter table catalog.item
    add column description text not null default '',
    add column kind text not null default 'service',
    add column unit_code text not null default 'C62',
    add column vat_rate numeric(5, 2) not null default 20,
    add column vat_category text not null default 'standard',
    add column vat_reason text not null default '',
    add column currency text not null default 'EUR',
    add column revenue_role text,
    add constraint item_description_check check (length(description) <= 2000),
    add constraint item_kind_check check (kind in ('service', 'goods')),
    add constraint item_unit_code_check check (unit_code ~ '^[A-Z0-9]{1,3}$'),
    add constraint item_vat_rate_check check (vat_rate between 0 and 100),
    add constraint item_vat_category_check check (vat_category in
        ('standard', 'reverse_charge', 'intra_community', 'export', 'exempt', 'out_of_scope')
        and (vat_category = 'standard' or vat_rate = 0)),
    add constraint item_currency_check check (currency ~ '^[A-Z]{3}$'),
    add constraint item_revenue_role_check check (revenue_role ~ '^[a-z][a-z0-9_]{0,59}$');

-- What an item costs from a day on, until the next such day: two prices cannot overlap.
create table catalog.item_price (
    tenant_id uuid not null,
    item_id uuid not null,
    currency text not null,
    valid_from date not null,
    amount numeric(18, 4) not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint item_price_pkey primary key (tenant_id, item_id, currency, valid_from),
    constraint item_price_item_fkey foreign key (tenant_id, item_id) references catalog.item (tenant_id, id),
    constraint item_price_currency_check check (currency ~ '^[A-Z]{3}$'),
    constraint item_price_amount_check check (amount >= 0)
);
select platform.protect('catalog.item_price', 'select, insert, update');
