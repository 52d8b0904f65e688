//! Upgrades, the way back, and what is never migrated (spec trade T-03, T-04, T-06).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use app::backup::{Backups, Source, restore};
use app::runtime::Database;
use indicatif::ProgressBar;
use kernel::ManualClock;
use platform::backup::{BackupKind, differences, read_totals};
use platform::tenancy::{NewAdmin, NewTenant};
use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

use super::{NOW, Room};
use crate::support::{PASSWORD, database_of_its_own, instant, settings_with};

fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|kind| kind == "sql")).collect();
    files.sort();
    files
}

/// A database as the release before the last migration left it, with a tenant.
async fn old_release(name: &str) -> (Database, usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut files = migrations();
    files.pop();
    for file in &files {
        std::fs::copy(file, folder.path().join(file.file_name().unwrap())).unwrap();
    }
    let (owner, app) = database_of_its_own(&format!("comptoir_{name}")).await;
    let mut connection = owner.connect().await.unwrap();
    Migrator::new(folder.path()).await.unwrap().run(&mut connection).await.unwrap();
    sqlx::query("grant select on _sqlx_migrations to comptoir_app").execute(&mut connection).await.unwrap();
    let new = NewTenant {
        slug: "martin".into(),
        name: "Martin".into(),
        time_zone: "Europe/Paris".into(),
        entities: vec![("MRT".into(), "Martin".into())],
        admin: NewAdmin {
            email: "claire@martin.example".parse().unwrap(),
            name: "Claire".into(),
            password: Some(platform::identity::PlainPassword::new(PASSWORD)),
        },
    };
    platform::tenancy::create(&mut connection, instant(NOW), &new).await.unwrap();
    (Database { app, owner: Some(owner) }, files.len())
}

#[tokio::test]
async fn d_134_an_upgrade_keeps_everything_and_the_older_backup_leads_back_and_forward_again() {
    let (database, known) = old_release("upgraded").await;
    let data = tempfile::tempdir().unwrap();
    let config = settings_with(data.path(), &[]);
    let clock = Arc::new(ManualClock::new(instant(NOW)));
    let backups = Backups::new(&config, &database, clock);
    let made = backups.make(BackupKind::Dump).await.unwrap();
    assert_eq!(made.about.totals["martin"]["platform.membership"]["rows"], "1");

    // The new release migrates when it starts.
    let mut owner = database.owner().await.unwrap();
    let before = read_totals(&mut owner).await.unwrap();
    assert_eq!(platform::schema::migrate(&mut owner).await.unwrap(), 1, "the file that was added, and no other");
    let after = read_totals(&mut owner).await.unwrap();
    let lost: Vec<_> =
        differences(&before, &after).into_iter().filter(|line| line.ends_with("nothing found")).collect();
    assert_eq!(lost, Vec::<String>::new());
    assert_eq!(after["martin"], before["martin"]);
    assert_eq!(check(&database).await, Vec::<String>::new());

    // The way back: the older backup in a new place, where the old binary would go on; this one migrates it.
    let again = tempfile::tempdir().unwrap();
    let mut config = config;
    config.backup.to = Some(app::config::BackupTo::Folder(data.path().join("backups")));
    config.backup.identity_file = Some(data.path().join("backup-identity"));
    let source = Source { name: made.about.object, identity: None };
    let into = again.path().join("data");
    allow_in(again.path());
    let restored = restore(&config, &source, Some(&into), ProgressBar::hidden()).await.unwrap();
    assert_eq!((restored.migrations, restored.about.schema), (1, i64::from(version(known))));

    let config = settings_with(&into, &[]);
    let (database, access) = app::runtime::open_for_command(&config).await.unwrap();
    assert_eq!(check(&database).await, Vec::<String>::new());
    let mut owner = database.owner().await.unwrap();
    assert_eq!(read_totals(&mut owner).await.unwrap()["martin"], before["martin"]);
    drop(owner);
    app::runtime::close(access).await.unwrap();
}

/// The version of the migration that stands at this place, counted from one.
fn version(place: usize) -> u32 {
    let file = &migrations()[place - 1];
    file.file_name().unwrap().to_str().unwrap().split('_').next().unwrap().parse().unwrap()
}

/// The account of a private PostgreSQL must get through.
fn allow_in(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o711)).unwrap();
}

async fn check(database: &Database) -> Vec<String> {
    let pool = platform::connect(database.app.clone(), 2).await.unwrap();
    let found = platform::schema::differences(&pool).await.unwrap();
    pool.close().await;
    found
}

