//! `/api/clients/{id}/pricing`.

use kernel::{BuyerId, Date};
use platform::http::{Api, Guard, Json, Path, Query};
use platform::{Ctx, Permission, Result, Tx};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::model::{SetGeneralDiscount, SetProductPrice, StoredDiscount, StoredPrice};
use super::{ops, store};
use crate::buyers::store as buyers;
use crate::rules::pricing::{BillingMode, DiscountVersion, PriceVersion, price_on};

/// The routes of this module.
pub fn routes(api: Api) -> Api {
    let manage = || Guard::permit(Permission::BillingManage);
    api.route(routes!(get_pricing), Guard::permit(Permission::BillingView))
        .route(routes!(set_general_discount), manage())
        .route(routes!(set_product_price), manage())
        .route(routes!(delete_product_price), manage())
}

/// What a buyer pays.
#[derive(Debug, Serialize, ToSchema)]
struct PricingView {
    /// The buyer.
    buyer_id: BuyerId,
    /// VAT in percent; it is changed with the buyer.
    vat_rate: Decimal,
    /// The day in the entity's zone for which `products` and `discount_pct_global` are told.
    today: Date,
    /// The general discount of today, in percent.
    discount_pct_global: Decimal,
    /// Every version of the general discount, newest first.
    discounts: Vec<StoredDiscount>,
    /// The products that have or had a price, or will have one.
    products: Vec<ProductPricing>,
    /// What the caller may do: `edit`.
    can: Vec<&'static str>,
}

/// What a buyer pays for a product.
#[derive(Debug, Serialize, ToSchema)]
struct ProductPricing {
    /// The product.
    product: String,
    /// Euros a unit today, before the discount.
    unit_price_eur: Decimal,
    /// The discount that applies today, in percent.
    discount_pct: Decimal,
    /// How units routed today are paid.
    billing_mode: BillingMode,
    /// Whether no price holds today: units are not charged then.
    pricing_missing: bool,
    /// Every version, newest first.
    versions: Vec<StoredPrice>,
}

/// What a buyer pays, with every version there was and will be.
#[utoipa::path(get, path = "/api/clients/{id}/pricing", tag = "billing", params(("id" = BuyerId, Path)), responses((status = 200, body = PricingView)))]
async fn get_pricing(ctx: Ctx, Path(id): Path<BuyerId>) -> Result<Json<PricingView>> {
    let mut tx = ctx.read().await?;
    Ok(Json(view(&mut tx, id).await?))
}

/// Sets the buyer's general discount from a day on.
#[utoipa::path(put, path = "/api/clients/{id}/pricing", tag = "billing", params(("id" = BuyerId, Path)), request_body = SetGeneralDiscount, responses((status = 200, body = PricingView)))]
async fn set_general_discount(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Json(command): Json<SetGeneralDiscount>,
) -> Result<Json<PricingView>> {
    let mut tx = ctx.begin().await?;
    ops::set_general_discount(&mut tx, id, &command).await?;
    let view = view(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Sets what the buyer pays for a product from a day on. What held on days past never changes.
#[utoipa::path(post, path = "/api/clients/{id}/pricing/product", tag = "billing", params(("id" = BuyerId, Path)), request_body = SetProductPrice, responses((status = 200, body = PricingView)))]
async fn set_product_price(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Json(command): Json<SetProductPrice>,
) -> Result<Json<PricingView>> {
    let mut tx = ctx.begin().await?;
    ops::set_product_price(&mut tx, id, command).await?;
    let view = view(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Which price.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PriceQuery {
    /// The product.
    product: String,
    /// The version that does not hold yet; without it, the price of today.
    valid_from: Option<Date>,
}

/// Ends the price of a product today, or deletes a version that does not hold yet.
#[utoipa::path(delete, path = "/api/clients/{id}/pricing/product", tag = "billing", params(("id" = BuyerId, Path), PriceQuery), responses((status = 200, body = PricingView)))]
async fn delete_product_price(
    ctx: Ctx,
    Path(id): Path<BuyerId>,
    Query(query): Query<PriceQuery>,
) -> Result<Json<PricingView>> {
    let mut tx = ctx.begin().await?;
    ops::delete_product_price(&mut tx, id, &query.product, query.valid_from).await?;
    let view = view(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

async fn view(tx: &mut Tx, id: BuyerId) -> Result<PricingView> {
    let buyer = buyers::get_buyer(tx, id, &[]).await?.buyer;
    let today = ops::today(tx, &buyer);
    let discounts = store::list_discounts(tx, id).await?;
    let general: Vec<DiscountVersion> = discounts.iter().map(StoredDiscount::version).collect();
    let prices = store::list_prices(tx, id).await?;
    let products = prices.chunk_by(|a, b| a.product == b.product).map(|versions| {
        let known: Vec<PriceVersion> = versions.iter().map(StoredPrice::version).collect();
        let now = price_on(today, &known, &general);
        ProductPricing {
            product: versions[0].product.clone(),
            unit_price_eur: now.unit_price.normalize(),
            discount_pct: now.discount_pct.normalize(),
            billing_mode: now.mode,
            pricing_missing: now.source.is_missing(),
            versions: versions.to_vec(),
        }
    });
    Ok(PricingView {
        buyer_id: id,
        vat_rate: buyer.vat_rate.normalize(),
        today,
        discount_pct_global: price_on(today, &[], &general).discount_pct.normalize(),
        products: products.collect(),
        discounts,
        can: tx.ctx().may(Permission::BillingManage).then_some("edit").into_iter().collect(),
    })
}
