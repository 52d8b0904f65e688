//! For every check a defect: the audit finds exactly it.

use std::collections::BTreeSet;

use platform::check::CheckSeverity;
use watch::alerts::model::AlertState;
use watch::alerts::store::{self, AlertFilter};
use watch::audit::model::CheckResult;

use super::planted::World;

/// A defect: what is broken, and which checks must notice, the first of them being the one it is for.
type Defect = (&'static [&'static str], &'static str);

const ISOLATION: &[Defect] = &[
    (&["isolation.row_security", "schema.drift"], "alter table platform.saved_view no force row level security"),
    (&["isolation.policies", "schema.drift"], "drop policy isolation on platform.saved_view"),
    (
        &["isolation.policies", "isolation.write_across", "schema.drift"],
        "create policy open on platform.saved_view using (true) with check (true)",
    ),
    (&["isolation.keys", "schema.drift"], "create unique index loose on platform.saved_view (id)"),
    (&["isolation.service_role"], "grant create on schema leads to comptoir_app"),
    (
        &["isolation.service_role", "schema.drift"],
        "create function leads.open() returns bigint language sql security definer as 'select count(*) from leads.lead'",
    ),
    (
        &[
            "isolation.read_across",
            "isolation.nobody_sees_nothing",
            "isolation.write_across",
            "isolation.entities",
            "isolation.row_security",
            "schema.drift",
        ],
        "alter table leads.provider disable row level security",
    ),
    (
        &["isolation.nobody_sees_nothing", "isolation.policies", "schema.drift"],
        "alter policy isolation on catalog.item using (true)",
    ),
    (
        &["isolation.entities", "isolation.policies", "schema.drift"],
        "alter policy isolation on leads.buyer using (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)",
    ),
    (
        &["isolation.write_across", "isolation.policies", "schema.drift"],
        "alter policy isolation on platform.setting with check (true)",
    ),
];

const LIFECYCLES: &[Defect] = &[
    (&["lifecycles.edges", "schema.drift"], "insert into platform.lifecycle_edge values ('job', 'done', 'queued')"),
    (
        &["lifecycles.edges", "schema.drift"],
        "delete from platform.lifecycle_edge where lifecycle = 'backup_run' and to_state = 'abandoned'",
    ),
    (&["lifecycles.guards"], "alter table leads.delivery disable trigger delivery_lifecycle"),
    (&["lifecycles.guards"], "alter table billing.document disable trigger document_freeze"),
    (
        &["lifecycles.states"],
        "update platform.job set state = 'forgotten' where tenant_id = $tenant and state = 'done' and kind = 'housekeeping'",
    ),
];

const LEADS: &[Defect] = &[
    (
        &["leads.assigned"],
        "update leads.lead l set buyer_id = (select b.id from leads.buyer b where b.tenant_id = l.tenant_id and b.id <> l.buyer_id limit 1)
         where l.id = (select id from leads.lead where tenant_id = $tenant and status = 'livre' limit 1)",
    ),
    (
        &["leads.sent"],
        "delete from leads.batch_line where delivery_id = (select id from leads.delivery where tenant_id = $tenant and status = 'sent' limit 1)",
    ),
    (
        &["leads.thirty_days"],
        "with pair as (select a.id, b.phone from leads.delivery a join leads.delivery b on b.tenant_id = a.tenant_id and b.buyer_id = a.buyer_id
             and b.product = a.product and b.id <> a.id and abs(extract(epoch from b.created_at - a.created_at)) < 86400
             where a.tenant_id = $tenant and a.status = 'sent' and b.status = 'sent' limit 1)
         update leads.delivery d set phone = pair.phone from pair where d.id = pair.id",
    ),
    (
        &["leads.quotas"],
        "update leads.order_week set used = used + 1 where (order_id, week) = (select order_id, week from leads.order_week where tenant_id = $tenant limit 1)",
    ),
    (
        &["leads.prepaid"],
        "update leads.prepaid set purchased = purchased + 1 where (buyer_id, product) = (select buyer_id, product from leads.prepaid where tenant_id = $tenant limit 1)",
    ),
    (
        &["leads.transfers"],
        "delete from leads.transfer where id = (select t.id from leads.transfer t join leads.delivery d on d.tenant_id = t.tenant_id and d.id = t.delivery_id
             where t.tenant_id = $tenant and t.credit_of is null and d.outcome = 'accepted' order by t.status = 'pending' desc, d.accepted_at limit 1)",
    ),
    (
        &["leads.waiting"],
        "update leads.lead set status = 'new', updated_at = updated_at - interval '30 days'
         where id = (select id from leads.lead where tenant_id = $tenant and status = 'no_open_orders' limit 1)",
    ),
];

