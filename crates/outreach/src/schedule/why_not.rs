//! Why is nobody contacted? The rule that stops the next contact, until when, and what would change it: asked of the very
//! gate that the contact will have to pass.

use std::{sync::Arc, time::Duration};

use forecourt_crm::{Caller, Config, Ref, Sight, lead::require_visible, schedule::active};
use forecourt_query::{Filter, Find};
use forecourt_record::{
    Document, Enrolment, EnrolmentStatus, Instant, Result, SaleLead, UnderWay,
    gate::{Channel, GAP, Purpose, UNKNOWN_ZONE, WITHDRAWN},
    schedule::{Action, Next, Plan},
};
use forecourt_store::{Command, Lane, Tx};

use super::{
    list::{EnrolmentView, Names, visible},
    step::{situation, zone},
};
use crate::{
    Outreach,
    conversation::{Line, calling_number, mailed_at, own_address, own_number, reached_at},
    gate::{Contact, Facts, Rule, Verdict, Wish},
};

/// A lead is on no more schedules than this at a time.
const MOST: i64 = 100;
/// Actions and waits that are looked past to find the next contact.
const FARTHEST: usize = 4_000;

/// A call that was promised.
static PROMISED: Action = Action::Dial { tier: 0 };

/// What stops a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The rule's name: `wait`, `callback`, `paused`, `queue`, `captured`, `await_call`, `over`, or a rule of the gate.
    pub rule: String,
    /// The rule in words.
    pub reason: String,
    pub since: Option<Instant>,
    /// When it stops the contact no more, as far as anybody can tell; none where it does for good.
    pub until: Option<Instant>,
    /// What would change it, in a sentence.
    pub change: &'static str,
}

/// Whether somebody may be contacted on a channel, now.
#[derive(Clone, Debug)]
pub struct OnChannel {
    pub channel: Channel,
    pub obstacle: Option<Obstacle>,
}

/// The next contact of an enrolment.
#[derive(Clone, Debug)]
pub struct NextContact {
    pub view: EnrolmentView,
    /// The action, in words; none where nothing contacts anybody any more.
    pub action: Option<String>,
    pub channel: Option<Channel>,
    /// The first instant at which it may be made, as far as anybody can tell.
    pub possible_at: Option<Instant>,
    /// Why it is not made now, the rule that does so the longest first.
    pub obstacles: Vec<Obstacle>,
}

/// Why a lead is not contacted.
#[derive(Clone, Debug)]
pub struct WhyNot {
    /// Its number.
    pub lead: i64,
    /// For what: what its schedule contacts people for, else what an agreement brings with it.
    pub purpose: Purpose,
    pub channels: Vec<OnChannel>,
    /// Those under way.
    pub enrolments: Vec<NextContact>,
}

impl Outreach {
    /// Why a lead is not contacted now. Errors: `NotFound`.
    pub async fn lead_why_not(&self, caller: &Caller, lead: Ref<SaleLead>) -> Result<WhyNot> {
        let config = self.crm.config(caller.dealer).await?;
        let command = OfLead(Asker { config, sight: caller.sight.clone() }, lead);
        self.crm.store.read(self.crm.scope(caller), Lane::Quick, command).await
    }

    /// Why the next contact of an enrolment is not made now. Errors: `NotFound`.
    pub async fn enrolment_why_not(&self, caller: &Caller, enrolment: Ref<Enrolment>) -> Result<NextContact> {
        let config = self.crm.config(caller.dealer).await?;
        let command = OfEnrolment(Asker { config, sight: caller.sight.clone() }, enrolment);
        self.crm.store.read(self.crm.scope(caller), Lane::Quick, command).await
    }
}

