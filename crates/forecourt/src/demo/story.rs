//! What becomes of people who want a car: each a story of acts, one after the other, as far as today.

use std::{collections::VecDeque, time::Duration};

use forecourt_crm::{intake::NewLead, lead::LeadChange};
use forecourt_record::{
    Instant, LeadId,
    scoring::{Scorecard, score},
};

use super::{
    dealership::{HOUSTON, Place},
    dice::Dice,
    people::{Person, answers},
    script,
    stock::Stocked,
};

/// Leads in the demo.
pub const LEADS: u64 = 2_500;
/// The days it tells of.
pub const DAYS: u64 = 90;
pub const DAY: Duration = Duration::from_hours(24);
const PURPOSE: u32 = 2;
/// The stock is never sold out.
const SALES_FROM_STOCK: usize = 62;

/// Something that happens.
#[derive(Debug)]
pub struct Act {
    pub at: Instant,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    /// The person asks, perhaps for a car, by its place in the stock.
    Arrive { enquiry: Box<NewLead>, car: Option<usize> },
    /// An agent works on the lead.
    Work(Box<LeadChange>),
    /// The person writes by WhatsApp.
    Hear(String),
    /// An agent writes back.
    Write(String),
    /// A car of the stock is gone.
    Sell(usize),
    /// A car of the stock costs something else.
    Price(usize, u64),
}

/// A person's story, as far as it has not happened yet.
#[derive(Debug)]
pub struct Story {
    pub person: Person,
    pub acts: VecDeque<Act>,
    /// The lead it is about, once there is one.
    pub lead: Option<LeadId>,
    /// Who works it, by their place among the agents.
    pub agent: Option<usize>,
    /// Chance for whoever plays the story.
    pub dice: Dice,
}

/// All stories between two instants.
pub fn stories(start: Instant, end: Instant, stock: &mut [Stocked]) -> Vec<Story> {
    let mut sold = 0;
    let plots = arrivals(start).into_iter().zip(0..).map(|(at, n)| Plot::new(n, at, end));
    let mut stories: Vec<Story> = plots.map(|plot| plot.write(stock, &mut sold)).collect();
    stories.extend(reductions(end, stock));
    stories
}

/// The days on which people arrive, in order: more of them on Saturdays, few on Sundays, and never as many as yesterday.
fn arrivals(start: Instant) -> Vec<Instant> {
    // From Thursday on, with which 1970 began.
    const WEEK: [u64; 7] = [10, 12, 15, 5, 11, 10, 9];
    let mut dice = Dice::new(PURPOSE + 2, 0);
    let days: Vec<Instant> = (0..DAYS as u32).map(|day| start + DAY * day).collect();
    let weight = |at: &Instant| WEEK[(at.millis() / (24 * HOUR) % 7) as usize] * dice.between(70, 135);
    let weights: Vec<u64> = days.iter().map(weight).collect();
    let all: u64 = weights.iter().sum();
    let mut sum = 0;
    let upto = |weight: &u64| {
        sum += weight;
        sum * LEADS / all
    };
    let last: Vec<u64> = weights.iter().map(upto).collect();
    (0..LEADS).filter_map(|n| days.get(last.partition_point(|last| *last <= n)).copied()).collect()
}

/// Cars that nobody wants become cheaper.
fn reductions(end: Instant, stock: &[Stocked]) -> Vec<Story> {
    let story = |(at, car): (usize, &Stocked)| {
        let mut dice = Dice::new(PURPOSE, LEADS + at as u64);
        let person = Person::any(LEADS + at as u64, &mut dice);
        let when = car.added_at + DAY * 14 + dice.minutes(0, 20 * 24 * 60);
        let price = (car.price * dice.between(93, 98) / 100 / 50) * 50 - 5;
        let acts = VecDeque::from([Act { at: when, what: What::Price(at, price) }]);
        (!car.sold && when < end && dice.percent(60)).then_some(Story { person, acts, lead: None, agent: None, dice })
    };
    stock.iter().enumerate().filter_map(story).collect()
}

/// A story being written.
struct Plot {
    person: Person,
    at: Instant,
    end: Instant,
    dice: Dice,
    acts: VecDeque<Act>,
}

impl Plot {
    /// The story of the person number `n`, who arrives on the day after an instant.
    fn new(n: u64, day: Instant, end: Instant) -> Self {
        let mut dice = Dice::new(PURPOSE, n);
        // Some come again, weeks later.
        let who = if n > 400 && dice.percent(4) { n - dice.between(200, 400) } else { n };
        let person = Person::any(who, &mut Dice::new(PURPOSE + 1, who));
        let at = day + Duration::from_millis(dice.below(DAY.as_millis() as u64));
        let at = awake(at, person.place, &mut dice).min(end - dice.minutes(1, 90));
        Self { person, at, end, dice, acts: VecDeque::new() }
    }

