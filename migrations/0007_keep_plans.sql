-- The functions that every request and every round of the workers pass through, in PL/pgSQL: it keeps their plans, which SQL
-- functions make anew for each call. What they return is as before.

create or replace function platform.authenticate(p_token_hash bytea, p_at timestamptz)
returns table (session_id uuid, user_id uuid, email text, user_name text, user_active boolean, tenant_id uuid,
    tenant_slug text, tenant_zone text, membership_active boolean, role text, granted text[], revoked text[],
    home_entity uuid, entity_ids uuid[], entity_codes text[], entity_zones text[])
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select s.id, u.id, u.email, u.name, u.is_active, t.id, t.slug, t.time_zone, m.is_active, m.role, m.granted,
           m.revoked, m.entity_id, e.ids, e.codes, e.zones
    from platform.session s
    join platform.user u on u.id = s.user_id
    join platform.tenant t on t.id = s.tenant_id and t.archived_at is null
    join platform.membership m on m.tenant_id = s.tenant_id and m.user_id = s.user_id
    cross join lateral (
        select array_agg(x.id order by x.position, x.id) as ids,
               array_agg(x.code order by x.position, x.id) as codes,
               array_agg(x.time_zone order by x.position, x.id) as zones
        from platform.entity x where x.tenant_id = t.id and x.active
    ) e
    where s.token_hash = p_token_hash and s.expires_at > p_at;
end
$$;

create or replace function platform.key_owner(p_key_hash bytea)
returns table (tenant_id uuid, kind text, subject_id uuid)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select k.tenant_id, k.kind, k.subject_id
    from platform.api_key k join platform.tenant t on t.id = k.tenant_id and t.archived_at is null
    where k.key_hash = p_key_hash and k.revoked_at is null;
end
$$;

create or replace function platform.tenant_frame(p_id uuid, p_slug text)
returns table (tenant_id uuid, slug text, time_zone text, entity_ids uuid[], entity_codes text[], entity_zones text[])
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select t.id, t.slug, t.time_zone, e.ids, e.codes, e.zones
    from platform.tenant t
    cross join lateral (
        select array_agg(x.id order by x.position, x.id) as ids,
               array_agg(x.code order by x.position, x.id) as codes,
               array_agg(x.time_zone order by x.position, x.id) as zones
        from platform.entity x where x.tenant_id = t.id and x.active
    ) e
    where t.archived_at is null
      and case when p_id is not null then t.id = p_id when p_slug is not null then t.slug = p_slug else t.is_default end;
end
$$;

create or replace function platform.claim_jobs(p_tenant_id uuid, p_worker text, p_at timestamptz, p_lease interval, p_limit integer)
returns table (id uuid, kind text, key text, payload jsonb, attempts integer, max_attempts integer, request_id text,
    was_lost boolean)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    with due as (
        select j.id, j.state = 'running' as was_lost
        from platform.job j
        where j.tenant_id = p_tenant_id
          and ((j.state = 'queued' and j.run_at <= p_at) or (j.state = 'running' and j.lease_expires_at <= p_at))
        order by j.run_at, j.id
        limit p_limit
        for update skip locked
    )
    update platform.job j
    set state = 'running', attempts = j.attempts + 1, leased_by = p_worker, lease_expires_at = p_at + p_lease
    from due
    where j.tenant_id = p_tenant_id and j.id = due.id
    returning j.id, j.kind, j.key, j.payload, j.attempts, j.max_attempts, j.request_id, due.was_lost;
end
$$;

create or replace function platform.tenants_with_due_jobs(p_at timestamptz)
returns table (tenant_id uuid)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select t.id from platform.tenant t
    where t.archived_at is null
      and (exists (select from platform.job j where j.tenant_id = t.id and j.state = 'queued' and j.run_at <= p_at)
        or exists (select from platform.job j where j.tenant_id = t.id and j.state = 'running' and j.lease_expires_at <= p_at))
    order by t.id;
end
$$;
