-- Whoever was given a password, or is told to, chooses a new one before he does anything else (spec/desk.md D-05).

alter table platform.user add column must_change_password boolean not null default false;
grant select (must_change_password), update (must_change_password) on platform.user to comptoir_app;

-- A function cannot answer more than it did. Instances of the version before name the columns that they read.
drop function platform.authenticate;
create function platform.authenticate(p_token_hash bytea, p_at timestamptz)
returns table (session_id uuid, user_id uuid, email text, user_name text, user_active boolean, must_change_password boolean,
    tenant_id uuid, tenant_slug text, tenant_zone text, membership_active boolean, role text, granted text[], revoked text[],
    home_entity uuid, entity_ids uuid[], entity_codes text[], entity_zones text[])
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select s.id, u.id, u.email, u.name, u.is_active, u.must_change_password, t.id, t.slug, t.time_zone, m.is_active, m.role,
           m.granted, m.revoked, m.entity_id, e.ids, e.codes, e.zones
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
revoke execute on function platform.authenticate from public;
grant execute on function platform.authenticate to comptoir_app;