/// What would change it that a rule stops somebody, by the rule's name.
pub(super) fn remedy(rule: &str) -> &'static str {
    match rule {
        "wait" => "It goes on by itself; a schedule with a shorter wait is for those who are put on it from then on.",
        "paused" => "Start the schedule again.",
        "queue" => "An agent who is ready calls.",
        "callback" => "The call is made at the time that was promised.",
        "preview" => "The agent who looks at it calls, or skips it.",
        "over" => "Put the lead on a schedule again.",
        "captured" => "It begins when it is sent to its schedule.",
        "await_call" => "The person calls.",
        "blocked" => "Lift the block of the client.",
        "suppressed" => "The person writes START, or whoever suppressed the channel lifts it.",
        WITHDRAWN => "The person writes START or agrees again, and somebody writes that down.",
        "no_phone" => "Add a phone number to the client.",
        "no_email" => "Add an e-mail address to the client.",
        "no_sender" => "Give the location, or the dealer, a number or an address to write from.",
        "whatsapp_window_closed" => "Give the action a template, or wait until the person writes.",
        "waiting_call_disposition" => "The agent says what came of the call.",
        GAP => "It goes on by itself in a moment.",
        UNKNOWN_ZONE => "Add the person's address or a number in international form, so that the local time is known.",
        _ => "It goes on by itself at that time; which hours and limits hold is said by the rules of contact.",
    }
}

impl Obstacle {
    fn of(rule: &Rule, until: Option<Instant>) -> Self {
        let held = rule.held();
        let change = match rule {
            Rule::NoConsent { .. } => {
                "The person agrees to it; an enquiry is enough, where the rule takes that for a while."
            }
            _ => remedy(&held.rule),
        };
        Self { change, rule: held.rule, reason: held.reason, since: None, until }
    }

    fn plain(rule: &str, reason: impl Into<String>, since: Option<Instant>, until: Option<Instant>) -> Self {
        Self { rule: rule.to_owned(), reason: reason.into(), since, until, change: remedy(rule) }
    }
}

struct Asker {
    config: Arc<Config>,
    sight: Sight,
}

struct OfLead(Asker, Ref<SaleLead>);

impl Command for OfLead {
    type Output = WhyNot;

    async fn run(&self, tx: &mut Tx) -> Result<WhyNot> {
        let Self(asker, lead) = self;
        let lead = require_visible(tx, &asker.sight, *lead).await?;
        let statuses = EnrolmentStatus::LIVE.iter().map(|status| status.as_str().into()).collect();
        let filter = Filter::And(vec![Filter::eq("lead_id", lead.id.to_string()), Filter::In("status", statuses)]);
        let mut enrolments = Vec::new();
        for enrolment in tx.find::<Enrolment>(&Find::newest(filter, MOST)).await? {
            enrolments.push(asker.next_contact(tx, &lead, enrolment).await?);
        }
        let on = enrolments.first().and_then(|next| asker.config.schedule(next.view.enrolment.doc.schedule_id));
        let purpose = on.map_or(Purpose::Service, |on| on.plan.definition.purpose);
        let (now, mut channels) = (tx.scope().now, Vec::new());
        for channel in Channel::BY_PHONE.iter().copied().chain([Channel::Email]) {
            let asked = (asker.contact(tx, &lead, None, (channel, true), now).await?, purpose);
            let address = if channel == Channel::Email { mailed_at(&lead) } else { reached_at(&lead) };
            let obstacle = asker.ask(tx, &lead, address, asked, None, now).await?;
            channels.push(OnChannel { channel, obstacle });
        }
        Ok(WhyNot { lead: lead.extra.number, purpose, channels, enrolments })
    }
}

struct OfEnrolment(Asker, Ref<Enrolment>);

impl Command for OfEnrolment {
    type Output = NextContact;

    async fn run(&self, tx: &mut Tx) -> Result<NextContact> {
        let Self(asker, enrolment) = self;
        let enrolment = visible(tx, &asker.sight, *enrolment).await?;
        let lead = tx.require::<SaleLead>(enrolment.doc.lead_id).await?;
        asker.next_contact(tx, &lead, enrolment).await
    }
}

/// The contact that a plan comes to next, if nothing happens meanwhile.
struct Planned<'a> {
    action: &'a Action,
    at: Instant,
    purpose: Purpose,
}

