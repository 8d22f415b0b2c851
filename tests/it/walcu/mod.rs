//! Walcu CRM, `/dealers/{dealer_id}`: each of the seven operations by its behaviour, over the resources it is about.

mod contract;
mod create;
mod dealers;
mod delete;
mod export;
mod hostile;
mod list;
mod patch;
mod read;
mod replace;
mod round;
mod stage;
mod views;

use forecourt_testkit::{Answer, TestApp};
use http::Method;
use serde_json::{Map, Value, json};

pub use stage::Stage;

/// The address of something of the test's dealer.
pub fn at(app: &TestApp, rest: &str) -> String {
    format!("/dealers/{}/{rest}", app.dealer)
}

/// Creates a document; the document as it is answered.
pub async fn create(app: &TestApp, resource: &str, document: Value) -> Value {
    app.post(&at(app, resource)).json(&document).send().await.expect(200)
}

/// Creates a document; its `_id`.
pub async fn created(app: &TestApp, resource: &str, document: Value) -> String {
    id(&create(app, resource, document).await)
}

/// The document as it is now, out of its array of one.
pub async fn read(app: &TestApp, resource: &str, id: &str) -> Value {
    let answer = app.get(&at(app, &format!("{resource}/{id}"))).send().await.expect(200);
    answer[0].clone()
}

/// What a list answers.
pub async fn list(app: &TestApp, resource: &str, query: &str) -> Vec<Value> {
    let answer = app.get(&at(app, &format!("{resource}?{query}"))).send().await.expect(200);
    answer.as_array().expect("a list is an array").clone()
}

/// A JSON Patch, sent.
pub async fn patch(app: &TestApp, resource: &str, id: &str, steps: Value) -> Answer {
    app.patch(&at(app, &format!("{resource}/{id}"))).json(&steps).send().await
}

/// A replacement, sent.
pub async fn put(app: &TestApp, resource: &str, id: &str, document: &Value) -> Answer {
    app.put(&at(app, &format!("{resource}/{id}"))).json(document).send().await
}

pub fn id(document: &Value) -> String {
    document["_id"].as_str().expect("a document has an id").to_owned()
}

/// One member of each document, as plain texts.
pub fn each(documents: &[Value], pointer: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    documents.iter().map(|document| document.pointer(pointer).map(text).unwrap_or_default()).collect()
}

/// A client with one contact.
pub fn client(name: &str, phone: &str) -> Value {
    json!({"contacts": [{"name": {"raw_name": name}, "phones": [phone]}]})
}

/// A text fit for the query string.
pub fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

pub fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

pub fn method(text: &str) -> Method {
    text.parse().expect("a method")
}
