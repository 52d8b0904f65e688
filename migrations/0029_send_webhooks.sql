-- What happens is told to other systems: signed, again until it is taken, and beside the business's own jobs.

create table platform.webhook (
    tenant_id uuid not null,
    id uuid not null,
    -- Only events of this entity; without, of all and of none.
    entity_id uuid,
    name text not null,
    url text not null,
    -- Exact actions, or their beginnings with a star.
    actions text[] not null,
    active boolean not null,
    -- Gone when the keys that sealed it were given up: the webhook is off until it gets another.
    secret_sealed text,
    -- The one before, which signs too until its time is over.
    previous_secret_sealed text,
    previous_until timestamptz,
    -- Since when nothing was taken any more.
    failing_since timestamptz,
    -- Not called before: the other side does not answer, or asked for it.
    resting_until timestamptz,
    -- How often in a row it was left to rest.
    rests integer not null default 0,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint webhook_pkey primary key (tenant_id, id),
    constraint webhook_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint webhook_entity_fkey foreign key (tenant_id, entity_id) references platform.entity (tenant_id, id),
    constraint webhook_name_key unique (tenant_id, name),
    constraint webhook_name_check check (btrim(name) <> '' and char_length(name) <= 80),
    constraint webhook_url_check check (char_length(url) <= 2000),
    constraint webhook_actions_check check (cardinality(actions) between 1 and 100),
    constraint webhook_previous_check check ((previous_secret_sealed is null) = (previous_until is null)),
    constraint webhook_secret_check check (secret_sealed is not null or not active)
);
-- What every event asks: whose are on?
create index webhook_active_idx on platform.webhook (tenant_id) where active;
create index webhook_entity_idx on platform.webhook (tenant_id, entity_id);
select platform.protect('platform.webhook', 'select, insert, update, delete', 'shared');
select platform.guard_sealed('platform.webhook', 'secret_sealed');
select platform.guard_sealed('platform.webhook', 'previous_secret_sealed');

-- Each call, kept for 30 days.
create table platform.webhook_attempt (
    tenant_id uuid not null,
    id uuid not null,
    webhook_id uuid not null,
    -- What was told: the id of the event, or of a test.
    message_id uuid not null,
    action text not null,
    attempt integer not null,
    outcome text not null,
    status integer,
    duration_ms integer not null,
    -- The beginning of what the other side answered.
    answer text not null,
    -- When it is told again.
    next_at timestamptz,
    at timestamptz not null,
    constraint webhook_attempt_pkey primary key (tenant_id, id),
    constraint webhook_attempt_webhook_fkey foreign key (tenant_id, webhook_id) references platform.webhook (tenant_id, id) on delete cascade,
    constraint webhook_attempt_outcome_check check (outcome in ('delivered', 'refused', 'failed')),
    constraint webhook_attempt_answer_check check (char_length(answer) <= 500)
);
create index webhook_attempt_webhook_idx on platform.webhook_attempt (tenant_id, webhook_id, id desc);
select platform.protect('platform.webhook_attempt', 'select, insert, delete');
