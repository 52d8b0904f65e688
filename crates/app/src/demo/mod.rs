//! The demo tenant: two entities, their buyers and orders, and some weeks of leads replayed through the real intake.
//!
//! Nothing is inserted: everything goes through the routes of the API, with a clock that is moved along, so that loading
//! the demo is itself a run from the form to the file in the buyer's mailbox. The same command always makes the same
//! leads.

pub(crate) mod api;
mod identities;
mod life;
mod money;
mod people;
mod world;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::SignedDuration;
use kernel::{Clock as _, Date, ManualClock, SystemClock, Week, Zone};
use platform::identity::PlainPassword;
use platform::job::schedule::Schedule;
use platform::tenancy::{NewAdmin, NewTenant};
use platform::{Actor, Error, Platform, Result, job};

use crate::config::Config;
use crate::runtime::{self, Database};
use api::Api;
use money::Money;
use people::People;

/// Who signs in to look around.
pub const ADMIN: &str = "admin@demo.example";

/// The leads of a month at the time of the specification (spec/leads.md 1.1).
pub const USUAL_LEADS: u32 = 3200;

/// Leads posted at once, where more than that fall into one stretch of time.
const AT_ONCE: usize = 128;

/// Weeks that are replayed before this one; of this one, what has passed.
const WEEKS: i32 = 4;

/// When what is to be billed is billed.
const MORNING: i8 = 10;

/// When people look at what did not go well: from Monday to Friday, in the afternoon.
const AFTERNOON: i8 = 15;
const WORKING_DAYS: usize = 5;

/// Schedules of every few minutes, for what a replay never leaves behind, or leaves to be done at any time: they run at midnight, and in
/// the last hours as they do in a service that runs.
const AT_MIDNIGHT: [&str; 3] = ["seal-events", "mail-reaper", "delivery-reaper"];
const LAST_HOURS: usize = 3;

/// Where the demo tenant's password is kept for the operator.
pub fn password_file(config: &Config) -> PathBuf {
    config.data_dir.join("demo-password")
}

/// Loads the demo tenant `slug` with `leads` leads, unless it is there already. False when it was.
pub async fn load(config: &Config, database: &Database, slug: &str, leads: u32) -> Result<bool> {
    let mut owner = database.owner().await?;
    platform::schema::migrate(&mut owner).await?;
    if platform::tenancy::list(&mut owner).await?.iter().any(|tenant| tenant.slug == slug) {
        return Ok(false);
    }
    let zone = Zone::named("Europe/Paris").map_err(|error| Error::internal("reading a time zone", error))?;
    let this_week = Week::at(SystemClock.now(), &zone);
    let first = this_week.monday().plus_days(-7 * WEEKS);
    let opened = first.plus_days(-money::DAYS_BEFORE);
    let today = SystemClock.now().date_in(&zone);
    let clock = Arc::new(ManualClock::new(opened.at_in(MORNING, 0, &zone)));
    let password = password(&password_file(config))?;
    let new = NewTenant {
        slug: slug.to_owned(),
        name: "Groupe Démo".to_owned(),
        time_zone: zone.name().to_owned(),
        entities: vec![
            ("ZR7".to_owned(), "ZR7 Énergie".to_owned()),
            ("MDL".to_owned(), "Maison de Lumière".to_owned()),
        ],
        admin: NewAdmin {
            email: ADMIN.parse().map_err(|_| Error::refused("demo", "The demo's address is not one."))?,
            name: "Camille Durand".to_owned(),
            password: Some(PlainPassword::new(password.as_str())),
        },
    };
    for month in 0..=money::DAYS_BEFORE / 28 + 2 {
        platform::schema::make_partitions(&mut owner, opened.plus_days(month * 28).start_in(&zone)).await?;
    }
    platform::tenancy::create(&mut owner, clock.now(), &new).await?;
    let platform = runtime::replay(config, database, clock.clone()).await?;
    let api = Api::sign_in(&platform, slug, ADMIN, &password).await?;
    let world = world::build(&api, &password).await?;
    let mut money = Money::open(&api, today).await?;
    let replay = Replay { platform, clock, zone, slug: slug.to_owned(), password, api };
    replay.before(opened, first, &mut money).await?;
    replay.run(first, People::new(leads, &world.provider_keys), &mut money).await?;
    money.close(&replay.sign_in().await?).await?;
    job::run_until_idle(&replay.platform).await?;
    replay.audit_when_served().await?;
    Ok(true)
}

/// The password of the demo's users: made once, readable by the operator alone.
fn password(file: &Path) -> Result<String> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let failed =
        |error: std::io::Error| Error::refused("demo_password", format!("Cannot write {}: {error}.", file.display()));
    if let Ok(found) = std::fs::read_to_string(file) {
        return Ok(found.trim().to_owned());
    }
    let password = people::random_password();
    let mut options = std::fs::OpenOptions::new();
    let mut kept = options.write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
    writeln!(kept, "{password}").map_err(failed)?;
    Ok(password)
}

