//! Which number of a pool somebody gets: a pure function of the pool, of who has which number, and of the time.
//!
//! A number is one person's at a time, for as long as the pool holds it. Whoever asks again keeps the number, and the time
//! begins anew. Then it rests, and is free for the next.

use std::{cmp::Reverse, collections::BTreeMap, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{FieldError, Id, Instant, Phone, gate::Channel, kinds::tree::is_empty, shape::code};

/// As many numbers as a pool may have.
pub const MOST_NUMBERS: usize = 1_000;

/// A pool as a dealer describes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// What its numbers are for: `call`, `sms`.
    #[schemars(length(min = 1, max = 2))]
    pub channels: Vec<Channel>,
    /// The names of the schedules that take numbers from it.
    #[schemars(length(max = 100))]
    pub schedules: Vec<String>,
    #[schemars(length(min = 1, max = MOST_NUMBERS))]
    pub numbers: Vec<PoolNumber>,
    /// A number stays somebody's for so long after it was last asked for.
    #[serde(default = "day")]
    #[schemars(range(min = 60, max = 31_622_400))]
    pub hold_seconds: u32,
    /// After that it is nobody's for so long.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[schemars(range(max = 31_622_400))]
    pub cooldown_seconds: u32,
    /// A number is given to so many people a day.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[schemars(range(min = 1, max = 100_000))]
    pub daily_cap: Option<u32>,
}

const fn day() -> u32 {
    24 * 60 * 60
}

/// A number of a pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolNumber {
    /// E.164.
    #[schemars(length(max = 20))]
    pub number: String,
    /// Where it is local, as the beginning of the numbers there: `+1713`. Its own beginning counts anyway.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[schemars(length(max = 16))]
    pub local: Option<String>,
    /// It is not given before: it was reported as unwanted, say.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub quarantined_until: Option<Instant>,
}

/// The last use of a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Use {
    /// Whose it is: a client, or an enrolment of nobody who is known.
    pub holder: Id<()>,
    pub held_until: Instant,
    /// The dealer's day on which it was last given, and to how many people on that day.
    pub day: String,
    pub given: u32,
}

/// Who asks for a number, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    pub holder: Id<()>,
    /// Whom it is to reach, E.164.
    pub reached: Option<&'a str>,
    pub now: Instant,
    /// The dealer's day.
    pub day: &'a str,
}

impl Pool {
    /// Everything that makes no sense, with pointers into it.
    pub fn check(&self, schedules: &[&str]) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        for (at, channel) in self.channels.iter().enumerate() {
            if !matches!(channel, Channel::Call | Channel::Sms) || self.channels[..at].contains(channel) {
                let detail = "A pool is for `call`, for `sms`, or for both.";
                wrong.push(FieldError::new(format!("/channels/{at}"), code::NOT_ALLOWED, detail));
            }
        }
        for (at, name) in self.schedules.iter().enumerate() {
            if !schedules.contains(&name.as_str()) {
                let detail = format!("There is no schedule \"{name}\".");
                wrong.push(FieldError::new(format!("/schedules/{at}"), code::NOT_ALLOWED, detail));
            }
        }
        for (at, PoolNumber { number, local, .. }) in self.numbers.iter().enumerate() {
            if !Phone::parse(number, None).is_ok_and(|phone| phone.as_str() == number) {
                let detail = "A number is written as in +17135550100.";
                wrong.push(FieldError::new(format!("/numbers/{at}/number"), code::BAD_FORMAT, detail));
            }
            if self.numbers[..at].iter().any(|earlier| earlier.number == *number) {
                let detail = "The number is in the pool twice.";
                wrong.push(FieldError::new(format!("/numbers/{at}/number"), code::NOT_ALLOWED, detail));
            }
            let is_beginning = |text: &str| {
                text.strip_prefix('+')
                    .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
            };
            if local.as_deref().is_some_and(|local| !is_beginning(local)) {
                let detail = "The beginning of a number is written as in +1713.";
                wrong.push(FieldError::new(format!("/numbers/{at}/local"), code::BAD_FORMAT, detail));
            }
        }
        wrong
    }

    /// The number that somebody gets, which is noted as that one's; none when none is free.
    ///
    /// Of those that are free it is the one that is most local to whom it reaches; of several, the one that was given
    /// least often today, and then the one that has been nobody's for longest.
    pub fn take(&self, uses: &mut BTreeMap<String, Use>, asking: &Asking<'_>) -> Option<String> {
        let Asking { holder, reached, now, day } = *asking;
        let usable = |number: &&PoolNumber| number.quarantined_until.is_none_or(|until| until <= now);
        let given = |last: Option<&Use>| last.filter(|last| last.day == day).map_or(0, |last| last.given);
        let held_until = now + Duration::from_secs(self.hold_seconds.into());
        let own = self
            .numbers
            .iter()
            .filter(usable)
            .find(|one| uses.get(&one.number).is_some_and(|last| last.holder == holder));
        if let Some(own) = own {
            if let Some(last) = uses.get_mut(&own.number) {
                last.held_until = held_until;
            }
            return Some(own.number.clone());
        }
        let rests = Duration::from_secs(self.cooldown_seconds.into());
        let free = self.numbers.iter().filter(usable).filter(|one| {
            let last = uses.get(&one.number);
            last.is_none_or(|last| last.held_until + rests <= now)
                && self.daily_cap.is_none_or(|most| given(last) < most)
        });
        let chosen = free.min_by_key(|one| {
            let last = uses.get(&one.number);
            (Reverse(one.nearness(reached)), given(last), last.map(|last| last.held_until))
        })?;
        let before = given(uses.get(&chosen.number));
        uses.insert(chosen.number.clone(), Use { holder, held_until, day: day.to_owned(), given: before + 1 });
        Some(chosen.number.clone())
    }
}

