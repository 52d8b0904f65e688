-- What retention, erasure and the figures of a week look for.

create index visitor_session_lead_idx on leads.visitor_session (tenant_id, lead_id) where lead_id is not null;
create index lead_retention_idx on leads.lead (tenant_id, created_at) where erased_at is null;
drop index leads.delivery_sent_idx;
create index delivery_sent_idx on leads.delivery (tenant_id, accepted_at) where status = 'sent';