impl Asker {
    async fn next_contact(
        &self,
        tx: &mut Tx,
        lead: &Document<SaleLead>,
        enrolment: Document<Enrolment>,
    ) -> Result<NextContact> {
        let mut names = Names::default();
        let plan = names.plan(tx, &self.config, &enrolment.doc).await?;
        let view = names.view(tx, &self.config, enrolment, lead.extra.number).await?;
        let next = NextContact { view, action: None, channel: None, possible_at: None, obstacles: Vec::new() };
        self.look(tx, lead, &plan, next).await
    }

    async fn look(
        &self,
        tx: &mut Tx,
        lead: &Document<SaleLead>,
        plan: &Plan,
        mut next: NextContact,
    ) -> Result<NextContact> {
        let (now, doc) = (tx.scope().now, next.view.enrolment.doc.clone());
        if !doc.status.is_live() {
            let reason = doc.ended_because.clone().unwrap_or_default();
            next.obstacles.push(Obstacle::plain("over", reason, doc.ended_at, None));
            return Ok(next);
        }
        let resting = doc.standstill.as_ref().filter(|one| matches!(one.rule.as_str(), "captured" | "await_call"));
        if let Some(one) = resting.filter(|_| doc.under_way.is_none() && doc.callback_at.is_none()) {
            next.obstacles.push(Obstacle::plain(&one.rule, one.reason.clone(), Some(one.since), None));
            return Ok(next);
        }
        let Some(planned) = self.planned(lead, plan, &doc, now) else {
            next.obstacles.push(Obstacle::plain("over", "no action of it contacts anybody any more", None, None));
            return Ok(next);
        };
        let Some((channel, has_template)) = channel_of(planned.action) else { return Ok(next) };
        (next.action, next.channel) = (Some(planned.action.to_string()), Some(channel));
        let reference = doc.under_way.as_ref().map(|UnderWay { id, .. }| id.to_string());
        let contact = match planned.action {
            Action::Email { from, .. } => (Contact::Email, own_address(&self.config, from.as_ref())),
            _ => self.contact(tx, lead, Some(&doc), (channel, has_template), planned.at).await?,
        };
        let address = match channel {
            Channel::Email => doc.email.as_deref().or_else(|| mailed_at(lead)),
            Channel::Call | Channel::Sms | Channel::Whatsapp | Channel::Chat => doc.caller_id.as_deref(),
        };
        let asked = (contact, planned.purpose);
        let gate = self.ask(tx, lead, address, asked, reference.as_deref(), planned.at).await?;
        next.possible_at = match &gate {
            Some(obstacle) => obstacle.until,
            None => Some(planned.at),
        };
        let stands = |rule: &str| doc.standstill.as_ref().filter(|standstill| standstill.rule == rule);
        let since = |rule: &str| stands(rule).map(|standstill| standstill.since);
        if let Some(on) = self.config.schedule(doc.schedule_id)
            && active(on).is_err()
        {
            next.possible_at = None;
            next.obstacles.push(Obstacle::plain("paused", "the schedule is not active", since("paused"), None));
        }
        if let Some(mut obstacle) = gate {
            obstacle.since = since(&obstacle.rule);
            next.obstacles.push(obstacle);
        }
        if doc.status == EnrolmentStatus::Queue {
            next.obstacles.push(Obstacle::plain("queue", "an agent has to call first", doc.next_action_at, None));
        } else if planned.at > now {
            let (rule, usual) = match doc.callback_at {
                Some(_) => ("callback", "a call was promised for a time to come"),
                None => ("wait", "the schedule waits"),
            };
            let reason = stands(rule).map_or(usual, |standstill| standstill.reason.as_str());
            next.obstacles.push(Obstacle::plain(rule, reason, since(rule), Some(planned.at)));
        }
        Ok(next)
    }

