//! The works over the stock, by the Autengo dialect: the question that its document gives as an example, the values that
//! filters are made of, words, and a page far from the first.

use std::net::SocketAddr;
use std::sync::Arc;

use http::StatusCode;
use rand::RngExt as _;
use rand::rngs::SmallRng;
use serde_json::Value;

use crate::Result;
use crate::client::{call, get, get_with_key};
use crate::load::Call;
use crate::subject::common_words;
use crate::work::{Reference, Work};

/// The names of the works, in their order.
pub const NAMES: [&str; 4] = ["stock-example", "stock-values", "stock-text", "stock-deep"];

/// `GET /vehicle` of the published document, as npm `qs` writes its parameters.
const EXAMPLE: &str = "search=titanium&and%5BvehicleState%5D=inventory&and%5BmakeName%5D=Ford\
    &and%5Bkilometers%5D%5B0%5D=%3E%3D%7C25000&and%5Bkilometers%5D%5B1%5D=%3C%3D%7C250000\
    &and%5BfirstRegistration%5D%5B0%5D=%3E%3D%7C2017-01-01&and%5BfirstRegistration%5D%5B1%5D=%3C%7C2018-01-01\
    &or%5BcolorId%5D%5B0%5D=3&or%5BcolorId%5D%5B1%5D=4&or%5BcolorId%5D%5B2%5D=5\
    &order%5Bfield%5D=created&order%5Bdir%5D=desc&offset=0&limit=25";
/// The same in the reference's words.
const EXAMPLE_BARE: &str = "search=titanium&state=inventory&make=ford&kilometers_from=25000&kilometers_to=250000\
    &registered_from=2017-01-01&registered_before=2018-01-01&colors=3,4,5";
const IN_STOCK: &str = "and%5BvehicleState%5D=inventory";
const FIELDS: [&str; 9] = [
    "makeId",
    "modelId",
    "vehicleTypeId",
    "climatisationType",
    "conditionType",
    "fuelType",
    "transmissionType",
    "isPluginHybrid",
    "driveType",
];
/// What goes over the whole stock is asked for on so many connections.
const SCANNING: usize = 4;
/// Vehicles of a page that words are learnt from, and how many such pages.
const PAGE: u64 = 250;
const PAGES: u64 = 4;

/// What the works ask about.
pub struct Stock {
    key: String,
    /// Vehicles that are neither sold nor on their way.
    for_sale: u64,
    /// Words of makes, models and versions that occur again and again.
    words: Vec<String>,
}

impl Stock {
    /// Looks at the newest vehicles of a running subject.
    pub async fn learn(address: SocketAddr, key: &str) -> Result<Self> {
        let for_sale = list(address, key, &format!("{IN_STOCK}&limit=1")).await?;
        let for_sale = for_sale["total"].as_u64().ok_or("a list without total")?;
        let mut names = Vec::new();
        for page in 0..PAGES {
            let vehicles = list(address, key, &format!("limit={PAGE}&offset={}", page * PAGE)).await?;
            for vehicle in vehicles["list"].as_array().into_iter().flatten() {
                let of = |name: &str| vehicle[name].as_str().unwrap_or_default();
                names.push(format!("{} {} {}", of("makeName"), of("modelName"), of("modelVersion")));
            }
        }
        let words = common_words(&names);
        if words.is_empty() {
            return Err("no word occurs twice in the names of the vehicles; there is nothing to search for".into());
        }
        Ok(Self { key: key.to_owned(), for_sale, words })
    }

    fn word(&self, chance: &mut SmallRng) -> &str {
        &self.words[chance.random_range(0..self.words.len())]
    }
}

async fn list(address: SocketAddr, key: &str, query: &str) -> Result<Value> {
    match call(address, get_with_key(&format!("/v3/vehicle?{query}"), key)).await? {
        (StatusCode::OK, body) => Ok(body),
        (status, body) => Err(format!("GET /v3/vehicle?{query} answers {status}: {body}").into()),
    }
}

