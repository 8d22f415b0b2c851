//! The outbox: hands queued messages to the provider, each at most once as far as anyone can tell.
//!
//! A message is durably marked as being sent before the provider is called. If the process dies after that, the provider
//! is asked what became of it; if nobody can tell, it stays unknown, and only a person may send again.

use std::{sync::Arc, time::Duration};

use forecourt_connect::{Echo, Found, Outcome, Outgoing, whatsapp::advances};
use forecourt_crm::Config;
use forecourt_record::{
    Attempt, Delivery, Document, Error, Id, Result, WhatsappSession, event::EventName, gate::Purpose,
};
use forecourt_store::{Command, Job, Tx};
use serde_json::json;
use tokio::time::timeout;

use crate::{
    Outreach,
    calls::NOT_BEGUN,
    crash::{AFTER_PROVIDER_ANSWERED, AFTER_RECORDED, AFTER_SENDING_COMMITTED, crash_point},
    gate::{self, Contact, Facts, Verdict, WHATSAPP, Wish},
    inbound,
    message::event,
    parcel::Parcel,
    schedule,
    worker::{LEASE, payload},
};

/// A provider that has not answered by then has given an unknown answer. Well within a lease, so that nobody else takes
/// the job up while it is being asked.
const SEND_LIMIT: Duration = Duration::from_secs(30);

/// A message the provider has put off for this long is given up: nobody wants it a day late.
const PATIENCE: Duration = Duration::from_hours(24);

/// What the first transaction found.
enum Begun {
    /// Nothing left to do.
    Done,
    /// Marked as being sent.
    Go(Outgoing),
    /// Somebody was sending it and did not live to say how it ended.
    Interrupted(Outgoing),
}

impl Outreach {
    pub(crate) async fn send<K: Parcel>(&self, job: &Job) -> Result<()> {
        let message: Id<K> = payload(job, "message")?;
        let config = self.crm.config(job.dealer).await?;
        let begin = |mark| Begin { job: job.clone(), message, mark, config: config.clone() };
        let mut state = self.crm.write(self.crm.house(job.dealer), begin(Mark::Planned)).await?;
        if let Begun::Interrupted(outgoing) = state {
            let outcome = match self.chat.find(&outgoing.reference).await {
                Found::Sent { provider_id } => Some(Outcome::Sent { provider_id }),
                Found::NotSent => None,
                Found::Undecidable => {
                    Some(Outcome::Unknown { detail: "the provider cannot tell whether it was sent".to_owned() })
                }
            };
            if let Some(outcome) = outcome {
                return self.record(job, message, &outgoing, outcome).await;
            }
            state = self.crm.write(self.crm.house(job.dealer), begin(Mark::Interrupted)).await?;
        }
        let Begun::Go(outgoing) = state else { return Ok(()) };
        crash_point(AFTER_SENDING_COMMITTED);
        let outcome = timeout(SEND_LIMIT, self.chat.send(&outgoing)).await;
        let outcome = outcome.unwrap_or_else(|_| Outcome::Unknown { detail: "the provider did not answer".to_owned() });
        crash_point(AFTER_PROVIDER_ANSWERED);
        self.record(job, message, &outgoing, outcome).await
    }

    async fn record<K: Parcel>(&self, job: &Job, message: Id<K>, outgoing: &Outgoing, outcome: Outcome) -> Result<()> {
        let scope = self.crm.house(job.dealer);
        let echoes = match &outcome {
            // The stand-in plays people on some channels only.
            Outcome::Sent { provider_id } if K::PLAYED.is_some() => self.chat.echoes(outgoing, provider_id, scope.now),
            Outcome::Sent { .. } | Outcome::Failed { .. } | Outcome::RetryAfter(_) | Outcome::Unknown { .. } => {
                Vec::new()
            }
        };
        self.crm.write(scope, Record { job: job.clone(), message, outcome, echoes }).await?;
        crash_point(AFTER_RECORDED);
        Ok(())
    }
}

/// Which messages may be marked as being sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Planned,
    /// Also one that was being sent: the provider says that it never got it.
    Interrupted,
}

struct Begin<K: Parcel> {
    job: Job,
    message: Id<K>,
    mark: Mark,
    config: Arc<Config>,
}

