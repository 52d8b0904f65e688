-- The money of lead selling: what a unit costs, units paid in advance, the ledger of a week, what one entity owes another.

-- What a buyer pays for a product from a day on. A new price is a new row; what held on past days stays.
create table leads.buyer_product_price (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    buyer_id uuid not null,
    product text not null,
    valid_from date not null,
    unit_price numeric(18, 4) not null,
    discount_pct numeric(5, 2) not null default 0,
    billing_mode text not null,
    active boolean not null default true,
    created_at timestamptz not null,
    created_by text not null,
    constraint buyer_product_price_pkey primary key (tenant_id, id),
    constraint buyer_product_price_key unique (tenant_id, buyer_id, product, valid_from),
    constraint buyer_product_price_buyer_fkey foreign key (tenant_id, entity_id, buyer_id)
        references leads.buyer (tenant_id, entity_id, id) on delete cascade,
    constraint buyer_product_price_product_fkey foreign key (tenant_id, product) references catalog.item (tenant_id, code),
    constraint buyer_product_price_price_check check (unit_price >= 0),
    constraint buyer_product_price_discount_check check (discount_pct between 0 and 100),
    constraint buyer_product_price_mode_check check (billing_mode in ('WEEKLY_INVOICE', 'PREPAID'))
);
-- Routing asks first whether anybody pays in advance at all.
create index buyer_product_price_prepaid_idx on leads.buyer_product_price (tenant_id) where billing_mode = 'PREPAID';
create index buyer_product_price_product_idx on leads.buyer_product_price (tenant_id, product);
select platform.protect('leads.buyer_product_price', 'select, insert, update, delete');

-- The discount of a buyer on everything without one of its own, from a day on.
create table leads.buyer_discount (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    buyer_id uuid not null,
    valid_from date not null,
    discount_pct numeric(5, 2) not null,
    created_at timestamptz not null,
    created_by text not null,
    constraint buyer_discount_pkey primary key (tenant_id, id),
    constraint buyer_discount_key unique (tenant_id, buyer_id, valid_from),
    constraint buyer_discount_buyer_fkey foreign key (tenant_id, entity_id, buyer_id)
        references leads.buyer (tenant_id, entity_id, id) on delete cascade,
    constraint buyer_discount_discount_check check (discount_pct between 0 and 100)
);
select platform.protect('leads.buyer_discount', 'select, insert, update');

-- An order's buyer and product never change: what is said of an order names them with it.
alter table leads.standing_order add constraint standing_order_terms_key unique (tenant_id, id, buyer_id, product);

-- Units of an order's week that are not invoiced.
create table leads.credit (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    buyer_id uuid not null,
    order_id uuid not null,
    product text not null,
    week date not null,
    quantity integer not null,
    reason text not null,
    note text not null default '',
    author_id uuid,
    author_name text not null,
    created_at timestamptz not null,
    constraint credit_pkey primary key (tenant_id, id),
    constraint credit_buyer_fkey foreign key (tenant_id, entity_id, buyer_id) references leads.buyer (tenant_id, entity_id, id),
    constraint credit_order_fkey foreign key (tenant_id, order_id, buyer_id, product)
        references leads.standing_order (tenant_id, id, buyer_id, product),
    constraint credit_monday_check check (extract(isodow from week) = 1),
    constraint credit_quantity_check check (quantity between 1 and 1000000),
    constraint credit_reason_check check (reason in ('fin_de_semaine', 'geste_commercial', 'retard', 'qualite', 'bug', 'autre'))
);
create index credit_buyer_idx on leads.credit (tenant_id, buyer_id, created_at desc, id desc);
create index credit_week_idx on leads.credit (tenant_id, entity_id, week);
create index credit_order_idx on leads.credit (tenant_id, order_id);
select platform.protect('leads.credit', 'select, insert, delete');