const MONEY: &[Defect] = &[
    (
        &["money.entries_balance", "money.daily_balances"],
        "update ledger.entry_line set credit = credit + 1 where id = (select l.id from ledger.entry_line l join ledger.account a
             on a.tenant_id = l.tenant_id and a.id = l.account_id where l.tenant_id = $tenant and starts_with(a.code, '70') and l.credit > 0 limit 1)",
    ),
    (
        &["money.entry_numbers"],
        "update ledger.journal_year set next_number = next_number + 1 where (entity_id, journal, fiscal_year_id) = (select entity_id, journal, fiscal_year_id
             from ledger.entry where tenant_id = $tenant limit 1)",
    ),
    (
        &["money.daily_balances"],
        "update ledger.account_day set debit = debit + 1 where (account_id, day, carried) = (select account_id, day, carried from ledger.account_day
             where tenant_id = $tenant limit 1)",
    ),
    (
        &["money.lettering"],
        "delete from ledger.lettering_line where line_id = (select line_id from ledger.lettering_line where tenant_id = $tenant and undone_at is null limit 1)",
    ),
    (
        &["money.document_numbers"],
        "update billing.number_series set next_value = next_value + 1 where (entity_id, series, year) = (select entity_id, series, number_year
             from billing.document where tenant_id = $tenant and direction = 'sale' and number_value is not null limit 1)",
    ),
    (
        &["money.documents_issued"],
        "delete from billing.document_file where document_id = (select id from billing.document where tenant_id = $tenant and direction = 'sale'
             and kind = 'invoice' and status = 'paid' limit 1)",
    ),
    (
        &["money.document_sums"],
        "update billing.document_line set net = net + 1 where id = (select l.id from billing.document_line l join billing.document d
             on d.tenant_id = l.tenant_id and d.id = l.document_id where d.tenant_id = $tenant and d.direction = 'sale' and d.kind = 'invoice'
             and d.status = 'paid' and l.net <> 0 limit 1)",
    ),
    (
        &["money.stored_pages", "schema.drift"],
        "alter table billing.document_file drop constraint document_file_sha_check;
         update billing.document_file set content = content || '\\x00' where (document_id, format) = (select document_id, format
             from billing.document_file where tenant_id = $tenant limit 1)",
    ),
    (
        &["money.settlements", "money.receivables"],
        "update billing.document set paid = paid - 1 where id = (select id from billing.document where tenant_id = $tenant and direction = 'sale'
             and origin <> 'intercompany' and kind = 'invoice' and paid > 1 limit 1)",
    ),
    (
        &["money.receivables"],
        "update ledger.entry_line l set aux_party_id = (select b.id from leads.buyer b where b.tenant_id = l.tenant_id and b.entity_id = l.entity_id
             and b.id <> l.aux_party_id limit 1)
         where l.id = (select l.id from ledger.entry_line l join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id
             where l.tenant_id = $tenant and starts_with(a.code, '411') and l.debit > 0 and not l.carried
             and not exists (select from ledger.entry_line o where o.tenant_id = l.tenant_id and o.aux_party_id = l.aux_party_id and o.carried) limit 1)",
    ),
    (
        &["money.credit_notes"],
        "update billing.document c set original_id = (select o.id from billing.document o where o.tenant_id = c.tenant_id and o.kind = 'invoice'
             and o.direction = 'sale' and o.status <> 'draft' and o.gross < c.gross limit 1)
         where c.id = (select id from billing.document where tenant_id = $tenant and kind = 'credit_note' and direction = 'sale' and status <> 'draft'
             order by gross desc limit 1)",
    ),
    (
        &["money.between_entities"],
        "update billing.document set mirror_id = id where id = (select id from billing.document where tenant_id = $tenant and origin = 'intercompany'
             and direction = 'purchase' and status <> 'draft' limit 1)",
    ),
    (
        &["money.vat_declared"],
        "update ledger.vat_line set vat = vat + 1 where id = (select id from ledger.vat_line where tenant_id = $tenant and direction = 'output' limit 1)",
    ),
    (
        &["money.bank_lines"],
        "update billing.bank_match set amount = amount + 100000 where id = (select id from billing.bank_match where tenant_id = $tenant and undone_at is null limit 1)",
    ),
];

