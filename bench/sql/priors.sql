select phone, product, buyer_id,
               client_group_key, refused
           from (
               select d.phone, d.product, d.buyer_id, d.client_group_key, false as refused
               from leads.delivery d
               where d.tenant_id = '@TENANT' and d.phone = any(array['06' || :n::bigint]) and d.status <> 'cancelled'
                 and greatest(d.created_at, d.last_sent_at) >= now() - interval '30 days'
               union all
               select r.phone, r.product, r.buyer_id, '', true
               from leads.refusal r
               where r.tenant_id = '@TENANT' and r.phone = any(array['06' || :n::bigint])
           ) prior
