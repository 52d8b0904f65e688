//! The tables of the schema, read from PostgreSQL's catalogue.

use crate::{Result, Tx};

/// A table of ours; its partitions are reached through it.
pub(super) struct Table {
    /// With its schema, quoted where it must be.
    pub(super) name: String,
    /// Whether rows belong to a tenant.
    pub(super) has_tenant: bool,
    /// Whether rows belong to an entity.
    pub(super) has_entity: bool,
    /// What the service may do with it.
    pub(super) may_select: bool,
    pub(super) may_insert: bool,
    pub(super) may_delete: bool,
    /// A column that the service may change, if there is one.
    pub(super) updatable: Option<String>,
}

/// Every table of every schema of ours, by name.
pub(super) async fn list_tables(tx: &mut Tx) -> Result<Vec<Table>> {
    let tables = sqlx::query_as!(
        Table,
        r#"select format('%I.%I', n.nspname, c.relname) as "name!",
               exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
                   as "has_tenant!",
               exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'entity_id' and not a.attisdropped)
                   as "has_entity!",
               has_any_column_privilege(c.oid, 'select') as "may_select!",
               has_table_privilege(c.oid, 'insert') as "may_insert!",
               has_table_privilege(c.oid, 'delete') as "may_delete!",
               (select quote_ident(a.attname) from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                  and a.attname <> 'tenant_id' and has_column_privilege(c.oid, a.attnum, 'update')
                order by a.attnum desc limit 1) as updatable
           from pg_class c join pg_namespace n on n.oid = c.relnamespace
           where c.relkind in ('r', 'p') and not c.relispartition
             and n.nspname not in ('pg_catalog', 'information_schema', 'public') and n.nspname not like 'pg\_%'
           order by 1"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(tables)
}
