-- How the service runs, by the minute and kept by itself, so that operators need no other software. It is of the whole
-- installation: it belongs to no tenant and names none.

-- What was asked of a route, a job or another system within a minute, as one instance saw it.
create table platform.signal_minute (
    at timestamptz not null,
    worker text not null,
    source text not null,
    name text not null,
    runs bigint not null,
    -- Those that were answered with a refusal: the caller's fault.
    refused bigint not null,
    -- Those that failed: ours, or the other system's.
    errors bigint not null,
    total_us bigint not null,
    longest_us bigint not null,
    -- How many took up to each bound of platform::signal::BOUNDS, and how many longer.
    buckets bigint[] not null,
    constraint signal_minute_pkey primary key (at, worker, source, name),
    constraint signal_minute_source_check check (source in ('route', 'job', 'wait', 'service')),
    constraint signal_minute_counts_check check (runs > 0 and refused >= 0 and errors >= 0 and refused + errors <= runs),
    constraint signal_minute_buckets_check check (cardinality(buckets) = 14)
);
grant select, insert, update, delete on platform.signal_minute to comptoir_app;

-- How full an instance was within a minute, and what it found waiting at its end.
create table platform.instance_minute (
    at timestamptz not null,
    worker text not null,
    db_pool integer not null,
    db_busiest integer not null,
    db_waiting integer not null,
    requests_busiest integer not null,
    memory_bytes bigint not null,
    jobs_due bigint not null,
    jobs_dead bigint not null,
    oldest_due_seconds bigint not null,
    constraint instance_minute_pkey primary key (at, worker)
);
grant select, insert, update, delete on platform.instance_minute to comptoir_app;

-- Statements that took longer than they should, without the values they were run with, by the week that begins on Monday.
create table platform.slow_statement (
    week date not null,
    fingerprint text not null,
    -- The route or the kind of job that ran it.
    origin text not null,
    statement text not null,
    runs bigint not null,
    total_us bigint not null,
    longest_us bigint not null,
    last_seen_at timestamptz not null,
    constraint slow_statement_pkey primary key (week, fingerprint, origin),
    constraint slow_statement_size_check check (length(statement) <= 2000 and length(origin) <= 200)
);
grant select, insert, update, delete on platform.slow_statement to comptoir_app;

-- What waits, runs and has given up, over all tenants, by kind of job: figures, and whose they are stays unsaid.
create function platform.job_queue(p_at timestamptz)
returns table (kind text, due bigint, running bigint, dead bigint, oldest_due_at timestamptz)
language sql stable security definer set search_path = pg_catalog as $$
    select j.kind, count(*) filter (where j.state = 'queued' and j.run_at <= p_at), count(*) filter (where j.state = 'running'),
        count(*) filter (where j.state = 'dead'), min(j.run_at) filter (where j.state = 'queued' and j.run_at <= p_at)
    from platform.tenant t
    join platform.job j on j.tenant_id = t.id and j.state in ('queued', 'running', 'dead')
    group by j.kind
$$;
revoke execute on function platform.job_queue from public;
grant execute on function platform.job_queue to comptoir_app;

-- A job goes on with the trace of the request that caused it (W3C Trace Context); none where nobody traces.
alter table platform.job add column trace_parent text;

-- Claiming tells the trace, and since when the job was due, too.
drop function platform.claim_jobs(uuid, text, timestamptz, interval, integer);
create function platform.claim_jobs(p_tenant_id uuid, p_worker text, p_at timestamptz, p_lease interval, p_limit integer)
returns table (id uuid, kind text, key text, payload jsonb, attempts integer, max_attempts integer, request_id text,
    was_lost boolean, run_at timestamptz, trace_parent text)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
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
    returning j.id, j.kind, j.key, j.payload, j.attempts, j.max_attempts, j.request_id, due.was_lost, j.run_at, j.trace_parent;
end
$$;

drop function platform.claim_lane_jobs(uuid, text, text, timestamptz, interval, integer);
create function platform.claim_lane_jobs(p_tenant_id uuid, p_lane text, p_worker text, p_at timestamptz, p_lease interval, p_limit integer)
returns table (id uuid, kind text, key text, payload jsonb, attempts integer, max_attempts integer, request_id text,
    was_lost boolean, run_at timestamptz, trace_parent text)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    with due as (
        select j.id, j.state = 'running' as was_lost
        from platform.job j
        where j.tenant_id = p_tenant_id and j.lane = p_lane
          and ((j.state = 'queued' and j.run_at <= p_at) or (j.state = 'running' and j.lease_expires_at <= p_at))
        order by j.run_at, j.id
        limit p_limit
        for update skip locked
    )
    update platform.job j
    set state = 'running', attempts = j.attempts + 1, leased_by = p_worker, lease_expires_at = p_at + p_lease
    from due
    where j.tenant_id = p_tenant_id and j.id = due.id
    returning j.id, j.kind, j.key, j.payload, j.attempts, j.max_attempts, j.request_id, due.was_lost, j.run_at, j.trace_parent;
end
$$;
revoke execute on function platform.claim_jobs, platform.claim_lane_jobs from public;
grant execute on function platform.claim_jobs, platform.claim_lane_jobs to comptoir_app;
