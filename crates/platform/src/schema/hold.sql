-- What does not come along when the tables that are still to be split by tenant are split ($1: held by every node, $2: kept by the
-- coordinator): the statement that takes it away before, if any, and the one that brings it back. References lead to tables that are
-- not split yet, triggers take the rows that move for new ones or refuse to forget them, and views are made anew without grants.
with splitting as (
    select c.oid, c.oid::regclass::text as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition
      and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
      and not exists (select from pg_dist_partition p where p.logicalrelid = c.oid and p.partmethod = 'h')
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
      and n.nspname || '.' || c.relname <> all ($1) and n.nspname || '.' || c.relname <> all ($2)
)
select format('alter table %s drop constraint %I', s.name, f.conname),
    format('alter table %s add constraint %I %s', s.name, f.conname, pg_get_constraintdef(f.oid))
from splitting s join pg_constraint f on f.conrelid = s.oid
where f.contype = 'f' and f.conparentid = 0
union all
select format('drop trigger %I on %s', t.tgname, s.name), pg_get_triggerdef(t.oid)
from splitting s join pg_trigger t on t.tgrelid = s.oid
where not t.tgisinternal and t.tgparentid = 0
union all
select null, format('grant %s on %s to %I', g.privilege_type, v.oid::regclass, g.grantee::regrole)
from pg_class v join pg_namespace n on n.oid = v.relnamespace cross join lateral aclexplode(v.relacl) g
where v.relkind = 'v' and g.grantee <> v.relowner and g.grantee <> 0
  and n.nspname not in ('pg_catalog', 'information_schema') and exists (select from splitting)
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = v.oid and d.deptype = 'e')
