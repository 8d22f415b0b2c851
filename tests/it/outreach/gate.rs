//! The gate as a whole, over random people, rules and instants: what is in the store is drawn, and each verdict is held to a
//! slow reading of it.

use std::time::Duration;

use forecourt_crm::{access, consent};
use forecourt_outreach::gate::{Contact, Facts, Verdict, Wish};
use forecourt_record::{
    Client, ClientId, Instant, Result,
    calendar::{Hours, LocalTime, Weekday, Zone},
    consent::{Act, Consent, Evidence},
    gate::{Channel, ConsentNeeded, Gap, Limit, Purpose, Rules, Scope, Window},
};
use forecourt_store::{Command, Lane, Tx};
use forecourt_testkit::{TestApp, both};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::native::lead;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);
/// So long after the person's last message free text may be sent by WhatsApp.
const SESSION: Duration = DAY;
/// As far as a hold looks ahead.
const HORIZON: Duration = Duration::from_hours(62 * 24);
const SETS_OF_RULES: usize = 40;
const PEOPLE: usize = 12;

/// What numbers begin with, how many digits follow, and the clocks their people may live by.
const NUMBERS: [(&str, usize, &[&str]); 6] = [
    ("+1713555", 4, &["America/Chicago"]),
    ("+1850555", 4, &["America/Chicago", "America/New_York"]),
    ("+1208555", 4, &["America/Boise", "America/Los_Angeles"]),
    ("+4930", 6, &["Europe/Berlin"]),
    ("+34612", 6, &["Atlantic/Canary", "Europe/Madrid"]),
    ("+61740", 6, &["Australia/Brisbane", "Australia/Sydney"]),
];

struct Dice(StdRng);

impl Dice {
    fn rarely(&mut self, times: u32) -> bool {
        self.0.random_range(0..times) == 0
    }

    fn one<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.0.random_range(0..all.len())]
    }

    fn within(&mut self, most: Duration) -> Duration {
        Duration::from_millis(self.0.random_range(0..=most.as_millis() as u64))
    }

    fn many<T>(&mut self, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..self.0.random_range(0..=most)).map(|_| make(self)).collect()
    }

    fn scope(&mut self) -> Scope {
        let mut scope = Scope::default();
        if self.rarely(3) {
            scope.channels = vec![self.one(&[Channel::Call, Channel::Sms, Channel::Whatsapp])];
        }
        if self.rarely(3) {
            scope.purposes = vec![self.one(&[Purpose::Service, Purpose::Marketing])];
        }
        scope
    }

    fn rules(&mut self) -> Rules {
        let mut names = 0;
        let mut name = move |kind: &str| {
            names += 1;
            format!("{kind}_{names}")
        };
        Rules {
            windows: self.many(2, |dice| {
                let days: Vec<Weekday> = Weekday::ALL.into_iter().filter(|_| !dice.rarely(5)).collect();
                let time = |hour| LocalTime::new(hour, 0).unwrap();
                let hours = Hours::weekly(&days, time(dice.one(&[0, 8, 10])), time(dice.one(&[17, 20, 24])));
                Window { name: name("window"), scope: dice.scope(), hours, source: String::new() }
            }),
            limits: self.many(2, |dice| {
                let (most, seconds) = (dice.one(&[1, 2, 3]), dice.one(&[3_600, 86_400, 604_800]));
                Limit { name: name("limit"), scope: dice.scope(), most, seconds, source: String::new() }
            }),
            gap: Gap { scope: self.scope(), seconds: self.one(&[0, 30, 7_200]) },
            consent: self.many(2, |dice| {
                let enquiry_days = dice.one(&[0, 7, 30]);
                ConsentNeeded { name: name("consent"), scope: dice.scope(), enquiry_days, source: String::new() }
            }),
            ..Rules::default()
        }
    }

    fn contact(&mut self, now: Instant) -> Contact {
        match self.0.random_range(0..4) {
            0 => Contact::Call,
            1 => Contact::Sms,
            2 => Contact::WhatsappTemplate,
            _ => {
                let heard = now - self.within(SESSION + 2 * HOUR);
                Contact::WhatsappText { window_expires_at: (!self.rarely(8)).then(|| heard + SESSION) }
            }
        }
    }

    fn consent(&mut self, address: &str, channel: Channel, now: Instant) -> Consent {
        let (act, at) =
            (self.one(&[Act::Given, Act::Given, Act::Withdrawn, Act::Resumed]), now - self.within(20 * DAY));
        Consent {
            act,
            channel: if self.rarely(5) { Channel::Chat } else { channel },
            address: address.to_owned(),
            purpose: self.rarely(3).then(|| self.one(Purpose::ALL)),
            at,
            expires_at: (act == Act::Given && !self.rarely(3)).then(|| now - 8 * HOUR + self.within(2 * DAY)),
            evidence: Evidence::default(),
            client: None,
            lead: None,
        }
    }
}

