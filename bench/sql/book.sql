select o.id, o.entity_id, o.product, o.departements, o.quota,
               o.lb_target, o.priority, o.replace_suspicious, o.created_at,
               o.buyer_id, p.name as buyer_name, b.active as buyer_active, p.email,
               b.delivery_emails, b.api_endpoint, b.client_group_key,
               coalesce(w.used, 0) as used, coalesce(w.accepted, 0) as accepted, coalesce(w.lb_accepted, 0) as lb_accepted
           from leads.standing_order o
           join unnest(array['@ENTITY','@OTHER']::uuid[], array['2026-01-05','2026-01-05']::date[]) as e (entity_id, week) on e.entity_id = o.entity_id
           join leads.buyer b on b.tenant_id = o.tenant_id and b.id = o.buyer_id
           join parties.party p on p.tenant_id = o.tenant_id and p.id = o.buyer_id
           left join leads.order_week w on w.tenant_id = o.tenant_id and w.order_id = o.id and w.week = e.week
           where o.tenant_id = '@TENANT' and o.product = any(array['PV']) and o.active
           order by o.priority, o.created_at, o.id
