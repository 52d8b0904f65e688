-- @ROWS leads of the tenant @SLUG over the last 90 days before @NOW, a fifth of them delivered, spread over its orders;
-- without the triggers of each row.
set session_replication_role = replica;

create temp table stock as
select n, t.id as tenant_id, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 19))::uuid as id,
    (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5('d' || n), 1, 19))::uuid as did,
    at, o.id as order_id, o.buyer_id, o.entity_id,
    case when n % 5 = 0 then 'livre' when n % 50 = 1 then 'routed' when n % 20 = 2 then 'invalid' else 'no_open_orders' end as status,
    '06' || lpad((20000000 + n)::text, 8, '0') as phone,
    (array['75', '92', '13', '69', '33', '59', '31', '44', '35', '67', '34', '06', '38', '76', '29', '57', '54', '62', '77', '78'])[1 + n % 20] as departement
from platform.tenant t
cross join (select n, timestamptz '@NOW' - n * (interval '90 days' / @ROWS) as at from generate_series(1, @ROWS) n) s
join (select o.*, row_number() over (order by o.id) - 1 as place, count(*) over () as orders
    from leads.standing_order o join platform.tenant t on t.id = o.tenant_id and t.slug = '@SLUG') o on o.place = s.n % o.orders
where t.slug = '@SLUG';

insert into leads.lead (tenant_id, id, entity_id, owner_entity_id, serving_entity_id, product, departement, phone, phone_quality, nom,
    prenom, email, status, entity_locked, lead_source_type, session_id, form_code, lp_code, liaison_code, source, utm_source,
    utm_medium, utm_campaign, ip, custom_fields, newsletter, delivery_id, buyer_id, routed_at, delivered_at, created_at, updated_at)
select tenant_id, id, entity_id, entity_id, case when status in ('livre', 'routed') then entity_id end, 'PV', departement, phone,
    case when status = 'invalid' then 'invalid' else 'valid' end, 'Nom' || n, 'Claire', 'claire' || n || '@example.org', status,
    false, 'internal_lp', 's' || n, 'PV-001', 'LP-001', '', 'source' || n % 12, 'source' || n % 12, '', '', '192.0.2.1', '{}', false,
    case when status in ('livre', 'routed') then did end, case when status in ('livre', 'routed') then buyer_id end, at,
    case when status = 'livre' then at end, at, at
from stock;

insert into leads.delivery (tenant_id, id, entity_id, lead_id, lead_entity_id, buyer_id, buyer_name, order_id, product, departement,
    phone, delivery_method, status, outcome, routing_mode, routing_reason, is_lb, client_group_key, quota_week, sent_to,
    send_attempts, last_sent_at, accepted_at, rejected_at, rejected_by, rejected_reason, last_error, created_at, updated_at)
select tenant_id, did, entity_id, id, entity_id, buyer_id, 'Buyer', order_id, 'PV', departement, phone, 'realtime',
    case when status = 'livre' then 'sent' when n % 100 = 1 then 'failed' else 'pending_csv' end,
    case when status = 'livre' and n % 100 = 0 then 'rejected' when status = 'livre' then 'accepted' end,
    'normal', 'open_commande_found', false, 'x', date_trunc('week', at)::date,
    case when status = 'livre' then '{a@buyer.example}' else '{}' end::text[], case when status = 'livre' then 1 else 0 end,
    case when status = 'livre' then at end, case when status = 'livre' then at end,
    case when status = 'livre' and n % 100 = 0 then at end, null, case when status = 'livre' and n % 100 = 0 then 'bench' end, null, at, at
from stock where status in ('livre', 'routed');
