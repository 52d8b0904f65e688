-- Secrets are kept sealed (crates/platform/src/secret): which keys seal them, and what holds of every sealed column.

-- A key itself stands in the ring, outside of the database. Here is what tells it from others: a service whose ring lacks one that
-- is not retired, or holds another under its name, refuses to start.
create table platform.secret_key (
    id text not null,
    created_at timestamptz not null,
    check_value text not null,
    registered_at timestamptz not null,
    resealed_at timestamptz,
    retired_at timestamptz,
    constraint secret_key_pkey primary key (id),
    constraint secret_key_id_check check (id ~ '^[a-z2-7]{8}$')
);
grant select, insert on platform.secret_key to comptoir_app;

-- A value is only ever stored under a key that is known and not retired. The key is held until the transaction ends, so that it
-- cannot be retired meanwhile.
create function platform.hold_secret_key() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
declare
    sealed text := to_jsonb(new) ->> tg_argv[0];
begin
    perform from platform.secret_key k where k.id = split_part(sealed, '.', 2) and k.retired_at is null for share;
    if not found then
        raise exception 'the key % does not seal any more, or not yet', split_part(sealed, '.', 2)
            using errcode = 'serialization_failure';
    end if;
    return new;
end
$$;
revoke execute on function platform.hold_secret_key from public;

-- Makes a column one of sealed values: its form is checked, and so is its key. Such columns are called "…_sealed".
create function platform.guard_sealed(target regclass, sealed_column text) returns void
language plpgsql as $$
begin
    execute format('alter table %s add constraint %s_%s_check check (%I ~ ''^v1\.[a-z2-7]{8}\.[A-Za-z0-9_-]{38,}$'')',
        target, (select relname from pg_class where oid = target), sealed_column, sealed_column);
    execute format('create trigger %s before insert or update of %I on %s for each row when (new.%I is not null)
        execute function platform.hold_secret_key(%L)', sealed_column, sealed_column, target, sealed_column, sealed_column);
end
$$;
