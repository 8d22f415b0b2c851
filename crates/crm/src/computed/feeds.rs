//! Which documents a change feeds: looked at as it was and as it is, for whoever loses a document has changed as well.

use std::collections::BTreeSet;

use forecourt_record::{
    Id, Instant, Result,
    computed::{self, Key, LEADS, Paper, TALKS, Talk, WORKS, client_of, lead_named},
};
use forecourt_store::Change;

/// What has to be computed anew.
#[derive(Debug, Default)]
pub struct Feeds {
    pub clients: BTreeSet<Id<()>>,
    /// Leads whose client shall be known and followed with them.
    pub leads: BTreeSet<Key>,
    /// Numbers and addresses whose clients are fed.
    pub addresses: BTreeSet<String>,
    /// Those among them that somebody begins or ceases to have.
    pub claimed: BTreeSet<String>,
    /// Kinds of documents that have to be looked up for the clients and leads.
    pub kinds: BTreeSet<&'static str>,
    /// Answers of persons to leads, where nothing was taken away.
    pub answers: Vec<(Key, Instant)>,
    /// Leads of which only what they say of themselves has changed.
    pub solo: BTreeSet<Key>,
    /// Sale leads whose cars have to be shown anew, and cars that have changed for the leads that show them.
    pub car_lists: BTreeSet<Id<()>>,
    pub cars_shown: BTreeSet<Id<()>>,
    /// Cars whose sale leads have to be counted anew.
    pub cars_counted: BTreeSet<Id<()>>,
    /// Client vehicles that have changed for the after-sale leads that show them.
    pub vehicles_shown: BTreeSet<Id<()>>,
    /// VINs and plates whose vehicles, and whose repair orders, are fed.
    pub marks_of_vehicles: BTreeSet<String>,
    pub marks_of_orders: BTreeSet<String>,
    /// Numbers whose calls show another name.
    pub callers: BTreeSet<String>,
    /// Leads whose dates and offers show another location.
    pub locations: BTreeSet<Key>,
    /// Conversations: WhatsApp sessions, and pairs of numbers.
    pub sessions: BTreeSet<String>,
    pub pairs: BTreeSet<[String; 2]>,
}

/// The kind of message that belongs to a lead.
pub const MESSAGES: &str = "whatsappmessages";

/// Members of a client that its leads copy.
const COPIED: [&str; 8] = [
    "address",
    "business_details",
    "contacts",
    "contacts_names",
    "contacts_emails",
    "contacts_phones",
    "custom",
    "primary_contact",
];

/// Members of a note, a task, a date or an offer that others show or count.
const WORKED: [&str; 11] = [
    "client_id",
    "lead_id",
    "lead_type",
    "content",
    "description",
    "created_by",
    "notification",
    "start_date",
    "end_date",
    "showed_up",
    "custom",
];

/// Members of a communication that others show or count.
const TALKED: [&str; 20] = [
    "client_number",
    "client_info",
    "client_id",
    "dealer_info",
    "from",
    "to",
    "cc",
    "direction",
    "made_at",
    "read_at",
    "users",
    "participant_users",
    "user_id",
    "duration",
    "note",
    "notification",
    "last_message",
    "last_message_date",
    "last_message_direction",
    "participants",
];

/// Members of a car or a client vehicle that a lead shows.
const SHOWN: [&str; 22] = [
    "ad_urls",
    "body_style",
    "category",
    "custom",
    "dealer_ad_url",
    "doors",
    "fuel",
    "images",
    "license_plate",
    "make",
    "mileage",
    "model",
    "power",
    "prices",
    "seats",
    "status",
    "stock_number",
    "transmission",
    "type",
    "version",
    "vin",
    "year",
];

/// Whether one of these members was or is another; a document that comes or goes differs in all.
pub fn differs(change: &Change, members: &[&str]) -> bool {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => members.iter().any(|name| before.doc[*name] != after.doc[*name]),
        _ => true,
    }
}

fn sides(change: &Change) -> impl Iterator<Item = &Paper> {
    change.before.iter().chain(&change.after)
}

fn is_new(change: &Change) -> bool {
    change.before.is_none()
}

fn own_changed(change: &Change) -> bool {
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => before.extra != after.extra,
        _ => true,
    }
}

impl Feeds {
    /// Adds what a change feeds.
    pub fn by(&mut self, change: &Change) -> Result<()> {
        let kind = change.spec.name;
        match kind {
            "clients" => self.by_client(change),
            "cars" => self.by_car(change),
            "clientvehicles" => self.by_vehicle(change),
            "repairorders" => self.by_order(change),
            MESSAGES => self.by_message(change)?,
            _ if LEADS.contains(&kind) => self.by_lead(change),
            _ if WORKS.contains(&kind) => self.by_work(change)?,
            _ if TALKS.contains(&kind) => self.by_talk(change)?,
            _ => {}
        }
        Ok(())
    }

    /// Everything there may be about a client or a lead.
    fn everything(&mut self) {
        self.kinds.extend(TALKS);
        self.kinds.extend(WORKS);
        self.kinds.insert(MESSAGES);
    }

