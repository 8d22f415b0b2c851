//! The run: what is due, in the order of instant, priority and number, until nothing is.

mod enter;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use forecourt_connect::{
    sandbox::{Reaction, calls::speaks, mail::returns, reaction},
    whatsapp::window_expires,
};
use forecourt_record::{
    CallStatus, Instant,
    gate::{Asked, Channel, Contacted, Purpose},
    pipeline::Phase,
    schedule::{Action, Duplicates, Next, Plan, Situation, Tokens},
};

use super::{
    Act, Lead, MOST_ACTS, Stage, What,
    going::{Going, Person, UnderWay},
};
use crate::{
    gate::{Contact, Facts, Rule, Verdict, held_by, unconsented},
    schedule::Cause,
};

/// Where jobs of a sort stand among those that are due at the same instant: what people say first, then what is sent, then
/// the steps of schedules, as in the worker.
const HEARING: i64 = 0;
const SENDING: i64 = 5;
const STEPPING: i64 = 20;

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// A lead comes in.
    Arrival(usize),
    /// Somebody has written.
    Heard { person: usize, lead: usize, channel: Channel, opts_out: bool },
    /// A mail to somebody came back.
    Returned { person: usize },
    /// A contact is made, if it still may be.
    Contact(usize),
    /// A call is over.
    Hangup { going: usize, answered: bool },
    /// A lead enters a schedule, the one at this place by name, by this way of it and what another one did.
    Enter { lead: usize, plan: usize, entry: usize, going: usize },
    /// An enrolment is looked at, unless another look was put down since.
    Step { going: usize, look: u64 },
}

pub(super) struct Run<'a> {
    stage: &'a Stage,
    now: Instant,
    queue: BinaryHeap<Reverse<(Instant, i64, u64, Due)>>,
    number: u64,
    people: Vec<Person>,
    /// Which person each lead is of.
    person_of: Vec<usize>,
    goings: Vec<Going>,
    /// Whoever is on a schedule that takes nobody twice.
    live: HashMap<(Arc<str>, usize), usize>,
    names: HashSet<Arc<str>>,
    statuses: Vec<String>,
    acts: Vec<Act>,
}

/// What one action came to, as in the step of the worker.
enum Done {
    Further,
    Begun,
    Ended(Cause),
}

impl<'a> Run<'a> {
    pub fn of(stage: &'a Stage) -> Self {
        let (mut people, mut known) = (Vec::new(), HashMap::new());
        let mut person_of = Vec::with_capacity(stage.leads.len());
        for lead in &stage.leads {
            let new = people.len();
            let person = match &lead.phone {
                Some(phone) => *known.entry(phone.as_str()).or_insert(new),
                None => new,
            };
            if person == new {
                people.push(Person::default());
            }
            person_of.push(person);
        }
        let mut run = Self {
            stage,
            now: Instant::EPOCH,
            queue: BinaryHeap::new(),
            number: 0,
            people,
            person_of,
            goings: Vec::with_capacity(stage.leads.len()),
            live: HashMap::new(),
            names: stage.plans.keys().map(|name| name.as_str().into()).collect(),
            statuses: stage.leads.iter().map(|lead| lead.status.clone()).collect(),
            acts: Vec::new(),
        };
        for (at, lead) in stage.leads.iter().enumerate() {
            run.put(lead.arrives_at, STEPPING.saturating_add(lead.priority), Due::Arrival(at));
        }
        run
    }

    pub fn finish(mut self) -> Vec<Act> {
        while self.acts.len() < MOST_ACTS
            && let Some(Reverse((at, _, _, due))) = self.queue.pop()
        {
            self.now = at;
            match due {
                Due::Arrival(lead) => self.arrives(lead),
                Due::Heard { person, lead, channel, opts_out } => self.hears(person, lead, channel, opts_out),
                Due::Returned { person } => self.people[person].suppressed.push(Channel::Email),
                Due::Contact(going) => self.contacts(going),
                Due::Hangup { going, answered } => self.hangs_up(going, answered),
                Due::Enter { lead, plan, entry, going } => self.enters(lead, (plan, entry), going),
                Due::Step { going, look } if self.goings[going].look == look => self.steps(going),
                Due::Step { .. } => {}
            }
        }
        self.acts
    }

