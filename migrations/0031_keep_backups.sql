-- What became of every backup and of every proof that one can be restored. The whole installation is backed up at once, so
-- neither belongs to a tenant.

create table platform.backup_run (
    id uuid not null,
    kind text not null,
    -- The time a schedule asked for; none when a person did.
    period timestamptz,
    state text not null,
    worker text not null,
    target text not null,
    object text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    bytes bigint,
    sha256 text,
    manifest jsonb,
    error text,
    constraint backup_run_pkey primary key (id),
    constraint backup_run_object_key unique (object),
    constraint backup_run_kind_check check (kind in ('dump', 'base')),
    constraint backup_run_finished_check check ((state = 'running') = (finished_at is null)),
    constraint backup_run_result_check check (
        state <> 'succeeded' or (bytes > 0 and sha256 ~ '^[0-9a-f]{64}$' and manifest is not null)),
    constraint backup_run_error_check check (
        (state in ('failed', 'abandoned')) = (error is not null) and length(error) <= 500)
);
-- One backup for each period, however many instances there are; what failed may be tried again.
create unique index backup_run_period_key on platform.backup_run (kind, period) where state in ('running', 'succeeded');
create index backup_run_started_idx on platform.backup_run (kind, started_at desc);
select platform.guard_lifecycle('platform.backup_run', 'state', 'backup_run');
insert into platform.lifecycle_edge values
    ('backup_run', '', 'running'),
    ('backup_run', 'running', 'succeeded'), ('backup_run', 'running', 'failed'), ('backup_run', 'running', 'abandoned');

-- What restoring a backup into a scratch database proved.
create table platform.restore_proof (
    id uuid not null,
    period timestamptz,
    state text not null,
    worker text not null,
    object text not null,
    started_at timestamptz not null,
    finished_at timestamptz,
    report jsonb,
    error text,
    constraint restore_proof_pkey primary key (id),
    constraint restore_proof_finished_check check ((state = 'running') = (finished_at is null)),
    constraint restore_proof_report_check check (state <> 'succeeded' or report is not null),
    constraint restore_proof_error_check check (
        (state in ('failed', 'abandoned')) = (error is not null) and length(error) <= 500)
);
create unique index restore_proof_period_key on platform.restore_proof (period) where state in ('running', 'succeeded');
create index restore_proof_started_idx on platform.restore_proof (started_at desc);
select platform.guard_lifecycle('platform.restore_proof', 'state', 'restore_proof');
insert into platform.lifecycle_edge values
    ('restore_proof', '', 'running'),
    ('restore_proof', 'running', 'succeeded'), ('restore_proof', 'running', 'failed'),
    ('restore_proof', 'running', 'abandoned');
