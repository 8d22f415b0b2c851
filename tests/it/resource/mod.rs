//! Documents of every published kind through the one set of acts behind the dialects, on both databases.

mod delete;
mod keep;
mod messages;
mod people;
mod write;

use forecourt_crm::{Caller, resource::Patch};
use forecourt_record::{Id, KINDS, Result, spec::KindSpec};
use forecourt_store::Raw;
use forecourt_testkit::TestApp;
use serde_json::{Value, json};

pub fn kind(name: &str) -> &'static KindSpec {
    KINDS.iter().copied().find(|spec| spec.name == name).unwrap()
}

pub async fn create(app: &TestApp, kind_name: &str, document: Value) -> Raw {
    try_create(app, &app.caller(), kind_name, document).await.unwrap()
}

pub async fn try_create(app: &TestApp, caller: &Caller, kind_name: &str, document: Value) -> Result<Raw> {
    let made = app.crm().resource_create(caller, kind(kind_name), vec![document], None).await?;
    Ok(made.into_iter().next().unwrap())
}

/// The published document as a reader gets it.
pub async fn read(app: &TestApp, kind_name: &str, id: Id<()>) -> Result<Value> {
    let found = app.crm().resource_read(&app.caller(), kind(kind_name), id).await?;
    Ok(serde_json::from_str(&found.published()).unwrap())
}

pub async fn replace(app: &TestApp, kind_name: &str, id: Id<()>, document: Value) -> Result<Raw> {
    app.crm().resource_replace(&app.caller(), kind(kind_name), id, document, None).await
}

pub async fn patch(app: &TestApp, kind_name: &str, id: Id<()>, operations: Value) -> Result<Raw> {
    app.crm().resource_patch(&app.caller(), kind(kind_name), id, Patch::Json(operations), None).await
}

pub async fn merge(app: &TestApp, kind_name: &str, id: Id<()>, change: Value) -> Result<Raw> {
    app.crm().resource_patch(&app.caller(), kind(kind_name), id, Patch::Merge(change), None).await
}

pub async fn delete(app: &TestApp, kind_name: &str, id: Id<()>, cascade: bool) -> Result<()> {
    app.crm().resource_delete(&app.caller(), kind(kind_name), id, cascade, None).await
}

/// The code of the error and where it points, or what came instead.
pub fn wrong<T>(result: Result<T>) -> (&'static str, Vec<String>) {
    match result {
        Ok(_) => ("none", Vec::new()),
        Err(error) => (error.code.as_str(), error.fields.into_iter().map(|field| field.pointer).collect()),
    }
}

/// A client that is reached at this number.
pub async fn ana(app: &TestApp, phone: &str) -> Raw {
    let contact = json!({"name": {"raw_name": "Ana Ruiz"}, "phones": [phone], "emails": ["Ana@Example.com"]});
    create(app, "clients", json!({"contacts": [contact]})).await
}