    /// The contact under way, else the next one, with the instant at which the plan comes to it.
    fn planned<'a>(
        &self,
        lead: &Document<SaleLead>,
        plan: &'a Plan,
        doc: &Enrolment,
        now: Instant,
    ) -> Option<Planned<'a>> {
        let zone = zone(&self.config, plan, lead);
        let mut at = situation(&self.config, lead, doc, &zone, now);
        let purpose = plan.definition.purpose;
        if let Some(at) = doc.callback_at.filter(|_| doc.under_way.is_none()) {
            return Some(Planned { action: &PROMISED, at: at.max(now), purpose: Purpose::Service });
        }
        if let Some(under_way) = &doc.under_way {
            // The action of a message stands before the one that is next; that of a call is next until the call is over,
            // unless somebody calls beside the schedule.
            let action = if under_way.channel == Channel::Call {
                let next = plan.actions().get(at.position);
                next.filter(|next| matches!(next, Action::Dial { .. })).unwrap_or(&PROMISED)
            } else {
                plan.actions().get(at.position.checked_sub(1)?)?
            };
            return Some(Planned { action, at: now, purpose });
        }
        at.now = doc.next_action_at.map_or(now, |due| due.max(now));
        for _ in 0..FARTHEST {
            match plan.next(&at) {
                Next::Act { action: action @ Action::Callback { minutes }, .. } => {
                    let at = at.now + Duration::from_mins(u64::from(*minutes));
                    return Some(Planned { action, at, purpose: Purpose::Service });
                }
                Next::Act { action, .. } if channel_of(action).is_some() => {
                    return Some(Planned { action, at: at.now, purpose });
                }
                Next::Act { position, .. } => at.position = position + 1,
                Next::Wait { until, position } => (at.now, at.position) = (until, position),
                Next::Again => (at.position, at.restarts) = (0, at.restarts + 1),
                Next::Rest { .. } | Next::End(_) => return None,
            }
        }
        None
    }

    async fn contact(
        &self,
        tx: &mut Tx,
        lead: &Document<SaleLead>,
        on: Option<&Enrolment>,
        (channel, has_template): (Channel, bool),
        at: Instant,
    ) -> Result<(Contact, Option<String>)> {
        let location = lead.doc.location.as_deref();
        Ok(match channel {
            Channel::Whatsapp => {
                let Line { dealer_number, window_expires_at, .. } = Line::to(tx, &self.config, lead).await?;
                let is_open = window_expires_at.is_some_and(|end| end > at);
                let free = Contact::WhatsappText { window_expires_at };
                (if has_template && !is_open { Contact::WhatsappTemplate } else { free }, dealer_number)
            }
            Channel::Call => {
                let assigned = on.and_then(|on| on.call_number.clone());
                (Contact::Call, assigned.or_else(|| calling_number(&self.config, location)))
            }
            Channel::Email => (Contact::Email, own_address(&self.config, None)),
            Channel::Sms | Channel::Chat => {
                let assigned = on.and_then(|on| on.sms_number.clone());
                (Contact::Sms, assigned.or_else(|| own_number(&self.config, location)))
            }
        })
    }

    /// The gate, asked as if it were that instant.
    async fn ask(
        &self,
        tx: &mut Tx,
        lead: &Document<SaleLead>,
        address: Option<&str>,
        ((contact, sender), purpose): ((Contact, Option<String>), Purpose),
        reference: Option<&str>,
        at: Instant,
    ) -> Result<Option<Obstacle>> {
        let wish = Wish {
            contact,
            purpose,
            client: lead.doc.client_id,
            address,
            sender: sender.as_deref(),
            location: lead.doc.location.as_deref(),
            reference,
        };
        Ok(match Facts::load_at(tx, &self.config, wish, at).await?.verdict() {
            Verdict::Allow => None,
            Verdict::Hold { until, rule } => Some(Obstacle::of(&rule, Some(until))),
            Verdict::Refuse { rule } => Some(Obstacle::of(&rule, None)),
        })
    }
}

/// The channel an action contacts people by, and whether it has a template to write with; none where it contacts nobody.
fn channel_of(action: &Action) -> Option<(Channel, bool)> {
    let has_template = matches!(action, Action::Whatsapp { template: Some(_), .. });
    action.channel().map(|channel| (channel, has_template))
}
