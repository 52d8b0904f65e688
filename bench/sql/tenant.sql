insert into catalog.item (tenant_id, id, code, name, created_at, updated_at)
select id, gen_random_uuid(), code, code, now(), now() from platform.tenant, unnest(array['PV', 'PAC', 'ITE']) code;

insert into parties.party (tenant_id, id, entity_id, kind, roles, name, email, created_at, updated_at)
select e.tenant_id, gen_random_uuid(), e.id, 'organisation', '{buyer}', 'Buyer ' || e.code || n,
    lower(e.code) || n || '@buyer.example', now(), now()
from platform.entity e, generate_series(1, 7) n;

insert into leads.buyer (tenant_id, id, entity_id, client_group_key, created_at, updated_at)
select tenant_id, id, entity_id, email, now(), now() from parties.party;

insert into leads.standing_order (tenant_id, id, entity_id, buyer_id, product, departements, quota, created_at, updated_at)
select tenant_id, gen_random_uuid(), entity_id, id, 'PV', '{*}', 0, now(), now() from leads.buyer;

insert into platform.setting (tenant_id, key, value, version, updated_at, updated_by)
select id, 'leads.delivery_calendar',
    '{"per_entity": {"ZR7": {"enabled_days": [0,1,2,3,4,5,6]}, "MDL": {"enabled_days": [0,1,2,3,4,5,6]}}}', 1, now(), 'bench'
from platform.tenant;

insert into leads.provider (tenant_id, id, entity_id, name, slug, consent_by_contract, rate_per_minute, created_at, updated_at)
select tenant_id, gen_random_uuid(), id, 'Bench', 'bench', true, 1000000, now(), now() from platform.entity where code = 'ZR7';

insert into platform.api_key (tenant_id, id, kind, subject_id, key_hash, hint, created_at)
select tenant_id, gen_random_uuid(), 'provider', id, sha256('prov_bench-bench-bench-bench-bench-bench-bench'), 'bench', now()
from leads.provider;
