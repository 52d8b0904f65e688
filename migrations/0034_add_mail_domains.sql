-- What DNS said, when last asked, about the domains that mail is sent from (spec/field.md 6.4).

create table platform.mail_domain (
    tenant_id uuid not null,
    domain text not null,
    asked_at timestamptz not null,
    -- When DNS last answered: the problems are as old.
    answered_at timestamptz,
    problems text[] not null,
    -- Why it did not answer the last time.
    error text,
    constraint mail_domain_pkey primary key (tenant_id, domain),
    constraint mail_domain_tenant_fkey foreign key (tenant_id) references platform.tenant (id),
    constraint mail_domain_domain_check check (domain = lower(domain) and domain <> ''),
    constraint mail_domain_answer_check check (answered_at is not null or (error is not null and problems = '{}')),
    constraint mail_domain_problems_check check (problems <@ array[
        'spf_missing', 'spf_several', 'spf_broken', 'spf_passes_all', 'spf_open_end', 'spf_lookups', 'spf_lacks_provider',
        'dkim_no_selector', 'dkim_missing', 'dkim_revoked', 'dkim_other_key',
        'dmarc_missing', 'dmarc_several', 'dmarc_broken', 'dmarc_none', 'dmarc_no_reports'])
);
select platform.protect('platform.mail_domain', 'select, insert, update, delete');
