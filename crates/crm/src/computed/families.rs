//! Clients and their leads, anew from what belongs to them.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use forecourt_query::{Filter, Value};
use forecourt_record::{
    Id, Result,
    computed::{self, Family, LEADS, Paper, Papers, TALKS, addresses, client_named, client_of, lead_named},
};
use forecourt_store::{Tx, Wanted, Which};

use super::{
    board::Board,
    feeds::{Feeds, MESSAGES, texts},
    spec,
};

/// How often leads may turn out to have another client than they had a moment before.
const ATTEMPTS: usize = 3;

/// Computes the clients and leads that were fed, and those they are in a family with.
pub async fn follow(tx: &mut Tx, feeds: &mut Feeds, board: &mut Board) -> Result<()> {
    discover(tx, feeds).await?;
    let clients = hold_clients(tx, feeds).await?;
    let (mut clients, mut leads) = (clients, hold_leads(tx, feeds).await?);
    for _ in 0..ATTEMPTS {
        let unknown: BTreeSet<Id<()>> =
            leads.iter().filter(|lead| feeds.leads.contains(&(lead.kind, lead.id))).filter_map(client_of).collect();
        let before = feeds.clients.len();
        feeds.clients.extend(unknown);
        if feeds.clients.len() == before {
            break;
        }
        clients = hold_clients(tx, feeds).await?;
        leads = hold_leads(tx, feeds).await?;
    }
    for lead in &leads {
        let key = (lead.kind, lead.id);
        board.hold(lead);
        if feeds.solo.contains(&key) {
            board.put(lead, computed::assigned(lead)?);
        }
        for (_, at) in feeds.answers.iter().filter(|(answered, at)| *answered == key && *at >= lead.created_at) {
            let seconds = at.since(lead.created_at).as_secs();
            let known = board.part(lead)["response_time"].as_u64();
            let earliest = known.map_or(seconds, |known| known.min(seconds));
            board.put(lead, vec![("response_time", earliest.into())]);
        }
    }
    let known: BTreeSet<Id<()>> = clients.iter().map(|client| client.id).collect();
    let family_of = |lead: &Paper| client_of(lead).filter(|id| known.contains(id));
    leads.retain(|lead| family_of(lead).is_some() || feeds.leads.contains(&(lead.kind, lead.id)));
    if clients.is_empty() && leads.is_empty() {
        return Ok(());
    }
    let papers = belongings(tx, feeds, &clients, &leads).await?;
    for family in families(clients, leads, papers)? {
        recompute(&family, board)?;
    }
    Ok(())
}

/// Finds, without holding anything yet, whose the addresses are and whose the leads.
async fn discover(tx: &mut Tx, feeds: &mut Feeds) -> Result<()> {
    let mut wanted = Vec::new();
    if !feeds.addresses.is_empty() {
        wanted.push(holding("clients", &["phones", "emails"], feeds.addresses.iter().cloned())?);
    }
    for kind in LEADS {
        let ids: Vec<_> = feeds.leads.iter().filter(|lead| lead.0 == kind).map(|lead| lead.1.to_string()).collect();
        if !ids.is_empty() {
            wanted.push(are(kind, any("id", ids))?);
        }
    }
    for paper in tx.papers(&wanted).await?.into_iter().flatten() {
        let client = if paper.kind == "clients" { Some(paper.id) } else { client_of(&paper) };
        feeds.clients.extend(client);
    }
    Ok(())
}

