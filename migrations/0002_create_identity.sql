-- People and machines that sign in: users, memberships, sessions, keys.

create table platform.user (
    id uuid not null,
    email text not null,
    name text not null,
    password_hash text not null,
    password_changed_at timestamptz not null,
    totp_secret bytea,
    totp_confirmed_at timestamptz,
    totp_last_step bigint,
    recovery_codes text[] not null default '{}',
    is_active boolean not null default true,
    failed_sign_ins integer not null default 0,
    locked_until timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint user_pkey primary key (id),
    constraint user_email_key unique (email),
    constraint user_email_check check (email = lower(btrim(email)) and email like '%_@_%'),
    constraint user_name_check check (btrim(name) <> '')
);

create table platform.membership (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    entity_id uuid not null,
    role text not null,
    granted text[] not null default '{}',
    revoked text[] not null default '{}',
    is_active boolean not null default true,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint membership_pkey primary key (tenant_id, id),
    constraint membership_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint membership_user_fkey foreign key (user_id) references platform.user (id),
    constraint membership_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint membership_user_key unique (tenant_id, user_id),
    constraint membership_role_check check (role in ('super_admin', 'admin', 'ops', 'viewer'))
);
create index membership_user_idx on platform.membership (user_id);
select platform.protect('platform.membership', 'select, insert, update');

-- A user is seen by the tenants he is a member of; what sign-in needs of the others goes through functions.
alter table platform.user enable row level security;
alter table platform.user force row level security;
create policy isolation on platform.user
    using (exists (
        select from platform.membership
        where user_id = platform.user.id and tenant_id = nullif(current_setting('app.tenant', true), '')::uuid))
    with check (exists (
        select from platform.membership
        where user_id = platform.user.id and tenant_id = nullif(current_setting('app.tenant', true), '')::uuid));
grant select (id, email, name, password_hash, password_changed_at, totp_secret, totp_confirmed_at, totp_last_step,
    recovery_codes, is_active, failed_sign_ins, locked_until, created_at, updated_at) on platform.user to comptoir_app;
grant update (name, password_hash, password_changed_at, totp_secret, totp_confirmed_at, totp_last_step, recovery_codes,
    is_active, failed_sign_ins, locked_until, updated_at) on platform.user to comptoir_app;

create table platform.session (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    user_agent text not null default '',
    ip text not null default '',
    constraint session_pkey primary key (tenant_id, id),
    constraint session_user_fkey foreign key (user_id) references platform.user (id),
    constraint session_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint session_token_key unique (tenant_id, token_hash)
);
create index session_token_idx on platform.session (token_hash);
create index session_user_idx on platform.session (user_id);
create index session_expiry_idx on platform.session (tenant_id, expires_at);
select platform.protect('platform.session', 'select, insert, delete');

-- Keys of machines. Only the hash is kept; whose key it is stands in subject_id (a provider, …).
create table platform.api_key (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null,
    subject_id uuid not null,
    key_hash bytea not null,
    hint text not null,
    created_at timestamptz not null,
    revoked_at timestamptz,
    constraint api_key_pkey primary key (tenant_id, id),
    constraint api_key_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint api_key_hash_key unique (tenant_id, key_hash)
);
create index api_key_hash_idx on platform.api_key (key_hash);
create unique index api_key_live_key on platform.api_key (tenant_id, kind, subject_id) where revoked_at is null;
select platform.protect('platform.api_key', 'select, insert, update');

-- What must be known before a tenant is: each function returns only what its one caller needs.

create function platform.sign_in_candidate(p_email text)
returns table (user_id uuid, name text, password_hash text, is_active boolean, locked_until timestamptz,
    totp_secret bytea, totp_last_step bigint, recovery_codes text[])
language sql stable security definer set search_path = pg_catalog as $$
    select u.id, u.name, u.password_hash, u.is_active, u.locked_until,
           case when u.totp_confirmed_at is not null then u.totp_secret end, u.totp_last_step, u.recovery_codes
    from platform.user u where u.email = p_email
$$;

