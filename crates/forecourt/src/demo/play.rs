//! Plays stories through the real use cases, each act at its own instant, many people at once.

use std::future::ready;

use forecourt_connect::{
    Chat, Sandbox,
    sandbox::{Envelope, Said},
};
use forecourt_crm::{Caller, Crm, Ref, vehicle::VehicleFields};
use forecourt_outreach::{NewMessage, Outreach, Worker};
use forecourt_record::{Clock, Code, Context, Error, Instant, Result};
use futures::future::try_join_all;

use super::{
    dealership::Place,
    script,
    stock::Stocked,
    story::{Act, DAY, Story, What},
};
use crate::system;

/// Acts under way at once: enough that many share a commit.
const LANES: usize = 64;

/// Somebody who works at the dealer.
#[derive(Clone, Debug)]
pub struct Agent {
    pub caller: Caller,
    pub number: i64,
    pub name: String,
    pub places: Vec<String>,
}

/// The use cases, at an instant of their own.
struct Lane {
    clock: Clock,
    outreach: Outreach,
}

impl Lane {
    fn new(crm: &Crm, context: &Context, chat: &Chat) -> Self {
        let clock = Clock::virtual_at(context.now());
        let mut context = context.clone();
        context.clock = clock.clone();
        Self { clock, outreach: Outreach::new(Crm::new(crm.store.clone(), context), chat.clone()) }
    }

    fn crm(&self) -> &Crm {
        &self.outreach.crm
    }
}

/// A dealership at work.
pub struct Stage {
    lanes: Vec<Lane>,
    worker: Worker,
    back: Outreach,
    /// Whether no other dealer's jobs are in the way: only then may a worker take whatever there is.
    is_alone: bool,
    /// What the worker takes for now.
    clock: Clock,
    /// The dealer's own programs, by which enquiries come in.
    program: Caller,
    agents: Vec<Agent>,
    /// The numbers of the cars, in the order of the stock.
    cars: Vec<i64>,
}

impl Stage {
    /// `context` gives ids and chance, and the instant at which it begins.
    pub async fn new(crm: &Crm, context: &Context, chat: &Chat, program: Caller, agents: Vec<Agent>) -> Result<Self> {
        let lanes = (0..LANES).map(|_| Lane::new(crm, context, chat)).collect();
        let Lane { clock, outreach } = Lane::new(crm, context, chat);
        let is_alone = crm.dealer_list().await?.len() == 1;
        let worker = Worker::new(outreach.clone());
        Ok(Self { lanes, worker, back: outreach, is_alone, clock, program, agents, cars: Vec::new() })
    }

    /// Puts the cars on the lot.
    pub async fn stock(&mut self, stock: &[Stocked]) -> Result<()> {
        for cars in stock.chunks(LANES) {
            let added = cars.iter().zip(&self.lanes).map(|(car, lane)| async {
                lane.clock.set(car.added_at);
                let added = lane.crm().vehicle_add(&self.program, car.fields.clone()).await?;
                Ok::<_, Error>(added.0.extra.number)
            });
            self.cars.extend(try_join_all(added).await?);
        }
        Ok(())
    }

    /// Plays everything that happens from `start` to `end`, day by day; `told` is called after each.
    ///
    /// On each day everybody does the first thing they do, then everybody the second, and so on: what a person writes has
    /// been read before it is answered, and all that happens is in its order to within a day.
    pub async fn play(
        &self,
        stories: &mut [Story],
        start: Instant,
        end: Instant,
        told: impl Fn(Instant),
    ) -> Result<()> {
        let mut night = start;
        while night < end {
            night = (night + DAY).min(end);
            loop {
                let mut round: Vec<&mut Story> =
                    stories.iter_mut().filter(|story| story.acts.front().is_some_and(|act| act.at < night)).collect();
                if round.is_empty() {
                    break;
                }
                self.round(&mut round).await?;
            }
            self.jobs(night).await?;
            told(night);
        }
        Ok(())
    }

    async fn round(&self, stories: &mut [&mut Story]) -> Result<()> {
        let (mut heard, mut worked) = (None, Vec::new());
        for stories in stories.chunks_mut(LANES) {
            let acts = stories.iter_mut().zip(&self.lanes).filter_map(|(story, lane)| {
                let act = story.acts.pop_front()?;
                match act.what {
                    What::Hear(_) | What::Write(_) => heard = heard.max(Some(act.at)),
                    What::Work(_) => worked.extend(story.lead),
                    What::Arrive { .. } | What::Sell(_) | What::Price(..) => {}
                }
                Some(self.act(lane, story, act))
            });
            try_join_all(acts.collect::<Vec<_>>()).await?;
        }
        system::unfollow(&self.back.crm, &self.program, worked).await?;
        match heard {
            Some(at) => self.jobs(at).await,
            None => Ok(()),
        }
    }