const JOBS: &[Defect] = &[
    (&["jobs.workers"], "insert into platform.worker_heartbeat select 'killed', version, started_at, beat_at - interval '1 hour', 0 from platform.worker_heartbeat where worker = 'here'"),
    (&["jobs.workers"], "update platform.worker_heartbeat set beat_at = beat_at - interval '61 seconds'"),
    (
        &["jobs.schedules"],
        "delete from platform.job where tenant_id = $tenant and kind = 'seal-events' and created_at > now() - interval '2 hours';
         delete from platform.job_run where tenant_id = $tenant and kind = 'seal-events' and started_at > now() - interval '2 hours'",
    ),
    (
        &["jobs.dead_letters"],
        "update platform.job set state = 'dead' where id = (select id from platform.job where tenant_id = $tenant and kind = 'housekeeping' limit 1)",
    ),
    (
        &["jobs.leases"],
        "update platform.job set state = 'running', leased_by = 'gone', lease_expires_at = created_at - interval '2 days' where id = (select id from platform.job
             where tenant_id = $tenant and kind = 'partitions' limit 1)",
    ),
    (
        &["jobs.queue"],
        "update platform.job set state = 'queued', run_at = run_at - interval '1 day' where id = (select id from platform.job
             where tenant_id = $tenant and kind = 'mail-reaper' limit 1)",
    ),
    (
        &["jobs.kinds"],
        "insert into platform.job (tenant_id, id, kind, payload, state, run_at, max_attempts, request_id, created_at)
         values ($tenant, gen_random_uuid(), 'of.another.version', '{}', 'queued', now() + interval '1 day', 3, 'x', now())",
    ),
    (
        &["jobs.reactions"],
        "insert into platform.event (tenant_id, id, at, actor_kind, actor_name, action, subject_kind, subject_id, details, severity, request_id)
         select $tenant, platform.uuid_floor(max(at)), max(at), 'system', 'x', 'invoice_paid', 'document', gen_random_uuid(), '{}', 'info', 'x'
         from platform.event where tenant_id = $tenant",
    ),
    (
        &["jobs.mail", "leads.sent"],
        "update platform.mail set status = 'unknown' where id = (select id from platform.mail where tenant_id = $tenant order by id desc limit 1)",
    ),
    (
        &["architecture.contained", "jobs.dead_letters"],
        "insert into platform.job (tenant_id, id, kind, key, payload, state, attempts, run_at, max_attempts, request_id, created_at)
         values ($tenant, gen_random_uuid(), 'on.delivery.sent.settle_intercompany', gen_random_uuid()::text, '{}', 'dead', 8, now(), 8, 'x', now())",
    ),
    (
        &["architecture.reactions"],
        "update platform.job_run set status = 'error', error = 'x' where tenant_id = $tenant and kind = 'on.delivery.sent.settle_intercompany'",
    ),
    (
        &["architecture.versions"],
        "update platform.worker_heartbeat set started_at = started_at - interval '2 hours';
         insert into platform.worker_heartbeat select 'older', '0.0.9', started_at, beat_at, 0 from platform.worker_heartbeat where worker = 'here'",
    ),
];

const SCHEMA: &[Defect] = &[
    (&["schema.drift"], "alter table leads.buyer add column by_hand text"),
    (&["schema.drift"], "update _sqlx_migrations set checksum = '\\x00' where version = 7"),
    (&["schema.indexes"], "update pg_index set indisvalid = false where indexrelid = 'leads.lead_source_idx'::regclass"),
    (
        &["schema.partitions"],
        "do $$ declare t text; begin select 'platform.job_run_' || to_char(date_trunc('month', now() at time zone 'UTC') + interval '1 month', 'YYYYMM') into t;
         execute 'drop table ' || t; end $$",
    ),
    (
        &["schema.bloat"],
        "insert into platform.idempotency_key (tenant_id, actor, key, request_hash, created_at) select $tenant, 'x', n::text, '\\x00', now() from generate_series(1, 200000) n;
         delete from platform.idempotency_key where tenant_id = $tenant and key::integer > 40000",
    ),
    (
        &["schema.statistics"],
        "insert into platform.idempotency_key (tenant_id, actor, key, request_hash, created_at) select $tenant, 'y', n::text, '\\x00', now() from generate_series(1, 60000) n",
    ),
];