-- Units bought in advance: held by open deliveries, delivered by sent ones, the rest is left. Never below nothing.
create table leads.prepaid (
    tenant_id uuid not null,
    entity_id uuid not null,
    buyer_id uuid not null,
    product text not null,
    purchased integer not null default 0,
    held integer not null default 0,
    delivered integer not null default 0,
    remaining integer not null generated always as (purchased - delivered - held) stored,
    updated_at timestamptz not null,
    constraint prepaid_pkey primary key (tenant_id, buyer_id, product),
    constraint prepaid_buyer_fkey foreign key (tenant_id, entity_id, buyer_id) references leads.buyer (tenant_id, entity_id, id),
    constraint prepaid_product_fkey foreign key (tenant_id, product) references catalog.item (tenant_id, code),
    constraint prepaid_signs_check check (purchased between 0 and 1000000000 and held >= 0 and delivered >= 0),
    constraint prepaid_remaining_check check (remaining >= 0)
);
select platform.protect('leads.prepaid', 'select, insert, update');

-- Every change of a balance. A unit is held, consumed, released and returned at most once per delivery.
create table leads.prepaid_move (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    buyer_id uuid not null,
    product text not null,
    kind text not null,
    units integer not null,
    delivery_id uuid,
    note text not null default '',
    author text not null,
    created_at timestamptz not null,
    constraint prepaid_move_pkey primary key (tenant_id, id),
    constraint prepaid_move_balance_fkey foreign key (tenant_id, buyer_id, product)
        references leads.prepaid (tenant_id, buyer_id, product),
    constraint prepaid_move_delivery_fkey foreign key (tenant_id, delivery_id) references leads.delivery (tenant_id, id),
    constraint prepaid_move_once_key unique (tenant_id, delivery_id, kind),
    constraint prepaid_move_kind_check check (kind in ('purchase', 'hold', 'release', 'consume', 'return')),
    constraint prepaid_move_units_check check (units >= 1),
    constraint prepaid_move_delivery_check check ((kind = 'purchase') = (delivery_id is null) and (delivery_id is null or units = 1))
);
create index prepaid_move_list_idx on leads.prepaid_move (tenant_id, buyer_id, id desc);
select platform.protect('leads.prepaid_move', 'select, insert');

-- A unit keeps the mode it was routed under.
alter table leads.delivery add column prepaid boolean not null default false;

-- A week of an entity: who built its ledger, and the row that makes builders and invoicers wait for one another.
create table leads.billing_week (
    tenant_id uuid not null,
    entity_id uuid not null,
    week date not null,
    generation integer not null default 0,
    built_at timestamptz,
    built_by text,
    constraint billing_week_pkey primary key (tenant_id, entity_id, week),
    constraint billing_week_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint billing_week_monday_check check (extract(isodow from week) = 1),
    constraint billing_week_built_check check ((generation > 0) = (built_at is not null) and (built_at is null) = (built_by is null))
);
select platform.protect('leads.billing_week', 'select, insert, update');

