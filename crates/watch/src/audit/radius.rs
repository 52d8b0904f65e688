//! The blast radius: what follows from what, and how far it reaches when it fails. Drawn from what this version registered
//! (reactions, schedules, jobs) and mounted (routes with their guards), and from how it went within seven days
//! (design §7; spec/leads.md 10).

use std::collections::BTreeMap;

use maud::{Markup, html};
use platform::http::{Access, FailurePolicy, Route};
use platform::job::store::KindCounts;
use platform::{Registry, Result, Tx, job};
use serde::Serialize;

/// How far back runs are counted.
pub const DAYS: i64 = 7;

platform::words! {
    /// What makes a job run.
    EffectCause {
        /// Something that happened: the reaction is enqueued in the transaction of its event.
        Event = "event",
        /// The time of day in the tenant's zone.
        Schedule = "schedule",
        /// A person or another job asks for it.
        Request = "request",
    }
}

/// Everything that happens after something else, and what the routes do when what they need fails.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct BlastRadius {
    /// What runs in the background. Each is a job of its own: what caused it is stored before it begins, and a failure of it
    /// undoes nothing.
    pub effects: Vec<Effect>,
    /// The routes, area by area.
    pub areas: Vec<Area>,
}

/// A kind of background work: what makes it run, and how it went within seven days.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Effect {
    /// What makes it run.
    pub cause: EffectCause,
    /// The action of the event or the cron expression; none for work that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The kind of job, and how it went.
    #[serde(flatten)]
    pub went: KindCounts,
}

/// The routes of one part of the API.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Area {
    /// The first part of the path, such as `leads`.
    pub area: String,
    /// All routes.
    pub routes: usize,
    /// Those that change something.
    pub changing: usize,
    /// Those that do nothing and say so when something they need fails.
    pub closed: usize,
    /// Those that answer with what they have then.
    pub open: usize,
    /// Those that anyone may use.
    pub public: usize,
    /// Those that need a permission or the metrics token; the rest is for every member.
    pub guarded: usize,
}

/// Draws the map for the tenant of `tx`.
///
/// # Errors
/// When the runs cannot be read.
pub async fn draw(tx: &mut Tx, routes: &[Route]) -> Result<BlastRadius> {
    let platform = tx.ctx().platform().clone();
    let since = tx.now().minus_days(DAYS).first_uuid();
    let counted = job::store::count_by_kind(tx, since).await?;
    let mut effects = effects(platform.registry());
    for effect in &mut effects {
        if let Some(went) = counted.iter().find(|went| went.kind == effect.went.kind) {
            effect.went.clone_from(went);
        }
    }
    Ok(BlastRadius { effects, areas: areas(routes) })
}

/// Every kind of job by its cause: reactions in the order of their events, schedules, then the rest.
pub fn effects(registry: &Registry) -> Vec<Effect> {
    let effect = |cause, when: Option<&str>, kind: &str| Effect {
        cause,
        when: when.map(str::to_owned),
        went: KindCounts { kind: kind.to_owned(), ..KindCounts::default() },
    };
    let mut effects: Vec<_> =
        registry.reactions().map(|(action, kind)| effect(EffectCause::Event, Some(action), kind)).collect();
    let schedules = registry.schedules().iter().map(|planned| &planned.schedule);
    effects.extend(schedules.map(|schedule| effect(EffectCause::Schedule, Some(schedule.cron), schedule.name)));
    let known: Vec<_> = effects.iter().map(|effect| effect.went.kind.clone()).collect();
    let rest = registry.kinds().filter(|kind| known.iter().all(|known| known != kind));
    effects.extend(rest.map(|kind| effect(EffectCause::Request, None, kind)));
    effects
}

/// The routes by the first part of their path.
pub fn areas(routes: &[Route]) -> Vec<Area> {
    let mut areas: BTreeMap<&str, Area> = BTreeMap::new();
    for route in routes {
        let path = route.path.strip_prefix("/api").unwrap_or(&route.path);
        let name = path.split('/').find(|part| !part.is_empty()).unwrap_or("/");
        let area = areas.entry(name).or_insert_with(|| Area { area: name.to_owned(), ..Area::default() });
        area.routes += 1;
        area.changing += usize::from(route.method != "GET");
        match route.guard.failure {
            FailurePolicy::Closed => area.closed += 1,
            FailurePolicy::Open => area.open += 1,
        }
        match route.guard.access {
            Access::Public => area.public += 1,
            Access::Permission(_) | Access::MetricsToken => area.guarded += 1,
            Access::SignedIn => {}
        }
    }
    areas.into_values().collect()
}

