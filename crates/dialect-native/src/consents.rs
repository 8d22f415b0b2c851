//! `/forecourt/v1/consents`.

use axum::{Json, extract::State};
use forecourt_api::{
    App, Who,
    body::Body,
    operation::{Operation, Route},
    problem::ApiResult,
    query::Query,
};
use forecourt_crm::{
    Caller, Sight,
    consent::{EvidenceOf, Person, Shown, Verified},
    suppression::{Address, Suppressed},
};
use forecourt_outreach::consent::NewConsent;
use forecourt_record::{Code, Error, FieldError, Right, consent as record};
use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    convert, error,
    wire::{
        self, ConsentEntry, ConsentQuery, EvidenceBundle, EvidenceQuery, LedgerHead, Listed, Recorded,
        SuppressedAddress, Verification,
    },
};

const PATH: &str = "/forecourt/v1/consents";

fn example() -> Value {
    json!({
        "number": 7, "act": "given", "channel": "sms", "address": "+17135550100", "purpose": "marketing",
        "at": "2026-11-21T18:00:00.000Z", "expires_at": null,
        "evidence": {"wording": "Yes, text me offers.", "version": "2026-03", "form": "test-drive form", "ip": "203.0.113.7"},
        "client": "0193a5d2c7f0a1b200000005", "lead": "0193a5d2c7f0a1b200000006", "recorded_at": "2026-11-21T18:00:01.000Z",
        "recorded_by": "key:0193a5d2c7f0a1b200000001",
        "previous": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "hash": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", "is_intact": true,
    })
}

pub fn create() -> Route<App> {
    Operation::post(PATH)
        .name("consent_create")
        .right(Right::OutreachWrite)
        .summary("Write down what somebody has agreed to, or taken back")
        .describes(
            "An entry for each channel is put behind the last one of the dealer's ledger; nothing is ever changed or removed \
             there. What was said last counts, whenever it is written down. What is withdrawn is kept to from the next contact \
             on, also for what waits already; withdrawn on every channel, for everything or for marketing, it ends every \
             schedule the person is on. `resumed` takes a withdrawal back: what held before it holds again. Words such as STOP \
             and START in messages are written down by themselves.",
        )
        .body::<wire::NewConsent>()
        .example(json!({"act": "given", "channels": ["sms", "call"], "address": "+17135550100", "purpose": "marketing",
            "evidence": {"wording": "Yes, text me offers.", "version": "2026-03", "form": "test-drive form",
                "url": "https://dealer.example/test-drive", "ip": "203.0.113.7"}, "lead": "L-1042"}))
        .answers::<Recorded>(201, "It is written down.")
        .example(json!({"numbers": [7, 8]}))
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Body(new): Body<wire::NewConsent>|
                   -> ApiResult<(StatusCode, Json<Recorded>)> {
                let new = asked(new).map_err(error::in_body)?;
                let numbers = app.outreach.consent_record(&who.caller, new).await;
                let numbers = numbers.map_err(|error| error::in_body(error::not_there(error, "lead")))?;
                Ok((StatusCode::CREATED, Json(Recorded { numbers })))
            },
        )
}

fn asked(new: wire::NewConsent) -> Result<NewConsent, Error> {
    let wire::NewConsent { act, channels, address, purpose, at, expires_at, evidence, lead } = new;
    let address = read(&address)?;
    let lead = lead.map(|id| convert::lead_ref(&id)).transpose().map_err(|error| error::not_there(error, "lead"))?;
    Ok(NewConsent { act, channels, address, purpose, at, expires_at, evidence, lead })
}

/// An address as contacts are made with it.
fn read(text: &str) -> Result<String, Error> {
    // A number without its country could be anybody's.
    let address = Address::parse(text, "ZZ");
    address.map(|address| address.as_str().to_owned()).map_err(|reason| Error::field("address", "bad_format", reason))
}

/// A ledger names people of every location.
fn everywhere(caller: &Caller) -> Result<(), Error> {
    match caller.sight {
        Sight::All => Ok(()),
        Sight::Locations(_) => {
            Err(Error::new(Code::Forbidden, "Whoever sees some locations only asks for the evidence of a lead."))
        }
    }
}

