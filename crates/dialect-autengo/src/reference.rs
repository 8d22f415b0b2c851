//! `/v3/vehicle/reference`: makes and models, those of the catalogue and those in stock besides.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    operation::{Operation, Right, Route},
    path::Path,
    problem::{ApiResult, Problem},
};
use forecourt_record::{Code, Error, catalogue, text::folded};
use serde_json::{Value, json};

use crate::wire;

pub fn makes() -> Route<App> {
    Operation::get("/v3/vehicle/reference/make")
        .name("stock_makes")
        .right(Right::VehicleRead)
        .summary("All makes")
        .describes("In the order of their names. A make's number never changes.")
        .answers_with(200, "The makes.", "application/json", wire::named("makeId", "makeName"))
        .problems(&[Code::QueryTooSlow])
        .handler(async |State(app): State<App>, who: Who| -> ApiResult<Json<Value>> {
            let stock = app.crm.stock_makes(&who.everywhere()).await?;
            let shipped = catalogue::makes().iter().map(|make| (make.id, make.name.to_owned()));
            Ok(Json(listed("makeId", "makeName", stock.into_iter().chain(shipped))))
        })
}

pub fn models() -> Route<App> {
    Operation::get("/v3/vehicle/reference/make/{make_id}/model")
        .name("stock_models")
        .right(Right::VehicleRead)
        .summary("All models of a make")
        .path("make_id", "A make's number.")
        .answers_with(
            200,
            "The models, in the order of their names.",
            "application/json",
            wire::named("modelId", "modelName"),
        )
        .problems(&[Code::NotFound, Code::QueryTooSlow])
        .handler(async |State(app): State<App>, who: Who, Path(make): Path<String>| -> ApiResult<Json<Value>> {
            let missing = || Problem(Error::not_found("make"));
            let make: i64 = make.parse().map_err(|_| missing())?;
            let callers = who.everywhere();
            let known = catalogue::make_by_id(make);
            let stock = app.crm.stock_models(&callers, make).await?;
            if known.is_none()
                && stock.is_empty()
                && !app.crm.stock_makes(&callers).await?.iter().any(|(id, _)| *id == make)
            {
                return Err(missing());
            }
            let shipped =
                known.into_iter().flat_map(|make| &make.models).map(|model| (model.id, model.name.to_owned()));
            Ok(Json(listed("modelId", "modelName", stock.into_iter().chain(shipped))))
        })
}

/// Each number once, with the last name that is given for it, in the order of the names.
fn listed(number: &str, name: &str, named: impl Iterator<Item = (i64, String)>) -> Value {
    let names: BTreeMap<i64, String> = named.collect();
    let mut names: Vec<(i64, String)> = names.into_iter().collect();
    names.sort_by_cached_key(|(id, name)| (folded(name), *id));
    let list: Vec<Value> = names.into_iter().map(|(id, text)| json!({number: id, name: text})).collect();
    json!({"total": list.len(), "list": list})
}
