//! `GET /{resource}`.

use axum::{extract::State, response::Response};
use forecourt_api::{
    App, Who,
    operation::{Operation, Route},
    problem::ApiResult,
    query::WithBrackets,
};
use forecourt_crm::resource::{Listed, PageOf, Question};
use forecourt_record::{Code, Error, Right};
use http::HeaderName;
use serde_json::{Value, json};

use crate::{
    place,
    row::Row,
    schema,
    wire::{Asked, ListQuery},
};

const HAS_MORE: HeaderName = HeaderName::from_static("mapp-has-more");
const TOTAL: HeaderName = HeaderName::from_static("mapp-total");
const NEXT: HeaderName = HeaderName::from_static("mapp-next");

pub fn list(row: &'static Row) -> Route<App> {
    Operation::get(&row.many)
        .name(&row.names.list)
        .right(Right::Read(row.collection))
        .summary(&row.says.list)
        .describes(
            "`q` and `search` ask the same in two languages; given both, both must hold. Without `sort` the oldest come first. \
             To walk a whole list, send `after` what `mapp-next` said: it neither skips nor repeats what was there all the \
             time, and costs the same on every page.",
        )
        .path(place::DEALER.0, place::DEALER.1)
        .query::<ListQuery>()
        .answers_with(200, "The documents, or groups of them.", "application/json", schema::list(row))
        .answer_header("mapp-has-more", "`true` when there are more after these, else `false`.")
        .answer_header("mapp-total", "How many there are in all, with `count=true`.")
        .answer_header("mapp-next", "What `after` goes on with, when there are more.")
        .problems(&[Code::Invalid, Code::QueryTooSlow])
        .handler(
            move |State(app): State<App>, who: Who, WithBrackets(query, brackets): WithBrackets<ListQuery>| async move {
                answer(row, &app, &who, query, brackets).await
            },
        )
}

async fn answer(
    row: &'static Row,
    app: &App,
    who: &Who,
    query: ListQuery,
    brackets: Vec<(String, String)>,
) -> ApiResult<Response> {
    let ListQuery { asked, skip, limit, group_by, count, after, explain } = query;
    let question = question(asked, brackets);
    let page = PageOf { skip, limit, after, count };
    if explain {
        if !who.rights.contains(&Right::Administer) {
            let detail = format!("`explain` takes the right \"{}\".", Right::Administer.as_str());
            return Err(Error::new(Code::Forbidden, detail).into());
        }
        let explained = app.crm.resource_explain(&who.caller, row.spec, &question, &page).await?;
        return Ok(place::json([], json!([{ "explain": explained }]).to_string()));
    }
    if let Some(group_by) = group_by {
        let groups = app.crm.resource_group(&who.caller, row.spec, &question, &group_by, &page).await?;
        let headers = [(HAS_MORE, groups.has_more.to_string())];
        let total = groups.total.map(|total| (TOTAL, total.to_string()));
        return Ok(place::json(headers.into_iter().chain(total), Value::Array(groups.groups).to_string()));
    }
    let Listed { found, has_more, total, next, asked } =
        app.crm.resource_list(&who.caller, row.spec, &question, &page).await?;
    let mut text = String::from("[");
    for (at, one) in found.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        match &asked.projection {
            // Nothing is taken apart that is answered whole.
            None => text.push_str(&one.published()),
            Some(projection) => {
                let mut document: Value = serde_json::from_str(&one.published()).map_err(Error::internal)?;
                projection.apply(&mut document);
                text.push_str(&document.to_string());
            }
        }
    }
    text.push(']');
    let headers = [(HAS_MORE, has_more.to_string())];
    let total = total.map(|total| (TOTAL, total.to_string()));
    Ok(place::json(headers.into_iter().chain(total).chain(next.map(|next| (NEXT, next))), text))
}

/// What is asked for.
pub fn question(asked: Asked, brackets: Vec<(String, String)>) -> Question {
    let Asked { q, search, sort, project } = asked;
    Question { q, brackets, search, sort, project }
}
