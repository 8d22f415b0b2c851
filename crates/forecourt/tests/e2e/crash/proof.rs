//! What the store has to hold after all the kills: everything promised, whole, once.

use std::{collections::BTreeMap, fmt::Display};

use forecourt_query::Filter;
use forecourt_record::{Attempt, Client, Direction, Document, SaleLead, WhatsappMessage, event::EventName};
use serde_json::{Value, json};

use super::ledger::{Entries, Ledger};
use crate::support::{Site, Underneath, until};

/// Waits until every job that the story made necessary is done: leases of the dead run out first.
pub async fn settled(site: &Site, greeting: &Value, ledger: &Ledger) {
    let underneath = Underneath::open(&site.location, greeting).await;
    let expected = {
        let Entries { leads, sendings, strangers, .. } = &*ledger.entries();
        // A greeting for each lead, what was sent to it, and what strangers wrote.
        leads.len() + sendings.len() + strangers.len()
    };
    until("every message to be there and settled", async || {
        let unsettled = ["queued", "sending"].map(|status| Filter::eq("delivery_status", status)).to_vec();
        let there = underneath.count::<WhatsappMessage>(Filter::all()).await;
        let unsettled = underneath.count::<WhatsappMessage>(Filter::Or(unsettled)).await;
        (unsettled == 0 && there >= i64::try_from(expected).unwrap()).then_some(())
    })
    .await;
    underneath.close().await;
}

/// Looks at everything, with no server running any more.
pub async fn check(site: &Site, greeting: &Value, ledger: &Ledger) {
    assert_eq!(site.json(&["verify"]).await, json!({"consistent": true, "findings": []}));
    let underneath = Underneath::open(&site.location, greeting).await;
    let story = Story::load(site, &underneath).await;
    let (leads, strangers) = {
        let entries = ledger.entries();
        story.leads_are_whole(&entries);
        story.messages_went_once(&entries);
        (entries.leads.clone(), entries.strangers.clone())
    };
    // The key of everybody leads to the one client of their lead.
    let phones = leads.iter().map(|lead| &lead.phone).chain(strangers.iter().map(|stranger| &stranger.phone));
    for phone in phones {
        let [lead] = &story.leads_by_phone[phone][..] else { panic!("{phone} has not one lead") };
        let client = lead.doc.client_id.map(|id| id.to_string());
        assert_eq!(underneath.holder::<Client>("phone", phone).await, client, "{phone}");
    }
    underneath.close().await;
}

/// All that happened, as the store and the provider tell it.
struct Story {
    leads_by_phone: BTreeMap<String, Vec<Document<SaleLead>>>,
    clients: BTreeMap<String, Document<Client>>,
    messages: Vec<Document<WhatsappMessage>>,
    /// How often each thing happened to each document.
    events: BTreeMap<(String, String), usize>,
    /// How often the provider was given each message.
    recorded: BTreeMap<String, usize>,
}

impl Story {
    async fn load(site: &Site, underneath: &Underneath) -> Self {
        let mut leads_by_phone: BTreeMap<String, Vec<Document<SaleLead>>> = BTreeMap::new();
        for lead in underneath.all::<SaleLead>().await {
            let phone = lead.extra.phone.clone().expect("everybody has a phone");
            leads_by_phone.entry(phone).or_default().push(lead);
        }
        let clients = underneath.all::<Client>().await;
        let events = underneath.events().await.into_iter().map(|(name, id)| (name.as_str().to_owned(), id));
        let recording = std::fs::read_to_string(site.recording()).expect("the provider was given something");
        let references = recording.lines().map(|line| {
            let line: Value = serde_json::from_str(line).expect("a whole line");
            line["reference"].as_str().expect("a reference").to_owned()
        });
        Self {
            leads_by_phone,
            clients: clients.into_iter().map(|client| (client.id.to_string(), client)).collect(),
            messages: underneath.all().await,
            events: counted(events),
            recorded: counted(references),
        }
    }

    fn happened(&self, name: EventName, id: &impl Display) -> usize {
        self.events.get(&(name.as_str().to_owned(), id.to_string())).copied().unwrap_or(0)
    }

    /// One lead for each that was asked for and for each stranger, no other, and each with all that belongs to it.
    fn leads_are_whole(&self, entries: &Entries) {
        let people = entries.leads.len() + entries.strangers.len();
        assert_eq!((self.leads_by_phone.len(), self.clients.len()), (people, people), "one lead and client for each");
        for asked in &entries.leads {
            let [lead] = &self.leads_by_phone[&asked.phone][..] else { panic!("{} has not one lead", asked.key) };
            assert_eq!(Some(format!("L-{}", lead.extra.number)), asked.id, "{}", asked.key);
            let qualification = &lead.extra.qualification;
            assert_eq!(
                (qualification.score, qualification.filter.as_str()),
                (asked.score, asked.filter),
                "{}",
                asked.key
            );
        }
        for lead in self.leads_by_phone.values().flatten() {
            assert_eq!(self.happened(EventName::LeadCreated, &lead.id), 1, "{}", lead.id);
            let client = lead.doc.client_id.and_then(|id| self.clients.get(&id.to_string()));
            let client = client.unwrap_or_else(|| panic!("{} has no client", lead.id));
            assert_eq!(client.doc.phone(), lead.extra.phone.as_deref());
            assert_eq!(client.computed.client_number_of_sale_leads, Some(1));
            assert_eq!(lead.extra.templates_due, [], "{} was not greeted", lead.id);
        }
    }

    /// Everybody was greeted once and got what was sent to them once; nothing is in doubt.
    fn messages_went_once(&self, entries: &Entries) {
        let (outbound, inbound): (Vec<_>, Vec<_>) =
            self.messages.iter().partition(|message| message.doc.direction == Some(Direction::Outbound));
        let owner = |message: &&Document<WhatsappMessage>| message.extra.lead_id.map(|id| id.to_string());
        let automatic = outbound.iter().copied().filter(|message| message.extra.automatic);
        let greeted = counted(automatic.filter_map(|message| owner(&message)));
        let heard = counted(inbound.iter().filter_map(owner));
        let leads = |phones: Vec<&String>| -> BTreeMap<String, usize> {
            phones.into_iter().map(|phone| (self.leads_by_phone[phone][0].id.to_string(), 1)).collect()
        };
        assert_eq!(greeted, leads(entries.leads.iter().map(|lead| &lead.phone).collect()), "greetings by lead");
        assert_eq!(heard, leads(entries.strangers.iter().map(|stranger| &stranger.phone).collect()), "replies by lead");

        let written = counted(outbound.iter().filter(|message| !message.extra.automatic).map(|message| {
            let template = message.extra.template.as_ref().expect("only templates were asked for");
            (format!("msg_{}", message.id), template.parameters[0].clone())
        }));
        let asked = entries.sendings.iter().map(|sending| (sending.id.clone().expect("answered"), sending.key.clone()));
        assert_eq!(written, asked.map(|sending| (sending, 1)).collect(), "messages by request");

        for message in &outbound {
            assert_eq!(message.extra.attempt, Attempt::Sent, "{}", message.id);
            let told = [EventName::MessageQueued, EventName::MessageSent, EventName::MessageUncertain];
            assert_eq!(told.map(|name| self.happened(name, &message.id)), [1, 1, 0], "{}", message.id);
        }
        let once: BTreeMap<String, usize> = outbound.iter().map(|message| (message.id.to_string(), 1)).collect();
        assert_eq!(self.recorded, once, "what the provider was given, and what was sent");
    }
}

fn counted<T: Ord>(things: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    things.for_each(|thing| *counts.entry(thing).or_default() += 1);
    counts
}
