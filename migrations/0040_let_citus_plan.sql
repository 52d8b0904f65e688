-- What a database distributed by tenant (Citus) plans as it is: the same rules in words that its planner reads.

-- Whether a user is a member of the tenant, as far as the transaction sees its members.
create function platform.is_member(p_user_id uuid, p_tenant_id uuid) returns boolean
language plpgsql stable set search_path = pg_catalog as $$
begin
    return exists (select from platform.membership m where m.user_id = p_user_id and m.tenant_id = p_tenant_id);
end
$$;

-- A policy with a sub-select cannot be made on a table that references one of the whole installation.
alter policy isolation on platform.user
    using (platform.is_member(id, nullif(current_setting('app.tenant', true), '')::uuid))
    with check (platform.is_member(id, nullif(current_setting('app.tenant', true), '')::uuid));

-- Sets a setting until the transaction ends; null: as it is by default. A statement of its own, as each is told to the nodes by itself,
-- and not with whatever was sent to the coordinator in the same text.
create function platform.set_local(p_setting text, p_value text) returns void
language plpgsql set search_path = pg_catalog as $$
begin
    if p_value is null then
        execute format('set local %I to default', p_setting);
    else
        execute format('set local %I to %L', p_setting, p_value);
    end if;
end
$$;
grant execute on function platform.is_member, platform.set_local to comptoir_app;

-- Where tenants are split over nodes, the parts of a statement are statements of their own: a lead that is stored with its delivery refers
-- to it before it is there.
alter table leads.lead alter constraint lead_delivery_fkey deferrable initially deferred;

-- An entry comes before its lines, and is whole when the transaction ends.
drop trigger entry_whole on ledger.entry;
create or replace function ledger.admit_entries() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if new.line_count <> (select count(*) from ledger.entry_line l where l.tenant_id = new.tenant_id and l.entry_id = new.id)
        or new.vat_count <> (select count(*) from ledger.vat_line v where v.tenant_id = new.tenant_id and v.entry_id = new.id) then
        perform ledger.refuse('entry_lines_whole', 'an entry is written together with its lines');
    end if;
    return null;
end
$$;
create constraint trigger entry_whole after insert on ledger.entry deferrable initially deferred
    for each row execute function ledger.admit_entries();

-- What was added is read once, into arrays: a node joins them with what it holds of the tenant, and not with a transition table.
create or replace function ledger.admit_lines() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    one record;
    books record;
    heads record;
    lines record;
    days record;
    wrong record;
    entry_ids uuid[];
    currencies text[];
