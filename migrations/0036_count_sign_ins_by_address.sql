-- Failures to sign in are counted by address, whether it has an account or not: a lock tells nobody who has one (spec/desk.md D-08). The
-- counters of platform.user stay for a service of the version before, which may still be running.

create table platform.sign_in_guard (
    email_hash bytea not null,
    failures integer not null,
    locked_until timestamptz,
    updated_at timestamptz not null,
    constraint sign_in_guard_pkey primary key (email_hash),
    constraint sign_in_guard_hash_check check (length(email_hash) = 32),
    constraint sign_in_guard_failures_check check (failures >= 0)
);

insert into platform.sign_in_guard (email_hash, failures, locked_until, updated_at)
select sha256(convert_to(u.email, 'UTF8')), least(u.failed_sign_ins, 4), u.locked_until, now()
from platform.user u where u.failed_sign_ins > 0 or u.locked_until is not null;

-- Until when an address is locked, or was.
create function platform.sign_in_lock(p_email text) returns timestamptz
language sql stable security definer set search_path = pg_catalog as $$
    select g.locked_until from platform.sign_in_guard g where g.email_hash = sha256(convert_to(p_email, 'UTF8'))
$$;

-- Counts one more failure in a row; whether the address is locked now. What fails while it is locked makes it last no longer.
create function platform.note_sign_in_failure(p_email text, p_at timestamptz, p_limit integer, p_locked_until timestamptz)
returns boolean
language sql security definer set search_path = pg_catalog as $$
    with counted as (
        insert into platform.sign_in_guard as g (email_hash, failures, updated_at)
        values (sha256(convert_to(p_email, 'UTF8')), 1, p_at)
        on conflict (email_hash) do update
        set failures = case when g.failures + 1 >= p_limit then 0 else g.failures + 1 end,
            locked_until = case when g.failures + 1 >= p_limit then p_locked_until else g.locked_until end,
            updated_at = p_at
        where g.locked_until is null or g.locked_until <= p_at
        returning coalesce(g.locked_until > p_at, false) as is_locked
    )
    select coalesce((select c.is_locked from counted c), true)
$$;

-- Forgets the failures of a member of the tenant; whether there was a lock.
create function platform.forgive_sign_ins(p_user_id uuid) returns boolean
language sql security definer set search_path = pg_catalog as $$
    with forgiven as (
        delete from platform.sign_in_guard g using platform.user u
        where u.id = p_user_id and g.email_hash = sha256(convert_to(u.email, 'UTF8'))
          and exists (
              select from platform.membership m
              where m.user_id = p_user_id and m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
        returning g.locked_until is not null as was_locked
    )
    select coalesce((select f.was_locked from forgiven f), false)
$$;

-- Forgets what nobody added to since `p_before`; how many addresses.
create function platform.forget_sign_in_failures(p_before timestamptz) returns bigint
language sql security definer set search_path = pg_catalog as $$
    with done as (delete from platform.sign_in_guard g where g.updated_at < p_before returning 1)
    select count(*) from done
$$;

-- Ends the sessions of a member of the tenant, wherever they are, but for one; how many.
create function platform.end_all_sessions(p_user_id uuid, p_keep uuid) returns bigint
language sql security definer set search_path = pg_catalog as $$
    with done as (
        delete from platform.session s
        where s.user_id = p_user_id and s.id is distinct from p_keep
          and exists (
              select from platform.membership m
              where m.user_id = p_user_id and m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
        returning 1
    )
    select count(*) from done
$$;

revoke execute on function platform.sign_in_lock, platform.note_sign_in_failure, platform.forgive_sign_ins,
    platform.forget_sign_in_failures, platform.end_all_sessions from public;
grant execute on function platform.sign_in_lock, platform.note_sign_in_failure, platform.forgive_sign_ins,
    platform.forget_sign_in_failures, platform.end_all_sessions to comptoir_app;
