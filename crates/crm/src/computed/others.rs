//! Everything but clients and their leads: cars and the lists that show them, vehicles, repair orders, calls, messages,
//! dates and offers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use forecourt_query::Filter;
use forecourt_record::{
    Id, Result,
    computed::{self, Facet, Paper, lead_named},
};
use forecourt_store::{Change, Tx, Which};

use super::{
    board::Board,
    families::{any, are, holding, one},
    feeds::{Feeds, MESSAGES, differs},
};

/// Computes what was fed, after the clients and leads: so everybody holds documents in the same order.
pub async fn follow(tx: &mut Tx, changes: &[Change], feeds: &Feeds, board: &mut Board) -> Result<()> {
    car_lists(tx, feeds, board).await?;
    lead_vehicles(tx, changes, feeds, board).await?;
    cars(tx, changes, feeds, board).await?;
    tx.hold_words(feeds.marks_of_vehicles.union(&feeds.marks_of_orders).map(String::as_str)).await?;
    vehicles(tx, changes, feeds, board).await?;
    calls(tx, changes, feeds, board).await?;
    locations(tx, changes, feeds, board).await?;
    orders(tx, changes, feeds, board).await?;
    text_messages(tx, changes, feeds, board).await?;
    whatsapp_messages(tx, changes, feeds, board).await
}

/// Documents of this kind that came or differ in one of these members.
fn changed<'a>(changes: &'a [Change], kind: &'a str, members: &'a [&str]) -> impl Iterator<Item = &'a Paper> {
    let of_kind = changes.iter().filter(move |change| change.spec.name == kind && differs(change, members));
    of_kind.filter_map(|change| change.after.as_ref())
}

fn strings(ids: impl IntoIterator<Item = Id<()>>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}

/// Holds documents by their ids.
async fn held(tx: &mut Tx, kind: &'static str, ids: &BTreeSet<Id<()>>) -> Result<Vec<Paper>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(one(tx.papers_for_update(&[are(kind, any("id", strings(ids.iter().copied())))?]).await?))
}

/// Documents by their ids, to be read.
async fn known(tx: &mut Tx, kind: &'static str, ids: BTreeSet<Id<()>>) -> Result<HashMap<Id<()>, Paper>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = one(tx.papers(&[are(kind, any("id", strings(ids)))?]).await?);
    Ok(found.into_iter().map(|paper| (paper.id, paper)).collect())
}

/// The cars or vehicles that leads show, held: who changes one looks afterwards for the leads that show it, and so finds
/// those that came in the meantime.
pub async fn shown(tx: &mut Tx, kind: &'static str, ids: BTreeSet<Id<()>>) -> Result<HashMap<Id<()>, Paper>> {
    Ok(held(tx, kind, &ids).await?.into_iter().map(|paper| (paper.id, paper)).collect())
}

/// The cars that sale leads show.
async fn car_lists(tx: &mut Tx, feeds: &Feeds, board: &mut Board) -> Result<()> {
    let mut leads = held(tx, "saleleads", &feeds.car_lists).await?;
    if !feeds.cars_shown.is_empty() {
        let showing = holding("saleleads", &["cars"], strings(feeds.cars_shown.iter().copied()).into_iter())?;
        leads.extend(one(tx.papers_for_update(&[showing]).await?));
    }
    let stock = shown(tx, "cars", leads.iter().flat_map(computed::cars_named).collect()).await?;
    for lead in &leads {
        board.put(lead, computed::lead_cars(lead, |id| stock.get(&id))?);
    }
    Ok(())
}

