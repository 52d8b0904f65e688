-- Scheduled work never overlaps itself: the next period waits until the one before has ended, whoever runs it (spec/desk.md D-70).

alter table platform.job add column alone boolean not null default false;
create unique index job_alone_key on platform.job (tenant_id, kind) where alone and state = 'running';
create index job_alone_idx on platform.job (tenant_id, kind, run_at, id) where alone and state = 'queued';

-- Whether a job of this kind that runs alone has to wait: one runs, or one that was due before it waits too.
create function platform.has_to_wait(p_job platform.job)
returns boolean
language sql stable set search_path = pg_catalog as $$
    select exists (select from platform.job o where o.tenant_id = p_job.tenant_id and o.kind = p_job.kind and o.alone
            and o.state = 'running' and o.id <> p_job.id)
        or exists (select from platform.job o where o.tenant_id = p_job.tenant_id and o.kind = p_job.kind and o.alone
            and o.state = 'queued' and p_job.state = 'queued' and (o.run_at, o.id) < (p_job.run_at, p_job.id))
$$;
revoke execute on function platform.has_to_wait from public;

create or replace function platform.claim_jobs(p_tenant_id uuid, p_worker text, p_at timestamptz, p_lease interval, p_limit integer)
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
          and (not j.alone or not platform.has_to_wait(j))
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

create or replace function platform.claim_lane_jobs(p_tenant_id uuid, p_lane text, p_worker text, p_at timestamptz, p_lease interval, p_limit integer)
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
          and (not j.alone or not platform.has_to_wait(j))
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
