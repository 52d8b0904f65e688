//! Which VAT a line bears, from what is stored of the seller and of the buyer.

use kernel::{PartyId, Supply};
use parties::rules::vat::{VatCase, VatLine, treatment};
use serde_json::{Value, json};

use crate::support::TestApp;

async fn code(app: &TestApp, buyer: Value, rate: &str) -> Result<(String, Option<String>), String> {
    let buyer = app.post("/api/parties", buyer).expect(201).await;
    let id: PartyId = buyer["id"].as_str().unwrap().parse().unwrap();
    let ctx = app.platform.act_in(app.tenant, platform::Actor::System("test"), "test").await.unwrap();
    let seller = ctx.entity_by_code("ZR7").unwrap().id;
    let mut tx = ctx.read().await.unwrap();
    let legal = platform::tenancy::legal::legal(&mut tx, seller).await.unwrap();
    let party = parties::get_party(&mut tx, id).await.unwrap();
    let line = VatLine { supply: Supply::Service, rate: rate.parse().unwrap(), category: None, reason: String::new() };
    let found = treatment(&VatCase::between(&legal, &party, line));
    found.map(|found| (found.code.code().to_owned(), found.vatex)).map_err(|refusal| refusal.field().to_owned())
}

#[tokio::test]
async fn l_59_the_rate_of_a_party_and_where_it_is_decide_what_its_lines_bear() {
    let app = TestApp::new().await;
    let rows = [
        (json!({}), "20", Ok(("S", None))),
        (json!({ "vat_rate": "0" }), "20", Err("vat_category")),
        (json!({ "vat_rate": "0", "vat_category": "reverse_charge" }), "20", Ok(("AE", Some("VATEX-EU-AE")))),
        (
            json!({ "vat_rate": "0", "country": "DE", "vat_number": "DE123456789" }),
            "20",
            Ok(("AE", Some("VATEX-EU-AE"))),
        ),
        (json!({ "vat_rate": "0", "country": "DE" }), "20", Err("vat_number")),
        (json!({ "vat_rate": "0", "country": "US" }), "20", Ok(("O", Some("VATEX-EU-O")))),
        (json!({ "is_consumer": true }), "10", Err("vat_reason")),
    ];
    for (mut buyer, rate, expected) in rows {
        buyer["entity"] = json!("ZR7");
        buyer["name"] = json!("X");
        let found = code(&app, buyer.clone(), rate).await;
        let found = found.as_ref().map(|(code, vatex)| (code.as_str(), vatex.as_deref())).map_err(String::as_str);
        assert_eq!(found, expected, "{buyer}");
    }
    app.put("/api/entities/ZR7/legal", json!({ "vat_regime": "franchise" })).expect(200).await;
    let found = code(&app, json!({ "entity": "ZR7", "name": "X" }), "20").await;
    assert_eq!(found, Ok(("E".into(), Some("VATEX-FR-FRANCHISE".into()))));
}
