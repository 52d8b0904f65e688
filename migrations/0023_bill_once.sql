-- What was done or consumed, named by whoever keeps it, and the line of an invoice that bills it: each is billed once
-- (spec/field.md F-20). An invoice that is taken back as a whole lets go of what it billed.
create table billing.billed (
    tenant_id uuid not null,
    entity_id uuid not null,
    document_id uuid not null,
    line_id uuid not null,
    kind text not null,
    reference text not null,
    released_on date,
    constraint billed_pkey primary key (tenant_id, line_id, kind, reference),
    constraint billed_line_fkey foreign key (tenant_id, line_id)
        references billing.document_line (tenant_id, id) on delete cascade,
    constraint billed_document_fkey foreign key (tenant_id, entity_id, document_id)
        references billing.document (tenant_id, entity_id, id) on delete cascade,
    constraint billed_kind_check check (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
    constraint billed_reference_check check (reference = btrim(reference) and char_length(reference) between 1 and 100)
);
create unique index billed_once_key on billing.billed (tenant_id, entity_id, kind, reference) where released_on is null;
create index billed_document_idx on billing.billed (tenant_id, document_id);
select platform.protect('billing.billed', 'select, insert, update, delete');

create trigger billed_freeze before insert or delete on billing.billed
    for each row execute function billing.freeze_document_part();
create function billing.keep_billed() returns trigger language plpgsql as $$
begin
    if old.released_on is not null or not to_jsonb(new) @> (to_jsonb(old) - 'released_on') then
        raise exception 'what a line bills is let go of, never changed'
            using errcode = 'check_violation', constraint = 'billed_frozen';
    end if;
    return new;
end
$$;
create trigger billed_keep before update on billing.billed for each row execute function billing.keep_billed();
