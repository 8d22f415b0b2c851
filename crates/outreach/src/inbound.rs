//! Webhooks: a body is stored as it came before it is answered; a job takes it apart and carries out what it tells.
//!
//! Each thing it tells is a transaction of its own that does nothing when it was done before, so a body that comes twice,
//! in any order, or is broken off half way, changes nothing twice.

mod mailed;
mod said;
mod told;

use std::{cmp::min, sync::Arc};

use forecourt_connect::{
    dialog360,
    optout::is_opt_out,
    received::{Bounce, Message, Problem, Received, Status},
    sandbox,
};
use forecourt_crm::{Caller, Config, Sight, intake::NewLead};
use forecourt_record::{
    Actor, Dealer, DealerId, Error, Instant, Kind as _, Location, Phone, Result, WhatsappMessage,
    event::{Event, EventName},
    gate::Channel,
};
use forecourt_store::{Command, Inbound, Job, Lane, NewJob, Scope, Tx};
use serde_json::json;
use tracing::debug;

pub(crate) use self::said::heard_elsewhere;
use self::{mailed::Mailed, said::Said};
use crate::{
    Outreach,
    calls::{self, CALL},
    conversation::{normal, own_number},
    crash::{AFTER_INBOUND_STORED, MID_INBOUND, crash_point},
    gate::WHATSAPP,
    outbox::PROVIDER_ID,
    parcel::MAIL,
    wish::{self, Heard},
    worker::payload,
};

/// The job that carries a webhook's body out: `{"inbound": number, "at": instant of receipt, "obeyed": provider's ids of
/// the messages whose wish was obeyed at once}`.
pub const INBOUND: &str = "whatsapp.inbound@1";

impl Outreach {
    /// Takes a webhook's body in: when this returns, it is stored durably and will be carried out. Whether it can be
    /// read is found out later; whoever sent it is not kept waiting for that. Only a wish not to be contacted is obeyed at
    /// once: what was due before it is not sent any more.
    pub async fn webhook_receive(&self, dealer: DealerId, raw: &[u8]) -> Result<()> {
        let wishes = wishes(raw);
        let config = if wishes.is_empty() { None } else { Some(self.crm.config(dealer).await?) };
        self.receive(dealer, Store { provider: WHATSAPP, body: raw.to_vec(), wishes, config }).await
    }

    /// The same of a webhook that tells of calls.
    pub async fn calls_receive(&self, dealer: DealerId, raw: &[u8]) -> Result<()> {
        let store = Store { provider: CALL, body: raw.to_vec(), wishes: Vec::new(), config: None };
        self.receive(dealer, store).await
    }

    /// The same of one that tells of mails.
    pub async fn mails_receive(&self, dealer: DealerId, raw: &[u8]) -> Result<()> {
        let store = Store { provider: MAIL, body: raw.to_vec(), wishes: Vec::new(), config: None };
        self.receive(dealer, store).await
    }

    async fn receive(&self, dealer: DealerId, store: Store) -> Result<()> {
        self.crm.write(self.person(dealer), store).await?;
        crash_point(AFTER_INBOUND_STORED);
        Ok(())
    }

    /// The scope of what a person on the other end does.
    fn person(&self, dealer: DealerId) -> Scope {
        Scope { dealer, actor: Actor::Client, dialect: WHATSAPP, now: self.crm.now() }
    }

    pub(crate) async fn inbound(&self, job: &Job) -> Result<()> {
        let number: i64 = payload(job, "inbound")?;
        let received_at: Instant = payload(job, "at")?;
        let obeyed: Vec<String> = if job.payload["obeyed"].is_null() { Vec::new() } else { payload(job, "obeyed")? };
        let scope = self.person(job.dealer);
        let store = &self.crm.store;
        let stored = store.read(scope, Lane::Quick, Load(number)).await?.filter(|stored| !stored.processed);
        let (mut items, mut unreadable) = (Vec::new(), Vec::new());
        if let Some(stored) = stored {
            let config = self.crm.config(job.dealer).await?;
            let body = stored.body.as_bytes();
            let read = match stored.provider.as_str() {
                CALL => sandbox::calls::parse(body),
                MAIL => sandbox::mail::parse(body),
                _ => dialog360::parse(body),
            };
            match read {
                Ok(received) => {
                    let receipt = Receipt { job, config: &config, at: received_at, obeyed: &obeyed };
                    self.sort(&receipt, received, &mut items, &mut unreadable)?;
                }
                Err(error) => unreadable.push(Problem::unreadable(error.inside.unwrap_or(error.detail))),
            }
        }
        // The last thing told and the end of the job are one transaction: most bodies tell one thing.
        let last = items.pop();
        for item in items {
            self.crm.write(self.person(job.dealer), Apply { item: Some(item), finish: None }).await?;
        }
        let finish = Finish { job: job.clone(), number, unreadable };
        self.crm.write(self.person(job.dealer), Apply { item: last, finish: Some(finish) }).await
    }

