-- What the service does for one lead, statement by statement, in one transaction.
\set n random(1, 2000000000)
\set k random(1, 7)
begin;
set local app.tenant = '@TENANT';
set local app.entities = '{@ENTITIES}';
set local app.whole_tenant = 'on';
select key, value from platform.setting where tenant_id = '@TENANT' and starts_with(key, 'leads.');
select code from catalog.item where tenant_id = '@TENANT' and active order by code;
select p.id, k.key_hash, p.entity_id, p.slug, p.consent_by_contract from platform.api_key k join leads.provider p on p.tenant_id = k.tenant_id and p.id = k.subject_id and p.active where k.tenant_id = '@TENANT' and k.key_hash = any(array[sha256('prov_bench-bench-bench-bench-bench-bench-bench')]) and k.kind = 'provider' and k.revoked_at is null;
insert into leads.submission_claim as c (tenant_id, session_id, phone, claimed_at, lead_id) select '@TENANT', session_id, phone, now(), lead_id from unnest(array['bench-' || :n::bigint], array['06' || :n::bigint], array[md5(:n::bigint::text)::uuid]) as x (session_id, phone, lead_id) order by session_id, phone on conflict (tenant_id, session_id, phone) do update set claimed_at = excluded.claimed_at, lead_id = excluded.lead_id where c.claimed_at < now() - interval '5 s';
select c.session_id, c.phone, c.lead_id from leads.submission_claim c join unnest(array['bench-' || :n::bigint], array['06' || :n::bigint]) as x (session_id, phone) on c.session_id = x.session_id and c.phone = x.phone where c.tenant_id = '@TENANT';
select pg_advisory_xact_lock(hashtextextended('06' || :n::bigint, 0));
@BOOK;
@PRIORS;
@SHARED;
@INSERT;
@EVENTS;
commit;