struct Replay {
    platform: Platform,
    clock: Arc<ManualClock>,
    zone: Zone,
    slug: String,
    password: String,
    api: Api,
}

impl Replay {
    /// Lives through the days of ordinary business before the first lead, those on which something is to be done.
    async fn before(&self, opened: Date, first: Date, money: &mut Money) -> Result<()> {
        for date in (0..money::DAYS_BEFORE).map(|day| opened.plus_days(day)) {
            if money.has_work(date) {
                self.work_at(date, MORNING, 0, false).await?;
                money.morning(&self.sign_in().await?, date, first).await?;
            }
        }
        Ok(())
    }

    /// Lives through the hours from `first` until now: leads as they come, schedules as they fall due.
    async fn run(&self, first: Date, mut people: People, money: &mut Money) -> Result<()> {
        let now = SystemClock.now();
        let hours: Vec<_> = (0..7 * (WEEKS + 1))
            .flat_map(|day| (0_i8..24).map(move |hour| (first.plus_days(day), hour)))
            // Of the wall: an hour more or less has passed where summer time began or ended.
            .take_while(|(date, hour)| date.at_in(*hour, 59, &self.zone) <= now)
            .collect();
        let bar = progress(u64::from(people.total()));
        for (passed, ((date, hour), count)) in hours.iter().copied().zip(people.per_hour(hours.len())).enumerate() {
            let day = passed / 24;
            // The scheduler looks at the full and at the half hour, as it would have.
            let is_last = passed + LAST_HOURS >= hours.len();
            self.work_at(date, hour, 0, is_last || hour == 0).await?;
            if hour == MORNING && (money.has_work(date) || Week::of(date).monday() == date) {
                let api = self.sign_in().await?;
                if date == first {
                    money.begin(&api, date).await?;
                }
                money.morning(&api, date, first).await?;
            }
            if hour == AFTERNOON && day % 7 < WORKING_DAYS {
                life::afternoon(&self.sign_in().await?, day).await?;
            }
            // Yesterday, just before the daily run.
            if hour == 9 && day + 1 == hours.len() / 24 {
                life::lose_a_mailbox(&self.sign_in().await?).await?;
            }
            self.post(&mut people, count / 2, &bar).await?;
            self.work_at(date, hour, 30, is_last).await?;
            self.post(&mut people, count - count / 2, &bar).await?;
        }
        bar.finish_and_clear();
        Ok(())
    }

    /// The replay watched over nothing: the first who serves the demo audits it.
    async fn audit_when_served(&self) -> Result<()> {
        let ctx = self.platform.act_in_named(Some(&self.slug), Actor::System("demo"), "demo").await?;
        let mut tx = ctx.begin().await?;
        watch::enqueue_audit(&mut tx)?;
        tx.commit().await
    }

    /// A session of the administrator, who comes when there is something to do.
    async fn sign_in(&self) -> Result<Api> {
        self.api.sign_in_again(ADMIN, &self.password).await
    }

    /// Moves the clock and does what is due by then; `everything`, or without what waits for midnight.
    async fn work_at(&self, date: Date, hour: i8, minute: i8, everything: bool) -> Result<()> {
        self.clock.set(date.at_in(hour, minute, &self.zone));
        let is_wanted = |schedule: &Schedule| {
            !watch::is_schedule(schedule.name) && (everything || !AT_MIDNIGHT.contains(&schedule.name))
        };
        job::schedule::enqueue_due_where(&self.platform, is_wanted).await?;
        job::run_until_idle(&self.platform).await?;
        Ok(())
    }

    /// Posts so many leads, spread over most of half an hour.
    async fn post(&self, people: &mut People, count: usize, bar: &ProgressBar) -> Result<()> {
        let mut left = count;
        while left > 0 {
            let group = left.min(if count > AT_ONCE { AT_ONCE } else { 1 });
            let leads: Vec<_> = (0..group).map(|_| people.next_lead()).collect();
            let answers = leads.iter().map(|lead| self.api.submit(lead));
            for answer in futures_util::future::join_all(answers).await {
                answer?;
            }
            bar.inc(u64::try_from(group).unwrap_or(0));
            left -= group;
            let gap = i64::try_from(1500 * group / count.max(1)).unwrap_or(0);
            self.clock.advance(SignedDuration::from_secs(gap));
        }
        Ok(())
    }
}

fn progress(total: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("Demo: {bar:40} {pos}/{len} leads, {per_sec}, {eta} left");
    ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}