impl<K: Parcel> Command for Begin<K> {
    type Output = Begun;

    async fn run(&self, tx: &mut Tx) -> Result<Begun> {
        let Some(mut message) = tx.get_for_update(self.message).await? else {
            // Erased with its lead.
            tx.job_done(&self.job).await?;
            return Ok(Begun::Done);
        };
        match (message.extra.attempt, self.mark) {
            (Attempt::Planned, _) | (Attempt::Sending, Mark::Interrupted) => {}
            (Attempt::Sending, Mark::Planned) => return Ok(Begun::Interrupted(outgoing(&message, &self.config)?)),
            (Attempt::Sent | Attempt::Failed | Attempt::Unknown, _) => {
                tx.job_done(&self.job).await?;
                return Ok(Begun::Done);
            }
        }
        if schedule::is_over(tx, message.extra.enrolment_id, message.id.cast()).await? {
            failed(tx, &mut message, "schedule_ended", "the schedule it was a step of has ended").await?;
            tx.job_done(&self.job).await?;
            return Ok(Begun::Done);
        }
        if let Some(reason) = K::obsolete(tx, &message).await? {
            failed(tx, &mut message, NOT_BEGUN, reason).await?;
            tx.job_done(&self.job).await?;
            return Ok(Begun::Done);
        }
        gate::hold(tx, message.doc.to()).await?;
        let (contact, verdict) = verdict(tx, &self.config, &message).await?;
        match verdict {
            Verdict::Allow => message.extra.held = None,
            Verdict::Hold { rule, .. } if !K::WAITS => {
                failed(tx, &mut message, NOT_BEGUN, rule.name()).await?;
                tx.job_done(&self.job).await?;
                return Ok(Begun::Done);
            }
            Verdict::Hold { until, rule } => {
                message.extra.attempt = Attempt::Planned;
                message.doc.set_delivery(Delivery::Queued);
                let held = rule.held();
                // Said once, however often it is looked at again.
                let is_news = message.extra.held.as_ref() != Some(&held);
                message.extra.held = Some(held.clone());
                tx.update(&mut message).await?;
                if is_news {
                    let data = json!({"rule": held.rule, "reason": held.reason});
                    event(tx, &message, EventName::MessageHeld, data).await?;
                    schedule::settled(tx, &message.extra).await?;
                }
                tx.job_again(&self.job, until, None).await?;
                return Ok(Begun::Done);
            }
            Verdict::Refuse { rule } => {
                failed(tx, &mut message, rule.name(), rule.sentence()).await?;
                tx.job_done(&self.job).await?;
                return Ok(Begun::Done);
            }
        }
        message.extra.attempt = Attempt::Sending;
        message.doc.set_delivery(Delivery::Sending);
        tx.update(&mut message).await?;
        gate::contacting(tx, contact, message.doc.to(), &message.id.to_string()).await?;
        // The lease begins anew with the call, and a worker whose lease ran out before it got here goes no further.
        let until = tx.scope().now + LEASE;
        tx.job_keep(&self.job, until).await?;
        Ok(Begun::Go(outgoing(&message, &self.config)?))
    }
}

/// The gate, at the moment of sending.
async fn verdict<K: Parcel>(tx: &mut Tx, config: &Config, message: &Document<K>) -> Result<(Contact, Verdict)> {
    let session = match message.doc.session() {
        Some(id) => tx.get::<WhatsappSession>(id).await?,
        None => None,
    };
    let contact = match (K::CONTACT, &message.extra.template) {
        (Some(contact), _) => contact,
        (None, Some(_)) => Contact::WhatsappTemplate,
        (None, None) => Contact::WhatsappText { window_expires_at: session.and_then(|session| session.doc.expires_at) },
    };
    let reference = message.id.to_string();
    let wish = Wish {
        contact,
        purpose: message.extra.purpose.unwrap_or(Purpose::Answer),
        client: message.extra.client_id,
        address: message.doc.to(),
        sender: message.doc.from(),
        location: message.doc.location(),
        reference: Some(&reference),
    };
    Ok((contact, Facts::load(tx, config, wish).await?.verdict()))
}

