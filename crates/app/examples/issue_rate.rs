//! Prints how many documents a second are issued: number, entry in the books, page (PDF/A-3) and data (CII), all stored, each
//! transaction durable. By the operation that every way of issuing goes through: many in a transaction, and one by one from
//! several sides at once.
//!
//! `cargo run --release -p app --example issue_rate -- [DOCUMENTS]`

use std::sync::Arc;
use std::time::Instant;

use app::postgres::{ManagedOptions, ManagedPostgres};
use app::{http, telemetry, wiring};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request};
use billing::documents::draft::{DocumentText, Draft, DraftLine};
use billing::documents::issue::issue;
use billing::documents::model::{Direction, DocumentKind, Origin, PayMethod};
use billing::documents::ops::create_draft;
use billing::documents::totals::Discount;
use billing::documents::vat::LineVat;
use kernel::{Clock as _, Currency, DocumentId, EntityId, Language, PartyId, SystemClock, VatCode};
use platform::identity::PlainPassword;
use platform::tenancy::{NewAdmin, NewTenant};
use platform::{Actor, Ctx, Options, Platform};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use tower::ServiceExt as _;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Documents of a transaction, and sides that issue one by one.
const TOGETHER: usize = 50;
const SIDES: usize = 4;
const PASSWORD: &str = "correct horse battery staple";
const ADMIN: &str = "root@bench.example";

/// A house with a customer.
#[derive(Clone, Copy)]
struct House {
    entity: EntityId,
    party: PartyId,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let documents: usize = std::env::args().nth(1).map_or(Ok(400), |text| text.parse())?;
    let dir = tempfile::tempdir()?;
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o711))?;
    let managed = ManagedPostgres::start(ManagedOptions::new(dir.path().join("data"))).await?;
    managed.ensure_database("bench").await?;
    let (ctx, houses) = open(&managed).await?;
    // The first page reads the fonts.
    let first = write(&ctx, houses[0], 1).await?;
    together(&ctx, &first).await?;

    let drafts = write(&ctx, houses[0], documents).await?;
    let before = Instant::now();
    for part in drafts.chunks(TOGETHER) {
        together(&ctx, part).await?;
    }
    told(&format!("{TOGETHER} in a transaction"), documents, before);

    let mut drafts = Vec::new();
    for house in &houses {
        drafts.push(write(&ctx, *house, documents / 2).await?);
    }
    let before = Instant::now();
    // Each side stays in one series, as a person does.
    let sides = (0..SIDES).map(|side| {
        let series = &drafts[side % drafts.len()];
        let mine: Vec<_> = series.iter().copied().skip(side / drafts.len()).step_by(SIDES / drafts.len()).collect();
        let ctx = ctx.clone();
        tokio::spawn(async move {
            for id in mine {
                together(&ctx, &[id]).await?;
            }
            Ok::<_, Failure>(())
        })
    });
    for side in futures_util::future::join_all(sides).await {
        side??;
    }
    let alone = drafts.iter().map(Vec::len).sum();
    told(&format!("one by one, from {SIDES} sides, in two series"), alone, before);
    prove(&ctx, 1 + documents + alone).await?;
    managed.stop().await?;
    Ok(())
}

fn told(how: &str, documents: usize, before: Instant) {
    let took = before.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let rate = documents as f64 / took;
    println!("issue: {documents} documents, {how}: {rate:.1}/s (≥ 60)");
}

async fn together(ctx: &Ctx, ids: &[DocumentId]) -> Result<(), Failure> {
    let mut tx = ctx.begin().await?;
    issue(&mut tx, ids, None).await?;
    tx.commit().await?;
    Ok(())
}

/// Everything is there: nothing was measured that did not happen.
async fn prove(ctx: &Ctx, documents: usize) -> Result<(), Failure> {
    let mut tx = ctx.read().await?;
    let stored: i64 = sqlx::query_scalar(
        "select count(*) from billing.document d join billing.document_file f on f.tenant_id = d.tenant_id and f.document_id = d.id
         where d.tenant_id = $1 and d.number is not null and d.entry_id is not null and length(f.content) > 1000",
    )
    .bind(tx.tenant().uuid())
    .fetch_one(tx.conn())
    .await?;
    if stored == 2 * i64::try_from(documents)? {
        Ok(())
    } else {
        Err(format!("{stored} files of {documents} documents").into())
    }
}

/// Drafts of an ordinary invoice: six lines, two rates.
async fn write(ctx: &Ctx, house: House, many: usize) -> Result<Vec<DocumentId>, Failure> {
    let mut tx = ctx.begin().await?;
    let mut ids = Vec::with_capacity(many);
    for _ in 0..many {
        ids.push(create_draft(&mut tx, &draft(house)).await?.id);
    }
    tx.commit().await?;
    Ok(ids)
}

