//! All computed parts anew from all documents: what the look-ups of a write are held to.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::{
    Facet, Family, Paper, call, car,
    family::{LEADS, TALKS, WORKS, client_of, lead_named},
    lead, message, put,
    talk::{addresses, client_named},
    vehicle,
};
use crate::{Id, Result};

/// A document by its collection and id.
pub type Key = (&'static str, Id<()>);

/// The computed part of each of these documents, as it follows from all of them.
pub fn recompute(all: &[Paper]) -> Result<BTreeMap<Key, Value>> {
    let world = World::of(all)?;
    let mut computed: BTreeMap<Key, Value> = all.iter().map(|paper| (key(paper), Value::Object(Map::new()))).collect();
    for client in world.kind("clients") {
        world.family(Some(client), &mut computed)?;
    }
    world.family(None, &mut computed)?;
    for paper in all {
        for facet in world.facets(paper)? {
            computed.entry(key(paper)).and_modify(|part| put(part, facet));
        }
    }
    for conversation in world.conversations.values() {
        let kind = conversation.first().map_or("", |message| message.kind);
        for (id, facet) in message::answered(conversation)? {
            computed.entry((kind, id)).and_modify(|part| put(part, facet));
        }
    }
    Ok(computed)
}

fn key(paper: &Paper) -> Key {
    (paper.kind, paper.id)
}

/// What a document is found by.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Tie<'a> {
    Kind(&'static str),
    /// The client it names; none where it names none that exists.
    Client(Option<Id<()>>),
    Lead(Key),
    Address(String),
    Car(Id<()>),
    /// A VIN or plate, and whether it is a vehicle's or an order's.
    Mark(&'a str, &'static str),
}

/// All documents, by what ties them to others.
struct World<'a> {
    papers: HashMap<Key, &'a Paper>,
    ties: HashMap<Tie<'a>, Vec<&'a Paper>>,
    /// SMS by their pair of numbers, WhatsApp messages by their session.
    conversations: BTreeMap<Vec<String>, Vec<&'a Paper>>,
}

impl<'a> World<'a> {
    fn of(all: &'a [Paper]) -> Result<Self> {
        let papers = all.iter().map(|paper| (key(paper), paper)).collect();
        let mut world = Self { papers, ties: HashMap::new(), conversations: BTreeMap::new() };
        for paper in all {
            for tie in world.ties_of(paper)? {
                world.ties.entry(tie).or_default().push(paper);
            }
            let conversation = match paper.kind {
                "sms" => message::pair(paper).map(Vec::from),
                "whatsappmessages" => paper.text("session_id").map(|session| vec![session.to_owned()]),
                _ => None,
            };
            if let Some(conversation) = conversation {
                world.conversations.entry(conversation).or_default().push(paper);
            }
        }
        Ok(world)
    }

