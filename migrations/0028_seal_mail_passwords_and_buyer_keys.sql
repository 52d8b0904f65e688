-- The password of an entity's mail server and the key of a buyer's interface may be kept here, sealed.

alter table platform.entity add column mail_password_sealed text;
select platform.guard_sealed('platform.entity', 'mail_password_sealed');

-- Nothing wrote this column so far.
alter table leads.buyer alter column api_key_sealed type text using convert_from(api_key_sealed, 'UTF8');
select platform.guard_sealed('leads.buyer', 'api_key_sealed');