pub fn list() -> Route<App> {
    Operation::get(PATH)
        .name("consent_list")
        .right(Right::OutreachRead)
        .summary("The ledger of consents, oldest first")
        .describes("Not for users bound to locations.")
        .query::<ConsentQuery>()
        .answers::<Listed<ConsentEntry>>(200, "A page of it.")
        .example(json!({"data": [example()], "total": 7}))
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Query(query): Query<ConsentQuery>|
                   -> ApiResult<Json<Listed<ConsentEntry>>> {
                everywhere(&who.caller)?;
                let no_page = || Error::field("after", "bad_format", "This is no `next` of a page.");
                let after = query.after.map_or(Ok(0), |after| convert::numbered(&after, "C-").ok_or_else(no_page));
                let after = after.map_err(error::in_query)?;
                let page = app.crm.consent_list(&who.caller, after, query.limit.into()).await?;
                let last = page.items.last().map(|shown| shown.entry.number);
                let next = last.filter(|last| *last < page.total).map(|last| format!("C-{last}"));
                Ok(Json(Listed { data: page.items.into_iter().map(entry).collect(), total: page.total, next }))
            },
        )
}

pub fn evidence() -> Route<App> {
    Operation::get("/forecourt/v1/consents/evidence")
        .name("consent_evidence")
        .right(Right::OutreachRead)
        .summary("Everything there is to prove about a person")
        .describes(
            "What was said about every number and e-mail address of whoever the lead is of, or about one address, by whom it \
             was written down, and what is suppressed. Users bound to locations ask for leads of theirs.",
        )
        .query::<EvidenceQuery>()
        .answers::<EvidenceBundle>(200, "What there is; nothing is an answer too.")
        .example(json!({
            "client": "0193a5d2c7f0a1b200000005", "addresses": ["+17135550100"], "entries": [example()], "suppressions": [],
            "head": {"number": 7, "hash": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"},
        }))
        .handler(
            async |State(app): State<App>,
                   who: Who,
                   Query(query): Query<EvidenceQuery>|
                   -> ApiResult<Json<EvidenceBundle>> {
                let person = whose(&who.caller, query).map_err(error::in_query)?;
                let found = app.crm.consent_evidence(&who.caller, person).await;
                Ok(Json(bundle(found.map_err(|error| error::in_query(error::not_there(error, "lead")))?)))
            },
        )
}

fn whose(caller: &Caller, query: EvidenceQuery) -> Result<Person, Error> {
    match (query.lead, query.address) {
        (Some(lead), None) => {
            let lead = convert::lead_ref(&lead).map_err(|error| error::not_there(error, "lead"))?;
            Ok(Person::Lead(lead))
        }
        (None, Some(address)) => {
            everywhere(caller)?;
            Ok(Person::Address(read(&address)?))
        }
        _ => {
            Err(Error::invalid(vec![FieldError::new("lead", "required", "Either \"lead\" or \"address\" is needed.")]))
        }
    }
}

pub fn verification() -> Route<App> {
    Operation::get("/forecourt/v1/consents/verification")
        .name("consent_verification")
        .right(Right::OutreachRead)
        .summary("Is the ledger of consents what was written?")
        .describes("Every entry is read and hashed again: for a million entries it takes some seconds. Not for users bound to locations.")
        .answers::<Verification>(200, "How far it is.")
        .example(json!({"entries": 7, "head": "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
            "broken_at": null}))
        .handler(async |State(app): State<App>, who: Who| -> ApiResult<Json<Verification>> {
            everywhere(&who.caller)?;
            let Verified { entries, head, broken_at } = app.crm.consent_verify(&who.caller, |_| {}).await?;
            Ok(Json(Verification { entries, head, broken_at }))
        })
}

fn entry(shown: Shown) -> ConsentEntry {
    let Shown { entry, hash, is_intact } = shown;
    let record::Entry { number, recorded_at, by, previous, consent } = entry;
    let record::Consent { act, channel, address, purpose, at, expires_at, evidence, client, lead } = consent;
    ConsentEntry {
        number,
        act,
        channel,
        address,
        purpose,
        at,
        expires_at,
        evidence,
        client: client.map(|id| id.to_string()),
        lead: lead.map(|id| id.to_string()),
        recorded_at,
        recorded_by: by.label(),
        previous,
        hash,
        is_intact,
    }
}

fn bundle(found: EvidenceOf) -> EvidenceBundle {
    let EvidenceOf { client, addresses, entries, suppressions, head } = found;
    let suppressed = |Suppressed { channel, address, reason, at }| SuppressedAddress { channel, address, reason, at };
    EvidenceBundle {
        client: client.map(|id| id.to_string()),
        addresses,
        entries: entries.into_iter().map(entry).collect(),
        suppressions: suppressions.into_iter().map(suppressed).collect(),
        head: head.map(|(number, hash)| LedgerHead { number, hash }),
    }
}