const SECURITY: &[Defect] = &[
    (
        &["security.event_chain"],
        "update platform.event set details = details || '{\"edited\": true}' where id = (select id from platform.event where tenant_id = $tenant order by id limit 1)",
    ),
    (
        &["security.event_chain"],
        "delete from platform.event where id = (select id from platform.event where tenant_id = $tenant and subject_kind = 'setting' order by id limit 1)",
    ),
    (
        &["security.password_hashes"],
        "update platform.\"user\" set password_hash = '$argon2id$v=19$m=1024,t=1,p=1$c2FsdHNhbHQ$aGFzaA' where id = (select user_id from platform.membership
             where tenant_id = $tenant limit 1)",
    ),
    (
        &["security.second_factor"],
        "update platform.\"user\" set totp_confirmed_at = null
         where id = (select user_id from platform.membership where tenant_id = $tenant and role = 'super_admin' limit 1)",
    ),
    (
        &["security.secret_age"],
        "update platform.secret_key set created_at = now() - interval '400 days'",
    ),
    (
        &["security.form_origins"],
        "update platform.setting set value = jsonb_set(value, '{forms}', value -> 'forms' || '{\"OPEN\": {\"allowed_origins\": [\"http://www.acme.example\"]}}')
         where tenant_id = $tenant and key = 'leads.forms'",
    ),
    (
        &["security.machine_keys"],
        "update platform.api_key set created_at = now() - interval '400 days' where id = (select id from platform.api_key where tenant_id = $tenant
             and revoked_at is null limit 1)",
    ),
];

const MAIL_DOMAIN: &[Defect] = &[
    (
        &["mail_domain.looked_up"],
        "update platform.mail_domain set answered_at = answered_at - interval '4 days', error = 'no answer'",
    ),
    (&["mail_domain.looked_up"], "delete from platform.mail_domain"),
    (&["mail_domain.spf"], "update platform.mail_domain set problems = problems || '{spf_passes_all}'"),
    (&["mail_domain.dkim"], "update platform.mail_domain set problems = problems || '{dkim_missing}'"),
    (&["mail_domain.dmarc"], "update platform.mail_domain set problems = problems || '{dmarc_none}'"),
];

const BACKUPS: &[Defect] = &[
    (&["backups.age"], "update platform.backup_run set started_at = started_at - interval '18 hours'"),
    (&["backups.age"], "delete from platform.backup_run"),
    (
        &["backups.proven"],
        "update platform.restore_proof set started_at = started_at - interval '35 days', finished_at = finished_at - interval '35 days'",
    ),
    (&["backups.proven"], "delete from platform.restore_proof"),
    (
        &["backups.succeed"],
        "insert into platform.restore_proof (id, state, worker, object, started_at, finished_at, error)
         values (gen_random_uuid(), 'failed', 'here', 'backup_1', now(), now(), 'The control totals differ.')",
    ),
    (
        &["backups.succeed"],
        "insert into platform.backup_run (id, kind, state, worker, target, object, started_at, finished_at, error)
         values (gen_random_uuid(), 'dump', 'abandoned', 'here', 'a folder', 'backup_2', now(), now(), 'Whoever was at it was lost.')",
    ),
];