-- What a buyer owes for a product under an order for a week, at one price: a price that changes within the week makes
-- another position.
create table leads.billing_record (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    week date not null,
    number integer not null,
    buyer_id uuid not null,
    product text not null,
    order_id uuid not null,
    position integer not null,
    billing_mode text not null,
    pricing_source text not null,
    unit_price numeric(18, 4) not null,
    discount_pct numeric(5, 2) not null,
    vat_rate numeric(5, 2) not null,
    units_sent integer not null,
    units_billable integer not null,
    units_lb integer not null,
    units_free integer not null,
    units_invoiced integer not null,
    before_discount numeric(18, 4) not null,
    net numeric(18, 4) not null,
    vat numeric(18, 4) not null,
    gross numeric(18, 4) not null,
    status text not null,
    external_invoice_number text,
    external_invoice_ttc numeric(18, 4),
    issued_on date,
    due_on date,
    paid_on date,
    document_id uuid,
    document_line_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint billing_record_pkey primary key (tenant_id, id),
    constraint billing_record_number_key unique (tenant_id, entity_id, week, number),
    constraint billing_record_key unique (tenant_id, entity_id, week, buyer_id, product, order_id, position),
    constraint billing_record_week_fkey foreign key (tenant_id, entity_id, week) references leads.billing_week (tenant_id, entity_id, week),
    constraint billing_record_buyer_fkey foreign key (tenant_id, entity_id, buyer_id) references leads.buyer (tenant_id, entity_id, id),
    constraint billing_record_order_fkey foreign key (tenant_id, order_id, buyer_id, product)
        references leads.standing_order (tenant_id, id, buyer_id, product),
    constraint billing_record_mode_check check (billing_mode in ('WEEKLY_INVOICE', 'PREPAID')),
    constraint billing_record_source_check check (pricing_source in ('client_product_pricing', 'client_pricing_global', 'none')),
    constraint billing_record_units_check check (units_sent >= units_billable and units_lb between 0 and units_billable
        and units_free between 0 and units_billable and units_invoiced = units_billable - units_free),
    constraint billing_record_amounts_check check (before_discount >= net and net >= 0 and vat >= 0 and gross = net + vat),
    constraint billing_record_external_ttc_check check (external_invoice_ttc >= 0),
    constraint billing_record_paid_check check (paid_on is null or status = 'paid'),
    constraint billing_record_document_check check (document_id is null or status <> 'not_invoiced'),
    constraint billing_record_prepaid_check check (billing_mode <> 'PREPAID' or status = 'not_invoiced')
);
create index billing_record_list_idx on leads.billing_record (tenant_id, created_at desc, id desc);
create index billing_record_buyer_idx on leads.billing_record (tenant_id, buyer_id, week);
create index billing_record_order_idx on leads.billing_record (tenant_id, order_id);
create index billing_record_document_idx on leads.billing_record (tenant_id, document_id) where document_id is not null;
select platform.protect('leads.billing_record', 'select, insert, update, delete');
insert into platform.lifecycle_edge
select 'billing_record', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    '>not_invoiced', 'not_invoiced>invoiced', 'invoiced>paid', 'invoiced>overdue', 'overdue>paid',
    'invoiced>not_invoiced', 'overdue>invoiced', 'paid>invoiced']) edge;
select platform.guard_lifecycle('leads.billing_record', 'status', 'billing_record');

-- One sent unit of a built week, as it was then: never changed, only made anew with its week.
create table leads.ledger_line (
    tenant_id uuid not null,
    delivery_id uuid not null,
    entity_id uuid not null,
    week date not null,
    number integer not null,
    lead_id uuid not null,
    buyer_id uuid not null,
    order_id uuid not null,
    product text not null,
    departement text not null,
    unit_type text not null,
    source_entity_id uuid not null,
    outcome text not null,
    is_billable boolean not null,
    sent_at timestamptz not null,
    sent_on date not null,
    billing_mode text not null,
    pricing_source text not null,
    unit_price numeric(18, 4) not null,
    discount_pct numeric(5, 2) not null,
    vat_rate numeric(5, 2) not null,
    gross numeric(18, 4) not null,
    net numeric(18, 4) not null,
    constraint ledger_line_pkey primary key (tenant_id, delivery_id),
    constraint ledger_line_delivery_fkey foreign key (tenant_id, delivery_id) references leads.delivery (tenant_id, id),
    constraint ledger_line_record_fkey foreign key (tenant_id, entity_id, week, number)
        references leads.billing_record (tenant_id, entity_id, week, number) deferrable initially deferred,
    constraint ledger_line_unit_type_check check (unit_type in ('lead', 'lb')),
    constraint ledger_line_billable_check check (is_billable = (outcome = 'accepted'))
);
create index ledger_line_record_idx on leads.ledger_line (tenant_id, entity_id, week, number, sent_at, delivery_id);
select platform.protect('leads.ledger_line', 'select, insert, delete');

