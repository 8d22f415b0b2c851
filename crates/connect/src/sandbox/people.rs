//! The people the sandbox plays: who answers a number, and what they do with a message.

use std::time::Duration;

use forecourt_record::Instant;
use sha2::{Digest, Sha256};

use super::envelope::{Envelope, Said, Told};
use crate::{Private, chat::Echo, chat::Outgoing, hex, sandbox::Sandbox};

/// What somebody does with our messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// Reads and writes back.
    Answers,
    /// Reads, and that is all.
    Reads,
    /// Gets it and never opens it.
    Ignores,
    /// Reads, and replies with a word of opting out.
    Stops,
    /// Accepted by the provider, then reported as failed (131026).
    Unreachable,
    /// The provider refuses the message at once.
    Refused,
    /// The provider asks to come back later.
    Busy,
    /// The message goes, but the provider's answer is lost: the outcome is unknown and the truth is "sent".
    Unsure,
    /// The call is lost on its way: the outcome is unknown and the truth is "not sent".
    Vanishes,
}

/// Who answers this number, out of the mix of [`super::Behaviour::People`].
pub fn meet(seed: u64, number: &str) -> Person {
    match Dice::new(seed, "person", number).below(100) {
        0..45 => Person::Answers,
        45..75 => Person::Reads,
        75..85 => Person::Ignores,
        85..95 => Person::Stops,
        _ => Person::Unreachable,
    }
}

/// What somebody does about a message that matters to whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// Writes back.
    Answers,
    /// Writes a word of opting out.
    OptsOut,
}

/// What somebody does about a message on WhatsApp that was sent at `at`, and how long after it.
pub fn reaction(seed: u64, person: Person, number: &str, at: Instant) -> Option<(Duration, Reaction)> {
    let (said, after, _) = course(seed, person, number, at).pop()?;
    match said {
        Step::Says(_) if person == Person::Stops => Some((after, Reaction::OptsOut)),
        Step::Says(_) => Some((after, Reaction::Answers)),
        Step::Told(..) => None,
    }
}

/// The words of that reaction, and how long after it they are written.
pub(super) fn words(seed: u64, person: Person, address: &str, at: Instant) -> Option<(Duration, &'static str)> {
    let (said, after, mut dice) = course(seed, person, address, at).pop()?;
    match said {
        Step::Says(words) => Some((after, dice.pick(words(Tongue::of(seed, address))))),
        Step::Told(..) => None,
    }
}

/// What is about a number at an instant: two who know both throw the same dice.
pub fn about(number: &str, at: Instant) -> String {
    format!("{number}@{}", at.millis())
}

/// What happens to a message, how long after it was sent, and the dice as they lie then.
fn course(seed: u64, person: Person, number: &str, at: Instant) -> Vec<(&'static Step, Duration, Dice)> {
    let mut dice = Dice::new(seed, "echoes", &about(number, at));
    let mut after = Duration::ZERO;
    let step = |step: &'static Step| {
        after += step.pause(&mut dice);
        (step, after, dice.clone())
    };
    steps(person).iter().map(step).collect()
}

/// What the provider will call back with, soonest first.
pub fn echoes(seed: u64, person: Person, message: &Outgoing, provider_id: &str, now: Instant) -> Vec<Echo> {
    let phone_number_id = Sandbox::phone_number_id(&message.from);
    let envelope = Envelope { number: &message.from, phone_number_id: &phone_number_id };
    let mut echoes = Vec::new();
    for (step, after, mut dice) in course(seed, person, &message.to, now) {
        let body = match step {
            Step::Told(status, error) => envelope.status(&Told {
                id: provider_id,
                status,
                recipient: &message.to,
                reference: Some(&message.reference),
                at: now + after,
                error: *error,
            }),
            Step::Says(words) => {
                let tongue = Tongue::of(seed, &message.to);
                let id = hex::encode(&Sha256::digest(&message.reference)[16..]);
                envelope.text(&Said {
                    id: &format!("wamid.sandbox.reply.{id}"),
                    from: &message.to,
                    name: Dice::new(seed, "name", &message.to).pick(tongue.names),
                    body: dice.pick(words(tongue)),
                    at: now + after,
                    reply_to: Some(provider_id),
                })
            }
        };
        echoes.push(Echo { after, body: Private::new(body) });
    }
    echoes
}

