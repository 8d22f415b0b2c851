//! `/v3/vehicle/filter/values`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    operation::{Operation, Right, Route},
    problem::ApiResult,
    query::Nested,
};
use forecourt_query::lhs;
use forecourt_record::{
    Code, Error, Result,
    listing::{Filtered, VALUED},
    shape::nearest,
};
use serde_json::{Map, Value};

use crate::wire::{self, ValuesQuery};

pub fn values() -> Route<App> {
    Operation::get("/v3/vehicle/filter/values")
        .name("stock_values")
        .right(Right::VehicleRead)
        .summary("The values that vehicles have in some columns")
        .describes("Each once, in their order. `search`, `and` and `or` narrow the vehicles as they do in the list.")
        .query::<ValuesQuery>()
        .answers_with(200, "The values by column.", "application/json", wire::values())
        .problems(&[Code::QueryTooSlow])
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Nested(parameters, _): Nested<ValuesQuery>|
                   -> ApiResult<Json<Value>> {
                let columns = columns(&parameters)?;
                let filter = lhs::filter(&parameters).map_err(wire::in_query)?;
                let search = wire::text(&parameters, "search")?;
                let found = app.crm.stock_values(&who.everywhere(), &filter, search, &columns).await?;
                let found: Map<String, Value> =
                    found.into_iter().map(|(name, values)| (name.to_owned(), values.into())).collect();
                Ok(Json(found.into()))
            },
        )
}

fn columns(parameters: &Value) -> Result<Vec<&'static Filtered>> {
    let wanted = match parameters.get("fields") {
        None => vec![VALUED[0]],
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(items)) => {
            let texts: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            texts.ok_or_else(|| wire::wrong("fields", "wrong_type", "`fields` is a list of columns.".to_owned()))?
        }
        Some(_) => return Err(wire::wrong("fields", "wrong_type", "`fields` is a list of columns.".to_owned())),
    };
    let column = |name: &str| {
        if !VALUED.contains(&name) {
            let near = nearest(name, VALUED).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
            let detail = format!("Values can be asked for of {}.{near}", VALUED.join(", "));
            return Err(wire::wrong("fields", "not_allowed", detail));
        }
        lhs::column_of(name).map_err(Error::internal)
    };
    wanted.into_iter().map(column).collect()
}