begin
    for one in select distinct l.tenant_id, l.entity_id from added l loop
        select b.functional_decimals, b.second_currency, b.second_decimals into books from ledger.book b
        where b.tenant_id = one.tenant_id and b.entity_id = one.entity_id;
        select array_agg(a.entry_id) as ids, array_agg(a.lines) as lines, array_agg(a.first) as first, array_agg(a.last) as last,
            array_agg(a.first_on) as first_on, array_agg(a.last_on) as last_on, array_agg(a.some_carried) as some_carried,
            array_agg(a.all_carried) as all_carried, array_agg(a.balanced) as balanced, array_agg(a.finest) as finest,
            array_agg(a.second_finest) as second_finest, array_agg(a.second_debit) as second_debit
        into heads
        from (
            select l.entry_id, count(*) as lines, min(l.line_no) as first, max(l.line_no) as last, min(l.entry_on) as first_on,
                max(l.entry_on) as last_on, bool_or(l.carried) as some_carried, bool_and(l.carried) as all_carried,
                sum(l.debit) = sum(l.credit) and sum(l.second_debit) = sum(l.second_credit) as balanced,
                max(min_scale(l.debit + l.credit)) as finest, max(min_scale(l.second_debit + l.second_credit)) as second_finest,
                sum(l.second_debit) as second_debit
            from added l where l.tenant_id = one.tenant_id and l.entity_id = one.entity_id group by l.entry_id
        ) a;
        select count(*) as known, array_agg(e.id) as ids, array_agg(coalesce(e.second_currency, '')) as currencies,
            bool_or(a.lines <> e.line_count or a.first <> 1 or a.last <> e.line_count or a.first_on <> e.entry_on or a.last_on <> e.entry_on
                or a.some_carried <> e.carried or a.all_carried <> e.carried) as torn,
            bool_or(not a.balanced) as unbalanced,
            bool_or(a.finest > books.functional_decimals or e.second_currency is null and a.second_debit > 0
                or e.second_currency = books.second_currency and a.second_finest > books.second_decimals) as inexact
        into wrong
        from unnest(heads.ids, heads.lines, heads.first, heads.last, heads.first_on, heads.last_on, heads.some_carried, heads.all_carried,
                heads.balanced, heads.finest, heads.second_finest, heads.second_debit)
            as a (entry_id, lines, first, last, first_on, last_on, some_carried, all_carried, balanced, finest, second_finest, second_debit)
        join ledger.entry e on e.tenant_id = one.tenant_id and e.id = a.entry_id;
        if wrong.torn or wrong.known <> cardinality(heads.ids) then
            perform ledger.refuse('entry_lines_whole', 'the lines of an entry are written together with it');
        elsif wrong.unbalanced then
            perform ledger.refuse('entry_balanced', 'debit and credit of an entry are equal in each currency');
        elsif wrong.inexact then
            perform ledger.refuse('entry_line_exact', 'an amount is finer than its currency, or of a currency the entry has not');
        end if;
        entry_ids := wrong.ids;
        currencies := wrong.currencies;
        select array_agg(l.account_id) as accounts, array_agg(l.is_of_party) as of_party into lines
        from (
            select distinct l.account_id, l.aux_party_id is not null as is_of_party
            from added l where l.tenant_id = one.tenant_id and l.entity_id = one.entity_id
        ) l;
        if exists (
            select from unnest(lines.accounts, lines.of_party) as l (account_id, is_of_party)
            join ledger.account a on a.tenant_id = one.tenant_id and a.id = l.account_id
            where not a.postable or not a.active or (l.is_of_party and not a.is_auxiliary)
        ) then
            perform ledger.refuse('entry_line_postable', 'an account takes no lines, or none of a party');
        end if;
        select array_agg(d.account_id) as accounts, array_agg(d.day) as day, array_agg(d.currency) as currency,
            array_agg(d.carried) as carried, array_agg(d.debit) as debit, array_agg(d.credit) as credit,
            array_agg(d.second_debit) as second_debit, array_agg(d.second_credit) as second_credit, array_agg(d.lines) as lines
        into days
        from (
            select l.account_id, l.entry_on as day, e.currency, l.carried, sum(l.debit) as debit, sum(l.credit) as credit,
                sum(l.second_debit) as second_debit, sum(l.second_credit) as second_credit, count(*) as lines
            from added l join unnest(entry_ids, currencies) as e (id, currency) on e.id = l.entry_id
            where l.tenant_id = one.tenant_id and l.entity_id = one.entity_id
            group by 1, 2, 3, 4
        ) d;
        insert into ledger.account_day as d (tenant_id, entity_id, account_id, day, second_currency, carried, debit, credit, second_debit,
            second_credit, lines)
        select one.tenant_id, one.entity_id, n.account_id, n.day, n.currency, n.carried, n.debit, n.credit, n.second_debit,
            n.second_credit, n.lines
        from unnest(days.accounts, days.day, days.currency, days.carried, days.debit, days.credit, days.second_debit, days.second_credit,
                days.lines)
            as n (account_id, day, currency, carried, debit, credit, second_debit, second_credit, lines)
        order by n.account_id, n.day, n.currency, n.carried
        on conflict (tenant_id, entity_id, account_id, day, second_currency, carried) do update
            set debit = d.debit + excluded.debit, credit = d.credit + excluded.credit,
                second_debit = d.second_debit + excluded.second_debit, second_credit = d.second_credit + excluded.second_credit,
                lines = d.lines + excluded.lines;
    end loop;
    return null;
end
$$;

