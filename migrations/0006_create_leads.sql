-- Leads and deliveries, from the visitor's session to the file in the buyer's mailbox.

create table leads.visitor_session (
    tenant_id uuid not null,
    id uuid not null,
    visitor_id text not null,
    lp_code text not null,
    form_code text not null,
    liaison_code text not null,
    referrer text not null,
    user_agent text not null,
    utm_source text not null,
    utm_medium text not null,
    utm_campaign text not null,
    utm_content text not null,
    utm_term text not null,
    gclid text not null,
    fbclid text not null,
    ip text not null,
    status text not null,
    lead_id uuid,
    created_at timestamptz not null,
    constraint visitor_session_pkey primary key (tenant_id, id),
    constraint visitor_session_status_check check (status in ('active', 'converted')),
    constraint visitor_session_converted_check check (status = 'active' or lead_id is not null)
);
create index visitor_session_reuse_idx on leads.visitor_session (tenant_id, visitor_id, lp_code, created_at desc);
create index visitor_session_age_idx on leads.visitor_session (tenant_id, created_at);
select platform.protect('leads.visitor_session', 'select, insert, update, delete');

create table leads.tracking_event (
    tenant_id uuid not null,
    id uuid not null,
    session_id uuid not null,
    visitor_id text not null,
    event text not null,
    details jsonb not null,
    at timestamptz not null,
    constraint tracking_event_pkey primary key (tenant_id, id),
    constraint tracking_event_session_fkey foreign key (tenant_id, session_id) references leads.visitor_session (tenant_id, id) on delete cascade,
    constraint tracking_event_event_check check (event ~ '^[a-z0-9_]{1,40}$')
);
create unique index tracking_event_once_key on leads.tracking_event (tenant_id, session_id, event)
    where event in ('lp_visit', 'cta_click', 'form_start');
create index tracking_event_session_idx on leads.tracking_event (tenant_id, session_id);
select platform.protect('leads.tracking_event', 'select, insert, delete');

-- A payload that could not be used, with the reason: nothing received is lost.
create table leads.quarantine (
    tenant_id uuid not null,
    id uuid not null,
    received_at timestamptz not null,
    route text not null,
    reason text not null,
    content_type text not null,
    body bytea not null,
    ip text not null,
    constraint quarantine_pkey primary key (tenant_id, id),
    constraint quarantine_body_check check (octet_length(body) <= 65536)
);
create index quarantine_list_idx on leads.quarantine (tenant_id, received_at desc, id desc);
select platform.protect('leads.quarantine', 'select, insert, delete');