    fn put(&mut self, at: Instant, priority: i64, due: Due) {
        self.number += 1;
        self.queue.push(Reverse((at, priority, self.number, due)));
    }

    /// An enrolment is looked at then, and not before.
    fn wake(&mut self, going: usize, at: Instant) {
        let priority = STEPPING.saturating_add(self.lead(going).priority);
        self.goings[going].look += 1;
        let look = self.goings[going].look;
        self.put(at, priority, Due::Step { going, look });
    }

    fn lead(&self, going: usize) -> &'a Lead {
        &self.stage.leads[self.goings[going].lead]
    }

    fn plan(&self, going: usize) -> Option<&'a Plan> {
        self.stage.plans.get(&*self.goings[going].schedule).map(AsRef::as_ref)
    }

    fn note(&mut self, going: usize, step: usize, what: What) {
        let Going { lead, schedule, .. } = &self.goings[going];
        let lead = self.stage.leads[*lead].number;
        self.acts.push(Act { at: self.now, lead, schedule: schedule.clone(), step, what });
    }

    fn arrives(&mut self, lead: usize) {
        let (name, one) = (self.stage.schedule.as_str(), &self.stage.leads[lead]);
        self.enrols(lead, name, one.tokens.clone());
    }

    /// Puts a lead on a schedule. Says whether it is on it now, by this or already.
    fn enrols(&mut self, lead: usize, name: &str, tokens: Tokens) -> bool {
        let (Some(plan), Some(schedule)) = (self.stage.plans.get(name), self.names.get(name).cloned()) else {
            return false;
        };
        let (definition, person, new) = (&plan.definition, self.person_of[lead], self.goings.len());
        if definition.duplicates != Duplicates::Allow
            && let Some(&before) = self.live.get(&(schedule.clone(), person))
        {
            if definition.duplicates != Duplicates::ExpireExisting {
                let is_updated = definition.duplicates == Duplicates::Update;
                if is_updated {
                    self.goings[before].tokens.0.extend(tokens.0);
                }
                let number = self.stage.leads[lead].number;
                self.acts.push(Act { at: self.now, lead: number, schedule, step: 0, what: What::BegunBefore });
                return is_updated;
            }
            self.ends(before, Cause::Replaced);
        }
        let now = self.now;
        self.goings.push(Going {
            lead,
            person,
            schedule: schedule.clone(),
            position: 0,
            restarts: 0,
            tokens,
            next_action_at: Some(now),
            expires_at: definition.expires_after_hours.map(|hours| now + Duration::from_hours(hours.into())),
            contact_attempts: 0,
            max_contact_attempts: definition.max_contact_attempts,
            begun_at: now,
            replied: false,
            connected: false,
            dispositions: Vec::new(),
            is_over: false,
            under_way: None,
            look: 0,
        });
        if definition.duplicates != Duplicates::Allow {
            self.live.insert((schedule, person), new);
        }
        self.people[person].goings.push(new);
        self.note(new, 0, What::Begun);
        self.wake(new, now);
        true
    }

    /// A step, as the worker's.
    fn steps(&mut self, going: usize) {
        let Some(plan) = self.plan(going) else { return };
        if self.goings[going].is_over {
            return;
        }
        let ended = if self.people[self.goings[going].person].blocked {
            Some(Cause::Blocked)
        } else {
            match self.goings[going].under_way.as_ref().map(|under_way| under_way.is_planned) {
                Some(true) => self.asks(going, |at| plan.over(at)).map(Cause::Over),
                Some(false) => None,
                None => self.goes(going, plan),
            }
        };
        if ended.is_some_and(|cause| cause != Cause::Moved) {
            for action in &plan.definition.at_end {
                self.acts_on(going, action, plan);
            }
        }
        match ended {
            Some(cause) => self.ends(going, cause),
            None => self.rests(going),
        }
    }

    fn rests(&mut self, going: usize) {
        let Going { next_action_at, expires_at, under_way, .. } = &self.goings[going];
        let next = next_action_at.filter(|_| under_way.is_none());
        if let Some(at) = next.into_iter().chain(*expires_at).min() {
            self.wake(going, at.max(self.now));
        }
    }

    fn asks<T>(&self, going: usize, question: impl FnOnce(&Situation<'_>) -> T) -> T {
        let one = &self.goings[going];
        let own = self.plan(going).and_then(|plan| plan.definition.time_zone.as_ref());
        let status = &self.statuses[one.lead];
        question(&Situation {
            position: one.position,
            restarts: one.restarts,
            tokens: &one.tokens,
            status,
            origin: self.stage.leads[one.lead].origin.as_deref(),
            location: self.stage.sites[self.stage.leads[one.lead].site].code.as_deref(),
            replied: one.replied,
            connected: one.connected,
            dispositions: &one.dispositions,
            converted: self.stage.pipeline.phase(status) == Some(Phase::Won),
            expires_at: one.expires_at,
            contact_attempts: one.contact_attempts,
            max_contact_attempts: one.max_contact_attempts,
            now: self.now,
            zone: own.unwrap_or(&self.stage.sites[self.lead(going).site].zone),
        })
    }

    /// Carries out what is due. Gives the reason if the enrolment is over.
    fn goes(&mut self, going: usize, plan: &Plan) -> Option<Cause> {
        loop {
            if let Some(over) = self.asks(going, |at| plan.over(at)) {
                return Some(Cause::Over(over));
            }
            let next = self.asks(going, |at| plan.next(at));
            let is_due = self.goings[going].next_action_at.is_none_or(|due| due <= self.now);
            let (position, action) = match next {
                _ if !is_due => return None,
                Next::End(over) => return Some(Cause::Over(over)),
                Next::Wait { until, position } => {
                    let one = &mut self.goings[going];
                    (one.position, one.next_action_at) = (position, Some(until));
                    return None;
                }
                // Nobody calls by themselves here.
                Next::Rest { position } => {
                    let one = &mut self.goings[going];
                    (one.position, one.next_action_at) = (position, None);
                    return None;
                }
                Next::Again => {
                    let one = &mut self.goings[going];
                    (one.position, one.restarts) = (0, one.restarts + 1);
                    continue;
                }
                Next::Act { position, action } => (position, action),
            };
            self.goings[going].position = position;
            let done = self.acts_on(going, action, plan);
            if let Done::Ended(cause) = done {
                return Some(cause);
            }
            self.goings[going].position = position + 1;
            if matches!(done, Done::Begun) {
                return None;
            }
        }
    }

    fn acts_on(&mut self, going: usize, action: &Action, plan: &Plan) -> Done {
        let (position, person) = (self.goings[going].position, self.goings[going].person);
        let purpose = plan.definition.purpose;
        let done = match action {
            Action::Dial { .. } => return self.plans(going, Contact::Call, purpose, self.now),
            // A promise is a call like any other, but for its purpose.
            Action::Callback { minutes } => {
                let at = self.now + Duration::from_mins(u64::from(*minutes));
                return self.plans(going, Contact::Call, Purpose::Service, at);
            }
            Action::Sms { .. } => return self.plans(going, Contact::Sms, purpose, self.now),
            Action::Email { .. } => return self.plans(going, Contact::Email, purpose, self.now),
            Action::Whatsapp { template, .. } => {
                let window_expires_at = self.people[person].window_expires_at;
                let is_open = window_expires_at.is_some_and(|end| end > self.now);
                let free = Contact::WhatsappText { window_expires_at };
                let contact = if template.is_some() && !is_open { Contact::WhatsappTemplate } else { free };
                return self.plans(going, contact, purpose, self.now);
            }
            Action::AddToSchedule { schedule } => {
                let tokens = self.goings[going].tokens.clone();
                self.note(going, position, What::Done("goes on to another schedule"));
                let moved = self.enrols(self.goings[going].lead, schedule, tokens);
                return if moved { Done::Ended(Cause::Moved) } else { Done::Further };
            }
            Action::ModifyLead { status, tokens } => {
                self.goings[going].tokens.0.extend(tokens.clone());
                if let Some(status) = status {
                    self.moves(going, status);
                }
                "lead modified"
            }
            Action::AddTask { .. } => "task added",
            Action::Assign { .. } => "lead handed over",
            Action::Webhook { .. } => "webhook called",
            Action::OptOut { channels } => {
                let channels = if channels.is_empty() { Channel::ALL } else { channels };
                self.people[person].suppressed.extend(channels);
                "person opted out"
            }
            Action::Block {} => {
                self.people[person].blocked = true;
                "person blocked"
            }
            // These are no acts.
            Action::Wait(_)
            | Action::Restart { .. }
            | Action::Exit { .. }
            | Action::Group { .. }
            | Action::AwaitCall {} => return Done::Further,
        };
        self.note(going, position, What::Done(done));
        Done::Further
    }

    /// Puts a contact down for an instant; one that is to be made now for when the gate allows it.
    fn plans(&mut self, going: usize, contact: Contact, purpose: Purpose, at: Instant) -> Done {
        let step = self.goings[going].position;
        let under_way = UnderWay { step, contact, purpose, is_planned: true, held: None };
        let verdict = if at > self.now { Verdict::Allow } else { self.verdict(going, contact, purpose) };
        match verdict {
            Verdict::Refuse { rule: Rule::Blocked } => Done::Ended(Cause::Blocked),
            Verdict::Refuse { rule } => {
                self.note(going, step, What::Refused { channel: contact.channel(), rule: rule.name().into() });
                Done::Further
            }
            verdict => {
                let one = &mut self.goings[going];
                (one.under_way, one.next_action_at) = (Some(under_way), None);
                let at = match verdict {
                    Verdict::Hold { until, rule } => self.holds(going, until, &rule),
                    Verdict::Allow | Verdict::Refuse { .. } => at,
                };
                self.put(at, SENDING, Due::Contact(going));
                Done::Begun
            }
        }
    }

    /// Notes that a rule holds the contact back, once for as long as it is the same rule.
    fn holds(&mut self, going: usize, until: Instant, rule: &Rule) -> Instant {
        let Some(under_way) = self.goings[going].under_way.clone() else { return until };
        if under_way.held.as_ref().is_none_or(|(before, _)| **before != *rule.name()) {
            self.releases(going);
            let name: Arc<str> = rule.name().into();
            if let Some(under_way) = &mut self.goings[going].under_way {
                under_way.held = Some((name.clone(), self.now));
            }
            self.note(going, under_way.step, What::Held { channel: under_way.contact.channel(), rule: name, until });
        }
        until
    }

    fn releases(&mut self, going: usize) {
        let Some(under_way) = &mut self.goings[going].under_way else { return };
        let step = under_way.step;
        if let Some((rule, since)) = under_way.held.take() {
            let seconds = self.now.since(since).as_secs();
            self.note(going, step, What::Released { rule, seconds });
        }
    }

    /// The gate, on what is known of the person.
    fn verdict(&self, going: usize, contact: Contact, purpose: Purpose) -> Verdict {
        let (lead, person) = (self.lead(going), &self.people[self.goings[going].person]);
        let site = &self.stage.sites[lead.site];
        let (channel, now) = (contact.channel(), self.now);
        let recent: &[Contacted] = if purpose == Purpose::Answer { &[] } else { &person.contacts };
        let asked = Asked { channel, purpose, whereabouts: &lead.whereabouts, now, recent };
        let address = lead.address(channel);
        let timing = address.and_then(|_| held_by(&site.rules, &asked));
        // Whoever comes in has enquired; whatever else somebody has agreed to is not looked up.
        let unconsented = unconsented(&site.rules, &asked, Some(lead.arrives_at));
        let suppressed = person.suppressed.contains(&channel).then(String::new);
        let can = match channel {
            Channel::Call => site.can_call,
            Channel::Email => site.can_mail || self.names_sender(going),
            Channel::Sms | Channel::Whatsapp | Channel::Chat => site.can_send,
        };
        let sender = can.then(String::new);
        Facts {
            contact,
            address: address.map(str::to_owned),
            sender,
            blocked: person.blocked,
            suppressed,
            unconsented,
            timing,
            now,
        }
        .verdict()
    }

    /// Whether the mail that is next, or under way, says whom it comes from.
    fn names_sender(&self, going: usize) -> bool {
        let one = &self.goings[going];
        let step = one.under_way.as_ref().map_or(one.position, |under_way| under_way.step);
        let action = self.plan(going).and_then(|plan| plan.actions().get(step));
        matches!(action, Some(Action::Email { from: Some(_), .. }))
    }

    /// A contact's hour has come: the gate is asked once more, and the person does what the person does.
    fn contacts(&mut self, going: usize) {
        let lead = self.lead(going);
        let Some(under_way) = self.goings[going].under_way.clone().filter(|one| one.is_planned) else { return };
        let mut contact = under_way.contact;
        if let Contact::WhatsappText { window_expires_at } = &mut contact {
            *window_expires_at = self.people[self.goings[going].person].window_expires_at;
        }
        let channel = contact.channel();
        match self.verdict(going, contact, under_way.purpose) {
            Verdict::Hold { until, rule } => {
                let at = self.holds(going, until, &rule);
                return self.put(at, SENDING, Due::Contact(going));
            }
            Verdict::Refuse { rule } => {
                self.releases(going);
                self.note(going, under_way.step, What::Refused { channel, rule: rule.name().into() });
                return self.settles(going);
            }
            Verdict::Allow => self.releases(going),
        }
        let (person, number) = (self.goings[going].person, lead.address(channel).unwrap_or_default());
        self.people[person].contacts.push(Contacted { at: self.now, channel });
        let played = self.stage.people;
        let who = played.behaviour.person(played.seed, number);
        if channel == Channel::Call {
            let answered = speaks(played.seed, played.behaviour, number, self.now);
            let seconds = played.call_seconds[usize::from(!answered)];
            self.note(going, under_way.step, What::Called { answered, seconds });
            if let Some(under_way) = &mut self.goings[going].under_way {
                under_way.is_planned = false;
            }
            let end = self.now + Duration::from_secs(seconds.into());
            return self.put(end, HEARING, Due::Hangup { going, answered });
        }
        self.goings[going].contact_attempts += 1;
        self.note(going, under_way.step, What::Sent(channel));
        if matches!(channel, Channel::Whatsapp | Channel::Email)
            && let Some((after, said)) = reaction(played.seed, who, number, self.now)
        {
            let lead = self.goings[going].lead;
            let opts_out = said == Reaction::OptsOut;
            self.put(self.now + after, HEARING, Due::Heard { person, lead, channel, opts_out });
        }
        if channel == Channel::Email
            && let Some(after) = returns(who)
        {
            self.put(self.now + after, HEARING, Due::Returned { person });
        }
        self.settles(going);
    }

    fn settles(&mut self, going: usize) {
        let one = &mut self.goings[going];
        (one.under_way, one.next_action_at) = (None, Some(self.now));
        self.wake(going, self.now);
    }

    fn hangs_up(&mut self, going: usize, answered: bool) {
        let one = &mut self.goings[going];
        if one.is_over {
            return;
        }
        one.contact_attempts += 1;
        one.connected |= answered;
        let word = if answered { CallStatus::Completed } else { CallStatus::NoAnswer };
        one.dispositions.insert(0, word.as_str().to_owned());
        self.settles(going);
    }

    /// Somebody has written; on WhatsApp it counts from the second it was written in, and opens the window.
    fn hears(&mut self, person: usize, lead: usize, channel: Channel, opts_out: bool) {
        let by_whatsapp = channel == Channel::Whatsapp;
        let second = Instant::from_millis(self.now.millis().div_euclid(1_000) * 1_000);
        let at = if by_whatsapp { second } else { self.now };
        let what = if opts_out { What::OptedOut } else { What::Answered };
        let schedule: Arc<str> = self.names.get(self.stage.schedule.as_str()).cloned().unwrap_or_default();
        let number = self.stage.leads[lead].number;
        self.acts.push(Act { at: self.now, lead: number, schedule, step: 0, what });
        let known = &mut self.people[person];
        if by_whatsapp {
            known.window_expires_at = known.window_expires_at.max(window_expires(Some(at)));
        }
        if opts_out {
            known.suppressed.push(channel);
        }
        for going in known.goings.clone() {
            let one = &mut self.goings[going];
            if one.is_over {
                continue;
            }
            if opts_out {
                self.ends(going, Cause::OptedOut);
            } else if !one.replied && at >= one.begun_at {
                one.replied = true;
                self.wake(going, self.now);
            }
        }
    }

    fn ends(&mut self, going: usize, cause: Cause) {
        // One that has made way for another ends once.
        if self.goings[going].is_over {
            return;
        }
        self.releases(going);
        let one = &mut self.goings[going];
        (one.is_over, one.under_way, one.next_action_at) = (true, None, None);
        one.look += 1;
        let (position, status) = (one.position, cause.status(i64::from(one.contact_attempts)));
        let key = (one.schedule.clone(), one.person);
        if self.live.get(&key) == Some(&going) {
            self.live.remove(&key);
        }
        self.note(going, position, What::Ended(status));
    }
}
