//! The first lead of a new client: computed before anything of it is stored, so that the most frequent write of all
//! stores each document once.

use std::collections::BTreeSet;

use forecourt_record::{
    Client, Document, Id, Kind as _, Note, Result, SaleLead,
    computed::{self, Family, Papers, TALKS, WORKS},
};
use forecourt_store::Tx;

use super::{
    Board, FOLLOWING, Measured,
    families::communications,
    feeds::{MESSAGES, texts},
    others, paper, set,
};

/// A new client with its first lead. Nothing of it is stored yet but the note.
pub struct Arrival<'a> {
    pub client: &'a mut Document<Client>,
    pub lead: &'a mut Document<SaleLead>,
    pub note: Option<&'a Document<Note>>,
}

/// Computes both. Somebody may have called or written from an unknown number before: that is the one look it takes.
pub async fn arrived(tx: &mut Tx, arrival: Arrival<'_>) -> Result<()> {
    let _measured = Measured::begin(FOLLOWING);
    let Arrival { client, lead, note } = arrival;
    let (of_client, of_lead) = (paper(client)?, paper(lead)?);
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
    let stock = others::shown(tx, "cars", computed::cars_named(&of_lead).into_iter().collect()).await?;
    computed::put(&mut computed_lead, computed::lead_cars(&of_lead, |id| stock.get(&id))?);
    lead.extra.response_bucket = computed_lead["response_time"].as_i64().map(computed::bucket);
    set(client, computed_client)?;
    set(lead, computed_lead)
}

/// The rest of it, once both are stored: whose calls the client's were, and which cars have one lead more.
pub async fn settle(
    tx: &mut Tx,
    client: &Document<Client>,
    lead: &Document<SaleLead>,
    note: Option<&Document<Note>>,
) -> Result<()> {
    let _measured = Measured::begin(FOLLOWING);
    tx.changes_settled(Client::SPEC, client.id.cast());
    tx.changes_settled(SaleLead::SPEC, lead.id.cast());
    if let Some(note) = note {
        tx.changes_settled(Note::SPEC, note.id.cast());
    }
    let mut board = Board::default();
    let cars: BTreeSet<Id<()>> = lead.doc.car_list.iter().filter_map(|entry| Some(entry.car_id?.cast())).collect();
    others::count_cars(tx, &cars, &mut board).await?;
    if client.computed.client_number_of_calls.is_some_and(|calls| calls > 0) {
        others::name_callers(tx, &client.doc.contacts_phones.iter().cloned().collect(), &mut board).await?;
    }
    board.store(tx).await
}
