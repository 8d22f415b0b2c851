//! What was said with a client and names it only by a number or an address: it goes with the client.

use forecourt_query::Filter;
use forecourt_record::{
    ChatSession, Client, Conference, EmailMessage, Id, Kind as _, Result, Sms, WhatsappSession, spec::KindSpec,
};
use forecourt_store::{Raw, Tx};
use serde_json::Value;

/// The columns that may hold the number or address of the one a communication was with.
const COLUMNS: &[(&KindSpec, &[&str])] = &[
    (Conference::SPEC, &["client_number"]),
    (WhatsappSession::SPEC, &["client_number"]),
    (Sms::SPEC, &["sender", "recipient"]),
    (ChatSession::SPEC, &["client_phone", "client_email"]),
    (EmailMessage::SPEC, &["sender"]),
];
/// The fields with several values that may.
const FIELDS: &[(&KindSpec, &[&str])] = &[(EmailMessage::SPEC, &["to", "cc"])];

/// The communications with the numbers and addresses of a client that no other client has.
pub async fn with(tx: &mut Tx, client: &Raw) -> Result<Vec<Raw>> {
    let mut found = Vec::new();
    for address in own_addresses(tx, client).await? {
        for (spec, columns) in COLUMNS {
            let either = columns.iter().map(|column| Filter::eq(column, address.as_str())).collect();
            found.extend(tx.raw_find_for_update(spec, Filter::Or(either)).await?);
        }
        for (spec, fields) in FIELDS {
            for field in *fields {
                for id in tx.multi_find::<()>(spec, field, &address).await? {
                    found.extend(tx.raw_get_for_update(spec, id).await?);
                }
            }
        }
    }
    Ok(found)
}

async fn own_addresses(tx: &mut Tx, client: &Raw) -> Result<Vec<String>> {
    let mut own = Vec::new();
    for (field, member) in [("phones", "contacts_phones"), ("emails", "contacts_emails")] {
        for address in client.doc[member].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let holders: Vec<Id<()>> = tx.multi_find(Client::SPEC, field, address).await?;
            if holders.iter().all(|holder| *holder == client.id) {
                own.push(address.to_owned());
            }
        }
    }
    Ok(own)
}
