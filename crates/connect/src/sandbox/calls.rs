//! How the people of the stand-in take a call, and the webhooks that tell it.
//!
//! A body is `{"calls": [{"id", "reference", "state", "by", "at", "seconds", "from", "to"}]}`: the provider's id of the call,
//! our reference where the call is ours, a state of [`CallState`] (`answered` says by whom), instants in epoch
//! milliseconds, the length at the end in seconds, numbers in E.164.

use std::time::Duration;

use forecourt_record::{Code, Error, Instant, Result};
use serde::{Deserialize, Serialize};

use super::{
    Behaviour,
    people::{Dice, Person, about},
};
use crate::{
    Private,
    chat::{Echo, Outgoing},
    received::{Call, CallState, Problem, Received},
};

#[derive(Serialize, Deserialize)]
struct Body {
    calls: Vec<serde_json::Value>,
}

#[derive(Serialize, Deserialize)]
struct Told {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

/// Everything a body tells, in its order. A part that is not of this shape becomes a problem that says where.
///
/// Errors: [`Code::MalformedJson`] when the body as a whole is none of these.
pub fn parse(body: &[u8]) -> Result<Vec<Received>> {
    let body: Body = serde_json::from_slice(body)
        .map_err(|_| Error::new(Code::MalformedJson, "The body is not a webhook of the stand-in's calls."))?;
    let each = body.calls.into_iter().enumerate().map(|(at, call)| {
        let told: Option<Told> = serde_json::from_value(call).ok();
        match told {
            Some(told) => Received::Call(told.read()),
            None => Received::Problem(Problem::unreadable(format!("calls[{at}]"))),
        }
    });
    Ok(each.collect())
}

impl Told {
    fn read(self) -> Call {
        let state = match (self.state.as_str(), self.by.as_deref()) {
            ("ringing", _) => CallState::Ringing,
            ("answered", Some("machine")) => CallState::AnsweredByMachine,
            ("answered", Some("person")) => CallState::Answered,
            ("busy", _) => CallState::Busy,
            ("no-answer", _) => CallState::NoAnswer,
            ("failed", _) => CallState::Failed,
            ("canceled", _) => CallState::Canceled,
            ("completed", _) => CallState::Completed,
            (unknown, _) => CallState::Unknown(unknown.to_owned()),
        };
        Call {
            provider_id: self.id,
            reference: self.reference,
            state,
            at: Instant::from_millis(self.at),
            seconds: self.seconds,
            from: self.from.map(Private::from),
            to: self.to.map(Private::from),
        }
    }
}

/// A body that tells one thing of a call. Also for tests, which play whoever calls.
pub fn body(call: &Call) -> Vec<u8> {
    let (state, by) = match &call.state {
        CallState::Ringing => ("ringing", None),
        CallState::Answered => ("answered", Some("person")),
        CallState::AnsweredByMachine => ("answered", Some("machine")),
        CallState::Busy => ("busy", None),
        CallState::NoAnswer => ("no-answer", None),
        CallState::Failed => ("failed", None),
        CallState::Canceled => ("canceled", None),
        CallState::Completed => ("completed", None),
        CallState::Unknown(name) => (name.as_str(), None),
    };
    let told = Told {
        id: call.provider_id.clone(),
        reference: call.reference.clone(),
        state: state.to_owned(),
        by: by.map(str::to_owned),
        at: call.at.millis(),
        seconds: call.seconds,
        from: call.from.as_deref().cloned(),
        to: call.to.as_deref().cloned(),
    };
    serde_json::json!({"calls": [told]}).to_string().into_bytes()
}

/// What somebody does with a call, of 100: speak, let a machine answer, be on the phone, not hear it.
const fn habits(person: Person) -> [u64; 4] {
    match person {
        Person::Answers => [60, 15, 5, 20],
        Person::Reads => [25, 40, 5, 30],
        Person::Stops => [80, 10, 0, 10],
        Person::Unreachable => [0, 0, 80, 20],
        Person::Ignores | Person::Refused | Person::Busy | Person::Unsure | Person::Vanishes => [0, 10, 10, 80],
    }
}

/// Which of their habits somebody follows who is called at an instant, and the dice as they lie then.
fn taken(seed: u64, person: Person, always: bool, number: &str, at: Instant) -> (usize, Dice) {
    let mut dice = Dice::new(seed, "call", &about(number, at));
    let habits = habits(person);
    let thrown = dice.below(100);
    let most = habits.iter().enumerate().rev().max_by_key(|(_, share)| **share).map_or(0, |(which, _)| which);
    let sums = habits.iter().scan(0, |sum, share| {
        *sum += share;
        Some(*sum)
    });
    (if always { most } else { sums.take_while(|sum| *sum <= thrown).count() }, dice)
}

/// Whether somebody speaks who is called at an instant.
pub fn speaks(seed: u64, behaviour: Behaviour, number: &str, at: Instant) -> bool {
    taken(seed, behaviour.person(seed, number), behaviour != Behaviour::People, number, at).0 == 0
}

/// What the provider calls back with, soonest first. With `always` somebody does what they do most.
pub fn echoes(seed: u64, person: Person, always: bool, call: &Outgoing, provider_id: &str, now: Instant) -> Vec<Echo> {
    let (which, mut dice) = taken(seed, person, always, &call.to, now);
    let steps: &[(CallState, u64, u64)] = match which {
        0 => &[
            (CallState::Ringing, 1_000, 2_000),
            (CallState::Answered, 2_000, 12_000),
            (CallState::Completed, 20_000, 280_000),
        ],
        1 => &[
            (CallState::Ringing, 1_000, 2_000),
            (CallState::AnsweredByMachine, 8_000, 10_000),
            (CallState::Completed, 2_000, 10_000),
        ],
        2 => &[(CallState::Busy, 1_000, 2_000)],
        _ => &[(CallState::Ringing, 1_000, 2_000), (CallState::NoAnswer, 20_000, 1_000)],
    };
    let mut after = Duration::ZERO;
    let mut answered = None;
    let mut echoes = Vec::new();
    for (state, least, spread) in steps {
        after += Duration::from_millis(least + dice.below(*spread));
        let at = now + after;
        if matches!(state, CallState::Answered | CallState::AnsweredByMachine) {
            answered = Some(at);
        }
        let told = Call {
            provider_id: provider_id.to_owned(),
            reference: Some(call.reference.clone()),
            state: state.clone(),
            at,
            seconds: answered
                .filter(|_| *state == CallState::Completed)
                .map(|from| u32::try_from(at.since(from).as_secs()).unwrap_or(u32::MAX)),
            from: None,
            to: None,
        };
        echoes.push(Echo { after, body: Private::new(body(&told)) });
    }
    echoes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::Content;

    fn call(reference: &str) -> Outgoing {
        Outgoing {
            reference: reference.into(),
            from: "+17135550111".into(),
            to: "+17135550100".into(),
            content: Content::Call { ring: Duration::from_secs(25) },
        }
    }

    fn states(echoes: &[Echo]) -> Vec<CallState> {
        let told = echoes.iter().flat_map(|echo| parse(&echo.body).unwrap());
        told.map(|told| if let Received::Call(call) = told { call.state } else { panic!("{told:?}") }).collect()
    }

    #[test]
    fn somebody_takes_a_call_in_a_way_of_their_own() {
        use CallState::{Answered, AnsweredByMachine, Busy, Completed, NoAnswer, Ringing};
        for (person, expected) in [
            (Person::Answers, vec![Ringing, Answered, Completed]),
            (Person::Reads, vec![Ringing, AnsweredByMachine, Completed]),
            (Person::Unreachable, vec![Busy]),
            (Person::Ignores, vec![Ringing, NoAnswer]),
        ] {
            let told = echoes(7, person, true, &call("c1"), "CA1", Instant::EPOCH);
            assert_eq!(states(&told), expected, "{person:?}");
            assert!(told.is_sorted_by_key(|echo| echo.after));
        }
    }

    #[test]
    fn a_call_ends_the_same_way_on_every_run_and_calls_differ() {
        let all = || -> Vec<Vec<CallState>> {
            (0..200)
                .map(|at| {
                    states(&echoes(7, Person::Answers, false, &call("c1"), "CA", Instant::from_millis(at * 60_000)))
                })
                .collect()
        };
        let (first, again) = (all(), all());
        assert_eq!(first, again);
        let spoken = first.iter().filter(|states| states.contains(&CallState::Answered)).count();
        assert!((90..150).contains(&spoken), "{spoken} of 200");
    }

    #[test]
    fn what_cannot_be_read_is_told_beside_the_rest() {
        let body = br#"{"calls": [{"id": 1}, {"id": "a", "state": "teleported", "at": 5}]}"#;
        let told = parse(body).unwrap();
        assert!(matches!(&told[0], Received::Problem(problem) if problem.detail == "calls[0]"));
        assert!(matches!(&told[1], Received::Call(call) if call.state == CallState::Unknown("teleported".into())));
        parse(b"[]").unwrap_err();
    }
}
