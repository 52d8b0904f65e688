with row as (
             select * from jsonb_to_recordset(@ROWS) as x (id uuid, at timestamptz, entity_id uuid, actor_kind text,
                 actor_id uuid, actor_name text, action text, subject_kind text, subject_id uuid, related uuid[],
                 details jsonb, severity text, request_id text)
         ), link as (
             insert into platform.event_link (tenant_id, related_id, event_id)
             select distinct '@TENANT'::uuid, r, row.id from row, unnest(row.related) r
         )
         insert into platform.event (tenant_id, id, at, entity_id, actor_kind, actor_id, actor_name, action,
             subject_kind, subject_id, details, severity, request_id)
         select '@TENANT', id, at, entity_id, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, details,
             severity, request_id
         from row
