-- Whether the VAT of a document waits for its payment, as it was issued: the regime of its entity may change in between, and VAT
-- that fell due at issue does not fall due again when it is paid.
alter table billing.document add column vat_on_receipt boolean not null default false;
alter table billing.document disable trigger document_freeze;
update billing.document d set vat_on_receipt = true
from platform.entity e
where e.tenant_id = d.tenant_id and e.id = d.entity_id and e.legal ->> 'vat_regime' = 'on_receipts'
    and d.direction = 'sale' and d.entry_id is not null;
alter table billing.document enable trigger document_freeze;
alter table billing.document add constraint document_vat_on_receipt_check
    check (not vat_on_receipt or direction = 'sale' and status <> 'draft');