/// The vehicles that after-sale leads show.
async fn lead_vehicles(tx: &mut Tx, changes: &[Change], feeds: &Feeds, board: &mut Board) -> Result<()> {
    let ids: BTreeSet<_> = changed(changes, "aftersaleleads", &["vehicle_id"]).map(|lead| lead.id).collect();
    let mut leads = held(tx, "aftersaleleads", &ids).await?;
    if !feeds.vehicles_shown.is_empty() {
        let showing = any("vehicle_id", strings(feeds.vehicles_shown.iter().copied()));
        leads.extend(one(tx.papers_for_update(&[are("aftersaleleads", showing)?]).await?));
    }
    let vehicles = shown(tx, "clientvehicles", leads.iter().filter_map(computed::vehicle_named).collect()).await?;
    for lead in &leads {
        let vehicle = computed::vehicle_named(lead).and_then(|id| vehicles.get(&id));
        board.put(lead, computed::lead_vehicle(vehicle));
    }
    Ok(())
}

async fn cars(tx: &mut Tx, changes: &[Change], feeds: &Feeds, board: &mut Board) -> Result<()> {
    let ids: BTreeSet<_> = changed(changes, "cars", &["images", "prices"]).map(|car| car.id).collect();
    for car in held(tx, "cars", &ids).await? {
        board.put(&car, computed::car(&car));
    }
    count_cars(tx, &feeds.cars_counted, board).await
}

/// Counts the sale leads that name these cars.
pub async fn count_cars(tx: &mut Tx, cars: &BTreeSet<Id<()>>, board: &mut Board) -> Result<()> {
    for car in held(tx, "cars", cars).await? {
        let naming = holding("saleleads", &["cars"], std::iter::once(car.id.to_string()))?;
        let (count, newest) = tx.papers_count(&naming).await?;
        board.put(&car, computed::car_leads(count, newest));
    }
    Ok(())
}

async fn vehicles(tx: &mut Tx, changes: &[Change], feeds: &Feeds, board: &mut Board) -> Result<()> {
    let own = ["vin", "license_plate", "location", "declared_mileage_history"];
    let ids: BTreeSet<_> = changed(changes, "clientvehicles", &own).map(|vehicle| vehicle.id).collect();
    let mut vehicles = held(tx, "clientvehicles", &ids).await?;
    vehicles.extend(marked(tx, "clientvehicles", &feeds.marks_of_vehicles, true).await?);
    let marks: BTreeSet<String> = vehicles.iter().flat_map(marks).collect();
    let orders = marked(tx, "repairorders", &marks, false).await?;
    for vehicle in &vehicles {
        let own: Vec<&Paper> = orders.iter().filter(|order| computed::is_about(order, vehicle)).collect();
        board.put(vehicle, computed::orders(vehicle, &own)?);
        board.put(vehicle, computed::mileage(vehicle)?);
    }
    Ok(())
}

async fn orders(tx: &mut Tx, changes: &[Change], feeds: &Feeds, board: &mut Board) -> Result<()> {
    let ids: BTreeSet<_> = changed(changes, "repairorders", &["car_info"]).map(|order| order.id).collect();
    let mut orders = held(tx, "repairorders", &ids).await?;
    orders.extend(marked(tx, "repairorders", &feeds.marks_of_orders, true).await?);
    let marks: BTreeSet<String> = orders.iter().flat_map(marks).collect();
    let vehicles = marked(tx, "clientvehicles", &marks, false).await?;
    for order in &orders {
        let about: Vec<&Paper> = vehicles.iter().filter(|vehicle| computed::is_about(order, vehicle)).collect();
        board.put(order, computed::order_vehicles(&about));
    }
    Ok(())
}

fn marks(paper: &Paper) -> impl Iterator<Item = String> + use<> {
    computed::marks(paper).map(|mark| mark.map(str::to_owned)).into_iter().flatten()
}

/// Vehicles or repair orders with one of these VINs or plates.
async fn marked(tx: &mut Tx, kind: &'static str, marks: &BTreeSet<String>, hold: bool) -> Result<Vec<Paper>> {
    if marks.is_empty() {
        return Ok(Vec::new());
    }
    let marks: Vec<String> = marks.iter().cloned().collect();
    let wanted = [are(kind, Filter::Or(vec![any("vin", marks.clone()), any("plate", marks)]))?];
    Ok(one(if hold { tx.papers_for_update(&wanted).await? } else { tx.papers(&wanted).await? }))
}

