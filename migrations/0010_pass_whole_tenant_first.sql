-- Whoever has the whole tenant in scope passes before the entities are compared: to read the list of entities costs more than
-- all the rest of a row's policy, and it was done for every row.

create or replace function platform.protect(target regclass, grants text, unassigned text default 'scoped') returns void
language plpgsql as $$
declare
    condition text := 'tenant_id = nullif(current_setting(''app.tenant'', true), '''')::uuid';
begin
    perform from pg_attribute where attrelid = target and attname = 'entity_id' and not attisdropped;
    if found then
        condition := condition || ' and (current_setting(''app.whole_tenant'', true) = ''on'''
            || ' or entity_id = any (nullif(current_setting(''app.entities'', true), '''')::uuid[])'
            || case when unassigned = 'shared' then ' or entity_id is null' else '' end
            || ')';
    end if;
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format('drop policy if exists isolation on %s', target);
    execute format('create policy isolation on %s using (%s) with check (%s)', target, condition, condition);
    execute format('grant %s on %s to comptoir_app', grants, target);
end
$$;

do $$
declare
    policy record;
begin
    for policy in
        select p.polrelid::regclass as target, pg_get_expr(p.polqual, p.polrelid) as condition
        from pg_policy p
        join pg_attribute a on a.attrelid = p.polrelid and a.attname = 'entity_id' and not a.attisdropped
        where p.polname = 'isolation'
    loop
        perform platform.protect(policy.target, 'select',
            case when policy.condition like '%entity_id IS NULL%' and policy.condition not like '%whole_tenant%'
                then 'shared' else 'scoped' end);
    end loop;
end
$$;

-- Besides its own entity, the entity that serves a lead (cross-entity fallback) must see it while it does.
alter policy isolation on leads.lead
    using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
        and (current_setting('app.whole_tenant', true) = 'on'
            or entity_id = any (nullif(current_setting('app.entities', true), '')::uuid[])
            or serving_entity_id = any (nullif(current_setting('app.entities', true), '')::uuid[])))
    with check (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid
        and (current_setting('app.whole_tenant', true) = 'on'
            or entity_id = any (nullif(current_setting('app.entities', true), '')::uuid[])
            or serving_entity_id = any (nullif(current_setting('app.entities', true), '')::uuid[])));
