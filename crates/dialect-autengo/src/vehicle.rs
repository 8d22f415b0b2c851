//! `/v3/vehicle`.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use forecourt_api::{
    App, Who,
    operation::{Operation, Right, Route},
    path::Path,
    problem::{ApiResult, Problem},
    query::Nested,
};
use forecourt_crm::stock::StockQuery;
use forecourt_query::lhs;
use forecourt_record::Code;
use serde_json::json;

use crate::{
    language::Language,
    wire::{self, VehicleListQuery},
};

const LANGUAGE: (&str, &str) = ("Accept-Language", "`de` or `en`, with qualities; `de` where neither is wanted.");
/// Vehicles of a page where nothing is said, and at most.
const USUAL: i64 = 25;
const MOST: i64 = 250;
/// How far a page may be from the first.
const FARTHEST: i64 = 1_000_000;

pub fn list() -> Route<App> {
    Operation::get("/v3/vehicle")
        .name("stock_list")
        .right(Right::VehicleRead)
        .summary("Vehicles, filtered and in order")
        .describes(
            "Filters take `=`, `<>`, `<`, `<=`, `>` and `>=` before a value and `|`. Of one column in `and`, ranges and \
             differences must all hold and one of the equalities; of `or`, one value is enough. Texts are compared \
             without case and accents. `total` is exact.",
        )
        .header(LANGUAGE.0, LANGUAGE.1)
        .query::<VehicleListQuery>()
        .answers_with(200, "A page of vehicles.", "application/json", wire::vehicles())
        .answer_header("Content-Language", "The language of the texts.")
        .problems(&[Code::QueryTooSlow])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   language: Language,
                   Nested(parameters, _): Nested<VehicleListQuery>|
                   -> ApiResult<Response> {
                let skip = wire::number(&parameters, "offset", 0, 0, FARTHEST)?;
                let limit = wire::number(&parameters, "limit", USUAL, 1, MOST)?;
                let query = StockQuery {
                    filter: lhs::filter(&parameters).map_err(wire::in_query)?,
                    search: wire::text(&parameters, "search")?.map(str::to_owned),
                    sort: lhs::order(&parameters).map_err(wire::in_query)?,
                    skip,
                    limit,
                };
                let (found, total) = app.crm.stock_list(&who.everywhere(), &query).await?;
                let list: Vec<_> = found.iter().map(|one| wire::vehicle(one, language)).collect();
                let body = json!({"total": total, "limit": limit, "offset": skip, "list": list});
                Ok((language.headers(), Json(body)).into_response())
            },
        )
}

pub fn read() -> Route<App> {
    Operation::get("/v3/vehicle/{selling_id}")
        .name("stock_read")
        .right(Right::VehicleRead)
        .summary("One vehicle by what it is offered under")
        .path("selling_id", "Six capitals and digits, such as `AIQWXW`.")
        .header(LANGUAGE.0, LANGUAGE.1)
        .answers_with(200, "The vehicle.", "application/json", wire::one_vehicle())
        .answer_header("Content-Language", "The language of the texts.")
        .problems(&[Code::NotFound])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   language: Language,
                   Path(name): Path<String>|
                   -> ApiResult<Response> {
                let missing = || Problem(forecourt_record::Error::not_found("vehicle"));
                if name.len() > 64 || name.contains('\0') {
                    return Err(missing());
                }
                let found = app.crm.stock_find(&who.everywhere(), &name).await?;
                let body = json!({"vehicle": wire::vehicle(&found, language)});
                Ok((language.headers(), Json(body)).into_response())
            },
        )
}
