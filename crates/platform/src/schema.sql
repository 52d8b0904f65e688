with relation as (
    select c.oid, n.nspname || '.' || c.relname as name, c.relrowsecurity, c.relforcerowsecurity, c.relkind
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
      and c.relkind in ('r', 'p', 'v') and not c.relispartition
      and not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = c.oid and e.deptype = 'e')
)
select regexp_replace(line, '\s+', ' ', 'g') as line from (
    select 'table ' || name || ' row security ' || relrowsecurity || ' forced ' || relforcerowsecurity as line
    from relation
    union all
    select 'column ' || r.name || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || case when a.attnotnull then ' not null' else '' end
        || coalesce(' ' || pg_get_expr(d.adbin, d.adrelid), '')
    from relation r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    union all
    select 'constraint ' || r.name || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
    from relation r join pg_constraint k on k.conrelid = r.oid and k.contype in ('p', 'u', 'f', 'c', 'x')
    union all
    select 'index ' || pg_get_indexdef(i.indexrelid)
    from relation r join pg_index i on i.indrelid = r.oid
    union all
    select 'policy ' || r.name || ' ' || p.polname || ' using ' || pg_get_expr(p.polqual, p.polrelid)
        || ' check ' || pg_get_expr(p.polwithcheck, p.polrelid)
    from relation r join pg_policy p on p.polrelid = r.oid
    union all
    select 'trigger ' || r.name || ' ' || pg_get_triggerdef(t.oid)
    from relation r join pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
    union all
    select 'grant ' || r.name || ' ' || string_agg(g.privilege_type, ',' order by g.privilege_type)
    from relation r join pg_class c on c.oid = r.oid cross join lateral aclexplode(c.relacl) g
    where g.grantee = 'comptoir_app'::regrole
    group by r.name
    union all
    select 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ') '
        || md5(p.prosrc) || case when p.prosecdef then ' security definer' else '' end
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
      and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
    union all
    select 'edge ' || lifecycle || ' ' || from_state || '>' || to_state from platform.lifecycle_edge
) catalogue
order by line