    /// What is to be carried out, and what could not be read.
    fn sort(
        &self,
        receipt: &Receipt<'_>,
        received: Vec<Received>,
        items: &mut Vec<Item>,
        unreadable: &mut Vec<Problem>,
    ) -> Result<()> {
        for one in received {
            match one {
                Received::Status(status) => items.push(Item::Told(status)),
                Received::Call(call) => {
                    items.push(Item::Call(Box::new(self.call_heard(
                        receipt.job.dealer,
                        receipt.config,
                        call,
                        receipt.at,
                    )?)));
                }
                Received::Mail(mail) => items.push(Item::Mail(Box::new(Mailed {
                    at: min(mail.at, receipt.at),
                    mail,
                    id: self.crm.context.id(),
                    config: receipt.config.clone(),
                }))),
                Received::Bounce(bounce) => items.push(Item::Returned(bounce)),
                Received::Message(message) => match phone(&message) {
                    Some(phone) => {
                        items.push(Item::Said(Box::new(self.said(receipt, message, phone)?)));
                    }
                    None => unreadable.push(Problem::unreadable("a message from somebody without a number".to_owned())),
                },
                Received::Problem(problem) => unreadable.push(problem),
                Received::Notice(notice) => debug!(kind = notice.kind, "a notice of the channel is not acted upon"),
                Received::Other { field } => debug!(field, "a webhook about something else is not acted upon"),
            }
        }
        Ok(())
    }

    fn said(&self, receipt: &Receipt<'_>, message: Message, phone: Phone) -> Result<Said> {
        let Receipt { job, config, at: received_at, obeyed } = *receipt;
        let caller =
            Caller { dealer: job.dealer, actor: Actor::Client, dialect: WHATSAPP, sight: Sight::All, history: false };
        let location = location(config, &message);
        let enquiry = NewLead {
            name: message.profile_name.as_ref().map(|name| name.to_string()),
            phone: Some(phone.as_str().to_owned()),
            source: Some(WHATSAPP.to_owned()),
            inquiry: Some(message.body.to_string()),
            location,
            ..NewLead::default()
        };
        Ok(Said {
            enquiry: self.crm.lead_prepare(&caller, config.clone(), enquiry, None)?,
            config: config.clone(),
            // A clock that runs ahead must not keep the window open for longer.
            at: min(message.at, received_at),
            is_obeyed: obeyed.contains(&message.provider_id),
            message,
            phone,
            message_id: self.crm.context.id(),
            session_id: self.crm.context.id(),
        })
    }
}

/// A body as it came in.
struct Receipt<'a> {
    job: &'a Job,
    config: &'a Arc<Config>,
    at: Instant,
    obeyed: &'a [String],
}

/// A wish not to be contacted, out of a body that nobody has carried out yet.
struct Wished {
    message: Message,
    phone: Phone,
}

/// The wishes not to be contacted that a body holds; none when it cannot be read.
fn wishes(raw: &[u8]) -> Vec<Wished> {
    let received = dialog360::parse(raw).unwrap_or_default();
    let wished = received.into_iter().filter_map(|one| match one {
        Received::Message(message) if is_opt_out(&message.body) => {
            phone(&message).map(|phone| Wished { message, phone })
        }
        _ => None,
    });
    wished.take(MOST_AT_ONCE).collect()
}

fn phone(message: &Message) -> Option<Phone> {
    Phone::parse(message.from.as_ref()?, None).ok()
}

/// The location whose number was written to, by its code; none when only the dealer's own number knows it.
fn location(config: &Config, message: &Message) -> Option<String> {
    let number = message.to_number.as_deref().map(normal);
    let theirs = |location: &&Location| {
        let by_id =
            location.whatsapp_phone_number_id.is_some() && location.whatsapp_phone_number_id == message.phone_number_id;
        let by_number =
            location.whatsapp_number.is_some() && own_number(config, Some(location.code.as_str())) == number;
        by_id || by_number
    };
    config.locations.iter().map(|location| &location.doc).find(theirs).map(|location| location.code.clone())
}

