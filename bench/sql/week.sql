-- @ROWS units of ZR7 sent in the ISO week before this one, spread over its orders, one in fifty taken back; three prices a
-- buyer, of which one begins in the middle of that week; without the triggers of each row.
set session_replication_role = replica;

insert into leads.buyer_product_price (tenant_id, id, entity_id, buyer_id, product, valid_from, unit_price, discount_pct, billing_mode,
    created_at, created_by)
select tenant_id, gen_random_uuid(), entity_id, id, 'PV', (date_trunc('week', now()) - days * interval '1 day')::date, 20 + days, 10,
    'WEEKLY_INVOICE', now(), 'bench'
from leads.buyer, unnest(array[400, 100, 4]) days;

create temp table unit as
select n, o.tenant_id, gen_random_uuid() as id, gen_random_uuid() as did, o.id as order_id, o.buyer_id, o.entity_id,
    date_trunc('week', now()) - n * (interval '6 days' / @ROWS) as at, '07' || lpad((20000000 + n)::text, 8, '0') as phone
from generate_series(1, @ROWS) n
join (select o.*, row_number() over (order by o.id) - 1 as place, count(*) over () as orders
    from leads.standing_order o join platform.entity e on e.id = o.entity_id and e.code = 'ZR7') o on o.place = n % o.orders;

insert into leads.lead (tenant_id, id, entity_id, owner_entity_id, serving_entity_id, product, departement, phone, phone_quality, nom,
    prenom, email, status, entity_locked, lead_source_type, session_id, form_code, lp_code, liaison_code, source, utm_source,
    utm_medium, utm_campaign, ip, custom_fields, newsletter, delivery_id, buyer_id, routed_at, delivered_at, created_at, updated_at)
select tenant_id, id, entity_id, entity_id, entity_id, 'PV', '75', phone, 'valid', 'Nom', 'Claire', '', 'livre', false, 'internal_lp',
    's' || n, 'PV-001', '', '', '', '', '', '', '192.0.2.1', '{}', false, did, buyer_id, at, at, at, at
from unit;

insert into leads.delivery (tenant_id, id, entity_id, lead_id, lead_entity_id, buyer_id, buyer_name, order_id, product, departement,
    phone, delivery_method, status, outcome, routing_mode, routing_reason, is_lb, client_group_key, quota_week, sent_to,
    send_attempts, last_sent_at, accepted_at, rejected_at, rejected_by, rejected_reason, created_at, updated_at)
select tenant_id, did, entity_id, id, entity_id, buyer_id, 'Buyer', order_id, 'PV', '75', phone, 'batch', 'sent',
    case when n % 50 = 0 then 'rejected' else 'accepted' end, 'normal', 'open_commande_found', n % 5 = 0, 'x',
    date_trunc('week', at)::date, '{a@buyer.example}', 1, at, at, case when n % 50 = 0 then at end,
    case when n % 50 = 0 then 'bench' end, case when n % 50 = 0 then 'bench' end, at, at
from unit;
