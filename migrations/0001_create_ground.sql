-- The ground every table stands on: the service's role, the isolation of tenants and entities, lifecycles.

do $$
begin
    if not exists (select from pg_roles where rolname = 'comptoir_app') then
        create role comptoir_app login;
    end if;
end
$$;

create schema platform;
grant usage on schema platform to comptoir_app;

-- Puts a table under forced row security and grants the service what it may do there.
-- A row is reachable when its tenant is the transaction's tenant and, if it belongs to an entity, that entity is in the
-- transaction's scope. Rows that belong to no entity: 'scoped' = only with the whole tenant in scope, 'shared' = always.
-- The settings are compared bare, without a sub-select, so that the policies can be distributed.
create function platform.protect(target regclass, grants text, unassigned text default 'scoped') returns void
language plpgsql as $$
declare
    condition text := 'tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid';
    entity_not_null boolean;
begin
    select attnotnull into entity_not_null
    from pg_attribute where attrelid = target and attname = 'entity_id' and not attisdropped;
    if found then
        condition := condition
            || ' and (entity_id = any (nullif(current_setting(''app.entities'', true), '''')::uuid[])'
            || case
                when entity_not_null then ''
                when unassigned = 'shared' then ' or entity_id is null'
                else ' or (entity_id is null and current_setting(''app.whole_tenant'', true) = ''on'')'
               end
            || ')';
    end if;
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format('create policy isolation on %s using (%s) with check (%s)', target, condition, condition);
    execute format('grant %s on %s to comptoir_app', grants, target);
end
$$;

-- The moves each lifecycle allows, as the code declares them; '' stands for "not yet there".
create table platform.lifecycle_edge (
    lifecycle text not null,
    from_state text not null,
    to_state text not null,
    constraint lifecycle_edge_pkey primary key (lifecycle, from_state, to_state)
);
grant select on platform.lifecycle_edge to comptoir_app;

-- Puts a trigger on a state column that refuses moves the lifecycle does not allow. Null means "not yet there".
create function platform.guard_lifecycle(target regclass, state_column text, lifecycle text) returns void
language plpgsql as $$
begin
    execute format($body$
        create function platform.%1$s_lifecycle() returns trigger language plpgsql as $trigger$
        declare
            was text := '';
        begin
            if tg_op = 'UPDATE' then
                was := coalesce(old.%2$I, '');
            end if;
            if coalesce(new.%2$I, '') = was then
                return new;
            end if;
            if not exists (
                select from platform.lifecycle_edge
                where lifecycle = %3$L and from_state = was and to_state = coalesce(new.%2$I, '')
            ) then
                raise exception 'lifecycle %1$s: %% -> %% is not allowed', was, new.%2$I
                    using errcode = 'check_violation', constraint = '%1$s_lifecycle';
            end if;
            return new;
        end
        $trigger$
    $body$, lifecycle, state_column, lifecycle);
    execute format('create trigger %s_lifecycle before insert or update of %I on %s for each row execute function platform.%s_lifecycle()',
        lifecycle, state_column, target, lifecycle);
end
$$;

create table platform.tenant (
    id uuid not null,
    slug text not null,
    name text not null,
    time_zone text not null,
    is_default boolean not null default false,
    created_at timestamptz not null,
    archived_at timestamptz,
    constraint tenant_pkey primary key (id),
    constraint tenant_slug_key unique (slug),
    constraint tenant_slug_check check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    constraint tenant_name_check check (name <> '')
);
create unique index tenant_default_key on platform.tenant (is_default) where is_default;
alter table platform.tenant enable row level security;
alter table platform.tenant force row level security;
create policy isolation on platform.tenant
    using (id = nullif(current_setting('app.tenant', true), '')::uuid)
    with check (id = nullif(current_setting('app.tenant', true), '')::uuid);
grant select, update on platform.tenant to comptoir_app;

create table platform.entity (
    tenant_id uuid not null,
    id uuid not null,
    code text not null,
    name text not null,
    legal jsonb not null default '{}',
    mail_from text,
    time_zone text not null,
    position integer not null,
    active boolean not null default true,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint entity_pkey primary key (tenant_id, id),
    constraint entity_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint entity_code_key unique (tenant_id, code),
    constraint entity_code_check check (code ~ '^[A-Z0-9]{2,12}$' and code not in ('ALL', 'BOTH'))
);
select platform.protect('platform.entity', 'select, insert, update');

-- Settings: typed keys of the code, one row a key; a missing row is the default.
create table platform.setting (
    tenant_id uuid not null,
    key text not null,
    value jsonb not null,
    version bigint not null,
    updated_at timestamptz not null,
    updated_by text not null,
    constraint setting_pkey primary key (tenant_id, key),
    constraint setting_tenant_fkey foreign key (tenant_id) references platform.tenant (id)
);
select platform.protect('platform.setting', 'select, insert, update');