create table leads.lead (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid,
    owner_entity_id uuid,
    serving_entity_id uuid,
    product text,
    departement text not null,
    phone text not null,
    phone_quality text not null,
    nom text not null,
    prenom text not null,
    email text not null,
    name_key text collate "C" generated always as (lower(nom || ' ' || prenom)) stored,
    email_key text collate "C" generated always as (lower(email)) stored,
    status text not null,
    hold_reason text,
    routing_reason text,
    entity_locked boolean not null,
    provider_id uuid,
    lead_source_type text not null,
    session_id text not null,
    form_code text not null,
    lp_code text not null,
    liaison_code text not null,
    source text collate "C" not null,
    utm_source text not null,
    utm_medium text not null,
    utm_campaign text not null,
    ip text not null,
    custom_fields jsonb not null,
    consent boolean,
    consent_text_version text,
    consent_at timestamptz,
    consent_ip text,
    newsletter boolean not null,
    delivery_id uuid,
    buyer_id uuid,
    routed_at timestamptz,
    delivered_at timestamptz,
    is_lb boolean not null default false,
    lb_since timestamptz,
    lb_reason text,
    was_replaced boolean,
    replacement_lead_id uuid,
    idempotency_key text,
    erased_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint lead_pkey primary key (tenant_id, id),
    constraint lead_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint lead_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint lead_product_fkey foreign key (tenant_id, product) references catalog.item (tenant_id, code),
    constraint lead_provider_fkey foreign key (tenant_id, provider_id) references leads.provider (tenant_id, id),
    constraint lead_phone_quality_check check (phone_quality in ('valid', 'suspicious', 'invalid')),
    constraint lead_source_type_check check (lead_source_type in ('provider', 'internal_lp', 'direct')),
    -- Assigned exactly while a delivery holds it.
    constraint lead_assigned_check check ((status in ('routed', 'livre')) = (delivery_id is not null)),
    constraint lead_buyer_check check ((delivery_id is null) = (buyer_id is null) and (delivery_id is null) = (serving_entity_id is null)),
    constraint lead_delivered_check check (status <> 'livre' or delivered_at is not null),
    constraint lead_held_check check ((status = 'hold_source') = (hold_reason is not null)),
    constraint lead_lb_check check (is_lb = (lb_since is not null and lb_reason is not null)),
    constraint lead_aged_check check (status <> 'lb' or is_lb),
    constraint lead_placed_check check (status not in ('new', 'routed', 'livre', 'lb') or (entity_id is not null and product is not null))
);
create index lead_list_idx on leads.lead (tenant_id, created_at desc, id desc);
create index lead_entity_idx on leads.lead (tenant_id, entity_id, created_at desc, id desc);
create index lead_status_idx on leads.lead (tenant_id, status, created_at desc, id desc);
create index lead_product_idx on leads.lead (tenant_id, product, status, created_at desc, id desc);
create index lead_departement_idx on leads.lead (tenant_id, departement, created_at desc, id desc);
create index lead_source_idx on leads.lead (tenant_id, source, created_at desc, id desc);
create index lead_buyer_idx on leads.lead (tenant_id, buyer_id, created_at desc, id desc) where buyer_id is not null;
create index lead_provider_idx on leads.lead (tenant_id, provider_id, created_at desc) where provider_id is not null;
create index lead_phone_idx on leads.lead (tenant_id, phone text_pattern_ops, created_at desc);
create index lead_name_idx on leads.lead (tenant_id, name_key, created_at desc);
create index lead_email_idx on leads.lead (tenant_id, email_key, created_at desc) where email_key <> '';
create unique index lead_idempotency_key on leads.lead (tenant_id, idempotency_key) where idempotency_key is not null;
create index lead_ageing_idx on leads.lead (tenant_id, delivered_at) where status = 'livre' and not is_lb;
create index lead_aged_idx on leads.lead (tenant_id, entity_id, product, created_at, id) where is_lb;
select platform.protect('leads.lead', 'select, insert, update, delete');
-- Besides its own entity, the entity that serves a lead (cross-entity fallback) must see it while it does.
drop policy isolation on leads.lead;
create policy isolation on leads.lead
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
        and (entity_id = any (nullif(current_setting('app.entities', true), '')::uuid[])
            or serving_entity_id = any (nullif(current_setting('app.entities', true), '')::uuid[])
            or (entity_id is null and current_setting('app.whole_tenant', true) = 'on')))
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
        and (entity_id = any (nullif(current_setting('app.entities', true), '')::uuid[])
            or serving_entity_id = any (nullif(current_setting('app.entities', true), '')::uuid[])
            or (entity_id is null and current_setting('app.whole_tenant', true) = 'on')));
insert into platform.lifecycle_edge
select 'lead', '', state from unnest(array['new', 'routed', 'duplicate', 'no_open_orders', 'hold_source', 'pending_config',
    'invalid', 'replaced_by_lb']) state
union all
select 'lead', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    'new>routed', 'new>duplicate', 'new>no_open_orders', 'new>hold_source', 'new>invalid', 'new>lb', 'new>replaced_by_lb',
    'new>reserved_for_replacement',
    'routed>livre', 'routed>new',
    'livre>new', 'livre>routed',
    'no_open_orders>new', 'no_open_orders>routed', 'no_open_orders>duplicate', 'no_open_orders>hold_source',
    'no_open_orders>invalid', 'no_open_orders>lb', 'no_open_orders>reserved_for_replacement',
    'hold_source>new', 'hold_source>routed', 'hold_source>duplicate', 'hold_source>no_open_orders', 'hold_source>pending_config',
    'hold_source>invalid',
    'pending_config>new', 'pending_config>routed', 'pending_config>duplicate', 'pending_config>no_open_orders',
    'pending_config>hold_source', 'pending_config>invalid',
    'duplicate>new', 'duplicate>no_open_orders', 'duplicate>hold_source', 'duplicate>invalid',
    'invalid>new', 'invalid>no_open_orders', 'invalid>hold_source',
    'lb>routed', 'lb>reserved_for_replacement', 'lb>new', 'lb>no_open_orders', 'lb>hold_source', 'lb>invalid',
    'reserved_for_replacement>routed', 'reserved_for_replacement>lb']) edge;
select platform.guard_lifecycle('leads.lead', 'status', 'lead');

create table leads.lead_note (
    tenant_id uuid not null,
    id uuid not null,
    lead_id uuid not null,
    body text not null,
    author_id uuid,
    author_name text not null,
    created_at timestamptz not null,
    constraint lead_note_pkey primary key (tenant_id, id),
    constraint lead_note_lead_fkey foreign key (tenant_id, lead_id) references leads.lead (tenant_id, id) on delete cascade,
    constraint lead_note_body_check check (btrim(body) <> '' and length(body) <= 10000)
);
create index lead_note_lead_idx on leads.lead_note (tenant_id, lead_id, id desc);
select platform.protect('leads.lead_note', 'select, insert, delete');