create function platform.memberships_of(p_user_id uuid)
returns table (tenant_id uuid, slug text, name text, entity_id uuid, is_active boolean)
language sql stable security definer set search_path = pg_catalog as $$
    select t.id, t.slug, t.name, m.entity_id, m.is_active
    from platform.membership m join platform.tenant t on t.id = m.tenant_id
    where m.user_id = p_user_id and t.archived_at is null
    order by m.created_at, m.id
$$;

-- Counts one more failure in a row; the one that reaches the limit locks the account and starts the count anew.
create function platform.note_failed_sign_in(p_user_id uuid, p_at timestamptz, p_limit integer, p_locked_until timestamptz)
returns table (is_locked boolean)
language sql security definer set search_path = pg_catalog as $$
    update platform.user
    set failed_sign_ins = case when failed_sign_ins + 1 >= p_limit then 0 else failed_sign_ins + 1 end,
        locked_until = case when failed_sign_ins + 1 >= p_limit then p_locked_until else locked_until end
    where id = p_user_id
    returning coalesce(locked_until > p_at, false)
$$;

create function platform.authenticate(p_token_hash bytea, p_at timestamptz)
returns table (session_id uuid, user_id uuid, email text, user_name text, user_active boolean, tenant_id uuid,
    tenant_slug text, tenant_zone text, membership_active boolean, role text, granted text[], revoked text[],
    home_entity uuid, entity_ids uuid[], entity_codes text[], entity_zones text[])
language sql stable security definer set search_path = pg_catalog as $$
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
    where s.token_hash = p_token_hash and s.expires_at > p_at
$$;

create function platform.key_owner(p_key_hash bytea)
returns table (tenant_id uuid, kind text, subject_id uuid)
language sql stable security definer set search_path = pg_catalog as $$
    select k.tenant_id, k.kind, k.subject_id
    from platform.api_key k join platform.tenant t on t.id = k.tenant_id and t.archived_at is null
    where k.key_hash = p_key_hash and k.revoked_at is null
$$;

-- A tenant as the service needs it to act there: by id, by slug, or the default one.
create function platform.tenant_frame(p_id uuid, p_slug text)
returns table (tenant_id uuid, slug text, time_zone text, entity_ids uuid[], entity_codes text[], entity_zones text[])
language sql stable security definer set search_path = pg_catalog as $$
    select t.id, t.slug, t.time_zone, e.ids, e.codes, e.zones
    from platform.tenant t
    cross join lateral (
        select array_agg(x.id order by x.position, x.id) as ids,
               array_agg(x.code order by x.position, x.id) as codes,
               array_agg(x.time_zone order by x.position, x.id) as zones
        from platform.entity x where x.tenant_id = t.id and x.active
    ) e
    where t.archived_at is null
      and case when p_id is not null then t.id = p_id when p_slug is not null then t.slug = p_slug else t.is_default end
$$;

create function platform.tenant_ids()
returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog as $$
    select t.id from platform.tenant t where t.archived_at is null order by t.id
$$;

-- A user is created with his first membership, in the tenant of the transaction.
create function platform.create_user(p_id uuid, p_email text, p_name text, p_password_hash text, p_at timestamptz)
returns uuid
language sql security definer set search_path = pg_catalog as $$
    insert into platform.user (id, email, name, password_hash, password_changed_at, created_at, updated_at)
    values (p_id, p_email, p_name, p_password_hash, p_at, p_at, p_at)
    returning id
$$;

-- Ends the sessions of a user in every tenant, except one. Only for the members of the transaction's tenant.
create function platform.end_sessions(p_user_id uuid, p_keep uuid) returns void
language sql security definer set search_path = pg_catalog as $$
    delete from platform.session s
    where s.user_id = p_user_id and s.id is distinct from p_keep
      and exists (
          select from platform.membership m
          where m.user_id = p_user_id and m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)
$$;

revoke execute on function platform.sign_in_candidate, platform.memberships_of, platform.note_failed_sign_in,
    platform.authenticate, platform.key_owner, platform.tenant_frame, platform.tenant_ids, platform.create_user,
    platform.end_sessions
    from public;
grant execute on function platform.sign_in_candidate, platform.memberships_of, platform.note_failed_sign_in,
    platform.authenticate, platform.key_owner, platform.tenant_frame, platform.tenant_ids, platform.create_user,
    platform.end_sessions
    to comptoir_app;