/// The works over a stock. Subject and reference read the same tables, so each answers the same vehicles.
pub fn works(stock: &Arc<Stock>) -> Vec<Work> {
    let ours = |query: String| {
        let key = stock.key.clone();
        Some(Call::new(StatusCode::OK, move |_| get_with_key(&query, &key)))
    };
    let bare = |title, path: String, connections| {
        let call = Call::new(StatusCode::OK, move |_| get(&path, None));
        Some(Reference { title, call, connections })
    };
    let half = stock.for_sale / 2;
    let fields: Vec<String> = FIELDS.iter().map(|field| format!("fields%5B%5D={field}")).collect();
    let [example, values, text, deep] = NAMES;
    vec![
        Work {
            name: example,
            title: "Autengo: the document's example",
            subject: ours(format!("/v3/vehicle?{EXAMPLE}")),
            probe: has_hits,
            same: Some(same_vehicles),
            reference: bare("one SELECT, and count", format!("/stock/example?{EXAMPLE_BARE}"), None),
            ..Work::default()
        },
        Work {
            name: values,
            title: "Autengo: filter values, nine fields",
            subject: ours(format!("/v3/vehicle/filter/values?{}", fields.join("&"))),
            connections: Some(SCANNING),
            probe: has_values,
            same: Some(same_values),
            reference: bare("SELECT DISTINCT of nine", "/stock/values".to_owned(), Some(SCANNING)),
            ..Work::default()
        },
        Work {
            name: text,
            title: "Autengo: search a word, total",
            subject: Some({
                let stock = Arc::clone(stock);
                Call::new(StatusCode::OK, move |chance| {
                    get_with_key(&format!("/v3/vehicle?search={}", stock.word(chance)), &stock.key)
                })
            }),
            probe: has_hits,
            same: Some(same_vehicles),
            reference: Some(Reference {
                title: "text index, list and count",
                call: {
                    let stock = Arc::clone(stock);
                    Call::new(StatusCode::OK, move |chance| get(&format!("/stock/text?q={}", stock.word(chance)), None))
                },
                connections: None,
            }),
            ..Work::default()
        },
        Work {
            name: deep,
            title: "Autengo: offset of half the stock",
            subject: ours(format!("/v3/vehicle?{IN_STOCK}&offset={half}&limit=25")),
            connections: Some(SCANNING),
            probe: has_hits,
            same: Some(same_vehicles),
            reference: bare(
                "ids by OFFSET, then rows",
                format!("/stock/deep?state=inventory&offset={half}"),
                Some(SCANNING),
            ),
            ..Work::default()
        },
    ]
}

fn has_hits(body: &Value) -> Result<(), String> {
    let shown = body["list"].as_array().map_or(0, Vec::len);
    if shown > 0 && body["total"].as_u64() >= Some(shown as u64) {
        Ok(())
    } else {
        Err(format!("{shown} vehicles of {}", body["total"]))
    }
}

fn has_values(body: &Value) -> Result<(), String> {
    let empty = |field: &&str| body[*field].as_array().is_none_or(Vec::is_empty);
    match FIELDS.iter().find(|field| empty(field)) {
        None => Ok(()),
        Some(field) => Err(format!("no values of {field}")),
    }
}

/// The same vehicles in the same order, and as many in all.
fn same_vehicles(ours: &Value, bare: &Value) -> Result<(), String> {
    let named = |body: &Value, name: &str| -> Vec<Value> {
        body["list"].as_array().into_iter().flatten().map(|vehicle| vehicle[name].clone()).collect()
    };
    let (mine, theirs) = (named(ours, "sellingId"), named(bare, "selling_id"));
    if ours["total"] != bare["total"] {
        return Err(format!("{} vehicles, and {} by bare SQL", ours["total"], bare["total"]));
    }
    if mine == theirs { Ok(()) } else { Err(format!("other vehicles than by bare SQL: {mine:?}, {theirs:?}")) }
}