/// Holds the clients. Where somebody begins or ceases to have an address, the address is held too, and looked for again:
/// another transaction may have given it to a client in the meantime.
async fn hold_clients(tx: &mut Tx, feeds: &mut Feeds) -> Result<Vec<Paper>> {
    let ids = |feeds: &Feeds| feeds.clients.iter().map(Id::to_string).collect::<Vec<_>>();
    let mut held = Vec::new();
    if !feeds.clients.is_empty() {
        held = one(tx.papers_for_update(&[are("clients", any("id", ids(feeds)))?]).await?);
    }
    if feeds.claimed.is_empty() {
        return Ok(held);
    }
    tx.hold_words(feeds.claimed.iter().map(String::as_str)).await?;
    let again = holding("clients", &["phones", "emails"], feeds.claimed.intersection(&feeds.addresses).cloned())?;
    let before = feeds.clients.len();
    feeds.clients.extend(one(tx.papers(&[again]).await?).into_iter().map(|client| client.id));
    if feeds.clients.len() > before {
        held = one(tx.papers_for_update(&[are("clients", any("id", ids(feeds)))?]).await?);
    }
    Ok(held)
}

/// Holds the leads of the clients, and those that are fed by themselves.
async fn hold_leads(tx: &mut Tx, feeds: &Feeds) -> Result<Vec<Paper>> {
    let clients: Vec<String> = feeds.clients.iter().map(Id::to_string).collect();
    let mut wanted = Vec::new();
    for kind in LEADS {
        let fed = feeds.leads.iter().chain(&feeds.solo).chain(feeds.answers.iter().map(|(lead, _)| lead));
        let mut ids: BTreeSet<Id<()>> = fed.filter(|lead| lead.0 == kind).map(|lead| lead.1).collect();
        if kind == "saleleads" {
            ids.extend(&feeds.car_lists);
        }
        let ids: Vec<String> = ids.iter().map(Id::to_string).collect();
        let filter = match (clients.is_empty(), ids.is_empty()) {
            (true, true) => continue,
            (true, false) => any("id", ids),
            (false, true) => any("client_id", clients.clone()),
            (false, false) => Filter::Or(vec![any("client_id", clients.clone()), any("id", ids)]),
        };
        wanted.push(are(kind, filter)?);
    }
    Ok(tx.papers_for_update(&wanted).await?.into_iter().flatten().collect())
}

/// Everything of the kinds asked for that belongs to these clients and leads. Offers and chat sessions always: their
/// reminders count in a sum that names no kind.
async fn belongings(tx: &mut Tx, feeds: &Feeds, clients: &[Paper], leads: &[Paper]) -> Result<Papers> {
    let ids: Vec<String> = clients.iter().map(|client| client.id.to_string()).collect();
    let known = |client| texts(Some(client), "contacts_phones").chain(texts(Some(client), "contacts_emails"));
    let addresses: Vec<String> = clients.iter().flat_map(known).collect();
    let lead_ids: Vec<String> = leads.iter().map(|lead| lead.id.to_string()).collect();
    let mut kinds = feeds.kinds.clone();
    kinds.extend(["offers", "chatsessions"]);
    let talks: Vec<&'static str> = TALKS.into_iter().filter(|kind| kinds.contains(kind)).collect();
    let mut wanted = communications(&talks, &ids, &addresses)?;
    for kind in kinds.iter().filter(|kind| !TALKS.contains(kind)) {
        let of_leads = any("lead_id", lead_ids.clone());
        let which = match *kind {
            MESSAGES => of_leads,
            _ => Filter::Or(vec![any("client_id", ids.clone()), of_leads]),
        };
        wanted.push(are(kind, which)?);
    }
    let mut found: Papers = kinds.into_iter().map(|kind| (kind, Vec::new())).collect();
    let mut seen = HashSet::new();
    for paper in tx.papers(&wanted).await?.into_iter().flatten() {
        if seen.insert((paper.kind, paper.id)) {
            found.entry(paper.kind).or_default().push(paper);
        }
    }
    Ok(found)
}

