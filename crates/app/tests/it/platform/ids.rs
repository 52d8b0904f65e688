//! What the `{id}` of every route names.

use sqlx::{AssertSqlSafe, PgConnection};

/// The start of a path, and the table of what its `{id}` names.
const TABLES: &[(&str, &str)] = &[
    ("/api/alerts/", "watch.alert"),
    ("/api/audit/runs/", "watch.audit_run"),
    ("/api/auth/users/", "platform.membership"),
    ("/api/bank/accounts/", "billing.bank_account"),
    ("/api/bank/lines/", "billing.bank_line"),
    ("/api/billing/credit-candidates/", "leads.credit_candidate"),
    ("/api/billing/records/", "leads.billing_record"),
    ("/api/clients/", "leads.buyer"),
    ("/api/commandes/", "leads.standing_order"),
    ("/api/deliveries/", "leads.delivery"),
    ("/api/documents/", "billing.document"),
    ("/api/entities/", "platform.entity"),
    ("/api/event-log/", "platform.event"),
    ("/api/incoming-invoices/", "billing.incoming_invoice"),
    ("/api/intercompany/invoices/", "billing.document"),
    ("/api/intercompany/transfers/", "leads.transfer"),
    ("/api/invoices/", "billing.document"),
    ("/api/leads/", "leads.lead"),
    ("/api/ledger/accounts/", "ledger.account"),
    ("/api/ledger/entries/", "ledger.entry"),
    ("/api/ledger/letterings/", "ledger.lettering"),
    ("/api/ledger/locks/", "ledger.period_lock"),
    ("/api/ledger/years/", "ledger.fiscal_year"),
    ("/api/operations/jobs/", "platform.job"),
    ("/api/operations/mail/", "platform.mail"),
    ("/api/parties/", "parties.party"),
    ("/api/party-addresses/", "parties.party_address"),
    ("/api/party-contacts/", "parties.party_contact"),
    ("/api/payments/", "billing.payment"),
    ("/api/providers/", "leads.provider"),
    ("/api/quarantine/", "leads.quarantine"),
    ("/api/reminders/", "billing.reminder"),
    ("/api/views/", "platform.saved_view"),
    ("/api/webhook-attempts/", "platform.webhook_attempt"),
    ("/api/webhooks/", "platform.webhook"),
];

/// Ids that stand in the `{id}` of `path`, of this tenant: the latest.
pub(super) async fn ids_of(owner: &mut PgConnection, tenant: kernel::TenantId, path: &str) -> Vec<String> {
    let found = TABLES.iter().find(|(start, _)| path.starts_with(start));
    let (_, table) = found.unwrap_or_else(|| panic!("{path}: teach this list what its id names"));
    let id = if *table == "platform.membership" { "user_id" } else { "id" };
    let sql = format!("select {id}::text from {table} where tenant_id = $1 order by {id} desc limit 60");
    sqlx::query_scalar(AssertSqlSafe(sql)).bind(tenant.uuid()).fetch_all(owner).await.unwrap()
}

/// The query that an operation cannot do without.
pub(super) fn required_query(operation: &serde_json::Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let required = parameters.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    required
        .map(|parameter| {
            let name = parameter["name"].as_str().unwrap();
            let value = match name {
                "credit_id" => "01a1fc65-3b34-7132-8044-50af971882c2",
                "entity" => "ZR7",
                "from" => "USD",
                "month" => "2026-02",
                "pattern" => "FAC-%7BYYYY%7D-%7BSEQ4%7D",
                "product" => "PV",
                "rate_type" => "normal",
                "series" => "invoice",
                "to" => "EUR",
                "year" => "2026",
                other => panic!("teach this list the parameter {other}"),
            };
            format!("{name}={value}")
        })
        .collect()
}
