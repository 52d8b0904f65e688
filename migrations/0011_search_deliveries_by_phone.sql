-- The beginning of a phone finds its deliveries as it finds its leads: as a range, which row security lets the index answer.
-- Whole numbers are found as before.

drop index leads.delivery_phone_idx;
create index delivery_phone_idx on leads.delivery (tenant_id, phone text_pattern_ops, product);
