//! The demo as a whole: what `comptoir serve --demo` loads is in order down to the books, and shows what there is to show.

use std::sync::Arc;

use app::runtime::{self, Database};
use kernel::ManualClock;
use ledger::fec::verify::verify;
use platform::job;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

use crate::support::{TestApp, demo, secret_keys_file, settings_with};

pub(crate) struct Demo {
    pub(crate) app: TestApp,
    pub(crate) owner: PgConnection,
    _data: tempfile::TempDir,
}

/// The demo in a database of its own, called `name`: its schedules run for every tenant there is.
pub(crate) async fn loaded(name: &str) -> Demo {
    let data = tempfile::tempdir().unwrap();
    let ring = secret_keys_file().display().to_string();
    let config = settings_with(data.path(), &[("COMPTOIR_SECRET_KEYS_FILE", &ring)]);
    let (owner, service) = demo::copy(name).await;
    let database = Database { app: service, owner: Some(owner.clone()) };
    let clock = Arc::new(ManualClock::new(demo::at().await));
    let platform = runtime::replay(&config, &database, clock.clone()).await.unwrap();
    // The audit waits for the first who serves the demo.
    job::run_until_idle(&platform).await.unwrap();
    let mut owner = PgConnection::connect_with(&owner).await.unwrap();
    let app = TestApp::over(platform, clock, "demo", demo::tenant(&mut owner).await);
    let app = app.signed_in(app::demo::ADMIN, demo::password().await).await;
    Demo { app, owner, _data: data }
}

impl Demo {
    async fn get(&self, path: &str) -> Value {
        self.app.get(path).expect(200).await
    }

    async fn count(&self, path: &str) -> usize {
        self.get(path).await["items"].as_array().unwrap().len()
    }

    async fn sum(&mut self, sql: &'static str) -> Decimal {
        sqlx::query_scalar(sql).fetch_one(&mut self.owner).await.unwrap()
    }
}

#[tokio::test]
async fn the_demo_is_in_order_down_to_the_books_and_its_fec_passes() {
    let mut demo = loaded("comptoir_demo_seen").await;
    for entity in ["ZR7", "MDL"] {
        let years = demo.get(&format!("/api/ledger/years?entity={entity}")).await;
        // It may have begun in the year before.
        let mut entries = 0;
        for year in years.as_array().unwrap() {
            let ends = year["ends_on"].as_str().unwrap();
            let file = demo.app.get(&format!("/api/ledger/fec?entity={entity}&year={}", &ends[..4])).await;
            assert_eq!(file.status, 200, "{}", file.json);
            let name = file.header("content-disposition").split('"').nth(1).unwrap();
            let report = verify(name, file.text.as_bytes(), 20).unwrap();
            assert_eq!(report.findings, vec![], "{entity} {ends}");
            entries += report.entries;
        }
        assert!(entries > 40, "{entity}: {entries}");
        let balance = demo.get(&format!("/api/ledger/trial-balance?entity={entity}")).await;
        assert_eq!(balance["total"]["debit"], balance["total"]["credit"], "{entity}");
    }
    let books = "select coalesce(sum(l.debit - l.credit), 0) from ledger.entry_line l
        join ledger.account a on a.tenant_id = l.tenant_id and a.id = l.account_id where starts_with(a.code, '411')";
    let documents = "select coalesce(sum(gross - paid - credited), 0) from billing.document where direction = 'sale'
        and origin <> 'intercompany' and kind in ('invoice', 'deposit_invoice') and status <> 'draft'";
    assert_eq!(demo.sum(books).await, demo.sum(documents).await, "what customers owe");
    let gaps = "select count(*)::numeric from (select from ledger.entry group by entity_id, journal, fiscal_year_id
        having max(number) <> count(*) or min(number) <> 1) x";
    assert_eq!(demo.sum(gaps).await, Decimal::ZERO);
    for (schedule, trouble) in
        [("reconcile-payments", "drifted"), ("billing-rehash", "changed"), ("billing-daily", "overdue")]
    {
        let ctx = demo.app.platform.act_in(demo.app.tenant, platform::Actor::System("test"), "test").await.unwrap();
        assert_eq!(job::run_now(&ctx, schedule).await.unwrap()[trouble], 0, "{schedule}");
    }
    let ahead = "select count(*)::numeric from platform.event where at > now()";
    assert_eq!(demo.sum(ahead).await, Decimal::ZERO, "nothing happened that is still to come");
    let health = demo.get("/api/system/health").await;
    assert_eq!(health["modules"]["cron"]["status"], "ok", "{health:#}");
    assert_eq!(demo.get("/api/intercompany/health").await["status"], "ok");
    shows_what_there_is(&demo).await;
}

/// Each screen of money has something on it.
async fn shows_what_there_is(demo: &Demo) {
    for (path, least) in [
        ("/api/documents?entity=ALL&kind=quote", 2),
        ("/api/documents?entity=ALL&kind=deposit_invoice", 1),
        ("/api/documents?entity=ALL&kind=credit_note", 1),
        ("/api/documents?entity=ALL&status=draft", 2),
        ("/api/invoices?entity=ALL&status=overdue", 6),
        ("/api/payments?entity=ALL&unallocated=true", 1),
        ("/api/intercompany/invoices", 4),
        ("/api/billing/credit-candidates?entity=ALL&status=open", 1),
        ("/api/billing/credit-candidates?entity=ALL&status=credited", 1),
        ("/api/bank/lines?entity=ALL&state=matched", 10),
        ("/api/bank/lines?entity=ALL&state=suggested", 2),
        ("/api/bank/lines?entity=ALL&state=unmatched", 2),
    ] {
        assert!(demo.count(path).await >= least, "{path}");
    }
    let payments = demo.get("/api/payments?entity=ALL&limit=200").await;
    let bounced = payments["items"].as_array().unwrap().iter().filter(|payment| payment["status"] == "failed");
    assert_eq!(bounced.count(), 1);
    let overdue = demo.get("/api/invoices/overdue-dashboard").await;
    for age in overdue["totals"][0]["ages"].as_array().unwrap() {
        assert_ne!(age.as_str(), Some("0"), "every age of what is overdue has something: {overdue:#}");
    }
}