const CAPACITY: &[Defect] =
    &[(&["capacity.growth"], "update platform.capacity_day set database_bytes = 1 where day < (now() - interval '5 days')::date;
        update platform.capacity_day set database_bytes = 1::bigint << 60 where day >= (now() - interval '1 day')::date")];

#[tokio::test]
async fn a_finding_of_the_audit_is_an_alert_and_closes_when_it_is_mended() {
    let mut world = World::copy("alert").await;
    let open = async |world: &World| {
        let mut tx = world.ctx.read().await.unwrap();
        let filter = AlertFilter {
            kind: Some("audit_finding".into()),
            states: vec![AlertState::Open],
            ..AlertFilter::default()
        };
        let alerts = store::list_alerts(&mut tx, &filter, kernel::Limit::default()).await.unwrap();
        // How full the disk is, is of this machine and not of the world.
        let of_the_world = alerts.into_iter().filter(|alert| alert.subject != "capacity.disk");
        of_the_world.map(|alert| (alert.subject, alert.severity)).collect::<Vec<_>>()
    };
    world.audit().await;
    assert_eq!(open(&world).await, []);
    world.plant("update platform.worker_heartbeat set beat_at = beat_at - interval '1 hour'").await;
    world.audit().await;
    assert_eq!(open(&world).await, [("jobs.workers".to_owned(), CheckSeverity::Critical)]);
    world.audit().await;
    assert_eq!(open(&world).await.len(), 1, "one alert however often it is found");
    world.plant("update platform.worker_heartbeat set beat_at = beat_at + interval '1 hour'").await;
    world.audit().await;
    assert_eq!(open(&world).await, [], "it closes by itself");
    world.drop().await;
}

/// Plants every defect and audits. Those that different checks are for share a world: of a check, one defect at a time.
async fn each_is_found(name: &str, defects: &[Defect]) {
    let mut left = defects.to_vec();
    for round in 0.. {
        let mut planted: Vec<Defect> = Vec::new();
        left.retain(|defect| {
            let is_taken = planted.iter().any(|(checks, _)| checks[0] == defect.0[0]);
            if !is_taken {
                planted.push(*defect);
            }
            is_taken
        });
        if planted.is_empty() {
            break;
        }
        let mut world = World::copy(&format!("{name}_{round}")).await;
        for (_, sql) in &planted {
            world.plant(sql).await;
        }
        let expected: BTreeSet<_> =
            planted.iter().flat_map(|(checks, _)| checks.iter()).map(|id| (*id).to_owned()).collect();
        assert_eq!(world.findings().await, expected, "{planted:#?}");
        world.drop().await;
    }
}

#[tokio::test]
async fn f_93_a_world_in_order_has_no_finding() {
    let world = World::copy("in_order").await;
    let report = world.audit().await;
    // How full the disk is, is of this machine and not of the world.
    let found = |result: &&CheckResult| result.is_finding() && result.id != "capacity.disk";
    assert_eq!(report.results.iter().filter(found).collect::<Vec<_>>(), Vec::<&CheckResult>::new());
    world.drop().await;
}

#[tokio::test]
async fn f_78_f_92_what_breaks_isolation_is_found() {
    each_is_found("isolation", ISOLATION).await;
}

#[tokio::test]
async fn what_breaks_lifecycles_is_found() {
    each_is_found("lifecycles", LIFECYCLES).await;
}

#[tokio::test]
async fn what_breaks_leads_is_found() {
    each_is_found("leads", LEADS).await;
}

#[tokio::test]
async fn what_breaks_money_is_found() {
    each_is_found("money", MONEY).await;
}

#[tokio::test]
async fn t_111_what_breaks_jobs_is_found() {
    each_is_found("jobs", JOBS).await;
}

#[tokio::test]
async fn what_breaks_the_schema_is_found() {
    each_is_found("schema", SCHEMA).await;
}

#[tokio::test]
async fn what_breaks_security_is_found() {
    each_is_found("security", SECURITY).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_mail_domain_is_found() {
    each_is_found("mail_domain", MAIL_DOMAIN).await;
}

#[tokio::test]
async fn a_backup_that_is_old_or_failed_or_unproven_is_found() {
    each_is_found("backups", BACKUPS).await;
}

#[tokio::test]
async fn a_database_that_grows_too_fast_is_found() {
    each_is_found("capacity", CAPACITY).await;
}

/// A check without a defect here is proven elsewhere: by what it is made of (`pure.rs`).
#[test]
fn every_check_has_its_defect() {
    let all = [ISOLATION, LIFECYCLES, LEADS, MONEY, JOBS, SCHEMA, SECURITY, MAIL_DOMAIN, BACKUPS, CAPACITY].concat();
    let planted: BTreeSet<_> = all.iter().filter_map(|(ids, _)| ids.first()).copied().collect();
    let proven: BTreeSet<_> = planted.into_iter().chain(super::pure::PROVEN.iter().copied()).collect();
    let checks: BTreeSet<_> = app::wiring::registry().checks().iter().map(|check| check.id).collect();
    assert_eq!(proven, checks);
}
