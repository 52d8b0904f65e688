-- How large the database was on each day, so that its growth is known before the disk is full. Of the whole installation.

create table platform.capacity_day (
    day date not null,
    database_bytes bigint not null,
    constraint capacity_day_pkey primary key (day),
    constraint capacity_day_bytes_check check (database_bytes > 0)
);
grant select, insert, delete on platform.capacity_day to comptoir_app;
