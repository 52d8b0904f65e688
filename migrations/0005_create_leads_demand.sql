-- The demand side of lead selling: buyers, their orders, what each order has used; and the providers.

create schema leads;
grant usage on schema leads to comptoir_app;

-- What only lead selling knows of a party that buys.
create table leads.buyer (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    delivery_emails text[] not null default '{}',
    api_endpoint text,
    api_key_sealed bytea,
    auto_send_enabled boolean not null default true,
    client_group_key text not null,
    active boolean not null default true,
    global_rating smallint,
    payment_rating smallint,
    lead_satisfaction_rating smallint,
    discount_pressure_rating smallint,
    client_status text not null default 'Normal',
    accounting_status text not null default 'up_to_date',
    payment_terms text not null default 'net_30',
    payment_method text not null default 'bank_transfer',
    last_payment_on date,
    last_payment_amount numeric(18, 4),
    tags text[] not null default '{}',
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint buyer_pkey primary key (tenant_id, id),
    constraint buyer_party_fkey foreign key (tenant_id, id) references parties.party (tenant_id, id),
    constraint buyer_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint buyer_entity_key unique (tenant_id, entity_id, id),
    constraint buyer_ratings_check check (
        coalesce(global_rating, 1) between 1 and 5 and coalesce(payment_rating, 1) between 1 and 5
        and coalesce(lead_satisfaction_rating, 1) between 1 and 5 and coalesce(discount_pressure_rating, 1) between 1 and 5),
    constraint buyer_client_status_check check (client_status in ('Normal', 'VIP', 'Watchlist', 'Blocked')),
    constraint buyer_accounting_status_check check (accounting_status in ('up_to_date', 'late', 'dispute')),
    constraint buyer_payment_terms_check check (payment_terms in ('prepaid', 'net_15', 'net_30', 'net_60')),
    constraint buyer_payment_method_check check (payment_method in ('bank_transfer', 'credit_card', 'check', 'direct_debit')),
    constraint buyer_tags_check check (tags <@ array['VIP', 'slow_payer', 'discount_hunter', 'high_volume', 'new_client', 'strategic'])
);
create index buyer_list_idx on leads.buyer (tenant_id, entity_id, created_at desc, id desc);
create index buyer_group_idx on leads.buyer (tenant_id, client_group_key);
select platform.protect('leads.buyer', 'select, insert, update, delete');

-- A buyer's weekly demand. Referenced by its deliveries, so it is archived, never deleted, once it has any.
create table leads.standing_order (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    buyer_id uuid not null,
    product text not null,
    departements text[] not null,
    quota integer not null,
    lb_target integer not null default 0,
    priority integer not null default 5,
    auto_renew boolean not null default true,
    replace_suspicious boolean not null default false,
    active boolean not null default true,
    ends_on date,
    notes text not null default '',
    archived_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint standing_order_pkey primary key (tenant_id, id),
    constraint standing_order_buyer_fkey foreign key (tenant_id, entity_id, buyer_id) references leads.buyer (tenant_id, entity_id, id),
    constraint standing_order_product_fkey foreign key (tenant_id, product) references catalog.item (tenant_id, code),
    constraint standing_order_departements_check check (cardinality(departements) between 1 and 110
        and (departements = array['*'] or not '*' = any (departements))),
    constraint standing_order_quota_check check (quota between 0 and 1000000),
    constraint standing_order_lb_target_check check (lb_target between 0 and 10000),
    constraint standing_order_priority_check check (priority between 1 and 10),
    constraint standing_order_archived_check check (archived_at is null or not active)
);
-- L-12: whoever writes, by whichever route.
create unique index standing_order_active_key on leads.standing_order (tenant_id, entity_id, buyer_id, product) where active;
create index standing_order_routing_idx on leads.standing_order (tenant_id, product) where active;
create index standing_order_list_idx on leads.standing_order (tenant_id, entity_id, created_at desc, id desc);
create index standing_order_buyer_idx on leads.standing_order (tenant_id, buyer_id);
select platform.protect('leads.standing_order', 'select, insert, update, delete');

-- What an order has used of an ISO week (named by its Monday), kept with the writes: used = units routed in that week
-- and not returned or cancelled; accepted, lb_accepted = units sent in that week and not returned.
create table leads.order_week (
    tenant_id uuid not null,
    order_id uuid not null,
    entity_id uuid not null,
    week date not null,
    used integer not null default 0,
    accepted integer not null default 0,
    lb_accepted integer not null default 0,
    constraint order_week_pkey primary key (tenant_id, order_id, week),
    constraint order_week_order_fkey foreign key (tenant_id, order_id) references leads.standing_order (tenant_id, id),
    constraint order_week_monday_check check (extract(isodow from week) = 1),
    constraint order_week_signs_check check (used >= 0 and accepted >= 0 and lb_accepted between 0 and accepted)
);
create index order_week_week_idx on leads.order_week (tenant_id, week);
select platform.protect('leads.order_week', 'select, insert, update');

create table leads.provider (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    name text not null,
    slug text not null,
    contact_email text not null default '',
    notes text not null default '',
    consent_by_contract boolean not null default false,
    rate_per_minute integer not null default 600,
    active boolean not null default true,
    archived_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint provider_pkey primary key (tenant_id, id),
    constraint provider_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint provider_slug_key unique (tenant_id, slug),
    constraint provider_slug_check check (slug ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    constraint provider_name_check check (btrim(name) <> ''),
    constraint provider_rate_check check (rate_per_minute between 1 and 1000000)
);
create index provider_list_idx on leads.provider (tenant_id, entity_id, created_at desc, id desc);
select platform.protect('leads.provider', 'select, insert, update, delete');

-- What a provider sent per day of its entity: kept with the writes.
create table leads.provider_day (
    tenant_id uuid not null,
    provider_id uuid not null,
    entity_id uuid not null,
    day date not null,
    received integer not null default 0,
    refused integer not null default 0,
    constraint provider_day_pkey primary key (tenant_id, provider_id, day),
    constraint provider_day_provider_fkey foreign key (tenant_id, provider_id) references leads.provider (tenant_id, id) on delete cascade
);
select platform.protect('leads.provider_day', 'select, insert, update, delete');
