-- What happened, for good; and what is still to be done.

create function platform.uuid_floor(at timestamptz) returns uuid
language sql immutable strict as $$
    select (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
$$;

-- Partitioned by month along the id, whose leading bits are the time.
create table platform.event (
    tenant_id uuid not null,
    id uuid not null,
    at timestamptz not null,
    entity_id uuid,
    actor_kind text not null,
    actor_id uuid,
    actor_name text not null,
    action text not null,
    subject_kind text not null,
    subject_id uuid not null,
    details jsonb not null,
    severity text not null,
    request_id text not null,
    constraint event_pkey primary key (tenant_id, id),
    constraint event_severity_check check (severity in ('info', 'warning', 'error'))
) partition by range (id);
create table platform.event_default partition of platform.event default;
create index event_action_idx on platform.event (tenant_id, action, id desc);
create index event_entity_idx on platform.event (tenant_id, entity_id, id desc);
create index event_subject_idx on platform.event (tenant_id, subject_id, id desc);
select platform.protect('platform.event', 'select, insert', 'shared');

-- What else an event is about, so that the activity of any record is one index scan.
create table platform.event_link (
    tenant_id uuid not null,
    related_id uuid not null,
    event_id uuid not null,
    constraint event_link_pkey primary key (tenant_id, related_id, event_id)
) partition by range (event_id);
create table platform.event_link_default partition of platform.event_link default;
select platform.protect('platform.event_link', 'select, insert');

-- The seals over the events: each hashes its stretch and the seal before it, so that a change shows.
create table platform.event_seal (
    tenant_id uuid not null,
    seq bigint not null,
    through_id uuid not null,
    events bigint not null,
    hash bytea not null,
    sealed_at timestamptz not null,
    constraint event_seal_pkey primary key (tenant_id, seq),
    constraint event_seal_through_key unique (tenant_id, through_id)
);
select platform.protect('platform.event_seal', 'select, insert');

create table platform.job (
    tenant_id uuid not null,
    id uuid not null,
    kind text not null,
    key text,
    payload jsonb not null,
    state text not null,
    run_at timestamptz not null,
    attempts integer not null default 0,
    max_attempts integer not null,
    leased_by text,
    lease_expires_at timestamptz,
    last_error text,
    request_id text not null,
    created_at timestamptz not null,
    finished_at timestamptz,
    constraint job_pkey primary key (tenant_id, id),
    constraint job_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint job_key_key unique (tenant_id, kind, key),
    constraint job_lease_check check ((state = 'running') = (lease_expires_at is not null))
);
create index job_due_idx on platform.job (tenant_id, run_at) where state = 'queued';
create index job_leased_idx on platform.job (tenant_id, lease_expires_at) where state = 'running';
create index job_state_idx on platform.job (tenant_id, state, id desc);
select platform.guard_lifecycle('platform.job', 'state', 'job');
select platform.protect('platform.job', 'select, insert, update, delete');
insert into platform.lifecycle_edge values
    ('job', '', 'queued'),
    ('job', 'queued', 'running'),
    ('job', 'running', 'done'), ('job', 'running', 'queued'), ('job', 'running', 'dead'),
    ('job', 'dead', 'queued');

-- Each attempt at a job, kept as history, partitioned by month along the id.
create table platform.job_run (
    tenant_id uuid not null,
    id uuid not null,
    job_id uuid not null,
    kind text not null,
    key text,
    attempt integer not null,
    status text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    result jsonb,
    error text,
    constraint job_run_pkey primary key (tenant_id, id),
    constraint job_run_status_check check (status in ('success', 'error', 'lost'))
) partition by range (id);
create table platform.job_run_default partition of platform.job_run default;
create index job_run_kind_idx on platform.job_run (tenant_id, kind, id desc);
create index job_run_job_idx on platform.job_run (tenant_id, job_id);
select platform.protect('platform.job_run', 'select, insert');

-- Not of a tenant: one row per running service instance.
create table platform.worker_heartbeat (
    worker text not null,
    version text not null,
    started_at timestamptz not null,
    beat_at timestamptz not null,
    running integer not null,
    constraint worker_heartbeat_pkey primary key (worker)
);
grant select, insert, update, delete on platform.worker_heartbeat to comptoir_app;

-- Claims due jobs of one tenant (the equality on tenant_id lets the table be distributed) and takes over lost ones.
create function platform.claim_jobs(p_tenant_id uuid, p_worker text, p_at timestamptz, p_lease interval, p_limit integer)
returns table (id uuid, kind text, key text, payload jsonb, attempts integer, max_attempts integer, request_id text,
    was_lost boolean)
language sql security definer set search_path = pg_catalog as $$
    with due as (
        select j.id, j.state = 'running' as was_lost
        from platform.job j
        where j.tenant_id = p_tenant_id
          and ((j.state = 'queued' and j.run_at <= p_at) or (j.state = 'running' and j.lease_expires_at <= p_at))
        order by j.run_at, j.id
        limit p_limit
        for update skip locked
    )
    update platform.job j
    set state = 'running', attempts = j.attempts + 1, leased_by = p_worker, lease_expires_at = p_at + p_lease
    from due
    where j.tenant_id = p_tenant_id and j.id = due.id
    returning j.id, j.kind, j.key, j.payload, j.attempts, j.max_attempts, j.request_id, due.was_lost
$$;

create function platform.tenants_with_due_jobs(p_at timestamptz)
returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog as $$
    select t.id from platform.tenant t
    where t.archived_at is null
      and (exists (select from platform.job j where j.tenant_id = t.id and j.state = 'queued' and j.run_at <= p_at)
        or exists (select from platform.job j where j.tenant_id = t.id and j.state = 'running' and j.lease_expires_at <= p_at))
    order by t.id
$$;

-- Makes the monthly partitions that cover p_at and the month after; returns how many were new.
create function platform.ensure_partitions(p_at timestamptz) returns integer
language plpgsql security definer set search_path = pg_catalog as $$
declare
    made integer := 0;
    parent text;
    month timestamptz;
    name text;
begin
    perform pg_advisory_xact_lock(hashtextextended('platform.ensure_partitions', 0));
    for month in select date_trunc('month', p_at at time zone 'UTC') at time zone 'UTC' + n * interval '1 month' from generate_series(0, 1) n loop
        foreach parent in array array['event', 'event_link', 'job_run'] loop
            name := parent || '_' || to_char(month at time zone 'UTC', 'YYYYMM');
            if to_regclass('platform.' || name) is null then
                -- Rows of that month that came before its partition stay in the default one, which then refuses the cut.
                begin
                    execute format('create table platform.%I partition of platform.%I for values from (%L) to (%L)',
                        name, parent, platform.uuid_floor(month), platform.uuid_floor(month + interval '1 month'));
                    execute format('alter table platform.%I enable row level security', name);
                    execute format('alter table platform.%I force row level security', name);
                    made := made + 1;
                exception when check_violation then
                    raise warning 'platform.% keeps rows of % in its default partition', parent, month;
                end;
            end if;
        end loop;
    end loop;
    return made;
end
$$;
alter table platform.event_default enable row level security;
alter table platform.event_default force row level security;
alter table platform.event_link_default enable row level security;
alter table platform.event_link_default force row level security;
alter table platform.job_run_default enable row level security;
alter table platform.job_run_default force row level security;

-- The answers already given to requests that carried an Idempotency-Key.
create table platform.idempotency_key (
    tenant_id uuid not null,
    actor text not null,
    key text not null,
    request_hash bytea not null,
    status integer,
    body bytea,
    created_at timestamptz not null,
    constraint idempotency_key_pkey primary key (tenant_id, actor, key)
);
create index idempotency_key_age_idx on platform.idempotency_key (tenant_id, created_at);
select platform.protect('platform.idempotency_key', 'select, insert, update, delete');

-- Outgoing mail: what was handed to a transport, and what became of it.
create table platform.mail (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid,
    subject_kind text not null,
    subject_id uuid not null,
    recipients text[] not null,
    subject text not null,
    status text not null,
    transport text,
    message_id text,
    answer text,
    details jsonb not null default '{}',
    created_at timestamptz not null,
    sending_at timestamptz,
    settled_at timestamptz,
    constraint mail_pkey primary key (tenant_id, id),
    constraint mail_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint mail_recipients_check check (cardinality(recipients) > 0),
    constraint mail_accepted_check check (status <> 'accepted' or (message_id is not null and settled_at is not null))
);
create index mail_subject_idx on platform.mail (tenant_id, subject_id, id desc);
create index mail_status_idx on platform.mail (tenant_id, status, id desc);
select platform.guard_lifecycle('platform.mail', 'status', 'mail');
select platform.protect('platform.mail', 'select, insert, update');
insert into platform.lifecycle_edge values
    ('mail', '', 'queued'),
    ('mail', 'queued', 'sending'), ('mail', 'queued', 'refused'),
    ('mail', 'sending', 'accepted'), ('mail', 'sending', 'refused'), ('mail', 'sending', 'unknown');

-- Consecutive failures of an entity's mail server: five open the circuit.
create table platform.mail_circuit (
    tenant_id uuid not null,
    entity_id uuid not null,
    failures integer not null,
    opened_at timestamptz,
    constraint mail_circuit_pkey primary key (tenant_id, entity_id)
);
select platform.protect('platform.mail_circuit', 'select, insert, update');

revoke execute on function platform.claim_jobs, platform.tenants_with_due_jobs, platform.ensure_partitions from public;
grant execute on function platform.claim_jobs, platform.tenants_with_due_jobs, platform.ensure_partitions to comptoir_app;