fn draft(House { entity, party }: House) -> Draft {
    let vat = |rate: i64, reason: &str| LineVat {
        category: VatCode::S,
        rate: Decimal::from(rate),
        reason: reason.to_owned(),
        reason_code: None,
    };
    let line = |at: i64| DraftLine {
        description: "Fourniture et pose, selon le devis accepté, avec la mise en service".to_owned(),
        ..DraftLine::service(
            format!("Prestation {at}"),
            Decimal::new(25 * at, 1),
            Decimal::new(4_590 + at, 2),
            if at % 3 == 0 { vat(10, "Taux de 10 % : article 279-0 bis du CGI.") } else { vat(20, "") },
        )
    };
    Draft {
        entity,
        kind: DocumentKind::Invoice,
        direction: Direction::Sale,
        origin: Origin::Manual,
        party_id: party,
        original_id: None,
        source_id: None,
        version: 1,
        currency: Currency::EUR,
        language: Language::Fr,
        text: DocumentText { subject: "Chantier des Terreaux".to_owned(), ..DocumentText::default() },
        supply_from: None,
        supply_to: None,
        week: None,
        valid_until: None,
        payment_terms_days: 30,
        payment_method: PayMethod::Transfer,
        discount: Discount::Percent(Decimal::new(25, 1)),
        lines: (1..=6).map(line).collect(),
    }
}

/// A tenant of two lawful entities, each with a customer.
async fn open(managed: &ManagedPostgres) -> Result<(Ctx, Vec<House>), Failure> {
    let mut owner = managed.owner_options("bench").connect().await?;
    platform::schema::migrate(&mut owner).await?;
    let now = SystemClock.now();
    platform::schema::make_partitions(&mut owner, now).await?;
    let new = NewTenant {
        slug: "bench".into(),
        name: "Bench".into(),
        time_zone: "Europe/Paris".into(),
        entities: vec![("ZR7".into(), "ZR7 Énergie".into()), ("MDL".into(), "MDL".into())],
        admin: NewAdmin { email: ADMIN.parse()?, name: "Root".into(), password: Some(PlainPassword::new(PASSWORD)) },
    };
    let tenant = platform::tenancy::create(&mut owner, now, &new).await?;
    let pool = platform::connect(managed.app_options("bench"), 8).await?;
    let options = Options { unthrottled: true, ..Options::default() };
    let platform = Platform::new(pool, Arc::new(SystemClock), wiring::registry(), options);
    let router = http::build(&platform, telemetry::no_metrics()).router;
    let call = async |token: &str, method: Method, path: &str, body: Value| -> Result<Value, Failure> {
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let peer = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
        let answer =
            router.clone().oneshot(request.extension(ConnectInfo(peer)).body(Body::from(body.to_string()))?).await?;
        let (parts, body) = answer.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await?;
        if !parts.status.is_success() {
            return Err(format!("{path}: {} {}", parts.status, String::from_utf8_lossy(&bytes)).into());
        }
        Ok(serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    };
    let login = json!({ "email": ADMIN, "password": PASSWORD, "tenant": "bench" });
    let token =
        call("", Method::POST, "/api/auth/login", login).await?["token"].as_str().unwrap_or_default().to_owned();
    let ctx = platform.act_in(tenant, Actor::System("bench"), "bench").await?;
    let mut houses = Vec::new();
    for (code, siret) in [("ZR7", "73282932000074"), ("MDL", "55208131766522")] {
        let place = json!({ "line1": "1 rue de la Paix", "postal_code": "75002", "city": "Paris", "country": "FR" });
        let legal = json!({ "legal_name": code, "legal_form": "SAS", "share_capital": "10000.00", "address": place, "siret": siret,
            "register": "RCS", "register_city": "Paris", "iban": "FR7630006000011234567890189",
            "vat_number": if code == "ZR7" { "FR44732829320" } else { "FR03552081317" } });
        call(&token, Method::PUT, &format!("/api/entities/{code}/legal"), legal).await?;
        let party = json!({ "entity": code, "name": "Acme", "siren": "443061841", "address_line1": "8 rue de Londres",
            "postal_code": "75009", "city": "Paris", "email": "acme@client.example" });
        let party = call(&token, Method::POST, "/api/parties", party).await?;
        let entity = ctx.entity_by_code(code).ok_or("no such entity")?.id;
        houses.push(House { entity, party: party["id"].as_str().unwrap_or_default().parse()? });
    }
    Ok((ctx, houses))
}
