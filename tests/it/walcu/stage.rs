//! One document of every resource that others name, and the published examples with those ids filled in.

use std::collections::HashMap;

use forecourt_dialect_walcu::{Row, example, rows};
use forecourt_record::spec::{Part, Target};
use forecourt_testkit::TestApp;
use serde_json::{Value, json};

use super::{client, created};

/// The ids of what is on the stage, by resource.
pub struct Stage(HashMap<&'static str, String>);

impl Stage {
    pub async fn set(app: &TestApp) -> Self {
        let mut ids = HashMap::new();
        let client = created(app, "clients", client("Staged Person", "+17135550190")).await;
        let of_client = json!({"client_id": client});
        let contact = json!({"client_id": client, "name": {"first_name": "Second"}, "phones": ["+17135550191"]});
        for (resource, document) in [
            ("contacts", contact),
            ("saleleads", of_client.clone()),
            ("appraisalleads", of_client.clone()),
            ("aftersaleleads", of_client),
            ("cars", json!({"make": "Ford", "model": "F-150"})),
            ("clientvehicles", json!({"make": "Ford", "model": "Fiesta"})),
            ("chatproviders", json!({"name": "A chat"})),
        ] {
            ids.insert(resource, created(app, resource, document).await);
        }
        let chat = json!({"provider_id": ids["chatproviders"], "client_info": {"client_id": client}});
        ids.insert("chatsessions", created(app, "chatsessions", chat).await);
        let session = json!({"client_number": "+17135550190", "dealer_number": "+17135550100"});
        ids.insert("whatsappsessions", created(app, "whatsappsessions", session).await);
        let note = json!({"client_id": client, "content": "Staged"});
        ids.insert("notes", created(app, "notes", note).await);
        ids.insert("clients", client);
        Self(ids)
    }

    pub fn id(&self, resource: &str) -> &str {
        &self.0[resource]
    }

    /// The example of a resource as a client may send it to this dealer.
    pub fn body(&self, row: &Row) -> Value {
        let mut body = example::body(row);
        for reference in row.spec.references.iter().filter(|reference| reference.part == Part::Doc) {
            let kind = match reference.target {
                Target::Kind(kind) => kind.to_owned(),
                Target::Lead => format!("{}s", body["lead_type"].as_str().unwrap_or("salelead")),
            };
            fill(&mut body, reference.path, self.id(&kind));
        }
        body
    }
}

/// Puts an id wherever a dotted path leads, through arrays.
fn fill(value: &mut Value, path: &str, id: &str) {
    if let Value::Array(items) = value {
        return items.iter_mut().for_each(|item| fill(item, path, id));
    }
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    match (value.get_mut(first), rest) {
        (Some(member), Some(rest)) => fill(member, rest, id),
        (Some(member), None) => *member = if member.is_array() { json!([id]) } else { json!(id) },
        (None, _) => {}
    }
}

pub fn row(resource: &str) -> &'static Row {
    rows().iter().find(|row| row.spec.name == resource).expect("a resource of the published document")
}