    /// Does what is due until an instant.
    async fn jobs(&self, until: Instant) -> Result<()> {
        let dealer = Some(self.program.dealer);
        self.clock.set(until);
        if !self.is_alone {
            return self.worker.drain(dealer).await.map(drop);
        }
        // Told to stop before it begins, a worker claims once, and does all of that at the same time.
        while self.back.next_due(dealer).await?.is_some_and(|due| due <= until) {
            self.worker.run(ready(())).await;
        }
        Ok(())
    }

    async fn act(&self, lane: &Lane, story: &mut Story, act: Act) -> Result<()> {
        lane.clock.set(act.at);
        match act.what {
            What::Arrive { mut enquiry, car } => {
                enquiry.vehicle = car.map(|car| self.cars[car]);
                let received = lane.crm().lead_receive(&self.program, *enquiry, None).await?;
                if received.duplicate {
                    // The first enquiry has a story of its own.
                    story.acts.clear();
                    return Ok(());
                }
                story.lead = Some(received.lead);
                self.given_to(lane, story).await
            }
            What::Work(mut change) => {
                let Some(lead) = story.lead else { return Ok(()) };
                let is_taken = story.agent.is_some();
                let agent = self.agent(story);
                if !is_taken {
                    change.assigned_to = Some(Some(agent.number));
                }
                lane.crm().lead_change(&agent.caller, Ref::Id(lead), *change).await.map(drop)
            }
            What::Hear(text) => {
                let body = webhook(story, &text, act.at);
                lane.outreach.webhook_receive(self.program.dealer, &body).await
            }
            What::Write(text) => {
                let Some(lead) = story.lead else { return Ok(()) };
                let agent = self.agent(story);
                let text = NewMessage::Text(script::said(&text, "", &agent.name));
                match lane.outreach.message_send(&agent.caller, Ref::Id(lead), text, None).await {
                    // It is the person's right to end a conversation.
                    Err(error) if matches!(error.code, Code::Suppressed | Code::WhatsappWindowClosed) => Ok(()),
                    result => result.map(drop),
                }
            }
            What::Sell(car) => {
                let status = Some("sold".to_owned());
                self.car_changes(lane, car, VehicleFields { status, ..VehicleFields::default() }).await
            }
            What::Price(car, price) => {
                let price = Some(price.into());
                self.car_changes(lane, car, VehicleFields { price, ..VehicleFields::default() }).await
            }
        }
    }

    async fn car_changes(&self, lane: &Lane, car: usize, fields: VehicleFields) -> Result<()> {
        lane.crm().vehicle_change(&self.program, Ref::Number(self.cars[car]), fields).await.map(drop)
    }

    /// Learns who got the lead, if the house gave it to somebody.
    async fn given_to(&self, lane: &Lane, story: &mut Story) -> Result<()> {
        let Some(lead) = story.lead else { return Ok(()) };
        let owner = lane.crm().lead_read(&self.program, Ref::Id(lead)).await?.lead.doc.owner();
        story.agent = self.agents.iter().position(|agent| owner.is_some() && agent.caller.actor.user() == owner);
        Ok(())
    }

    /// Who works a lead: whoever has it, else somebody of the place, who takes it.
    fn agent(&self, story: &mut Story) -> &Agent {
        let is_there = |agent: &Agent| agent.places.iter().any(|code| code == story.person.place.code);
        let there: Vec<usize> = (0..self.agents.len()).filter(|at| is_there(&self.agents[*at])).collect();
        let dice = &mut story.dice;
        let agent = story.agent.get_or_insert_with(|| if there.is_empty() { 0 } else { dice.pick(&there) });
        &self.agents[*agent]
    }
}

/// What a person writes to their place, as the provider would post it.
fn webhook(story: &Story, text: &str, at: Instant) -> Vec<u8> {
    let Place { number, .. } = story.person.place;
    let phone_number_id = Sandbox::phone_number_id(number);
    let id = format!("wamid.demo.{}.{}", story.person.number.trim_start_matches('+'), at.millis());
    let said = Said { id: &id, from: &story.person.number, name: &story.person.name, body: text, at, reply_to: None };
    Envelope { number, phone_number_id: &phone_number_id }.text(&said)
}
