//! The router on which a route can only be mounted with its guard, and which knows every route it carries.

use axum::Router;
use axum::middleware::from_fn_with_state;
use serde_json::json;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{OpenApi, Ref, RefOr, Response};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter, UtoipaMethodRouterExt as _};

use super::guard::{Access, Guard, Mounted, enforce};
use crate::Platform;

/// A mounted route, for `comptoir routes`, the OpenAPI document and the authorization sweep.
#[derive(Clone, Debug)]
pub struct Route {
    /// The method, in capitals.
    pub method: &'static str,
    /// The path with its parameters in braces.
    pub path: String,
    /// Who may.
    pub guard: Guard,
    /// The first line of its documentation.
    pub about: String,
}

/// Routes with their guards, and the OpenAPI document that describes them.
pub struct Api {
    platform: Platform,
    router: OpenApiRouter<Platform>,
    routes: Vec<Route>,
}

impl Api {
    /// An API without routes yet; `document` carries its title and tags.
    pub fn new(platform: Platform, document: OpenApi) -> Self {
        Self { platform, router: OpenApiRouter::with_openapi(document), routes: Vec::new() }
    }

    /// The platform the routes stand on.
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Mounts `methods` behind `guard`. There is no way to mount a route without one.
    #[must_use]
    pub fn route(mut self, methods: UtoipaMethodRouter<Platform>, guard: Guard) -> Self {
        let (schemas, mut paths, router) = methods;
        for (path, item) in &mut paths.paths {
            for (method, operation) in operations(item) {
                describe(operation, guard);
                let about = operation.summary.clone().unwrap_or_default();
                self.routes.push(Route { method, path: path.clone(), guard, about });
            }
        }
        let mounted = Mounted { platform: self.platform.clone(), guard };
        let guarded = (schemas, paths, router).layer(from_fn_with_state(mounted, enforce));
        self.router = self.router.routes(guarded);
        self
    }

    /// Mounts what `routes` mounts.
    #[must_use]
    pub fn with(self, routes: impl FnOnce(Self) -> Self) -> Self {
        routes(self)
    }

    /// The router, the OpenAPI document and the list of routes.
    pub fn finish(self) -> (Router, OpenApi, Vec<Route>) {
        let (router, document) = self.router.split_for_parts();
        (router.with_state(self.platform), document, self.routes)
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("GET", item.get.as_mut()),
        ("POST", item.post.as_mut()),
        ("PUT", item.put.as_mut()),
        ("PATCH", item.patch.as_mut()),
        ("DELETE", item.delete.as_mut()),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.map(|operation| (method, operation)))
}

/// Writes the guard and the problems every route can answer with into the document.
fn describe(operation: &mut Operation, guard: Guard) {
    // One extension: several would be written in another order each time.
    let access = json!({ "guard": guard.access.to_string(), "scope": guard.breadth.as_str(),
        "failure": guard.failure.as_str() });
    let extensions = ExtensionsBuilder::new().add("x-access", access).build();
    operation.extensions.get_or_insert_default().merge(extensions);
    let problem = |name: &str| RefOr::<Response>::Ref(Ref::from_response_name(name));
    let mut problems = vec![("400", "BadRequest"), ("422", "Invalid"), ("429", "Throttled"), ("503", "Unavailable")];
    if guard.access != Access::Public {
        operation.security = Some(vec![
            SecurityRequirement::new::<_, [&str; 0], &str>("bearer", []),
            SecurityRequirement::new::<_, [&str; 0], &str>("session", []),
        ]);
        problems.extend([("401", "Unauthenticated"), ("403", "Forbidden"), ("404", "NotFound"), ("409", "Conflict")]);
        problems.extend((!guard.pending).then_some(("428", "StepRequired")));
    }
    let takes_version = operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "If-Match"));
    problems.extend(takes_version.then_some(("412", "Stale")));
    for (status, name) in problems {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem(name));
    }
}