async fn calls(tx: &mut Tx, changes: &[Change], feeds: &Feeds, board: &mut Board) -> Result<()> {
    let own = ["client_number", "participants", "made_at", "duration"];
    let ids: BTreeSet<_> = changed(changes, "conferences", &own).map(|call| call.id).collect();
    let calls = held(tx, "conferences", &ids).await?;
    for call in &calls {
        board.put(call, computed::call(call)?);
    }
    name(tx, &calls, board).await?;
    name_callers(tx, &feeds.callers, board).await
}

/// Says in the calls of these numbers who has them.
pub async fn name_callers(tx: &mut Tx, numbers: &BTreeSet<String>, board: &mut Board) -> Result<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    let of_numbers = any("client_number", numbers.iter().cloned().collect());
    let calls = one(tx.papers_for_update(&[are("conferences", of_numbers)?]).await?);
    name(tx, &calls, board).await
}

async fn name(tx: &mut Tx, calls: &[Paper], board: &mut Board) -> Result<()> {
    let numbers: BTreeSet<String> =
        calls.iter().filter_map(|call| call.text("client_number")).map(str::to_owned).collect();
    if calls.is_empty() {
        return Ok(());
    }
    let clients = one(tx.papers(&[holding("clients", &["phones"], numbers.into_iter())?]).await?);
    let clients: Vec<&Paper> = clients.iter().collect();
    for call in calls {
        board.put(call, computed::caller(call, &clients)?);
    }
    Ok(())
}

/// The location of the lead that dates and offers belong to.
async fn locations(tx: &mut Tx, changes: &[Change], feeds: &Feeds, board: &mut Board) -> Result<()> {
    for kind in ["dates", "offers"] {
        let ids: BTreeSet<_> = changed(changes, kind, &["lead_id", "lead_type"]).map(|work| work.id).collect();
        let mut works = held(tx, kind, &ids).await?;
        if !feeds.locations.is_empty() {
            let of_leads = any("lead_id", strings(feeds.locations.iter().map(|lead| lead.1)));
            works.extend(one(tx.papers_for_update(&[are(kind, of_leads)?]).await?));
        }
        let mut by_kind: BTreeMap<&'static str, BTreeSet<Id<()>>> = BTreeMap::new();
        for work in &works {
            if let Some((kind, id)) = lead_named(work)? {
                by_kind.entry(kind).or_default().insert(id);
            }
        }
        let mut leads = HashMap::new();
        for (kind, ids) in by_kind {
            leads.extend(known(tx, kind, ids).await?.into_iter().map(|(id, lead)| ((kind, id), lead)));
        }
        for work in &works {
            let lead = lead_named(work)?.and_then(|key| leads.get(&key));
            board.put(work, computed::location_of(lead));
        }
    }
    Ok(())
}

async fn text_messages(tx: &mut Tx, changes: &[Change], feeds: &Feeds, board: &mut Board) -> Result<()> {
    for pair in &feeds.pairs {
        let way = |from: &str, to: &str| Filter::And(vec![Filter::eq("sender", from), Filter::eq("recipient", to)]);
        let [one, other] = pair;
        let exchanged = Filter::Or(vec![way(one, other), way(other, one)]);
        let added = added(changes, "sms", |sms| computed::pair(sms).as_ref() == Some(pair));
        let conversation = conversation(tx, ("sms", "created_at"), exchanged, added).await?;
        answer(&conversation, board)?;
    }
    let ids: BTreeSet<_> = changed(changes, "sms", &["users", "from", "to"]).map(|sms| sms.id).collect();
    let messages = held(tx, "sms", &ids).await?;
    let named = messages.iter().flat_map(|sms| super::feeds::texts(Some(sms), "users"));
    let users = known(tx, "users", named.filter_map(|user| user.parse().ok()).collect()).await?;
    for sms in &messages {
        board.put(sms, computed::user_emails(sms, |id| users.get(&id)?.text("email").map(str::to_owned))?);
        if computed::pair(sms).is_none() {
            board.put(sms, unanswered());
        }
    }
    Ok(())
}

