//! The first lead of a new client: computed before anything of it is stored, so that the most frequent write of all
//! stores each document once.

use std::collections::BTreeSet;

use forecourt_record::{
    Client, Document, Kind as _, Note, Result, SaleLead,
    computed::{self, Family, Papers, TALKS, WORKS},
};
use forecourt_store::{Raw, Tx};

use super::{
    Board, FOLLOWING, Measured,
    families::communications,
    feeds::{MESSAGES, texts},
    give_back, lend, others, paper,
};

/// A new client with its first lead, computed and ready to be stored.
pub struct Arrived {
    pub client: Raw,
    pub lead: Raw,
    /// Numbers of the client whose calls say from now on whose they are.
    callers: BTreeSet<String>,
}

/// Computes a new client and its first lead. Nothing of it is stored yet but the note. Somebody may have called or
/// written from an unknown number before: that is the one look it takes.
pub async fn arrived(
    tx: &mut Tx,
    client: &Document<Client>,
    lead: &Document<SaleLead>,
    note: Option<&Document<Note>>,
) -> Result<Arrived> {
    let _measured = Measured::begin(FOLLOWING);
    let (mut client, mut lead) = (Raw::of(client)?, Raw::of(lead)?);
    let (of_client, of_lead) = (lend(&mut client), lend(&mut lead));
    let addresses: Vec<String> =
        texts(Some(&of_client), "contacts_phones").chain(texts(Some(&of_client), "contacts_emails")).collect();
    tx.hold_words(addresses.iter().map(String::as_str)).await?;
    let mut papers: Papers = WORKS.into_iter().chain(TALKS).chain([MESSAGES]).map(|kind| (kind, Vec::new())).collect();
    for talk in tx.papers(&communications(&TALKS, &[], &addresses)?).await?.into_iter().flatten() {
        if computed::is_with(&talk, &of_client) {
            papers.entry(talk.kind).or_default().push(talk);
        }
    }
    papers.insert("notes", note.map(paper).transpose()?.into_iter().collect());
    let family = Family { client: Some(of_client.clone()), leads: vec![of_lead.clone()], papers };
    let computed_client = family.client(&of_client.computed)?;
    let mut computed_lead = family.lead(&of_lead, &computed_client, &of_lead.computed)?;
    drop(family);
    let stock = others::shown(tx, "cars", computed::cars_named(&of_lead).into_iter().collect()).await?;
    computed::put(&mut computed_lead, computed::lead_cars(&of_lead, |id| stock.get(&id))?);
    let has_called = computed_client["client_number_of_calls"].as_i64().is_some_and(|calls| calls > 0);
    let callers = texts(Some(&of_client).filter(|_| has_called), "contacts_phones").collect();
    give_back(&mut client, of_client, computed_client);
    give_back(&mut lead, of_lead, computed_lead);
    if let Some(seconds) = lead.computed["response_time"].as_i64() {
        computed::put(&mut lead.extra, vec![("response_bucket", computed::bucket(seconds).into())]);
    }
    Ok(Arrived { client, lead, callers })
}

/// Stores both, and the rest of it: whose calls the client's were, and which cars have one lead more.
pub async fn settle(tx: &mut Tx, arrived: Arrived, note: Option<&Document<Note>>) -> Result<()> {
    let Arrived { client, lead, callers } = arrived;
    let (client_id, lead_id) = (client.id, lead.id);
    let entries = lead.doc["car_list"].as_array().into_iter().flatten();
    let cars = entries.filter_map(|entry| entry["car_id"].as_str()?.parse().ok()).collect();
    tx.raw_insert(client).await?;
    tx.raw_insert(lead).await?;
    let _measured = Measured::begin(FOLLOWING);
    tx.changes_settled(Client::SPEC, client_id);
    tx.changes_settled(SaleLead::SPEC, lead_id);
    if let Some(note) = note {
        tx.changes_settled(Note::SPEC, note.id.cast());
    }
    let mut board = Board::default();
    others::count_cars(tx, &cars, &mut board).await?;
    others::name_callers(tx, &callers, &mut board).await?;
    board.store(tx).await
}
