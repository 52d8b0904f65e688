-- Entities that invoice each other are parties to each other: which party stands for which entity in whose books.

create table leads.counterpart (
    tenant_id uuid not null,
    entity_id uuid not null,
    counterpart_id uuid not null,
    party_id uuid not null,
    constraint counterpart_pkey primary key (tenant_id, entity_id, counterpart_id),
    constraint counterpart_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint counterpart_counterpart_fkey foreign key (tenant_id, counterpart_id) references platform.entity (tenant_id, id),
    constraint counterpart_party_fkey foreign key (tenant_id, party_id) references parties.party (tenant_id, id),
    constraint counterpart_other_check check (entity_id <> counterpart_id)
);
select platform.protect('leads.counterpart', 'select, insert');