/// Somebody, and everything that is drawn about them.
#[derive(Debug)]
struct Person {
    number: String,
    zones: &'static [&'static str],
    contact: Contact,
    purpose: Purpose,
    client: Option<ClientId>,
    is_blocked: bool,
    enquired_at: Instant,
    suppressed: Vec<Channel>,
    consents: Vec<Consent>,
    contacted: Vec<(Instant, Channel)>,
    has_sender: bool,
    asked_at: Instant,
}

impl Person {
    /// Draws somebody who is not there yet.
    async fn draw(dice: &mut Dice, app: &TestApp, at: usize) -> Self {
        let (prefix, digits, zones) = dice.one(&NUMBERS);
        let (number, enquired_at) = (format!("{prefix}{at:0digits$}"), app.clock.now());
        let asked_at = enquired_at + dice.within(40 * DAY);
        let contact = dice.contact(asked_at);
        let mut person = Self {
            zones,
            contact,
            purpose: if dice.rarely(6) { Purpose::Answer } else { dice.one(&[Purpose::Service, Purpose::Marketing]) },
            client: None,
            is_blocked: false,
            enquired_at,
            suppressed: dice
                .many(1, |dice| if dice.rarely(2) { contact.channel() } else { dice.one(Channel::BY_PHONE) }),
            consents: dice.many(3, |dice| dice.consent(&number, contact.channel(), asked_at)),
            contacted: dice.many(4, |dice| {
                let back = dice.one(&[Duration::from_secs(40), 4 * HOUR, DAY, 7 * DAY]);
                (asked_at - dice.within(back), dice.one(Channel::BY_PHONE))
            }),
            has_sender: !dice.rarely(20),
            asked_at,
            number,
        };
        if dice.rarely(2) {
            person.suppressed.clear();
        }
        if !dice.rarely(3) {
            lead(app, &person.number).await;
            person.client = app.client_of("phone", &person.number).await;
            person.is_blocked = dice.rarely(8);
            if person.is_blocked {
                app.change::<Client>(person.client.unwrap(), |client| client.extra.blocked = true).await;
            }
        }
        person.settle(app).await;
        person
    }

    /// Puts into the store what is drawn.
    async fn settle(&self, app: &TestApp) {
        let house = app.crm().house(app.dealer);
        let told = Told(self.number.clone(), self.suppressed.clone(), self.consents.clone());
        app.crm().store.write(house, told).await.unwrap();
        for (at, channel) in &self.contacted {
            let mut then = house;
            then.now = *at;
            app.crm().store.write(then, Contacted(self.number.clone(), *channel)).await.unwrap();
        }
    }

