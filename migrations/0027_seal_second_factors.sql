-- The secret of a second factor is sealed. What stands in clear is sealed by the service when it starts.
-- The column of clear secrets stays for now: a service of the version before may still be running and write it.

alter table platform.user add column totp_secret_sealed text;
grant select (totp_secret_sealed), update (totp_secret_sealed) on platform.user to comptoir_app;
select platform.guard_sealed('platform.user', 'totp_secret_sealed');
create index user_totp_clear_idx on platform.user (id) where totp_secret is not null;

create function platform.sign_in_account(p_email text)
returns table (user_id uuid, name text, password_hash text, is_active boolean, locked_until timestamptz,
    totp_clear bytea, totp_sealed text, totp_last_step bigint, recovery_codes text[])
language sql stable security definer set search_path = pg_catalog as $$
    select u.id, u.name, u.password_hash, u.is_active, u.locked_until,
           case when u.totp_confirmed_at is not null then u.totp_secret end,
           case when u.totp_confirmed_at is not null then u.totp_secret_sealed end, u.totp_last_step, u.recovery_codes
    from platform.user u where u.email = p_email
$$;

-- The version before asks here. It cannot open what is sealed, and must not take that for an account without a second factor: an
-- empty secret accepts no code.
create or replace function platform.sign_in_candidate(p_email text)
returns table (user_id uuid, name text, password_hash text, is_active boolean, locked_until timestamptz,
    totp_secret bytea, totp_last_step bigint, recovery_codes text[])
language sql stable security definer set search_path = pg_catalog as $$
    select u.id, u.name, u.password_hash, u.is_active, u.locked_until,
           case when u.totp_confirmed_at is not null then coalesce(u.totp_secret, ''::bytea) end, u.totp_last_step,
           u.recovery_codes
    from platform.user u where u.email = p_email
$$;

-- Secrets in clear, a batch of them, and their replacement. A secret that was changed meanwhile is left alone.
create function platform.clear_totp_secrets(p_limit integer)
returns table (user_id uuid, secret bytea)
language sql stable security definer set search_path = pg_catalog as $$
    select u.id, u.totp_secret from platform.user u where u.totp_secret is not null order by u.id limit p_limit
$$;

create function platform.seal_totp_secrets(p_users uuid[], p_clear bytea[], p_sealed text[]) returns bigint
language sql security definer set search_path = pg_catalog as $$
    with done as (
        update platform.user u set totp_secret = null, totp_secret_sealed = x.sealed
        from unnest(p_users, p_clear, p_sealed) as x (user_id, clear, sealed)
        where u.id = x.user_id and u.totp_secret = x.clear
        returning u.id
    )
    select count(*) from done
$$;

revoke execute on function platform.sign_in_account, platform.clear_totp_secrets, platform.seal_totp_secrets from public;
grant execute on function platform.sign_in_account, platform.clear_totp_secrets, platform.seal_totp_secrets to comptoir_app;
