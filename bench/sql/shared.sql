with mailbox as (
             select b.id, b.entity_id, unnest(string_to_array(b.client_group_key, '|')) as email
             from leads.buyer b where b.tenant_id = '@TENANT'
         ), pair as (
             select distinct mine.id, theirs.id as other
             from mailbox mine join mailbox theirs on theirs.email = mine.email and theirs.entity_id <> mine.entity_id
             where mine.id = any(array[@BUYERS]::uuid[]) and mine.email <> ''
         )
         select pair.id, max(last.at) as at
         from pair cross join lateral (
             select max(d.last_sent_at) as at from leads.delivery d
             where d.tenant_id = '@TENANT' and d.buyer_id = pair.other and d.status = 'sent' and d.last_sent_at > now() - interval '31 days'
         ) last
         group by pair.id
