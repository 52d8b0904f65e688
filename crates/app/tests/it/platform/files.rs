//! Files that leave the house, whichever route gives them.

use std::collections::BTreeSet;

use axum::http::Method;
use serde_json::{Value, json};

use super::entity_legal::PNG;
use crate::demo::{Demo, loaded};
use crate::support::Answer;

/// What people and other systems wrote, turned into what a spreadsheet would run. The schema's own guards of what is frozen are asleep
/// meanwhile.
const HOSTILE: &str = "
    set session_replication_role = replica;
    update parties.party set name = '=1+' || name;
    update leads.lead set nom = '+' || nom;
    update leads.delivery set buyer_name = '=' || buyer_name;
    update billing.document set subject = '-1+' || subject;
    update billing.bank_line set label = E'\\t=' || label;
    update ledger.entry_line set label = '=' || label;
    update ledger.account set name_fr = '@' || name_fr;
    update platform.event set actor_name = '-x' || actor_name;
    set session_replication_role = default";

/// Files of words and figures of ours, in which nobody can write anything.
const WITHOUT_FREE_TEXT: &[&str] = &["/api/intercompany/transfers/export"];

/// The routes whose GET answers with something else than JSON, but for those that give no files.
fn giving(demo: &Demo) -> BTreeSet<String> {
    let document = demo.app.document();
    let paths = document["paths"].as_object().unwrap();
    let gives = |operation: &Value| {
        let kinds = operation["responses"]["200"]["content"].as_object().into_iter().flatten();
        kinds.into_iter().any(|(kind, _)| kind != "application/json")
    };
    let found = paths.iter().filter(|(path, methods)| gives(&methods["get"]) && !NO_FILES.contains(&path.as_str()));
    found.map(|(path, _)| path.clone()).collect()
}