-- L-02: the claim on (session, phone) that a second submission within five seconds cannot take.
create table leads.submission_claim (
    tenant_id uuid not null,
    session_id text not null,
    phone text not null,
    claimed_at timestamptz not null,
    lead_id uuid not null,
    constraint submission_claim_pkey primary key (tenant_id, session_id, phone)
);
create index submission_claim_age_idx on leads.submission_claim (tenant_id, claimed_at);
select platform.protect('leads.submission_claim', 'select, insert, update, delete');

-- Why a lead went where it went: every candidate, why dropped, why chosen.
create table leads.routing_decision (
    tenant_id uuid not null,
    id uuid not null,
    lead_id uuid not null,
    decided_at timestamptz not null,
    cause text not null,
    outcome text not null,
    reason text not null,
    trace jsonb not null,
    constraint routing_decision_pkey primary key (tenant_id, id),
    constraint routing_decision_lead_fkey foreign key (tenant_id, lead_id) references leads.lead (tenant_id, id) on delete cascade,
    constraint routing_decision_cause_check check (cause in ('intake', 'sweep', 'return', 'fill', 'replacement', 'manual'))
);
create index routing_decision_lead_idx on leads.routing_decision (tenant_id, lead_id, id desc);
select platform.protect('leads.routing_decision', 'select, insert, delete');

-- The file that carries one or more deliveries to a buyer.
create table leads.delivery_batch (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    buyer_id uuid not null,
    order_id uuid not null,
    product text not null,
    file_name text not null,
    csv bytea,
    total integer not null,
    lb integer not null,
    created_at timestamptz not null,
    created_by text not null,
    constraint delivery_batch_pkey primary key (tenant_id, id),
    constraint delivery_batch_order_fkey foreign key (tenant_id, order_id) references leads.standing_order (tenant_id, id),
    constraint delivery_batch_counts_check check (total >= 1 and lb between 0 and total)
);
create index delivery_batch_order_idx on leads.delivery_batch (tenant_id, order_id, id desc);
create index delivery_batch_age_idx on leads.delivery_batch (tenant_id, created_at) where csv is not null;
select platform.protect('leads.delivery_batch', 'select, insert, update');

create table leads.delivery (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    lead_id uuid not null,
    lead_entity_id uuid not null,
    buyer_id uuid not null,
    buyer_name text not null,
    order_id uuid not null,
    product text not null,
    departement text not null,
    phone text not null,
    delivery_method text not null,
    status text not null,
    outcome text,
    routing_mode text not null,
    routing_reason text not null,
    is_lb boolean not null,
    replaced_suspicious_id uuid,
    client_group_key text not null,
    is_shared_client_30d boolean not null default false,
    overlap_fallback_delivery boolean not null default false,
    quota_week date not null,
    batch_id uuid,
    sent_to text[] not null default '{}',
    send_attempts integer not null default 0,
    lease_expires_at timestamptz,
    last_sent_at timestamptz,
    accepted_at timestamptz,
    sent_by text,
    last_error text,
    rejected_at timestamptz,
    rejected_by text,
    rejected_reason text,
    removed_at timestamptz,
    removed_by text,
    removed_reason text,
    removed_detail text,
    cancelled_at timestamptz,
    cancelled_by text,
    cancelled_reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint delivery_pkey primary key (tenant_id, id),
    constraint delivery_buyer_key unique (tenant_id, id, buyer_id),
    constraint delivery_lead_fkey foreign key (tenant_id, lead_id) references leads.lead (tenant_id, id),
    constraint delivery_order_fkey foreign key (tenant_id, order_id) references leads.standing_order (tenant_id, id),
    constraint delivery_buyer_fkey foreign key (tenant_id, entity_id, buyer_id) references leads.buyer (tenant_id, entity_id, id),
    constraint delivery_batch_fkey foreign key (tenant_id, batch_id) references leads.delivery_batch (tenant_id, id),
    constraint delivery_method_check check (delivery_method in ('realtime', 'batch')),
    constraint delivery_mode_check check (routing_mode in ('normal', 'fallback_no_orders')),
    constraint delivery_outcome_check check ((status = 'sent') = (outcome is not null)),
    constraint delivery_sent_check check (status <> 'sent'
        or (cardinality(sent_to) > 0 and last_sent_at is not null and send_attempts >= 1 and accepted_at is not null)),
    constraint delivery_lease_check check ((status = 'sending') = (lease_expires_at is not null)),
    constraint delivery_rejected_check check ((outcome is not distinct from 'rejected') = (rejected_at is not null)),
    constraint delivery_removed_check check ((outcome is not distinct from 'removed') = (removed_at is not null)),
    constraint delivery_removed_reason_check check (removed_reason in ('refus_client', 'doublon', 'hors_zone', 'mauvaise_commande', 'test', 'autre')),
    constraint delivery_cancelled_check check ((status = 'cancelled') = (cancelled_at is not null))
);
create unique index delivery_open_key on leads.delivery (tenant_id, lead_id)
    where status in ('pending_csv', 'ready_to_send', 'sending', 'failed');