impl BlastRadius {
    /// The map for a terminal.
    pub fn text(&self) -> String {
        let mut lines = vec!["\nBlast radius".to_owned(), format!("  {CONTAINED}")];
        for (title, cause) in CAUSES {
            lines.push(format!("  {title}"));
            for Effect { when, went, .. } in self.of(*cause) {
                let when = when.as_ref().map_or_else(String::new, |when| format!("{when} → "));
                lines.push(format!("    {when}{}: {}", went.kind, told(went)));
            }
        }
        lines.push("  Routes when something they need fails".to_owned());
        let areas = self.areas.iter();
        lines.extend(areas.map(|area| format!("    {:20} {}", area.area, fails(area))));
        lines.push(String::new());
        lines.join("\n")
    }

    /// The map as a part of the report.
    pub fn html(&self) -> Markup {
        html! {
            section.radius {
                h2 { "Blast radius" }
                p { (CONTAINED) }
                @for (title, cause) in CAUSES {
                    h3 { (title) }
                    table {
                        tbody { @for effect in self.of(*cause) {
                            tr {
                                @if let Some(when) = &effect.when { td { code { (when) } } td { "→" } }
                                td { code { (effect.went.kind) } }
                                td.told { (told(&effect.went)) }
                            }
                        } }
                    }
                }
                h3 { "Routes when something they need fails" }
                table { tbody { @for area in &self.areas {
                    tr { td { code { (area.area) } } td.told { (fails(area)) } }
                } } }
            }
        }
    }

    fn of(&self, cause: EffectCause) -> impl Iterator<Item = &Effect> {
        self.effects.iter().filter(move |effect| effect.cause == cause)
    }
}

const CONTAINED: &str = "Each of these is a job of its own. What caused it is stored before it begins; when it fails it is \
    tried again, then waits for a person, and undoes nothing. The figures are those of seven days.";

const CAUSES: &[(&str, EffectCause)] = &[
    ("What follows from an event", EffectCause::Event),
    ("What the clock starts", EffectCause::Schedule),
    ("What is asked for", EffectCause::Request),
];

fn told(went: &KindCounts) -> String {
    if went.runs + went.waiting + went.dead == 0 {
        return "not needed".to_owned();
    }
    let parts = [(went.failures, "failed"), (went.waiting, "waiting"), (went.dead, "given up")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!(", {count} {word}"));
    format!("ran {} times{}", went.runs, parts.collect::<String>())
}

fn fails(area: &Area) -> String {
    let Area { routes, changing, closed, open, public, .. } = area;
    format!(
        "{routes} routes, {changing} change something: {closed} refuse, {open} answer with what they have; {public} public"
    )
}

#[cfg(test)]
mod tests {
    use platform::http::Guard;

    use super::*;

    #[test]
    fn routes_are_counted_in_the_part_of_the_path_that_names_their_area() {
        let route = |method, path: &str, guard| Route { method, path: path.to_owned(), guard, about: String::new() };
        let open = Guard { failure: FailurePolicy::Open, ..Guard::public() };
        let found = areas(&[
            route("GET", "/api/leads", Guard::signed_in()),
            route("POST", "/api/leads/{id}/notes", Guard::permit(platform::Permission::LeadsView)),
            route("GET", "/healthz", open),
        ]);
        let brief: Vec<_> = found
            .iter()
            .map(|area| {
                (area.area.as_str(), area.routes, area.changing, area.closed, area.open, area.public, area.guarded)
            })
            .collect();
        assert_eq!(brief, [("healthz", 1, 0, 0, 1, 1, 0), ("leads", 2, 1, 2, 0, 0, 1)]);
    }

    #[test]
    fn what_went_wrong_is_told_and_what_did_not_is_not() {
        assert_eq!(told(&KindCounts::default()), "not needed");
        assert_eq!(told(&KindCounts { runs: 3, ..KindCounts::default() }), "ran 3 times");
        assert_eq!(
            told(&KindCounts { runs: 3, failures: 2, waiting: 1, dead: 1, ..KindCounts::default() }),
            "ran 3 times, 2 failed, 1 waiting, 1 given up"
        );
    }
}
