-- What people look at often: the conditions of a list under a name, for themselves or for all of their tenant.

create table platform.saved_view (
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    page text not null,
    name text not null,
    query text not null,
    shared boolean not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint saved_view_pkey primary key (tenant_id, id),
    constraint saved_view_member_fkey foreign key (tenant_id, user_id) references platform.membership (tenant_id, user_id),
    constraint saved_view_name_key unique (tenant_id, user_id, page, name),
    constraint saved_view_page_check check (page ~ '^[a-z0-9][a-z0-9/_-]{0,59}$'),
    constraint saved_view_name_check check (btrim(name) <> '' and char_length(name) <= 60),
    constraint saved_view_query_check check (char_length(query) <= 2000)
);
create index saved_view_shared_idx on platform.saved_view (tenant_id, page) where shared;
select platform.protect('platform.saved_view', 'select, insert, update, delete');