-- A unit taken back after its record was invoiced: to be credited, or not, by a person.
create table leads.credit_candidate (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    record_id uuid,
    delivery_id uuid not null,
    lead_id uuid not null,
    buyer_id uuid not null,
    order_id uuid not null,
    product text not null,
    week date not null,
    units integer not null default 1,
    unit_price numeric(18, 4) not null,
    discount_pct numeric(5, 2) not null,
    vat_rate numeric(5, 2) not null,
    net numeric(18, 4) not null,
    vat numeric(18, 4) not null,
    outcome text not null,
    reason text not null,
    status text not null,
    settled_by text,
    settled_reason text,
    document_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint credit_candidate_pkey primary key (tenant_id, id),
    constraint credit_candidate_delivery_key unique (tenant_id, delivery_id),
    constraint credit_candidate_record_fkey foreign key (tenant_id, record_id)
        references leads.billing_record (tenant_id, id) deferrable initially deferred,
    constraint credit_candidate_delivery_fkey foreign key (tenant_id, delivery_id) references leads.delivery (tenant_id, id),
    constraint credit_candidate_buyer_fkey foreign key (tenant_id, entity_id, buyer_id) references leads.buyer (tenant_id, entity_id, id),
    constraint credit_candidate_units_check check (units = 1),
    constraint credit_candidate_amounts_check check (net >= 0 and vat >= 0),
    constraint credit_candidate_outcome_check check (outcome in ('rejected', 'removed')),
    constraint credit_candidate_settled_check check ((status = 'dismissed') = (settled_reason is not null)
        and (status <> 'credited' or document_id is not null))
);
create index credit_candidate_list_idx on leads.credit_candidate (tenant_id, created_at desc, id desc);
create index credit_candidate_record_idx on leads.credit_candidate (tenant_id, record_id) where record_id is not null;
create index credit_candidate_open_idx on leads.credit_candidate (tenant_id, entity_id, buyer_id) where status = 'open';
select platform.protect('leads.credit_candidate', 'select, insert, update');
insert into platform.lifecycle_edge
select 'credit_candidate', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    '>open', 'open>proposed', 'open>credited', 'open>dismissed',
    'proposed>open', 'proposed>credited', 'proposed>dismissed']) edge;
select platform.guard_lifecycle('leads.credit_candidate', 'status', 'credit_candidate');

-- What one entity charges another for a unit now; what it was before stands in the events.
create table leads.transfer_price (
    tenant_id uuid not null,
    from_entity_id uuid not null,
    to_entity_id uuid not null,
    product text not null,
    unit_price numeric(18, 4) not null,
    updated_at timestamptz not null,
    updated_by text not null,
    constraint transfer_price_pkey primary key (tenant_id, from_entity_id, to_entity_id, product),
    constraint transfer_price_from_fkey foreign key (tenant_id, from_entity_id) references platform.entity (tenant_id, id),
    constraint transfer_price_to_fkey foreign key (tenant_id, to_entity_id) references platform.entity (tenant_id, id),
    constraint transfer_price_product_fkey foreign key (tenant_id, product) references catalog.item (tenant_id, code),
    constraint transfer_price_direction_check check (from_entity_id <> to_entity_id),
    constraint transfer_price_price_check check (unit_price >= 0)
);
select platform.protect('leads.transfer_price', 'select, insert, update, delete');

-- A unit that one entity owes another; a credit line takes back one that was invoiced.
create table leads.transfer (
    tenant_id uuid not null,
    id uuid not null,
    from_entity_id uuid not null,
    to_entity_id uuid not null,
    delivery_id uuid not null,
    lead_id uuid not null,
    order_id uuid not null,
    product text not null,
    units integer not null,
    unit_price numeric(18, 4),
    week date not null,
    routing_mode text not null,
    status text not null,
    error_code text,
    error_message text,
    attempts integer not null default 0,
    retry_at timestamptz,
    document_id uuid,
    credit_of uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint transfer_pkey primary key (tenant_id, id),
    constraint transfer_from_fkey foreign key (tenant_id, from_entity_id) references platform.entity (tenant_id, id),
    constraint transfer_to_fkey foreign key (tenant_id, to_entity_id) references platform.entity (tenant_id, id),
    constraint transfer_delivery_fkey foreign key (tenant_id, delivery_id) references leads.delivery (tenant_id, id),
    constraint transfer_product_fkey foreign key (tenant_id, product) references catalog.item (tenant_id, code),
    constraint transfer_credit_fkey foreign key (tenant_id, credit_of) references leads.transfer (tenant_id, id),
    constraint transfer_credit_key unique (tenant_id, credit_of),
    constraint transfer_direction_check check (from_entity_id <> to_entity_id),
    constraint transfer_units_check check (units = case when credit_of is null then 1 else -1 end),
    constraint transfer_price_known_check check (status not in ('pending', 'invoiced') or unit_price is not null),
    constraint transfer_unit_price_check check (unit_price >= 0),
    constraint transfer_error_check check ((status = 'error') = (error_code is not null)),
    constraint transfer_invoiced_check check ((status = 'invoiced') = (document_id is not null)),
    constraint transfer_monday_check check (extract(isodow from week) = 1)
);
create unique index transfer_delivery_key on leads.transfer (tenant_id, delivery_id) where credit_of is null;
create index transfer_list_idx on leads.transfer (tenant_id, created_at desc, id desc);
create index transfer_week_idx on leads.transfer (tenant_id, week, status);
create index transfer_retry_idx on leads.transfer (tenant_id, retry_at) where status = 'error';
select platform.protect('leads.transfer', 'select, insert, update');
insert into platform.lifecycle_edge
select 'transfer', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    '>pending', '>error', 'pending>invoiced', 'pending>cancelled', 'error>pending', 'error>cancelled']) edge;
select platform.guard_lifecycle('leads.transfer', 'status', 'transfer');

