//! What the service does by itself: once for each night, by whichever instance, and late rather than never.

use app::backup::tick;

use super::Room;
use crate::support::instant;

#[tokio::test]
async fn two_instances_make_one_backup_a_night_and_one_drill_a_week() {
    let room = Room::new("nightly").await;
    let (one, two) = (room.backups(), room.backups());
    let both = async || {
        let (a, b) = tokio::join!(tick(&one), tick(&two));
        let mut done = [a.unwrap(), b.unwrap()].concat();
        // Who found the other at work looks again at the next round.
        done.extend(tick(&one).await.unwrap());
        done.sort_unstable();
        done
    };
    // A Wednesday: the night was missed, and so was Sunday's drill.
    assert_eq!(both().await, ["backup", "drill"]);
    assert_eq!(both().await, Vec::<&str>::new());
    room.clock.set(instant("2026-02-12T00:59:59Z"));
    assert_eq!(both().await, Vec::<&str>::new(), "it is not yet two in Paris");
    room.clock.set(instant("2026-02-12T01:00:00Z"));
    assert_eq!(both().await, ["backup"]);
    // Two nights and a Sunday without any instance: the last counts.
    room.clock.set(instant("2026-02-15T12:00:00Z"));
    assert_eq!(both().await, ["backup", "drill"]);
    let states: Vec<_> = room.runs().await.into_iter().chain(room.proofs().await).map(|(state, _)| state).collect();
    assert_eq!(states, ["succeeded"; 5]);
    assert_eq!(room.backups().list().await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_failed_is_tried_again_after_an_hour_and_what_was_lost_is_abandoned() {
    let mut room = Room::new("again").await;
    let good = room.config.backup.to.clone();
    let blocked = room.data.path().join("blocked");
    std::fs::write(&blocked, "").unwrap();
    room.config.backup.to = Some(app::config::BackupTo::Folder(blocked.join("x")));
    room.config.backup.drill = "off".parse().unwrap();
    tick(&room.backups()).await.unwrap_err();
    room.config.backup.to = good;
    assert!(tick(&room.backups()).await.unwrap().is_empty(), "not at once");
    room.clock.advance(jiff::SignedDuration::from_mins(61));
    assert_eq!(tick(&room.backups()).await.unwrap(), ["backup"]);

    // Somebody began the next night's and was lost: nobody has the lock.
    room.clock.set(instant("2026-02-12T03:00:00Z"));
    let lost = "insert into platform.backup_run (id, kind, period, state, worker, target, object, started_at)
        values (gen_random_uuid(), 'dump', '2026-02-12T01:00:00Z', 'running', 'x', 'x', 'backup_20260212T010000Z.comptoir', '2026-02-12T01:00:00Z')";
    sqlx::query(lost).execute(&mut room.owner().await).await.unwrap();
    assert!(tick(&room.backups()).await.unwrap().is_empty(), "it may still be at work");
    // Whoever works next finds the lock free.
    room.backups().make(platform::backup::BackupKind::Dump).await.unwrap();
    let states: Vec<_> = room.runs().await.into_iter().map(|(state, _)| state).collect();
    assert_eq!(states, ["failed", "succeeded", "abandoned", "succeeded"]);
    room.clock.advance(jiff::SignedDuration::from_mins(61));
    assert_eq!(tick(&room.backups()).await.unwrap(), ["backup"], "the night is made up for");
}

#[tokio::test]
async fn while_one_is_at_work_another_is_told_so() {
    let room = Room::new("busy").await;
    let mut holder = room.owner().await;
    assert!(platform::backup::store::lock(&mut holder).await.unwrap());
    let refusal = room.backups().make(platform::backup::BackupKind::Dump).await.unwrap_err();
    assert_eq!(refusal.code(), "backup_busy");
    assert!(tick(&room.backups()).await.unwrap().is_empty());
    assert!(room.runs().await.is_empty());
    platform::backup::store::unlock(&mut holder).await.unwrap();
    room.backups().make(platform::backup::BackupKind::Dump).await.unwrap();
}

#[tokio::test]
async fn retention_removes_only_what_this_installation_made_and_never_the_newest_proven() {
    let mut room = Room::new("retention").await;
    (room.config.backup.keep_daily, room.config.backup.keep_monthly) = (2, 1);
    let first = room.backups().make(platform::backup::BackupKind::Dump).await.unwrap().about.object;
    room.tick();
    room.backups().drill(None, None).await.unwrap();
    for name in ["backup_20200101T000000Z.comptoir", "backup_20200101T000000Z.manifest.json", "holiday.jpg"] {
        std::fs::copy(room.object(&first), room.object(name)).unwrap();
    }
    let foreign = std::fs::read_to_string(room.object(&first.replace(".comptoir", ".manifest.json"))).unwrap();
    let foreign = foreign.replace(&first, "backup_20200101T000000Z.comptoir");
    std::fs::write(room.object("backup_20200101T000000Z.manifest.json"), foreign).unwrap();
    for day in ["2026-02-12T10:00:00Z", "2026-02-13T10:00:00Z", "2026-02-14T10:00:00Z", "2026-02-15T10:00:00Z"] {
        room.clock.set(instant(day));
        room.backups().make(platform::backup::BackupKind::Dump).await.unwrap();
    }
    let objects: Vec<_> = room.names().into_iter().filter(|name| !name.contains(".manifest")).collect();
    let expected = [
        "backup_20200101T000000Z.comptoir",
        first.as_str(),
        "backup_20260214T100000Z.comptoir",
        "backup_20260215T100000Z.comptoir",
        "holiday.jpg",
    ];
    assert_eq!(objects, expected);
}