#[tokio::test]
async fn t_01_f_91_the_migrations_of_the_folder_alone_make_the_whole_schema() {
    let (owner, app) = database_of_its_own("comptoir_from_nothing").await;
    let database = Database { app, owner: Some(owner) };
    let mut owner = database.owner().await.unwrap();
    assert_eq!(platform::schema::migrate(&mut owner).await.unwrap(), migrations().len());
    let versions: Vec<i64> = sqlx::query_scalar("select version from _sqlx_migrations order by installed_on, version")
        .fetch_all(&mut owner)
        .await
        .unwrap();
    assert!(versions.is_sorted_by(|one, next| one < next), "in their order, each once: {versions:?}");
    assert_eq!(check(&database).await, Vec::<String>::new());
    let swallowing: Vec<String> = sqlx::query_scalar(
        "select p.oid::regprocedure::text from pg_proc p where p.prorettype = 'trigger'::regtype and p.prosrc ~* 'exception\\s+when'",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert_eq!(swallowing, Vec::<String>::new(), "triggers that let pass what failed");
}

#[tokio::test]
async fn a_backup_of_a_newer_release_is_refused_before_anything_is_touched() {
    let room = Room::new("newer").await;
    let newer = "insert into public._sqlx_migrations (version, description, success, checksum, execution_time)
        values (9999, 'from the future', true, '', 0)";
    sqlx::query(newer).execute(&mut room.owner().await).await.unwrap();
    let made = room.backups().make(BackupKind::Dump).await.unwrap();
    let data = tempfile::tempdir().unwrap();
    let config = room.beside("newer_again", data.path()).await;
    let source = Source { name: made.about.object, identity: None };
    let refusal = restore(&config, &source, None, ProgressBar::hidden()).await.unwrap_err().told();
    assert!(refusal.contains("has the schema 9999") && refusal.contains("newer than this binary's"), "{refusal}");
    let database = Database::external(&config).unwrap();
    let mut owner = database.owner().await.unwrap();
    let schemas: i64 = sqlx::query_scalar("select count(*) from pg_namespace where nspname = 'platform'")
        .fetch_one(&mut owner)
        .await
        .unwrap();
    assert_eq!(schemas, 0);
}

#[tokio::test]
async fn t_03_a_populated_database_without_its_history_is_refused_with_instructions() {
    let room = Room::new("adopted").await;
    let mut owner = room.owner().await;
    sqlx::query("drop table public._sqlx_migrations").execute(&mut owner).await.unwrap();
    let before = read_totals(&mut owner).await.unwrap();
    let refusal = platform::schema::migrate(&mut owner).await.unwrap_err();
    assert_eq!(refusal.code(), "history_missing");
    assert!(refusal.told().contains("comptoir restore"), "{}", refusal.told());
    let output = room.program(&["migrate"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("no history of migrations"));
    let after = read_totals(&mut owner).await.unwrap();
    assert_eq!(after.get("martin"), before.get("martin"), "nothing was run over it");
    // A stranger's database as well.
    let (stranger, _) = database_of_its_own("comptoir_shopkeeper").await;
    let mut stranger = stranger.connect().await.unwrap();
    sqlx::query("create table public.shop (n int)").execute(&mut stranger).await.unwrap();
    assert_eq!(platform::schema::migrate(&mut stranger).await.unwrap_err().code(), "history_missing");
}

#[tokio::test]
async fn t_04_whatever_is_broken_in_the_schema_is_named_and_the_check_fails() {
    let room = Room::new("broken").await;
    let ran = |room: &Room| room.program(&["check"]).output().unwrap();
    assert!(ran(&room).status.success());
    for (breakage, named) in [
        ("alter table platform.entity drop column mail_from", "column platform.entity.mail_from"),
        ("drop index platform.job_due_idx", "job_due_idx"),
        ("alter table platform.event_seal drop constraint event_seal_through_key", "event_seal_through_key"),
        ("alter table platform.session no force row level security", "table platform.session row security"),
        ("drop policy isolation on platform.session", "policy platform.session isolation"),
        ("drop trigger job_lifecycle on platform.job", "job_lifecycle"),
        ("create or replace function platform.tenant_ids() returns table (tenant_id uuid) language sql stable security definer
            set search_path = pg_catalog as $$ select t.id from platform.tenant t $$", "function platform.tenant_ids()"),
        ("grant delete on platform.event to comptoir_app", "grant platform.event"),
        ("drop table platform.mail_circuit", "table platform.mail_circuit"),
    ] {
        sqlx::raw_sql(breakage).execute(&mut room.owner().await).await.unwrap();
        let output = ran(&room);
        let said = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{breakage}");
        assert!(said.contains(named), "{named} in {said}");
    }
    // A drill of such a database does not call itself a proof.
    room.backups().make(BackupKind::Dump).await.unwrap();
    room.tick();
    let refusal = room.backups().drill(None, None).await.unwrap_err().told();
    assert!(refusal.contains("The restored schema differs in"), "{refusal}");
}

#[tokio::test]
async fn t_06_migrating_and_making_a_tenant_twice_change_nothing() {
    let room = Room::new("twice").await;
    let mut owner: PgConnection = room.owner().await;
    let before = read_totals(&mut owner).await.unwrap();
    assert_eq!(platform::schema::migrate(&mut owner).await.unwrap(), 0);
    let new = NewTenant {
        slug: "martin".into(),
        name: "Martin".into(),
        time_zone: "Europe/Paris".into(),
        entities: vec![("MRT".into(), "Martin".into())],
        admin: NewAdmin { email: "claire@martin.example".parse().unwrap(), name: "Claire".into(), password: None },
    };
    assert!(platform::tenancy::create(&mut owner, instant(NOW), &new).await.is_err());
    assert_eq!(read_totals(&mut owner).await.unwrap(), before);
    let tenants = platform::tenancy::list(&mut owner).await.unwrap();
    assert_eq!(tenants.len(), 1, "no demo company comes by itself");
}

/// The migrations that a database has, and whether it has a table of the newest.
async fn has(owner: &mut PgConnection) -> (i64, i64) {
    let applied = sqlx::query_scalar("select count(*) from _sqlx_migrations").fetch_one(&mut *owner).await.unwrap();
    let tables = "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname not like 'pg\\_%' and n.nspname not in ('information_schema', 'public')";
    (applied, sqlx::query_scalar(tables).fetch_one(owner).await.unwrap())
}

#[tokio::test]
async fn t_02_two_that_start_at_once_over_an_empty_database_share_the_work_and_neither_refuses() {
    let (owner, app) = database_of_its_own("comptoir_raced").await;
    let (mut one, mut two) = (owner.connect().await.unwrap(), owner.connect().await.unwrap());
    let (one, two) = tokio::join!(platform::schema::migrate(&mut one), platform::schema::migrate(&mut two));
    let mut done = [one.unwrap(), two.unwrap()];
    done.sort_unstable();
    assert_eq!(done, [0, migrations().len()], "one does it all, the other finds it done");
    assert_eq!(check(&Database { app, owner: Some(owner) }).await, Vec::<String>::new());
}

#[tokio::test]
async fn t_02_a_migration_that_was_changed_after_it_was_applied_is_refused_and_nothing_is_run() {
    let (database, _) = old_release("changed").await;
    let mut owner = database.owner().await.unwrap();
    let change = "update _sqlx_migrations set checksum = '\\x00' where version = 7";
    sqlx::raw_sql(change).execute(&mut owner).await.unwrap();
    let before = has(&mut owner).await;
    let refusal = platform::schema::migrate(&mut owner).await.unwrap_err();
    assert_eq!(refusal.code(), "migration_failed");
    assert!(refusal.told().contains('7'), "{}", refusal.told());
    assert_eq!(has(&mut owner).await, before);
}

#[tokio::test]
async fn t_02_a_migration_that_fails_half_way_leaves_neither_its_work_nor_its_history() {
    let (database, _) = old_release("halved").await;
    let mut owner = database.owner().await.unwrap();
    // The second thing that a migration defines fails.
    let plant = "create sequence public.defined;
        create function public.break_off() returns event_trigger language plpgsql as $$
            begin if nextval('public.defined') > 1 then raise exception 'the disk is on fire'; end if; end $$;
        create event trigger breaks on ddl_command_end execute function public.break_off()";
    sqlx::raw_sql(plant).execute(&mut owner).await.unwrap();
    sqlx::raw_sql("select setval('public.defined', 1, false)").execute(&mut owner).await.unwrap();
    let before = has(&mut owner).await;
    let refusal = platform::schema::migrate(&mut owner).await.unwrap_err();
    assert_eq!(refusal.code(), "migration_failed");
    assert!(refusal.told().contains("on fire"), "{}", refusal.told());
    // Whoever cannot migrate ends, and his locks with him.
    owner.close().await.unwrap();
    let mut again = database.owner().await.unwrap();
    assert_eq!(has(&mut again).await, before);
    sqlx::raw_sql("drop event trigger breaks; drop function public.break_off; drop sequence public.defined")
        .execute(&mut again)
        .await
        .unwrap();
    assert_eq!(platform::schema::migrate(&mut again).await.unwrap(), 1, "the next one does");
    assert_eq!(check(&database).await, Vec::<String>::new());
}
