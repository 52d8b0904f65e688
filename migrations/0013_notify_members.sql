-- Notifications are the events that a person should see, and each member's place in them: the last one he has seen.

create index event_notable_idx on platform.event (tenant_id, id desc) where severity <> 'info';
alter table platform.membership add column notifications_seen_id uuid;
