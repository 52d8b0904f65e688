-- A forgotten password is replaced by a link in a mail: once, within the hour. Only the token's hash is kept.

create table platform.password_reset (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint password_reset_pkey primary key (tenant_id, id),
    constraint password_reset_member_fkey foreign key (tenant_id, user_id) references platform.membership (tenant_id, user_id),
    constraint password_reset_token_key unique (tenant_id, token_hash)
);
create index password_reset_token_idx on platform.password_reset (token_hash);
create index password_reset_user_idx on platform.password_reset (user_id);
create index password_reset_expiry_idx on platform.password_reset (tenant_id, expires_at);
select platform.protect('platform.password_reset', 'select, insert, delete');

-- Who may choose a new password with this token: known before a tenant is.
create function platform.password_reset_owner(p_token_hash bytea, p_at timestamptz)
returns table (tenant_id uuid, reset_id uuid, user_id uuid, email text, name text)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select r.tenant_id, r.id, u.id, u.email, u.name
    from platform.password_reset r
    join platform.user u on u.id = r.user_id and u.is_active
    join platform.tenant t on t.id = r.tenant_id and t.archived_at is null
    join platform.membership m on m.tenant_id = r.tenant_id and m.user_id = r.user_id and m.is_active
    where r.token_hash = p_token_hash and r.expires_at > p_at;
end
$$;

-- Ends the links of a user in every tenant. Only for the members of the transaction's tenant.
create function platform.end_password_resets(p_user_id uuid) returns void
language sql security definer set search_path = pg_catalog as $$
    delete from platform.password_reset r
    where r.user_id = p_user_id
      and exists (
          select from platform.membership m
          where m.user_id = p_user_id and m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
$$;

revoke execute on function platform.password_reset_owner, platform.end_password_resets from public;
grant execute on function platform.password_reset_owner, platform.end_password_resets to comptoir_app;