create index delivery_list_idx on leads.delivery (tenant_id, created_at desc, id desc);
create index delivery_entity_idx on leads.delivery (tenant_id, entity_id, created_at desc, id desc);
create index delivery_status_idx on leads.delivery (tenant_id, status, created_at desc, id desc);
create index delivery_outcome_idx on leads.delivery (tenant_id, outcome, created_at desc, id desc) where outcome is not null;
create index delivery_buyer_idx on leads.delivery (tenant_id, buyer_id, created_at desc, id desc);
create index delivery_order_idx on leads.delivery (tenant_id, order_id, created_at desc, id desc);
create index delivery_lead_idx on leads.delivery (tenant_id, lead_id, created_at desc);
create index delivery_phone_idx on leads.delivery (tenant_id, phone, product);
create index delivery_sent_idx on leads.delivery (tenant_id, last_sent_at) where status = 'sent';
create index delivery_batch_idx on leads.delivery (tenant_id, batch_id) where batch_id is not null;
create index delivery_group_idx on leads.delivery (tenant_id, client_group_key, last_sent_at desc) where status = 'sent';
select platform.protect('leads.delivery', 'select, insert, update');
insert into platform.lifecycle_edge
select 'delivery', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    '>pending_csv',
    'pending_csv>ready_to_send', 'pending_csv>sending', 'pending_csv>failed', 'pending_csv>cancelled',
    'ready_to_send>sending', 'ready_to_send>failed', 'ready_to_send>cancelled',
    'sending>sent', 'sending>failed',
    'failed>pending_csv', 'failed>sending', 'failed>cancelled']) edge
union all
select 'delivery_outcome', split_part(edge, '>', 1), split_part(edge, '>', 2)
from unnest(array['>accepted', 'accepted>rejected', 'accepted>removed']) edge;
select platform.guard_lifecycle('leads.delivery', 'status', 'delivery');
select platform.guard_lifecycle('leads.delivery', 'outcome', 'delivery_outcome');

-- A lead's assignment is its current delivery's: the database holds the two together.
alter table leads.lead add constraint lead_delivery_fkey
    foreign key (tenant_id, delivery_id, buyer_id) references leads.delivery (tenant_id, id, buyer_id);

-- Which deliveries a file carries; a delivery that is sent again is in several.
create table leads.batch_line (
    tenant_id uuid not null,
    batch_id uuid not null,
    delivery_id uuid not null,
    constraint batch_line_pkey primary key (tenant_id, batch_id, delivery_id),
    constraint batch_line_batch_fkey foreign key (tenant_id, batch_id) references leads.delivery_batch (tenant_id, id),
    constraint batch_line_delivery_fkey foreign key (tenant_id, delivery_id) references leads.delivery (tenant_id, id)
);
create index batch_line_delivery_idx on leads.batch_line (tenant_id, delivery_id);
select platform.protect('leads.batch_line', 'select, insert');

-- One attempt to send a file; what became of it stands in the mail.
create table leads.send_attempt (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    batch_id uuid not null,
    mail_id uuid not null,
    kind text not null,
    requested_by text not null,
    created_at timestamptz not null,
    constraint send_attempt_pkey primary key (tenant_id, id),
    constraint send_attempt_batch_fkey foreign key (tenant_id, batch_id) references leads.delivery_batch (tenant_id, id),
    constraint send_attempt_mail_fkey foreign key (tenant_id, mail_id) references platform.mail (tenant_id, id),
    constraint send_attempt_mail_key unique (tenant_id, mail_id),
    constraint send_attempt_kind_check check (kind in ('send', 'resend', 'override', 'simulated'))
);
create index send_attempt_batch_idx on leads.send_attempt (tenant_id, batch_id, id desc);
select platform.protect('leads.send_attempt', 'select, insert');

-- L-08: a buyer that refused a person for a product is never offered him again, under any order.
create table leads.refusal (
    tenant_id uuid not null,
    phone text not null,
    product text not null,
    buyer_id uuid not null,
    delivery_id uuid not null,
    created_at timestamptz not null,
    constraint refusal_pkey primary key (tenant_id, phone, product, buyer_id),
    constraint refusal_buyer_fkey foreign key (tenant_id, buyer_id) references leads.buyer (tenant_id, id),
    constraint refusal_delivery_fkey foreign key (tenant_id, delivery_id) references leads.delivery (tenant_id, id)
);
select platform.protect('leads.refusal', 'select, insert, update, delete');
