-- Jobs that wait for others (calls to other systems) have a lane of their own, so that the business's jobs never wait behind them.

alter table platform.job add column lane text not null default 'main';
alter table platform.job add constraint job_lane_check check (lane in ('main', 'outside'));
create index job_lane_due_idx on platform.job (tenant_id, lane, run_at) where state = 'queued';

-- Claims due jobs of one tenant and lane, like platform.claim_jobs over all lanes.
create function platform.claim_lane_jobs(p_tenant_id uuid, p_lane text, p_worker text, p_at timestamptz, p_lease interval, p_limit integer)
returns table (id uuid, kind text, key text, payload jsonb, attempts integer, max_attempts integer, request_id text,
    was_lost boolean)
language sql security definer set search_path = pg_catalog as $$
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
    returning j.id, j.kind, j.key, j.payload, j.attempts, j.max_attempts, j.request_id, due.was_lost
$$;

create function platform.tenants_with_due_lane_jobs(p_lane text, p_at timestamptz)
returns table (tenant_id uuid)
language sql stable security definer set search_path = pg_catalog as $$
    select t.id from platform.tenant t
    where t.archived_at is null
      and (exists (select from platform.job j where j.tenant_id = t.id and j.lane = p_lane and j.state = 'queued' and j.run_at <= p_at)
        or exists (select from platform.job j where j.tenant_id = t.id and j.lane = p_lane and j.state = 'running' and j.lease_expires_at <= p_at))
    order by t.id
$$;

revoke execute on function platform.claim_lane_jobs, platform.tenants_with_due_lane_jobs from public;
grant execute on function platform.claim_lane_jobs, platform.tenants_with_due_lane_jobs to comptoir_app;