create or replace function ledger.admit_vat_lines() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    one record;
begin
    for one in
        select v.tenant_id, array_agg(v.entry_id) as ids, array_agg(v.lines) as lines, array_agg(v.first) as first, array_agg(v.last) as last
        from (
            select v.tenant_id, v.entry_id, count(*) as lines, min(v.line_no) as first, max(v.line_no) as last
            from added v group by v.tenant_id, v.entry_id
        ) v
        group by v.tenant_id
    loop
        if cardinality(one.ids) <> (
            select count(*)
            from unnest(one.ids, one.lines, one.first, one.last) as v (entry_id, lines, first, last)
            join ledger.entry e on e.tenant_id = one.tenant_id and e.id = v.entry_id
            where v.lines = e.vat_count and v.first = 1 and v.last = e.vat_count
        ) then
            perform ledger.refuse('entry_lines_whole', 'the lines of an entry are written together with it');
        end if;
    end loop;
    return null;
end
$$;

create or replace function ledger.admit_lettering() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    one record;
begin
    for one in
        select n.tenant_id, array_agg(n.lettering_id) as letterings, array_agg(n.line_id) as lines from added n group by n.tenant_id
    loop
        if exists (
            select from unnest(one.letterings, one.lines) as n (lettering_id, line_id)
            join ledger.lettering t on t.tenant_id = one.tenant_id and t.id = n.lettering_id
            join ledger.entry_line l on l.tenant_id = one.tenant_id and l.id = n.line_id
            group by n.lettering_id
            having sum(l.debit) <> sum(l.credit) or bool_or(l.account_id <> t.account_id) or bool_or(l.carried)
                or count(distinct coalesce(l.aux_party_id::text, '')) <> 1 or count(*) < 2
                or count(*) <> (select count(*) from ledger.lettering_line a
                    where a.tenant_id = one.tenant_id and a.lettering_id = n.lettering_id)
        ) then
            perform ledger.refuse('lettering_balanced', 'lines that settle each other are of one account and party and sum to nothing');
        end if;
    end loop;
    return null;
end
$$;

-- A function in SQL that reads tables which the nodes know cannot be planned with its parameters; the same in PL/pgSQL can.

create or replace function platform.memberships_of(p_user_id uuid)
returns table (tenant_id uuid, slug text, name text, entity_id uuid, is_active boolean)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select t.id, t.slug, t.name, m.entity_id, m.is_active
    from platform.membership m join platform.tenant t on t.id = m.tenant_id
    where m.user_id = p_user_id and t.archived_at is null
    order by m.created_at, m.id;
end
$$;

create or replace function platform.tenant_ids()
returns table (tenant_id uuid)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query select t.id from platform.tenant t where t.archived_at is null order by t.id;
end
$$;

create or replace function platform.create_user(p_id uuid, p_email text, p_name text, p_password_hash text, p_at timestamptz)
returns uuid
language plpgsql security definer set search_path = pg_catalog as $$
begin
    insert into platform.user (id, email, name, password_hash, password_changed_at, created_at, updated_at)
    values (p_id, p_email, p_name, p_password_hash, p_at, p_at, p_at);
    return p_id;
end
$$;