struct Store {
    provider: &'static str,
    body: Vec<u8>,
    wishes: Vec<Wished>,
    /// Known where there are wishes.
    config: Option<Arc<Config>>,
}

impl Command for Store {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let now = tx.scope().now;
        let mut obeyed = Vec::new();
        if let Some(config) = &self.config {
            for wished in &self.wishes {
                if wished.obey(tx, config).await? {
                    obeyed.push(wished.message.provider_id.as_str());
                }
            }
        }
        store(tx, self.provider, &self.body, now, &obeyed).await
    }
}

impl Wished {
    /// Suppresses what the wish covers, as far as it is known without looking for the person. Says whether that was news.
    async fn obey(&self, tx: &mut Tx, config: &Config) -> Result<bool> {
        let id = self.message.provider_id.as_str();
        if !tx.keys_find::<WhatsappMessage>(WhatsappMessage::SPEC.name, &[(PROVIDER_ID, id)]).await?.is_empty() {
            // Delivered once more; the person may have thought better of it since.
            return Ok(false);
        }
        let heard = Heard {
            channel: Channel::Whatsapp,
            address: self.phone.as_str(),
            text: &self.message.body,
            at: min(self.message.at, tx.scope().now),
            client: None,
            lead: None,
            is_obeyed: false,
        };
        wish::obey(tx, config, &heard).await
    }
}

/// Of one body so many wishes are obeyed while whoever sent it waits; the others by its job.
const MOST_AT_ONCE: usize = 50;

/// Stores a body of a provider's and the job that carries it out at `at`, the instant it counts as received. The wishes of
/// the messages with these ids of the provider are obeyed already.
pub(crate) async fn store(tx: &mut Tx, provider: &str, body: &[u8], at: Instant, obeyed: &[&str]) -> Result<()> {
    // What is not UTF-8 is no JSON either, and no database takes a zero byte in a text.
    let text = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
    let number = tx.inbound_store(provider, &text).await?;
    tx.enqueue(NewJob {
        name: INBOUND,
        payload: json!({"inbound": number, "at": at, "obeyed": obeyed}),
        due_at: at,
        // Before anything is sent: it may be a wish not to be written to.
        priority: 0,
        dedupe: Some(format!("inbound:{number}")),
    })
    .await
}

struct Load(i64);

impl Command for Load {
    type Output = Option<Inbound>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        tx.inbound(self.0).await
    }
}

/// One thing that a body tells.
enum Item {
    Said(Box<Said>),
    Told(Status),
    Call(Box<calls::Heard>),
    Mail(Box<Mailed>),
    Returned(Bounce),
}

/// The end of the job.
struct Finish {
    job: Job,
    number: i64,
    unreadable: Vec<Problem>,
}

struct Apply {
    item: Option<Item>,
    finish: Option<Finish>,
}

impl Command for Apply {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        match &self.item {
            Some(Item::Said(said)) => Box::pin(said.apply(tx)).await?,
            Some(Item::Told(status)) => told::apply(tx, status).await?,
            Some(Item::Call(call)) => Box::pin(call.apply(tx)).await?,
            Some(Item::Mail(mail)) => Box::pin(mail.apply(tx)).await?,
            Some(Item::Returned(bounce)) => mailed::returned(tx, bounce).await?,
            None => {}
        }
        crash_point(MID_INBOUND);
        let Some(finish) = &self.finish else { return Ok(()) };
        for problem in &finish.unreadable {
            tx.event(unreadable(tx.scope().dealer, problem, finish.number)).await?;
        }
        tx.inbound_done(finish.number).await?;
        tx.job_done(&finish.job).await
    }
}

/// What is written of a problem: the provider's code and title, and where it is; never what the body says.
fn unreadable(dealer: DealerId, problem: &Problem, number: i64) -> Event {
    Event {
        name: EventName::WebhookUnreadable,
        kind: Dealer::SPEC.name,
        id: dealer.cast(),
        lead: None,
        data: json!({"code": problem.code, "title": problem.title, "detail": problem.detail, "inbound": number}),
    }
}

/// A fault of the record: something that must belong to a lead does not.
fn orphan(what: &str) -> Error {
    Error::internal(format!("{what} without its client"))
}