async fn whatsapp_messages(tx: &mut Tx, changes: &[Change], feeds: &Feeds, board: &mut Board) -> Result<()> {
    tx.hold_words(feeds.sessions.iter().map(String::as_str)).await?;
    for session in &feeds.sessions {
        let in_session = Filter::eq("session_id", session.as_str());
        let added = added(changes, MESSAGES, |message| message.text("session_id") == Some(session));
        let conversation = conversation(tx, (MESSAGES, "made_at"), in_session, added).await?;
        answer(&conversation, board)?;
    }
    let ids: BTreeSet<_> = changed(changes, MESSAGES, &["session_id"])
        .filter(|message| message.text("session_id").is_none())
        .map(|message| message.id)
        .collect();
    for message in held(tx, MESSAGES, &ids).await? {
        board.put(&message, unanswered());
    }
    Ok(())
}

/// The messages that came into a conversation, when nothing else happened in it.
fn added(changes: &[Change], kind: &str, is_in: impl Fn(&Paper) -> bool) -> Option<BTreeSet<Id<()>>> {
    let here = changes
        .iter()
        .filter(|change| change.spec.name == kind && change.before.iter().chain(&change.after).any(&is_in));
    here.map(|change| change.after.as_ref().filter(|_| change.before.is_none()).map(|message| message.id)).collect()
}

/// The end of a conversation, as far back as messages that were added can change what is answered; all of it, when more
/// has happened than that some were added. `column` says when a message was made; without it, its creation does.
async fn conversation(
    tx: &mut Tx,
    (kind, column): (&'static str, &'static str),
    filter: Filter,
    added: Option<BTreeSet<Id<()>>>,
) -> Result<Vec<Paper>> {
    /// Messages looked at in the hope that each side has said something in them: few, else some more, else all.
    const ENDS: [i64; 2] = [6, 30];
    if let Some(added) = added {
        let timed = Filter::And(vec![filter.clone(), Filter::Exists(column)]);
        let untimed = Filter::And(vec![filter.clone(), Filter::Not(Box::new(Filter::Exists(column)))]);
        for most in ENDS {
            let mut wanted = are(kind, timed.clone())?;
            wanted.which = Which::Newest(timed.clone(), column, most);
            let mut found = tx.papers_for_update(&[wanted, are(kind, untimed.clone())?]).await?;
            let (untimed, end) = (found.pop().unwrap_or_default(), found.pop().unwrap_or_default());
            // What is older than these has been answered already, whoever wrote it: both sides have written since.
            // Unless what was added is itself older than they are.
            let said = |direction| {
                end.iter().any(|message| !added.contains(&message.id) && message.text("direction") == Some(direction))
            };
            let is_whole = i64::try_from(end.len()).is_ok_and(|length| length < most);
            let shown = end.iter().chain(&untimed).filter(|message| added.contains(&message.id)).count();
            if is_whole || (shown == added.len() && said("inbound") && said("outbound")) {
                return Ok(end.into_iter().chain(untimed).collect());
            }
        }
    }
    Ok(one(tx.papers_for_update(&[are(kind, filter)?]).await?))
}

fn unanswered() -> Facet {
    vec![("answered", false.into())]
}

fn answer(conversation: &[Paper], board: &mut Board) -> Result<()> {
    let papers: Vec<&Paper> = conversation.iter().collect();
    let answered: HashMap<Id<()>, Facet> = computed::answered(&papers)?.into_iter().collect();
    for message in conversation {
        if let Some(facet) = answered.get(&message.id) {
            board.put(message, facet.clone());
        }
    }
    Ok(())
}