-- Both sides see what is between them, and nobody else.
do $$
declare
    condition text := 'tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid
        and (current_setting(''app.whole_tenant'', true) = ''on''
            or from_entity_id = any (nullif(current_setting(''app.entities'', true), '''')::uuid[])
            or to_entity_id = any (nullif(current_setting(''app.entities'', true), '''')::uuid[]))';
begin
    execute format('alter policy isolation on leads.transfer_price using (%1$s) with check (%1$s)', condition);
    execute format('alter policy isolation on leads.transfer using (%1$s) with check (%1$s)', condition);
end
$$;

-- Every sent unit with the price of its day in its entity's zone: the product's row when there is one and it is active, its
-- discount in place of the general one even when it is 0; without one nothing is charged (spec 5.10). Each version holds until the
-- next begins: joined as a span and not looked up for every unit.
create view leads.sold_unit with (security_invoker = true) as
select d.tenant_id, d.id as delivery_id, d.entity_id, d.lead_id, d.buyer_id, d.order_id, d.product, d.departement,
    case when d.is_lb then 'lb' else 'lead' end as unit_type, d.lead_entity_id as source_entity_id, d.outcome,
    d.outcome = 'accepted' as is_billable, d.accepted_at as sent_at, day.sent_on,
    case when d.prepaid then 'PREPAID' else 'WEEKLY_INVOICE' end as billing_mode,
    case when price.active then 'client_product_pricing' when discount.discount_pct is not null then 'client_pricing_global' else 'none' end
        as pricing_source,
    case when price.active then price.unit_price else 0 end::numeric(18, 4) as unit_price,
    case when price.active then price.discount_pct else coalesce(discount.discount_pct, 0) end::numeric(5, 2) as discount_pct,
    p.vat_rate
from leads.delivery d
join platform.entity e on e.tenant_id = d.tenant_id and e.id = d.entity_id
join parties.party p on p.tenant_id = d.tenant_id and p.id = d.buyer_id
cross join lateral (select (d.accepted_at at time zone e.time_zone)::date as sent_on) day
left join (
    select v.tenant_id, v.buyer_id, v.product, v.active, v.unit_price, v.discount_pct, v.valid_from,
        lead(v.valid_from, 1, 'infinity') over (partition by v.tenant_id, v.buyer_id, v.product order by v.valid_from) as valid_to
    from leads.buyer_product_price v) price
    on price.tenant_id = d.tenant_id and price.buyer_id = d.buyer_id and price.product = d.product
    and day.sent_on >= price.valid_from and day.sent_on < price.valid_to
left join (
    select v.tenant_id, v.buyer_id, v.discount_pct, v.valid_from,
        lead(v.valid_from, 1, 'infinity') over (partition by v.tenant_id, v.buyer_id order by v.valid_from) as valid_to
    from leads.buyer_discount v) discount
    on discount.tenant_id = d.tenant_id and discount.buyer_id = d.buyer_id
    and day.sent_on >= discount.valid_from and day.sent_on < discount.valid_to
where d.status = 'sent';
grant select on leads.sold_unit to comptoir_app;