    async fn verdict(&self, app: &TestApp, at: Instant) -> Verdict {
        let ask = Ask {
            contact: self.contact,
            purpose: self.purpose,
            client: self.client,
            number: self.number.clone(),
            sender: self.has_sender.then(|| "+17135550111".to_owned()),
            config: app.crm().config(app.dealer).await.unwrap(),
            at,
        };
        app.crm().store.read(app.crm().house(app.dealer), Lane::Quick, ask).await.unwrap()
    }

    fn is_meant(&self, scope: &Scope) -> bool {
        scope.channels.contains(&self.contact.channel()) && scope.purposes.contains(&self.purpose)
    }

    /// Whether consent is withdrawn, and whether it is given, by what was said last and not taken back.
    fn standing(&self, at: Instant) -> (bool, bool) {
        let about = |one: &&Consent| {
            one.channel == self.contact.channel() && one.purpose.is_none_or(|purpose| purpose == self.purpose)
        };
        let mut said: Vec<&Consent> = self.consents.iter().filter(about).collect();
        said.sort_by_key(|one| one.at);
        let mut at_work = said.as_slice();
        // What is taken back is passed over: the withdrawals that come right before.
        let mut is_resumed = false;
        while let Some((last, before)) = at_work.split_last() {
            match last.act {
                Act::Resumed => is_resumed = true,
                Act::Withdrawn if is_resumed => {}
                Act::Withdrawn => return (true, false),
                Act::Given => return (false, last.expires_at.is_none_or(|end| end > at)),
            }
            at_work = before;
        }
        (false, false)
    }

    /// What forbids the contact whatever the time of day.
    fn walls(&self, rules: &Rules, at: Instant) -> Vec<String> {
        let mut walls = Vec::new();
        let (is_withdrawn, is_given) = self.standing(at);
        for (is_so, name) in [
            (self.is_blocked, "blocked"),
            (self.suppressed.contains(&self.contact.channel()), "suppressed"),
            (is_withdrawn, "consent_withdrawn"),
            (!self.has_sender, "no_sender"),
        ] {
            walls.extend(is_so.then(|| name.to_owned()));
        }
        if let Contact::WhatsappText { window_expires_at } = self.contact
            && window_expires_at.is_none_or(|end| at >= end)
        {
            walls.push("whatsapp_window_closed".to_owned());
        }
        for row in rules.consent.iter().filter(|row| self.is_meant(&row.scope) && !is_given && !is_withdrawn) {
            let is_fresh = at.since(self.enquired_at) < row.enquiry_days * DAY;
            if self.client.is_none() || !is_fresh {
                walls.push(row.name.clone());
            }
        }
        walls
    }

    /// What forbids it at this time of day, or so soon after the contacts before.
    fn clocks(&self, rules: &Rules, at: Instant) -> Vec<String> {
        let mut names = Vec::new();
        for row in rules.windows.iter().filter(|row| self.is_meant(&row.scope)) {
            let is_shut = self.zones.iter().any(|zone| {
                let local = Zone::parse(zone).unwrap().local(at);
                let day = Weekday::ALL[local.weekday().to_monday_zero_offset() as usize];
                let time = LocalTime::of(local.time());
                !row.hours.on(day).iter().any(|span| span.from <= time && time < span.to)
            });
            names.extend(is_shut.then(|| row.name.clone()));
        }
        let limits = rules.limits.iter().map(|row| (&row.scope, row.most, row.seconds, row.name.as_str()));
        for (scope, most, seconds, name) in limits.chain([(&rules.gap.scope, 1, rules.gap.seconds, "gap")]) {
            let age = |then: Instant| at.millis() - then.millis();
            let is_counted = |(then, channel): &&(Instant, Channel)| {
                scope.channels.contains(channel) && age(*then) < i64::from(seconds) * 1000
            };
            let count = self.contacted.iter().filter(is_counted).count();
            names.extend((self.is_meant(scope) && count >= most as usize).then(|| name.to_owned()));
        }
        names
    }