fn same_values(ours: &Value, bare: &Value) -> Result<(), String> {
    match FIELDS.iter().find(|field| ours[**field] != bare[**field]) {
        None => Ok(()),
        Some(field) => Err(format!("{field}: {}, and {} by bare SQL", ours[*field], bare[*field])),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_store::Location;
    use forecourt_testkit::{As, both};
    use rand::SeedableRng as _;
    use serde_json::json;

    use super::*;
    use crate::reference::stock;
    use crate::reference::tests::start;
    use crate::work::compare;

    /// Every fourth is of the example, and half of those are found by it.
    fn car(n: usize) -> Value {
        let is_ford = n.is_multiple_of(4);
        let pick = |from: &[&'static str], n: usize| from[n % from.len()];
        json!({
            "make": if is_ford { "Ford" } else { "Audi" },
            "model": if is_ford { "Focus" } else { pick(&["A3", "A4"], n) },
            "version": if is_ford { "1.5 Titanium" } else { "2.0 Sport" },
            "year": 2017,
            "mileage": 20_000 + n * 4_000,
            "fuel": pick(&["Benzin", "Diesel", "Plug-in Hybrid"], n),
            "transmission": pick(&["Automatik", "Schaltgetriebe"], n),
            "color": pick(&["Rot", "Blau"], n / 4),
            "body_style": pick(&["Kombi", "SUV"], n),
            "type": "used",
            "status": {"status": if n % 5 == 3 { "sold" } else { "available" }},
            "custom": {"listing": {"climatisationType": "airConditioning", "driveType": pick(&["front", "all"], n)}},
        })
    }

    both! {
        async fn bare_sql_answers_the_same_vehicles(app) {
            let cars = format!("/dealers/{}/cars", app.dealer);
            for batch in 0..4 {
                let batch: Vec<Value> = (0..20).map(|n| car(batch * 20 + n)).collect();
                app.post(&cars).json(&batch.into()).send().await.expect(200);
                app.clock.advance(std::time::Duration::from_secs(1));
            }
            let dealer = app.dealer.to_string();
            let bare = match app.location() {
                Location::Folder(folder) => stock::sqlite::router(folder, 1, &dealer).unwrap(),
                Location::Url(url) => stock::postgres::router(url, 2, &dealer).unwrap(),
            };
            let (ours, bare) = (start(app.router.clone()).await, start(bare).await);
            let stock = Arc::new(Stock::learn(ours, &app.token(As::Key).await.unwrap()).await.unwrap());
            assert_eq!((stock.for_sale, stock.words.contains(&"titanium".to_owned())), (64, true));
            for work in works(&stock) {
                let asked = (work.subject.as_ref().unwrap().factory)(&mut SmallRng::seed_from_u64(1));
                let (_, body) = call(ours, asked).await.unwrap();
                assert_eq!((work.probe)(&body), Ok(()), "{}", work.name);
                assert_eq!(compare(&work, ours, bare).await, Ok(()), "{}", work.name);
            }
        }
    }

    #[test]
    fn what_differs_is_told() {
        let found = |total, name: &str, id| json!({"total": total, "list": [{name: id}]});
        let ours = found(1, "sellingId", "A");
        assert!(same_vehicles(&ours, &found(1, "selling_id", "A")).is_ok());
        assert!(same_vehicles(&ours, &found(2, "selling_id", "A")).is_err());
        assert!(same_vehicles(&ours, &found(1, "selling_id", "B")).is_err());
        assert!(same_values(&json!({"fuelType": ["diesel"]}), &json!({"fuelType": ["lpg"]})).is_err());
        assert!(has_hits(&found(0, "sellingId", "A")).is_err() && has_hits(&json!({"list": [], "total": 0})).is_err());
        assert!(has_values(&json!({"makeId": [1]})).is_err());
    }
}
