-- The tables of the tenants ($1: held by every node, $2: kept by the coordinator), without partitions.
with ours as (
    select c.oid, n.nspname || '.' || c.relname as name,
        exists (select from pg_dist_partition p where p.logicalrelid = c.oid and p.partmethod = 'h') as is_placed
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname not in ('pg_catalog', 'information_schema')
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      and n.nspname || '.' || c.relname <> all ($1) and n.nspname || '.' || c.relname <> all ($2)
)
select o.name, (select p.name from ours p where p.is_placed order by p.name limit 1)
from ours o
where not o.is_placed
order by o.name
limit 1