    fn write(mut self, stock: &mut [Stocked], sold: &mut usize) -> Story {
        let car = self.car(stock);
        let answers = answers(&mut self.dice);
        let band = score(&Scorecard::default(), &answers).band;
        let source = self.person.source(&mut self.dice);
        let mut enquiry = self.person.enquiry(source, answers);
        enquiry.email = self.dice.percent(72).then(|| self.person.email.clone());
        let name = car.map_or_else(|| "car".to_owned(), |car| stock[car].name.clone());
        if car.is_some() && self.dice.percent(45) {
            let words = script::inquiries(self.person.tongue);
            enquiry.inquiry = Some(script::said(self.dice.pick(words), &name, ""));
        }
        self.acts.push_back(Act { at: self.at, what: What::Arrive { enquiry: Box::new(enquiry), car } });
        let is_sold = match band.as_str() {
            "Reject" => false,
            band => self.worked(band == "A", &name),
        };
        if let Some(at) = car.filter(|at| is_sold && !stock[*at].sold && *sold < SALES_FROM_STOCK) {
            stock[at].sold = true;
            *sold += 1;
            self.act(Duration::from_secs(40), What::Sell(at));
        }
        Story { person: self.person, acts: self.acts, lead: None, agent: None, dice: self.dice }
    }

    /// The car they ask for: half of them ask for one that is there.
    fn car(&mut self, stock: &[Stocked]) -> Option<usize> {
        let is_there = |car: &Stocked| !car.sold && car.place == self.person.place && car.added_at < self.at;
        let there: Vec<usize> = (0..stock.len()).filter(|at| is_there(&stock[*at])).collect();
        (!there.is_empty() && self.dice.percent(55)).then(|| self.dice.pick(&there))
    }

    /// From the first contact on. Says whether it ends with a sale.
    fn worked(&mut self, is_best: bool, car: &str) -> bool {
        if self.dice.percent(if is_best { 4 } else { 16 }) {
            // Nobody ever calls; some weeks later it is cleared away.
            return self.dice.percent(70) && self.lost(15, 35);
        }
        let wait = if is_best { self.dice.minutes(3, 50) } else { self.dice.minutes(20, 20 * 60) };
        if !(if self.dice.percent(16) { self.talk(car) } else { self.contacted(wait) }) {
            return false;
        }
        if !self.dice.percent(if is_best { 64 } else { 40 }) {
            return self.dice.percent(65) && self.lost(3, 21);
        }
        let wait = self.dice.minutes(60, 3 * 24 * 60);
        if !self.moves(wait, "qualified") {
            return false;
        }
        if !self.dice.percent(70) {
            return self.dice.percent(70) && self.lost(4, 20);
        }
        self.appointment(2)
    }

    /// An appointment, and what comes of it.
    fn appointment(&mut self, tries: u32) -> bool {
        let (wait, until) = (self.dice.minutes(60, 36 * 60), self.dice.minutes(20 * 60, 4 * 24 * 60));
        if !self.moves(wait, "appointment") {
            return false;
        }
        match self.dice.below(100) {
            0..22 => self.moves(until, "no-show") && tries > 0 && self.dice.percent(50) && self.appointment(tries - 1),
            22..66 => self.moves(until, "sold"),
            66..88 => self.lost(2, 12),
            _ => false,
        }
    }

    fn contacted(&mut self, wait: Duration) -> bool {
        let note = self.dice.pick(script::notes(self.person.tongue));
        let notes = self.dice.percent(40).then(|| Some(note.to_owned()));
        self.works(wait, LeadChange { status: Some("contacted".to_owned()), notes, ..LeadChange::default() })
    }

    /// They write first, and are written back to.
    fn talk(&mut self, car: &str) -> bool {
        let tongue = self.person.tongue;
        let conversation = self.dice.pick(script::conversations(tongue));
        let first = self.dice.minutes(1, 30);
        for (at, (theirs, ours)) in conversation.iter().enumerate() {
            let pause = if at == 0 { first } else { self.dice.minutes(2, 50) };
            let answer = if at == 0 { self.dice.minutes(2, 40) } else { self.dice.minutes(1, 12) };
            if !self.act(pause, What::Hear(script::said(theirs, car, "")))
                || !self.act_at_work(answer, What::Write((*ours).to_owned().replace("{car}", car)))
            {
                return false;
            }
            if at == 0 && !self.contacted(Duration::from_secs(50)) {
                return false;
            }
        }
        if self.dice.percent(6) {
            let pause = self.dice.minutes(5, 300);
            return self.act(pause, What::Hear(script::stop(tongue).to_owned()));
        }
        true
    }

    fn lost(&mut self, least_days: u64, most_days: u64) -> bool {
        let wait = self.dice.minutes(least_days * 24 * 60, most_days * 24 * 60);
        self.moves(wait, "lost");
        false
    }

    fn moves(&mut self, wait: Duration, status: &str) -> bool {
        self.works(wait, LeadChange { status: Some(status.to_owned()), ..LeadChange::default() })
    }