    fn is_free(&self, rules: &Rules, at: Instant) -> bool {
        self.walls(rules, at).is_empty() && self.clocks(rules, at).is_empty()
    }
}

struct Told(String, Vec<Channel>, Vec<Consent>);

impl Command for Told {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        for channel in &self.1 {
            tx.suppress(channel.as_str(), &self.0, "a list").await?;
        }
        consent::record(tx, self.2.clone()).await.map(drop)
    }
}

struct Contacted(String, Channel);

impl Command for Contacted {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<()> {
        let address = access::hash(&format!("{}:{}", tx.scope().dealer, self.0));
        tx.contacted(&address, self.1.as_str(), "before").await
    }
}

struct Ask {
    contact: Contact,
    purpose: Purpose,
    client: Option<ClientId>,
    number: String,
    sender: Option<String>,
    config: std::sync::Arc<forecourt_crm::Config>,
    at: Instant,
}

impl Command for Ask {
    type Output = Verdict;

    async fn run(&self, tx: &mut Tx) -> Result<Verdict> {
        let wish = Wish {
            contact: self.contact,
            purpose: self.purpose,
            client: self.client,
            address: Some(&self.number),
            sender: self.sender.as_deref(),
            location: None,
            reference: None,
        };
        Ok(Facts::load_at(tx, &self.config, wish, self.at).await?.verdict())
    }
}

both! {
    async fn a_verdict_agrees_with_a_slow_reading_of_all_that_is_known(app) {
        let mut dice = Dice(StdRng::seed_from_u64(7));
        let (mut allowed, mut held, mut refused) = (0, 0, std::collections::BTreeSet::new());
        for set in 0..SETS_OF_RULES {
            let rules = dice.rules();
            app.crm().contact_rules_put(&app.caller(), Some(rules.clone())).await.unwrap();
            for at in 0..PEOPLE {
                let person = Person::draw(&mut dice, app, set * PEOPLE + at).await;
                let now = person.asked_at;
                let verdict = person.verdict(app, now).await;
                let told = || format!("{verdict:?} for {person:?}\n{rules:?}");
                let hours = |end: Instant| (1..).map(move |at| now + HOUR * at).take_while(move |at| *at < end);
                match &verdict {
                    Verdict::Allow => {
                        allowed += 1;
                        assert!(person.is_free(&rules, now), "{}", told());
                    }
                    Verdict::Hold { until, rule } => {
                        held += 1;
                        assert!(person.clocks(&rules, now).contains(&rule.name().to_owned()), "{}", told());
                        assert_eq!(person.verdict(app, *until).await, Verdict::Allow, "{}", told());
                        assert!(*until > now && person.is_free(&rules, *until), "{}", told());
                        let early = hours(*until).chain([now, *until - Duration::from_millis(1)]);
                        assert_eq!(early.into_iter().find(|at| person.is_free(&rules, *at)), None, "{}", told());
                    }
                    Verdict::Refuse { rule } => {
                        let name = rule.name().trim_end_matches(|tail: char| tail == '_' || tail.is_numeric());
                        let is_now = person.walls(&rules, now).contains(&rule.name().to_owned());
                        refused.insert((is_now, name.to_owned()));
                        let mut ever = hours(now + HORIZON).chain([now]);
                        assert_eq!(ever.find(|at| person.is_free(&rules, *at)), None, "{}", told());
                    }
                }
            }
        }
        // Each outcome is really met.
        for name in ["blocked", "consent", "consent_withdrawn", "no_sender", "suppressed", "whatsapp_window_closed"] {
            assert!(refused.contains(&(true, name.to_owned())), "{name} {refused:?}");
        }
        // So is what is allowed now, but not any more when the rules of when and how often would allow it.
        for name in ["consent", "whatsapp_window_closed"] {
            assert!(refused.contains(&(false, name.to_owned())), "{name} {refused:?}");
        }
        assert!(allowed > 20 && held > 20, "{allowed} {held}");
    }
}