    fn ties_of(&self, paper: &'a Paper) -> Result<Vec<Tie<'a>>> {
        let kind = paper.kind;
        let mut ties = vec![Tie::Kind(kind)];
        if LEADS.contains(&kind) || WORKS.contains(&kind) {
            ties.push(Tie::Client(client_of(paper).filter(|id| self.papers.contains_key(&("clients", *id)))));
        }
        if WORKS.contains(&kind) || kind == "whatsappmessages" {
            ties.extend(lead_named(paper)?.map(Tie::Lead));
        }
        if TALKS.contains(&kind) {
            ties.extend(client_named(paper).map(|client| Tie::Client(Some(client))));
            let addresses: BTreeSet<String> = addresses(paper).into_iter().collect();
            ties.extend(addresses.into_iter().map(Tie::Address));
        }
        if kind == "clients" {
            ties.extend(known_addresses(paper).into_iter().map(Tie::Address));
        }
        if kind == "saleleads" {
            ties.extend(car::cars_named(paper).into_iter().collect::<BTreeSet<_>>().into_iter().map(Tie::Car));
        }
        if kind == "clientvehicles" || kind == "repairorders" {
            ties.extend(vehicle::marks(paper).into_iter().flatten().map(|mark| Tie::Mark(mark, kind)));
        }
        Ok(ties)
    }

    fn tied(&self, tie: &Tie<'a>) -> &[&'a Paper] {
        self.ties.get(tie).map_or(&[], Vec::as_slice)
    }

    fn kind(&self, kind: &'static str) -> &[&'a Paper] {
        self.tied(&Tie::Kind(kind))
    }

    fn get(&self, kind: &'static str, id: Id<()>) -> Option<&'a Paper> {
        self.papers.get(&(kind, id)).copied()
    }

    /// The client with all that is its, or the leads that have no client with all that is theirs.
    fn family(&self, client: Option<&Paper>, computed: &mut BTreeMap<Key, Value>) -> Result<()> {
        let id = client.map(|client| client.id);
        let of_client = self.tied(&Tie::Client(id));
        let leads: Vec<&Paper> = of_client.iter().copied().filter(|paper| LEADS.contains(&paper.kind)).collect();
        let mut own: BTreeMap<Key, &Paper> = BTreeMap::new();
        if let Some(client) = client {
            own.extend(of_client.iter().map(|paper| (key(paper), *paper)));
            for address in known_addresses(client) {
                own.extend(self.tied(&Tie::Address(address)).iter().map(|paper| (key(paper), *paper)));
            }
        }
        for lead in &leads {
            own.extend(self.tied(&Tie::Lead(key(lead))).iter().map(|paper| (key(paper), *paper)));
        }
        let kinds = TALKS.into_iter().chain(WORKS).chain(["whatsappmessages"]);
        let papers = kinds.map(|kind| {
            let of_kind = own.values().filter(|paper| paper.kind == kind);
            (kind, of_kind.map(|paper| (*paper).clone()).collect())
        });
        let leads = leads.into_iter().cloned().collect();
        let family = Family { client: client.cloned(), leads, papers: papers.collect() };
        let part = family.client(&Value::Null)?;
        for lead in &family.leads {
            computed.insert(key(lead), family.lead(lead, &part, &Value::Null)?);
        }
        if let Some(client) = client {
            computed.insert(key(client), part);
        }
        Ok(())
    }

    /// The facets of a document that stand on it and on others it is not in a family with.
    fn facets(&self, paper: &'a Paper) -> Result<Vec<Facet>> {
        Ok(match paper.kind {
            "saleleads" => vec![car::lead_cars(paper, |id| self.get("cars", id))?],
            "aftersaleleads" => {
                let named = vehicle::vehicle_named(paper).and_then(|id| self.get("clientvehicles", id));
                vec![vehicle::lead_vehicle(named)]
            }
            "cars" => {
                let leads = self.tied(&Tie::Car(paper.id));
                let newest = leads.iter().map(|lead| lead.created_at).max();
                vec![car::car(paper), car::car_leads(i64::try_from(leads.len()).unwrap_or(i64::MAX), newest)]
            }
            "clientvehicles" => {
                vec![vehicle::orders(paper, &self.marked(paper, "repairorders"))?, vehicle::mileage(paper)?]
            }
            "repairorders" => vec![vehicle::order_vehicles(&self.marked(paper, "clientvehicles"))],
            "dates" | "offers" => {
                vec![lead::location_of(lead_named(paper)?.and_then(|(kind, id)| self.get(kind, id)))]
            }
            "conferences" => {
                let number = paper.text("client_number").unwrap_or_default();
                let tied = self.tied(&Tie::Address(number.to_owned())).iter().copied();
                let clients: Vec<&Paper> = tied.filter(|paper| paper.kind == "clients").collect();
                vec![call::call(paper)?, call::caller(paper, &clients)?]
            }
            "sms" => {
                let email = |id| self.get("users", id)?.text("email").map(str::to_owned);
                vec![message::user_emails(paper, email)?, vec![("answered", false.into())]]
            }
            "whatsappmessages" => vec![vec![("answered", false.into())]],
            _ => Vec::new(),
        })
    }

    /// The documents of the other kind with the same VIN or plate.
    fn marked(&self, paper: &'a Paper, other: &'static str) -> Vec<&'a Paper> {
        let marks = vehicle::marks(paper).into_iter().flatten();
        let found: BTreeMap<Id<()>, &Paper> = marks
            .flat_map(|mark| self.tied(&Tie::Mark(mark, other)).iter().map(|paper| (paper.id, *paper)))
            .filter(|(_, found)| match paper.kind {
                "repairorders" => vehicle::is_about(paper, found),
                _ => vehicle::is_about(found, paper),
            })
            .collect();
        found.into_values().collect()
    }
}

fn known_addresses(client: &Paper) -> BTreeSet<String> {
    let lists = ["contacts_phones", "contacts_emails"].into_iter().filter_map(|name| client.doc[name].as_array());
    lists.flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a communication is with this client: one of its contacts has the number or address, or it is named by its id.
pub fn is_with(talk: &Paper, client: &Paper) -> bool {
    let known = known_addresses(client);
    client_named(talk) == Some(client.id) || addresses(talk).iter().any(|address| known.contains(address))
}