impl PoolNumber {
    /// How many characters a number that is reached begins with as the numbers do where this one is local.
    fn nearness(&self, reached: Option<&str>) -> usize {
        let Some(reached) = reached else { return 0 };
        let shared = self.number.bytes().zip(reached.bytes()).take_while(|(ours, theirs)| ours == theirs).count();
        let local = self.local.as_deref().filter(|local| reached.starts_with(local)).map_or(0, str::len);
        shared.max(local)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::{Value, json};

    use super::*;

    const START: Instant = Instant::from_millis(1_800_000_000_000);

    fn pool(members: &Value) -> Pool {
        let mut value = json!({
            "channels": ["sms"], "schedules": ["welcome"], "hold_seconds": 3600,
            "numbers": [{"number": "+17135550101"}, {"number": "+17135550102"}],
        });
        value.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        assert_eq!(crate::Shape::of::<Pool>().check(&value), [], "{value}");
        serde_json::from_value(value).unwrap()
    }

    /// A pool at work: people by a number each, and minutes since the beginning.
    struct Desk(Pool, BTreeMap<String, Use>);

    impl Desk {
        fn ask(&mut self, who: u8, minute: u64, reached: Option<&str>) -> String {
            let day = if minute < 600 { "2027-01-15" } else { "2027-01-16" };
            let now = START + Duration::from_mins(minute);
            let asking = Asking { holder: Id::from_bytes([who; 12]), reached, now, day };
            self.0.take(&mut self.1, &asking).map_or("none".to_owned(), |number| number[9..].to_owned())
        }
    }

    #[test]
    fn a_number_is_one_persons_for_as_long_as_it_is_held() {
        let mut desk = Desk(pool(&json!({})), BTreeMap::new());
        let all = [(1, 0), (2, 0), (3, 0), (1, 30), (3, 60), (1, 61), (4, 89), (4, 121)];
        let given: Vec<_> = all.into_iter().map(|(who, minute)| desk.ask(who, minute, None)).collect();
        // The first asked again at 30, so the second's is free first; and again at 61.
        assert_eq!(given, ["101", "102", "none", "101", "102", "101", "none", "101"]);
    }

    #[test]
    fn it_rests_and_is_given_so_often_a_day() {
        let mut desk = Desk(pool(&json!({"cooldown_seconds": 600, "daily_cap": 1})), BTreeMap::new());
        let all = [(1, 0), (2, 0), (3, 60), (3, 70), (1, 200), (3, 599), (3, 600)];
        let given: Vec<_> = all.into_iter().map(|(who, minute)| desk.ask(who, minute, None)).collect();
        assert_eq!(given, ["101", "102", "none", "none", "101", "none", "102"]);
    }

    #[test]
    fn the_most_local_number_is_preferred_and_a_quarantined_one_left_out() {
        let until = START + Duration::from_mins(10);
        let numbers = json!([
            {"number": "+18005550199", "local": "+1281"}, {"number": "+12125550198"}, {"number": "+17135550197"},
            {"number": "+17135550196", "quarantined_until": until},
        ]);
        for (reached, minute, expected) in [
            (Some("+17137840258"), 0, "197"),
            (Some("+12815550000"), 0, "199"),
            (Some("+12125550000"), 0, "198"),
            (Some("+493012345678"), 0, "199"),
            (None, 0, "199"),
        ] {
            let mut desk = Desk(pool(&json!({"numbers": numbers})), BTreeMap::new());
            assert_eq!(desk.ask(1, minute, reached), expected, "{reached:?}");
        }
        let mut desk = Desk(pool(&json!({"numbers": numbers})), BTreeMap::new());
        let given: Vec<_> = [(1, 0), (2, 9), (3, 10)].map(|(who, at)| desk.ask(who, at, Some("+17137840258"))).to_vec();
        assert_eq!(given, ["197", "199", "196"]);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = pool(&json!({
            "channels": ["sms", "email"], "schedules": ["welcome", "none"],
            "numbers": [{"number": "713"}, {"number": "+17135550101", "local": "713"}, {"number": "+17135550101"}],
        }));
        let pointers: Vec<_> = wrong.check(&["welcome"]).into_iter().map(|error| error.pointer).collect();
        assert_eq!(
            pointers,
            ["/channels/1", "/schedules/1", "/numbers/0/number", "/numbers/1/local", "/numbers/2/number"]
        );
        assert_eq!(pool(&json!({})).check(&["welcome"]), []);
    }
}