create or replace function platform.end_sessions(p_user_id uuid, p_keep uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
    perform platform.end_all_sessions(p_user_id, p_keep);
end
$$;

create or replace function platform.end_all_sessions(p_user_id uuid, p_keep uuid) returns bigint
language plpgsql security definer set search_path = pg_catalog as $$
declare
    ended bigint := 0;
begin
    if platform.is_member(p_user_id, nullif(current_setting('app.tenant', true), '')::uuid) then
        delete from platform.session s where s.user_id = p_user_id and s.id is distinct from p_keep;
        get diagnostics ended = row_count;
    end if;
    return ended;
end
$$;

create or replace function platform.end_password_resets(p_user_id uuid) returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
    if platform.is_member(p_user_id, nullif(current_setting('app.tenant', true), '')::uuid) then
        delete from platform.password_reset r where r.user_id = p_user_id;
    end if;
end
$$;

create or replace function platform.forgive_sign_ins(p_user_id uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
    v_email text;
    was_locked boolean;
begin
    if not platform.is_member(p_user_id, nullif(current_setting('app.tenant', true), '')::uuid) then
        return false;
    end if;
    select u.email into v_email from platform.user u where u.id = p_user_id;
    delete from platform.sign_in_guard g where g.email_hash = sha256(convert_to(v_email, 'UTF8'))
    returning g.locked_until is not null into was_locked;
    return coalesce(was_locked, false);
end
$$;

create or replace function platform.sign_in_account(p_email text)
returns table (user_id uuid, name text, password_hash text, is_active boolean, locked_until timestamptz, totp_clear bytea,
    totp_sealed text, totp_last_step bigint, recovery_codes text[])
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select u.id, u.name, u.password_hash, u.is_active, u.locked_until,
           case when u.totp_confirmed_at is not null then u.totp_secret end,
           case when u.totp_confirmed_at is not null then u.totp_secret_sealed end, u.totp_last_step, u.recovery_codes
    from platform.user u where u.email = p_email;
end
$$;

create or replace function platform.clear_totp_secrets(p_limit integer)
returns table (user_id uuid, secret bytea)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select u.id, u.totp_secret from platform.user u where u.totp_secret is not null order by u.id limit p_limit;
end
$$;

create or replace function platform.seal_totp_secrets(p_users uuid[], p_clear bytea[], p_sealed text[]) returns bigint
language plpgsql security definer set search_path = pg_catalog as $$
declare
    done bigint;
begin
    update platform.user u set totp_secret = null, totp_secret_sealed = x.sealed
    from unnest(p_users, p_clear, p_sealed) as x (user_id, clear, sealed)
    where u.id = x.user_id and u.totp_secret = x.clear;
    get diagnostics done = row_count;
    return done;
end
$$;

create or replace function platform.job_queue(p_at timestamptz)
returns table (kind text, due bigint, running bigint, dead bigint, oldest_due_at timestamptz)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    select j.kind, count(*) filter (where j.state = 'queued' and j.run_at <= p_at), count(*) filter (where j.state = 'running'),
        count(*) filter (where j.state = 'dead'), min(j.run_at) filter (where j.state = 'queued' and j.run_at <= p_at)
    from platform.tenant t
    join platform.job j on j.tenant_id = t.id and j.state in ('queued', 'running', 'dead')
    group by j.kind;
end
$$;

-- One look into each tenant's queue is what a single database answers fastest; nodes look into what they hold.
create or replace function platform.tenants_with_due_jobs(p_at timestamptz)
returns table (tenant_id uuid)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    if exists (select from pg_extension where extname = 'citus') then
        return query
        select distinct j.tenant_id
        from platform.job j join platform.tenant t on t.id = j.tenant_id
        where t.archived_at is null and (j.state = 'queued' and j.run_at <= p_at or j.state = 'running' and j.lease_expires_at <= p_at)
        order by j.tenant_id;
    else
        return query
        select t.id from platform.tenant t
        where t.archived_at is null
          and (exists (select from platform.job j where j.tenant_id = t.id and j.state = 'queued' and j.run_at <= p_at)
            or exists (select from platform.job j where j.tenant_id = t.id and j.state = 'running' and j.lease_expires_at <= p_at))
        order by t.id;
    end if;
end
$$;

create or replace function platform.tenants_with_due_lane_jobs(p_lane text, p_at timestamptz)
returns table (tenant_id uuid)
language plpgsql stable security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    if exists (select from pg_extension where extname = 'citus') then
        return query
        select distinct j.tenant_id
        from platform.job j join platform.tenant t on t.id = j.tenant_id
        where t.archived_at is null and j.lane = p_lane and (j.state = 'queued' and j.run_at <= p_at or j.state = 'running' and j.lease_expires_at <= p_at)
        order by j.tenant_id;
    else
        return query
        select t.id from platform.tenant t
        where t.archived_at is null
          and (exists (select from platform.job j where j.tenant_id = t.id and j.lane = p_lane and j.state = 'queued' and j.run_at <= p_at)
            or exists (select from platform.job j where j.tenant_id = t.id and j.lane = p_lane and j.state = 'running' and j.lease_expires_at <= p_at))
        order by t.id;
    end if;
end
$$;

-- The node that holds a tenant's jobs decides by itself which of them have to wait.
create or replace function platform.claim_jobs(p_tenant_id uuid, p_worker text, p_at timestamptz, p_lease interval, p_limit integer)
returns table (id uuid, kind text, key text, payload jsonb, attempts integer, max_attempts integer, request_id text, was_lost boolean,
    run_at timestamptz, trace_parent text)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    with due as (
        select j.id, j.state = 'running' as was_lost
        from platform.job j
        where j.tenant_id = p_tenant_id
          and ((j.state = 'queued' and j.run_at <= p_at) or (j.state = 'running' and j.lease_expires_at <= p_at))
          and (not j.alone
              or not exists (select from platform.job o where o.tenant_id = p_tenant_id and o.kind = j.kind and o.alone
                      and o.state = 'running' and o.id <> j.id)
                  and not exists (select from platform.job o where o.tenant_id = p_tenant_id and o.kind = j.kind and o.alone
                      and o.state = 'queued' and j.state = 'queued' and (o.run_at, o.id) < (j.run_at, j.id)))
        order by j.run_at, j.id
        limit p_limit
        for update of j skip locked
    )
    update platform.job j
    set state = 'running', attempts = j.attempts + 1, leased_by = p_worker, lease_expires_at = p_at + p_lease
    from due
    where j.tenant_id = p_tenant_id and j.id = due.id
    returning j.id, j.kind, j.key, j.payload, j.attempts, j.max_attempts, j.request_id, due.was_lost, j.run_at, j.trace_parent;
end
$$;

create or replace function platform.claim_lane_jobs(p_tenant_id uuid, p_lane text, p_worker text, p_at timestamptz, p_lease interval,
    p_limit integer)
returns table (id uuid, kind text, key text, payload jsonb, attempts integer, max_attempts integer, request_id text, was_lost boolean,
    run_at timestamptz, trace_parent text)
language plpgsql security definer set search_path = pg_catalog as $$
#variable_conflict use_column
begin
    return query
    with due as (
        select j.id, j.state = 'running' as was_lost
        from platform.job j
        where j.tenant_id = p_tenant_id and j.lane = p_lane
          and ((j.state = 'queued' and j.run_at <= p_at) or (j.state = 'running' and j.lease_expires_at <= p_at))
          and (not j.alone
              or not exists (select from platform.job o where o.tenant_id = p_tenant_id and o.kind = j.kind and o.alone
                      and o.state = 'running' and o.id <> j.id)
                  and not exists (select from platform.job o where o.tenant_id = p_tenant_id and o.kind = j.kind and o.alone
                      and o.state = 'queued' and j.state = 'queued' and (o.run_at, o.id) < (j.run_at, j.id)))
        order by j.run_at, j.id
        limit p_limit
        for update of j skip locked
    )
    update platform.job j
    set state = 'running', attempts = j.attempts + 1, leased_by = p_worker, lease_expires_at = p_at + p_lease
    from due
    where j.tenant_id = p_tenant_id and j.id = due.id
    returning j.id, j.kind, j.key, j.payload, j.attempts, j.max_attempts, j.request_id, due.was_lost, j.run_at, j.trace_parent;
end
$$;

drop function platform.has_to_wait(platform.job);

-- What every node holds cannot be held from one of them: there, who retires a key holds the tables instead.
create or replace function platform.hold_secret_key() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    sealed text := to_jsonb(new) ->> tg_argv[0];
begin
    if exists (select from pg_extension where extname = 'citus') then
        perform from platform.secret_key k where k.id = split_part(sealed, '.', 2) and k.retired_at is null;
    else
        perform from platform.secret_key k where k.id = split_part(sealed, '.', 2) and k.retired_at is null for share;
    end if;
    if not found then
        raise exception 'the key % does not seal any more, or not yet', split_part(sealed, '.', 2)
            using errcode = 'serialization_failure';
    end if;
    return new;
end
$$;

-- A node's refusal comes back without the name of its rule, but with its hint.
do $$
declare
    one record;
begin
    for one in
        select pg_get_functiondef(p.oid) as text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('platform', 'ledger', 'billing') and p.prosrc ~ ' constraint = '
    loop
        execute regexp_replace(one.text, ' constraint = ([^;]+);', ' constraint = \1, hint = \1;', 'g');
    end loop;
end
$$;