    fn by_client(&mut self, change: &Change) {
        if !differs(change, &COPIED) {
            return;
        }
        self.clients.extend(sides(change).map(|client| client.id));
        if is_new(change) {
            self.everything();
        }
        let known = |client: Option<&Paper>| -> BTreeSet<String> {
            let all = ["contacts_phones", "contacts_emails"].iter().flat_map(|name| texts(client, name));
            all.collect()
        };
        let (had, has) = (known(change.before.as_ref()), known(change.after.as_ref()));
        if had != has {
            self.kinds.extend(TALKS);
            self.kinds.insert(MESSAGES);
            self.claimed.extend(had.symmetric_difference(&has).cloned());
        }
        if differs(change, &["contacts", "contacts_phones"]) {
            self.callers.extend(sides(change).flat_map(|client| texts(Some(client), "contacts_phones")));
        }
    }

    fn by_lead(&mut self, change: &Change) {
        let keys = sides(change).map(|lead| (lead.kind, lead.id));
        let note = |side: &Option<Paper>| side.as_ref().map(|lead| lead.extra["note_id"].clone());
        if differs(change, &["client_id", "notification"]) {
            self.leads.extend(keys);
            self.clients.extend(sides(change).filter_map(client_of));
            if differs(change, &["client_id"]) {
                self.everything();
            }
        } else if differs(change, &["assigned", "current_assigned"]) {
            self.solo.extend(keys);
        }
        if let Some(lead) = &change.after {
            if note(&change.before) != note(&change.after) {
                self.leads.insert((lead.kind, lead.id));
                self.kinds.insert("notes");
            }
            if lead.kind == "saleleads" && differs(change, &["car_list"]) {
                self.car_lists.insert(lead.id);
            }
        }
        if change.spec.name == "saleleads" && differs(change, &["car_list"]) {
            self.cars_counted.extend(sides(change).flat_map(computed::cars_named));
        }
        if !is_new(change) && differs(change, &["location"]) {
            self.locations.extend(sides(change).map(|lead| (lead.kind, lead.id)));
        }
    }

    fn by_work(&mut self, change: &Change) -> Result<()> {
        if !differs(change, &WORKED) {
            return Ok(());
        }
        self.kinds.insert(change.spec.name);
        for paper in sides(change) {
            self.clients.extend(client_of(paper));
            self.leads.extend(lead_named(paper)?);
        }
        Ok(())
    }

    fn by_talk(&mut self, change: &Change) -> Result<()> {
        if change.spec.name == "sms" && differs(change, &["from", "to", "direction"]) {
            self.pairs.extend(sides(change).filter_map(computed::pair));
        }
        if !differs(change, &TALKED) && !own_changed(change) {
            return Ok(());
        }
        self.kinds.extend(TALKS);
        let known = |side: &Option<Paper>| -> BTreeSet<String> { side.iter().flat_map(computed::addresses).collect() };
        let addresses: BTreeSet<String> = known(&change.before).union(&known(&change.after)).cloned().collect();
        // Even where the talk keeps them: another client may be given one of them at this moment.
        self.claimed.extend(addresses.iter().cloned());
        self.addresses.extend(addresses);
        self.clients.extend(sides(change).filter_map(computed::client_named));
        if let Some(before) = &change.before {
            // An answer may have been taken back; then the messages have to say which one was the first.
            if Talk::of(before)?.begun_by_person.is_some() {
                self.kinds.insert(MESSAGES);
            }
        }
        Ok(())
    }

    fn by_message(&mut self, change: &Change) -> Result<()> {
        if differs(change, &["session_id", "direction", "made_at"]) {
            self.sessions.extend(sides(change).filter_map(|message| message.text("session_id")).map(str::to_owned));
        }
        if !differs(change, &["direction", "made_at", "user_id"]) && !own_changed(change) {
            return Ok(());
        }
        let answer = |side: &Option<Paper>| -> Result<Option<(Key, Instant)>> {
            let Some(message) = side else { return Ok(None) };
            Ok(lead_named(message)?.zip(computed::written_by_person(message)?))
        };
        let (had, has) = (answer(&change.before)?, answer(&change.after)?);
        if had == has {
            return Ok(());
        }
        match had {
            None => self.answers.extend(has),
            Some((lead, _)) => {
                self.leads.insert(lead);
                self.leads.extend(has.map(|(lead, _)| lead));
                self.kinds.extend(TALKS);
                self.kinds.insert(MESSAGES);
            }
        }
        Ok(())
    }

    fn by_car(&mut self, change: &Change) {
        if is_new(change) {
            self.cars_counted.extend(sides(change).map(|car| car.id));
        } else if differs(change, &SHOWN) {
            self.cars_shown.extend(sides(change).map(|car| car.id));
        }
    }

    fn by_vehicle(&mut self, change: &Change) {
        if differs(change, &SHOWN) && !is_new(change) {
            self.vehicles_shown.extend(sides(change).map(|vehicle| vehicle.id));
        }
        if differs(change, &["vin", "license_plate", "model_year", "year", "month", "make", "model"]) {
            self.marks_of_orders.extend(sides(change).flat_map(marks));
        }
    }

    fn by_order(&mut self, change: &Change) {
        if differs(change, &["car_info", "type", "date", "mileage", "location"]) {
            self.marks_of_vehicles.extend(sides(change).flat_map(marks));
        }
    }
}

fn marks(paper: &Paper) -> impl Iterator<Item = String> {
    computed::marks(paper).into_iter().flatten().map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// The texts of a list of the published tree.
pub fn texts<'a>(paper: Option<&'a Paper>, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let all = paper.and_then(|paper| paper.doc[name].as_array());
    all.into_iter().flatten().filter_map(|one| one.as_str()).map(str::to_owned)
}
