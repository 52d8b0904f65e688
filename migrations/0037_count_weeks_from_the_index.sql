-- The figures of twelve weeks read every lead of them: from the index alone that is half the time, and the rows stay where
-- they are. What the row's policy compares has to be in it, too.

drop index leads.lead_list_idx;
create index lead_list_idx on leads.lead (tenant_id, created_at desc, id desc)
    include (status, entity_id, serving_entity_id);

drop index leads.delivery_sent_idx;
create index delivery_sent_idx on leads.delivery (tenant_id, accepted_at) include (outcome, entity_id) where status = 'sent';