/// Communications of these kinds with one of these numbers and addresses, or that name one of these clients. A mail that
/// passes in two ways is found twice.
pub fn communications(kinds: &[&'static str], clients: &[String], addresses: &[String]) -> Result<Vec<Wanted>> {
    let with = |column| any(column, addresses.to_vec());
    let named = || any("client_id", clients.to_vec());
    let mut wanted = Vec::new();
    for kind in kinds {
        let which = match *kind {
            "sms" => Filter::Or(vec![with("sender"), with("recipient")]),
            "emails" => Filter::Or(vec![with("sender"), named()]),
            "chatsessions" => Filter::Or(vec![with("client_phone"), with("client_email"), named()]),
            _ => with("client_number"),
        };
        wanted.push(are(kind, which)?);
        if *kind == "emails" {
            wanted.push(holding("emails", &["to", "cc"], addresses.iter().cloned())?);
        }
    }
    Ok(wanted)
}

/// Each client with its leads and what belongs to it; and each lead without a client by itself.
fn families(clients: Vec<Paper>, leads: Vec<Paper>, papers: Papers) -> Result<Vec<Family>> {
    let mut families: Vec<Family> = Vec::new();
    let (mut by_client, mut by_lead, mut by_address) = (HashMap::new(), HashMap::new(), HashMap::new());
    for client in clients {
        let at = families.len();
        for address in texts(Some(&client), "contacts_phones").chain(texts(Some(&client), "contacts_emails")) {
            by_address.entry(address).or_insert_with(BTreeSet::new).insert(at);
        }
        by_client.insert(client.id, at);
        families.push(Family { client: Some(client), ..Family::default() });
    }
    for lead in leads {
        let at = client_of(&lead).and_then(|client| by_client.get(&client).copied()).unwrap_or(families.len());
        by_lead.insert((lead.kind, lead.id), at);
        if at == families.len() {
            families.push(Family::default());
        }
        families[at].leads.push(lead);
    }
    for (kind, papers) in papers {
        for family in &mut families {
            family.papers.insert(kind, Vec::new());
        }
        for paper in papers {
            let mut whose: BTreeSet<usize> = BTreeSet::new();
            if TALKS.contains(&kind) {
                whose.extend(addresses(&paper).iter().filter_map(|address| by_address.get(address)).flatten());
                whose.extend(client_named(&paper).and_then(|client| by_client.get(&client)));
            } else {
                whose.extend(lead_named(&paper)?.and_then(|lead| by_lead.get(&lead)));
                whose.extend(client_of(&paper).filter(|_| kind != MESSAGES).and_then(|client| by_client.get(&client)));
            }
            for at in whose {
                families[at].papers.entry(kind).or_default().push(paper.clone());
            }
        }
    }
    Ok(families)
}

fn recompute(family: &Family, board: &mut Board) -> Result<()> {
    let mut of_client = Arc::default();
    if let Some(client) = &family.client {
        of_client = Arc::new(family.client(board.part(client))?);
        board.set(client, of_client.clone());
    }
    for lead in &family.leads {
        let computed = family.lead(lead, &of_client, board.part(lead))?;
        board.set(lead, computed.into());
    }
    Ok(())
}

/// Documents that hold one of these values in one of these fields.
pub fn holding(
    kind: &'static str,
    fields: &'static [&'static str],
    values: impl Iterator<Item = String>,
) -> Result<Wanted> {
    Ok(Wanted { spec: spec(kind)?, which: Which::Hold(fields, padded(values.collect())) })
}

/// Documents that pass a filter.
pub fn are(kind: &str, filter: Filter) -> Result<Wanted> {
    Ok(Wanted { spec: spec(kind)?, which: Which::Are(filter) })
}

/// One of these values in a column; none of them passes nothing.
pub fn any(column: &'static str, values: Vec<String>) -> Filter {
    Filter::In(column, padded(values).into_iter().map(Value::from).collect())
}

/// The same values, the last repeated until their number is a power of two: few texts of statements to prepare.
fn padded(mut values: Vec<String>) -> Vec<String> {
    let length = values.len().next_power_of_two();
    if let Some(last) = values.last().cloned() {
        values.resize(length, last);
    }
    values
}

/// The only list of documents.
pub fn one(lists: Vec<Vec<Paper>>) -> Vec<Paper> {
    lists.into_iter().next().unwrap_or_default()
}