enum Step {
    Told(&'static str, Option<(u32, &'static str)>),
    Says(fn(&Tongue) -> &'static [&'static str]),
}

impl Step {
    /// How long it takes since the step before.
    fn pause(&self, dice: &mut Dice) -> Duration {
        let (least, spread) = match self {
            Self::Told("read", _) => (3_000, 40_000),
            Self::Told(..) => (200, 1_500),
            Self::Says(_) => (5_000, 120_000),
        };
        Duration::from_millis(least + dice.below(spread))
    }
}

fn steps(person: Person) -> &'static [Step] {
    const SENT: Step = Step::Told("sent", None);
    const DELIVERED: Step = Step::Told("delivered", None);
    const READ: Step = Step::Told("read", None);
    const FAILED: Step = Step::Told("failed", Some((131_026, "Message undeliverable")));
    match person {
        Person::Answers => &[SENT, DELIVERED, READ, Step::Says(|tongue| tongue.replies)],
        Person::Stops => &[SENT, DELIVERED, READ, Step::Says(|tongue| tongue.stops)],
        Person::Reads | Person::Unsure => &[SENT, DELIVERED, READ],
        Person::Ignores => &[SENT, DELIVERED],
        Person::Unreachable => &[SENT, FAILED],
        Person::Refused | Person::Busy | Person::Vanishes => &[],
    }
}

/// What people of one language are called and say.
struct Tongue {
    names: &'static [&'static str],
    replies: &'static [&'static str],
    stops: &'static [&'static str],
}

impl Tongue {
    fn of(seed: u64, number: &str) -> &'static Self {
        match number {
            number if number.starts_with("+49") => &GERMAN,
            number if number.starts_with("+34") || number.starts_with("+52") => &SPANISH,
            // A market where both are spoken.
            number if Dice::new(seed, "tongue", number).below(2) == 0 => &SPANISH,
            _ => &ENGLISH,
        }
    }
}

const ENGLISH: Tongue = Tongue {
    names: &["Jordan Ellis", "Casey Morgan", "Riley Brooks", "Taylor Quinn", "Alex Reed"],
    replies: &[
        "Hi! Is it still available?",
        "Can I come and see it this Saturday?",
        "What would the monthly payment be?",
        "Do you take trade-ins?",
        "Thanks, please call me after five.",
    ],
    stops: &["STOP", "stop please", "Unsubscribe"],
};

const SPANISH: Tongue = Tongue {
    names: &["Lucía Herrera", "Mateo Vargas", "Camila Ríos", "Diego Salas", "Valeria Núñez"],
    replies: &[
        "Hola, ¿sigue disponible?",
        "¿Puedo ir a verlo el sábado?",
        "¿De cuánto sería la mensualidad?",
        "¿Aceptan mi carro a cuenta?",
        "Gracias, llámenme después de las cinco por favor.",
    ],
    stops: &["BAJA", "No más mensajes", "STOP"],
};

const GERMAN: Tongue = Tongue {
    names: &["Jonas Keller", "Lena Vogt", "Mara Brandt", "Felix Sommer", "Nele Krause"],
    replies: &[
        "Guten Tag, ist der Wagen noch da?",
        "Kann ich am Samstag zur Probefahrt kommen?",
        "Was wäre die monatliche Rate?",
        "Nehmen Sie meinen Alten in Zahlung?",
        "Danke, bitte rufen Sie mich nach 17 Uhr an.",
    ],
    stops: &["Stopp", "Bitte keine Nachrichten mehr", "Abmelden"],
};

/// Chance that repeats itself: a stream that follows from the seed, what it is for, and whom it is about.
#[derive(Clone)]
pub struct Dice {
    state: [u8; 32],
}

impl Dice {
    pub fn new(seed: u64, purpose: &str, about: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(seed.to_be_bytes())
            .chain_update(purpose)
            .chain_update([0])
            .chain_update(about)
            .finalize();
        Self { state: digest.into() }
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        let number = self.state[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.state = Sha256::digest(self.state).into();
        number % bound
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}