/// The cells of a file, whatever cuts them.
fn cells(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let cut = if text.lines().next().unwrap().contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new().delimiter(cut).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn is_figure(cell: &str) -> bool {
    cell.strip_prefix('-').unwrap_or(cell).replacen(['.', ','], "", 1).bytes().all(|byte| byte.is_ascii_digit())
}

/// A file of every route that gives one, by route; what is asked for besides its id stands behind the question mark.
const FILES: &[&str] = &[
    "/api/audit/runs/{id}/report",
    "/api/bank/lines/export",
    "/api/billing/records/export",
    "/api/clients/export?entity=ZR7",
    "/api/commandes/export?entity=ZR7",
    "/api/deliveries/export",
    "/api/deliveries/{id}/download",
    "/api/documents/export",
    "/api/documents/{id}/file?format=pdf",
    "/api/documents/{id}/file?format=cii",
    "/api/documents/{id}/file?format=ubl",
    "/api/entities/{code}/logo",
    "/api/event-log/export",
    "/api/incoming-invoices/{id}/file",
    "/api/intercompany/transfers/export",
    "/api/invoices/export",
    "/api/leads/export",
    "/api/ledger/entries/export?entity=ZR7",
    "/api/ledger/fec?entity=ZR7&year=2026",
    "/api/ledger/trial-balance/export?entity=ZR7",
    "/api/parties/{id}/statement/file?entity=ZR7&format=pdf",
    "/api/parties/{id}/statement/file?entity=ZR7&format=csv",
    "/api/payments/export",
];

/// Answers that are no JSON and no files.
const NO_FILES: &[&str] =
    &["/api/live", "/demo/form", "/demo/form.css", "/healthz", "/metrics", "/public/comptoir.js", "/readyz"];

/// Where a file of this route is found in the demo: the newest of its kind.
const IDS: &[(&str, &str)] = &[
    ("/api/audit", "select id::text from watch.audit_run order by id desc limit 1"),
    (
        "/api/deliveries",
        "select d.id::text from leads.delivery d join leads.delivery_batch b on b.tenant_id = d.tenant_id and b.id = d.batch_id
         where b.csv is not null order by b.id desc limit 1",
    ),
    (
        "/api/documents",
        "select id::text from billing.document where direction = 'sale' and origin <> 'received' and number is not null
         order by id desc limit 1",
    ),
    ("/api/incoming-invoices", "select id::text from billing.incoming_invoice order by id desc limit 1"),
    (
        "/api/parties",
        "select party_id::text from billing.document d join platform.entity e on e.tenant_id = d.tenant_id and e.id = d.entity_id
         where e.code = 'ZR7' and direction = 'sale' and number is not null order by d.id limit 1",
    ),
];

async fn path(demo: &mut Demo, file: &str) -> String {
    let Some((_, sql)) = IDS.iter().find(|(of, _)| file.starts_with(of) && file.contains("{id}")) else {
        return file.replace("{code}", "ZR7");
    };
    let id: String = sqlx::query_scalar(*sql).fetch_one(&mut demo.owner).await.expect(file);
    file.replace("{id}", &id)
}

/// How browsers treat a file: shown only where nothing in it can run (spec/desk.md D-25).
fn is_safe(file: &Answer, of: &str) {
    let (disposition, kind) = (file.header("content-disposition"), file.header("content-type"));
    let policy = file.header("content-security-policy");
    if disposition.starts_with("inline; filename=\"") {
        assert!(matches!(kind, "application/pdf" | "image/png" | "image/jpeg"), "{of}: {kind}");
    } else {
        assert!(disposition.starts_with("attachment; filename=\""), "{of}: {disposition}");
        assert!(policy.ends_with("sandbox"), "{of}: {policy}");
    }
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script"), "{of}: {policy}");
    assert_eq!(file.header("x-content-type-options"), "nosniff", "{of}");
    assert!(file.header("cache-control").starts_with("private"), "{of}");
}

#[tokio::test]
async fn d_25_d_26_no_file_of_any_route_runs_in_a_browser_or_in_a_spreadsheet() {
    let mut demo = loaded("comptoir_demo_files").await;
    sqlx::raw_sql(HOSTILE).execute(&mut demo.owner).await.unwrap();
    demo.app.post("/api/deliveries/batch/generate-csv", json!({ "entity": "ZR7" })).expect(200).await;
    // What one entity issued, the other receives.
    let issued = path(&mut demo, "/api/documents/{id}/file?format=cii").await;
    let issued = demo.app.get(&issued).scope("ALL").await.bytes;
    let received = demo.app.send(Method::POST, "/api/incoming-invoices?entity=MDL", None).by(&demo.app.root);
    received.raw("application/xml", issued).expect(201).await;
    let known: BTreeSet<_> = FILES.iter().map(|file| file.split('?').next().unwrap().to_owned()).collect();
    assert_eq!(giving(&demo), known, "the routes that give files, and those that are tried");
    let (mut below_zero, mut refused, mut bare) = (0, Vec::new(), Vec::new());
    for of in FILES {
        let path = path(&mut demo, of).await;
        // No picture that a page could be set with: it is there while it is looked at.
        let logo = |method| demo.app.send(method, &path, None).by(&demo.app.root);
        if path.ends_with("/logo") {
            logo(Method::PUT).raw("image/png", PNG).expect(200).await;
        }
        let file = demo.app.get(&path).scope("ALL").await;
        if path.ends_with("/logo") {
            logo(Method::DELETE).expect(204).await;
        }
        if file.status != 200 {
            refused.push(format!("{of}: {}", file.text));
            continue;
        }
        is_safe(&file, of);
        if !file.header("content-type").starts_with("text/csv") {
            continue;
        }
        let rows = cells(&file.text);
        let mut made_text = 0;
        for cell in rows.iter().flatten() {
            let is_run = cell.starts_with(['=', '+', '-', '@', '\r', '\n']) && !is_figure(cell);
            assert!(!is_run, "{of}: {cell:?}");
            made_text += usize::from(cell.starts_with('\t'));
            below_zero += usize::from(cell.starts_with('-') && is_figure(cell));
        }
        if rows.is_empty() || (made_text == 0 && !WITHOUT_FREE_TEXT.contains(of)) {
            bare.push(format!("{of}: {} lines", rows.len()));
        }
    }
    assert_eq!(refused, Vec::<String>::new());
    assert_eq!(bare, Vec::<String>::new(), "files in which nothing hostile was");
    assert!(below_zero > 0, "no figure below zero was in any file");
}
