-- What could not hold once the tables of the tenants are distributed ($1: held by every node, $2: kept by the coordinator).
with ours as (
    select c.oid, n.nspname || '.' || c.relname as name,
        case when n.nspname || '.' || c.relname = any ($1) then 'every'
             when n.nspname || '.' || c.relname = any ($2) or not exists (
                 select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped) then 'kept'
             else 'split' end as place
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema')
      and n.nspname not like 'pg\_%'
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
), tenant as (
    select a.attrelid as oid, a.attnum from pg_attribute a where a.attname = 'tenant_id' and not a.attisdropped
)
select format('The unique index %s of %s does not contain tenant_id, so no node could keep it.', i.indexrelid::regclass, o.name)
from ours o join pg_index i on i.indrelid = o.oid join tenant t on t.oid = o.oid
where o.place = 'split' and i.indisunique and t.attnum <> all (i.indkey::smallint[])
union all
select format('The constraint %s of %s excludes rows without comparing tenant_id, so no node could keep it.', k.conname, o.name)
from ours o join pg_constraint k on k.conrelid = o.oid and k.contype = 'x' join tenant t on t.oid = o.oid
where o.place = 'split' and t.attnum <> all (k.conkey)
union all
select format('The column tenant_id of %s may be empty, so its row would have no place.', o.name)
from ours o join pg_attribute a on a.attrelid = o.oid and a.attname = 'tenant_id'
where o.place = 'split' and not a.attnotnull
union all
select format('The reference %s of %s goes to %s, which the coordinator keeps, so no node could check it.', f.conname, o.name, t.name)
from ours o join pg_constraint f on f.conrelid = o.oid and f.contype = 'f' join ours t on t.oid = f.confrelid
where o.place in ('split', 'every') and t.place = 'kept'
union all
select format('The reference %s of %s goes to %s, which is split by tenant, so nobody could check it.', f.conname, o.name, t.name)
from ours o join pg_constraint f on f.conrelid = o.oid and f.contype = 'f' join ours t on t.oid = f.confrelid
where o.place <> 'split' and t.place = 'split'
union all
select format('The reference %s of %s to %s does not contain tenant_id, so it could lead to another node.', f.conname, o.name, t.name)
from ours o join pg_constraint f on f.conrelid = o.oid and f.contype = 'f' join ours t on t.oid = f.confrelid
join tenant a on a.oid = o.oid
where o.place = 'split' and t.place = 'split' and a.attnum <> all (f.conkey)
union all
select format('The policy %s of %s has a sub-select, which no node could evaluate.', p.polname, o.name)
from ours o join pg_policy p on p.polrelid = o.oid
where pg_get_expr(p.polqual, p.polrelid) ~* '\mselect\M' or pg_get_expr(p.polwithcheck, p.polrelid) ~* '\mselect\M'
order by 1
