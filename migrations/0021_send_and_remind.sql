-- Issued documents leave by mail, and what is not paid in time is asked for step by step.

-- A letter about a document, and the mail that carries it: where it stands, the mail says.
create table billing.document_mail (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    document_id uuid not null,
    -- The reminder it is; none of a letter that brings the document.
    reminder_id uuid,
    recipients text[] not null,
    copies text[] not null,
    letter jsonb not null,
    requested_by text not null,
    created_at timestamptz not null,
    -- When what became of it was told.
    told_at timestamptz,
    constraint document_mail_pkey primary key (tenant_id, id),
    constraint document_mail_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint document_mail_mail_fkey foreign key (tenant_id, id) references platform.mail (tenant_id, id),
    constraint document_mail_document_fkey foreign key (tenant_id, entity_id, document_id)
        references billing.document (tenant_id, entity_id, id),
    constraint document_mail_recipients_check check (cardinality(recipients) > 0)
);
create index document_mail_document_idx on billing.document_mail (tenant_id, document_id, id desc);
select platform.protect('billing.document_mail', 'select, insert, update');

-- What was written stays as it was written.
create function billing.freeze_document_mail() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' or old.told_at is not null or not to_jsonb(new) @> (to_jsonb(old) - 'told_at') then
        raise exception 'a letter is never changed' using errcode = 'check_violation', constraint = 'document_mail_frozen';
    end if;
    return new;
end
$$;
create trigger document_mail_freeze before update or delete on billing.document_mail
    for each row execute function billing.freeze_document_mail();

-- A step of asking for what an invoice is late with: each once (spec/field.md 5.8).
create table billing.reminder (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid not null,
    document_id uuid not null,
    party_id uuid not null,
    step text not null,
    status text not null,
    planned_on date not null,
    -- The last mail that carried it, or was to.
    mail_id uuid,
    attempts integer not null default 0,
    sent_at timestamptz,
    last_error text,
    bounced_at timestamptz,
    cancelled_at timestamptz,
    cancel_reason text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint reminder_pkey primary key (tenant_id, id),
    constraint reminder_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint reminder_document_fkey foreign key (tenant_id, entity_id, document_id)
        references billing.document (tenant_id, entity_id, id),
    constraint reminder_party_fkey foreign key (tenant_id, party_id) references parties.party (tenant_id, id),
    constraint reminder_mail_fkey foreign key (tenant_id, mail_id) references billing.document_mail (tenant_id, id),
    constraint reminder_step_key unique (tenant_id, document_id, step),
    constraint reminder_step_check check (step in ('first', 'second', 'final', 'legal')),
    constraint reminder_attempts_check check (attempts >= 0),
    -- Sent is only what a mail carried (F-22).
    constraint reminder_sent_check check (status not in ('sent', 'bounced') or (sent_at is not null and mail_id is not null)),
    constraint reminder_bounced_check check ((status = 'bounced') = (bounced_at is not null)),
    constraint reminder_cancelled_check check ((status = 'cancelled') = (cancelled_at is not null))
);
create index reminder_list_idx on billing.reminder (tenant_id, entity_id, id desc);
create index reminder_party_idx on billing.reminder (tenant_id, party_id, id desc);
create index reminder_planned_idx on billing.reminder (tenant_id, planned_on, id) where status = 'planned';
create index reminder_mail_idx on billing.reminder (tenant_id, mail_id) where mail_id is not null;
select platform.protect('billing.reminder', 'select, insert, update');
insert into platform.lifecycle_edge
select 'reminder', split_part(edge, '>', 1), split_part(edge, '>', 2) from unnest(array[
    '>planned', 'planned>sent', 'planned>cancelled', 'cancelled>planned', 'cancelled>sent', 'sent>bounced', 'bounced>sent']) edge;
select platform.guard_lifecycle('billing.reminder', 'status', 'reminder');
alter table billing.document_mail add constraint document_mail_reminder_fkey
    foreign key (tenant_id, reminder_id) references billing.reminder (tenant_id, id);
create index document_mail_reminder_idx on billing.document_mail (tenant_id, reminder_id) where reminder_id is not null;

-- An invoice that nobody is reminded of, and why.
create table billing.reminder_suspension (
    tenant_id uuid not null,
    entity_id uuid not null,
    document_id uuid not null,
    reason text not null,
    suspended_at timestamptz not null,
    suspended_by text not null,
    constraint reminder_suspension_pkey primary key (tenant_id, document_id),
    constraint reminder_suspension_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint reminder_suspension_document_fkey foreign key (tenant_id, entity_id, document_id)
        references billing.document (tenant_id, entity_id, id),
    constraint reminder_suspension_reason_check check (btrim(reason) <> '')
);
select platform.protect('billing.reminder_suspension', 'select, insert, update, delete');
