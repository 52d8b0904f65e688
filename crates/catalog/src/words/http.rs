//! Routes of the words that are the same for every tenant.

use kernel::Country;
use platform::Result;
use platform::http::{Api, Guard, Json, Query};
use serde::Deserialize;
use utoipa_axum::routes;

use super::units::{Unit, units};
use super::vat_rates::{VatRate, vat_rates};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    api.route(routes!(list_units), Guard::signed_in()).route(routes!(list_vat_rates), Guard::signed_in())
}

/// Lists the units of measure that may be chosen (UN/ECE Recommendation 20 and 21), the usual ones first.
#[utoipa::path(get, path = "/api/units", tag = "products", responses((status = 200, body = Vec<Unit>)))]
async fn list_units() -> Json<&'static [Unit]> {
    Json(units())
}

/// Whose rates.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct VatRateQuery {
    /// The country; France unless told.
    #[serde(default)]
    #[param(value_type = Option<Country>)]
    country: Country,
}

/// Lists the rates of VAT of a country, the usual one first; empty where any rate may be asked for.
#[utoipa::path(get, path = "/api/vat-rates", tag = "products", params(VatRateQuery), responses((status = 200, body = Vec<VatRate>)))]
async fn list_vat_rates(Query(query): Query<VatRateQuery>) -> Result<Json<Vec<VatRate>>> {
    Ok(Json(vat_rates(&query.country)))
}