fn outgoing<K: Parcel>(message: &Document<K>, config: &Config) -> Result<Outgoing> {
    let incomplete = || Error::internal("an outbound message without addresses or text");
    let given = |member: Option<&str>| member.map(str::to_owned).ok_or_else(incomplete);
    let (from, to) = (given(message.doc.from())?, given(message.doc.to())?.into());
    let content = K::content(message, config).ok_or_else(incomplete)?;
    Ok(Outgoing { reference: message.id.to_string(), from, to, content })
}

struct Record<K: Parcel> {
    job: Job,
    message: Id<K>,
    outcome: Outcome,
    echoes: Vec<Echo>,
}

impl<K: Parcel> Command for Record<K> {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let now = tx.scope().now;
        let found = tx.get_for_update(self.message).await?;
        // Gone when its lead was erased meanwhile; settled when a status came before our answer.
        let Some(mut message) = found.filter(|message| message.extra.attempt == Attempt::Sending) else {
            return tx.job_done(&self.job).await;
        };
        match &self.outcome {
            Outcome::Sent { provider_id } => {
                accepted(&mut message);
                advance(&mut message, Delivery::Sent);
                know(tx, &mut message, provider_id).await?;
                tx.update(&mut message).await?;
                event(tx, &message, EventName::MessageSent, json!({})).await?;
                schedule::settled(tx, &message.extra).await?;
                self.store_echoes(tx).await?;
            }
            Outcome::Failed { code, detail } => failed(tx, &mut message, code, detail).await?,
            Outcome::RetryAfter(_) if now > message.created_at + PATIENCE => {
                failed(tx, &mut message, "put_off", "the provider put it off for a day").await?;
            }
            Outcome::RetryAfter(wait) => {
                message.extra.attempt = Attempt::Planned;
                message.doc.set_delivery(Delivery::Queued);
                tx.update(&mut message).await?;
                return tx.job_again(&self.job, now + *wait, None).await;
            }
            Outcome::Unknown { detail } => {
                message.extra.attempt = Attempt::Unknown;
                tx.update(&mut message).await?;
                event(tx, &message, EventName::MessageUncertain, json!({"reason": detail})).await?;
                schedule::settled(tx, &message.extra).await?;
            }
        }
        tx.job_done(&self.job).await
    }
}

impl<K: Parcel> Record<K> {
    /// The stand-in's webhooks arrive the way a provider's do: stored as they are, processed by a job, when due.
    async fn store_echoes(&self, tx: &mut Tx) -> Result<()> {
        let now = tx.scope().now;
        for echo in &self.echoes {
            inbound::store(tx, K::PLAYED.unwrap_or(WHATSAPP), &echo.body, now + echo.after, &[]).await?;
        }
        Ok(())
    }
}

/// The provider has the message, whatever becomes of it.
pub(crate) fn accepted<K: Parcel>(message: &mut Document<K>) {
    message.extra.attempt = Attempt::Sent;
}

/// Moves a message on, never back. Says whether it moved.
pub(crate) fn advance<K: Parcel>(message: &mut Document<K>, to: Delivery) -> bool {
    let moves = message.doc.delivery().is_none_or(|from| advances(from, to));
    if moves {
        message.doc.set_delivery(to);
    }
    moves
}

/// Learns the provider's own id of a message, by which its statuses find it.
pub(crate) async fn know<K: Parcel>(tx: &mut Tx, message: &mut Document<K>, provider_id: &str) -> Result<()> {
    if message.extra.provider_id.is_none() {
        message.extra.provider_id = Some(provider_id.to_owned());
        tx.key_claim(K::SPEC.name, PROVIDER_ID, provider_id, message.id).await?;
    }
    Ok(())
}

/// The key of a message that holds the provider's own id.
pub(crate) const PROVIDER_ID: &str = "provider_id";

/// It did not go, for good.
async fn failed<K: Parcel>(tx: &mut Tx, message: &mut Document<K>, code: &str, reason: &str) -> Result<()> {
    message.extra.attempt = Attempt::Failed;
    advance(message, Delivery::Failed);
    message.doc.failed(code, reason);
    tx.update(message).await?;
    event(tx, message, EventName::MessageFailed, json!({"code": code, "reason": reason})).await?;
    schedule::settled(tx, &message.extra).await
}