    fn works(&mut self, wait: Duration, change: LeadChange) -> bool {
        self.act_at_work(wait, What::Work(Box::new(change)))
    }

    /// Something an agent does: not before somebody is there.
    fn act_at_work(&mut self, wait: Duration, what: What) -> bool {
        let at = at_work(self.at + wait, self.person.place, &mut self.dice);
        self.act(at.since(self.at), what)
    }

    /// The next thing that happens, if it is not in the future.
    fn act(&mut self, wait: Duration, what: What) -> bool {
        self.at = self.at + wait;
        let has_happened = self.at < self.end;
        if has_happened {
            self.acts.push_back(Act { at: self.at, what });
        }
        has_happened
    }
}

const HOUR: i64 = 3_600_000;

/// Milliseconds that the wall clock of a place is ahead, near enough for a plausible hour.
fn ahead(place: Place) -> i64 {
    if place == HOUSTON { -6 * HOUR } else { HOUR }
}

/// The same day at an hour at which people look for cars.
fn awake(at: Instant, place: Place, dice: &mut Dice) -> Instant {
    let local = at.millis() + ahead(place);
    let day = local - local.rem_euclid(24 * HOUR);
    let hour = dice.weighted(&[(6, 7), (10, 9), (12, 11), (12, 13), (12, 15), (14, 17), (16, 19), (8, 21)]);
    Instant::from_millis(day - ahead(place) + hour * HOUR) + dice.minutes(0, 120)
}

/// This instant if somebody works then, else the next morning on which somebody does.
fn at_work(at: Instant, place: Place, dice: &mut Dice) -> Instant {
    let local = at.millis() + ahead(place);
    let (day, hour) = (local.div_euclid(24 * HOUR), local.rem_euclid(24 * HOUR) / HOUR);
    // The first day of 1970 was a Thursday.
    let is_sunday = |day: i64| (day + 4).rem_euclid(7) == 0;
    let day_of_work = match hour {
        9..19 if !is_sunday(day) => return at,
        0..9 if !is_sunday(day) => day,
        _ if is_sunday(day + 1) => day + 2,
        _ => day + 1,
    };
    Instant::from_millis(day_of_work * 24 * HOUR - ahead(place) + 9 * HOUR) + dice.minutes(2, 100)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{super::stock::stock, *};

    fn told() -> (Vec<Story>, Instant, Instant) {
        let end: Instant = "2026-11-21T16:30:00Z".parse().unwrap();
        let start = end - DAY * DAYS as u32;
        (stories(start, end, &mut stock(start)), start, end)
    }

    fn statuses(story: &Story) -> Vec<&str> {
        let status = |act: &Act| match &act.what {
            What::Work(change) => change.status.clone(),
            _ => None,
        };
        let known = ["contacted", "qualified", "appointment", "no-show", "sold", "lost"];
        let told: Vec<String> = story.acts.iter().filter_map(status).collect();
        told.iter().map(|one| *known.iter().find(|known| *known == one).unwrap()).collect()
    }

    #[test]
    fn what_happens_happens_in_order_and_before_today() {
        let (stories, start, end) = told();
        for story in &stories {
            assert!(story.acts.iter().is_sorted_by_key(|act| act.at), "{story:?}");
            assert!(story.acts.iter().all(|act| act.at > start - DAY && act.at < end), "{story:?}");
        }
        assert_eq!(format!("{stories:?}"), format!("{:?}", told().0), "the same day, the same stories");
    }

    #[test]
    fn business_is_plausible() {
        let (stories, ..) = told();
        let ends = |status: &str| stories.iter().filter(|story| statuses(story).last() == Some(&status)).count();
        let (sold, lost, appointments) = (ends("sold"), ends("lost"), ends("appointment"));
        assert!((100..350).contains(&sold), "{sold} sold");
        assert!((400..1200).contains(&lost), "{lost} lost");
        assert!(appointments > 20, "{appointments} appointments");
        let count =
            |is: fn(&What) -> bool| stories.iter().flat_map(|story| &story.acts).filter(|act| is(&act.what)).count();
        let written = count(|what| matches!(what, What::Write(_)));
        assert!((200..1000).contains(&written), "{written} messages");
        assert!((30..=SALES_FROM_STOCK).contains(&count(|what| matches!(what, What::Sell(_)))));
        assert!(count(|what| matches!(what, What::Price(..))) > 5);
    }

    #[test]
    fn agents_work_by_day_and_not_on_sundays() {
        let mut dice = Dice::new(9, 9);
        for hours in 0..24 * 30 {
            let asked: Instant = Instant::from_millis(hours * HOUR);
            let at = at_work(asked, HOUSTON, &mut dice);
            let local = at.millis() + ahead(HOUSTON);
            assert!(at >= asked && (9..19).contains(&(local.rem_euclid(24 * HOUR) / HOUR)), "{asked} {at}");
            assert_ne!((local.div_euclid(24 * HOUR) + 4).rem_euclid(7), 0, "{at}");
        }
    }
}
