-- The self-audit's history, and alerts: what is wrong now, who was told, and how it ended.

create schema watch;
grant usage on schema watch to comptoir_app;

-- One run of the audit, with what each check found.
create table watch.audit_run (
    tenant_id uuid not null,
    id uuid not null,
    -- schedule, person or command.
    cause text not null,
    -- Who asked for it.
    asked_by text not null,
    -- Empty when the whole audit ran.
    sections text[] not null,
    started_at timestamptz not null,
    finished_at timestamptz not null,
    -- 100 when nothing was found.
    score integer not null,
    checks integer not null,
    critical integer not null,
    warning integer not null,
    info integer not null,
    -- As [{id, status, examined, found, evidence, error, ms}].
    results jsonb not null,
    constraint audit_run_pkey primary key (tenant_id, id),
    constraint audit_run_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint audit_run_cause_check check (cause in ('schedule', 'person', 'command')),
    constraint audit_run_score_check check (score between 0 and 100),
    constraint audit_run_time_check check (finished_at >= started_at),
    constraint audit_run_counts_check check (critical >= 0 and warning >= 0 and info >= 0 and critical + warning + info <= checks)
);
select platform.protect('watch.audit_run', 'select, insert, delete');

-- What is, or was, wrong with one thing. Of a kind, one is open for a thing at most.
create table watch.alert (
    tenant_id uuid not null,
    id uuid not null,
    entity_id uuid,
    kind text not null,
    -- What kind of thing it is about, and the thing: its id or a word that names it.
    subject_kind text not null,
    subject text not null,
    text text not null,
    details jsonb not null,
    severity text not null,
    roles text[] not null,
    state text not null,
    opened_at timestamptz not null,
    last_seen_at timestamptz not null,
    told_at timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by text,
    note text,
    resolved_at timestamptz,
    constraint alert_pkey primary key (tenant_id, id),
    constraint alert_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint alert_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint alert_severity_check check (severity in ('info', 'warning', 'critical')),
    constraint alert_state_check check (state in ('open', 'acknowledged', 'resolved')),
    constraint alert_acknowledged_check check ((acknowledged_at is null) = (acknowledged_by is null)
        and (state <> 'acknowledged' or acknowledged_at is not null)),
    constraint alert_resolved_check check ((state = 'resolved') = (resolved_at is not null))
);
create unique index alert_subject_key on watch.alert (tenant_id, kind, subject) where state <> 'resolved';
create index alert_state_idx on watch.alert (tenant_id, state, id desc);
select platform.protect('watch.alert', 'select, insert, update, delete');

insert into platform.lifecycle_edge (lifecycle, from_state, to_state) values
    ('alert', '', 'open'), ('alert', 'open', 'acknowledged'), ('alert', 'open', 'resolved'),
    ('alert', 'acknowledged', 'open'), ('alert', 'acknowledged', 'resolved');
select platform.guard_lifecycle('watch.alert', 'state', 'alert');

-- When each kind of alert was last looked for, and what came of it.
create table watch.alert_check (
    tenant_id uuid not null,
    kind text not null,
    due_at timestamptz not null,
    ran_at timestamptz not null,
    found integer not null,
    -- In a row.
    failures integer not null,
    error text,
    constraint alert_check_pkey primary key (tenant_id, kind),
    constraint alert_check_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint alert_check_error_check check ((failures = 0) = (error is null))
);
select platform.protect('watch.alert_check', 'select, insert, update');
