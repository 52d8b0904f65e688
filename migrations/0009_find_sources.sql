-- The sources of a tenant's leads, found by hopping over the index. Row security would make each hop pass over every lead of
-- the entities out of scope, so this runs as the owner, within the transaction's tenant: what the caller sees of the leads of
-- these sources is for row security to say.

create function leads.sources_containing(p_text text)
returns setof text
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
    v_tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
    v_text text := lower(p_text);
    v_source text;
begin
    select l.source into v_source from leads.lead l where l.tenant_id = v_tenant order by l.source limit 1;
    while v_source is not null loop
        if strpos(lower(v_source), v_text) > 0 then
            return next v_source;
        end if;
        select l.source into v_source from leads.lead l
        where l.tenant_id = v_tenant and l.source > v_source order by l.source limit 1;
    end loop;
end
$$;
revoke all on function leads.sources_containing(text) from public;
grant execute on function leads.sources_containing(text) to comptoir_app;
