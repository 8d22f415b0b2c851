//! The built-in stand-in for a chat provider: no account, no network, the same contract.
//!
//! Who a person is, and when they do what, follows from the seed, their number and the instant they are contacted at
//! alone, so that a run can be repeated, and rehearsed without sending anything. A message sent twice under one reference
//! is one message with one provider id, over restarts too.

pub mod calls;
mod envelope;
pub mod mail;
mod people;
mod recording;

use std::{
    collections::HashSet,
    fmt, io,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use forecourt_record::{Error, Instant, Result};
use sha2::{Digest, Sha256};
use tracing::warn;

use self::recording::{Line, Recording};
pub use self::{
    envelope::{Envelope, Said, Told},
    people::{Person, Reaction, reaction},
};
use crate::{
    chat::{Content, Direct, Echo, Found, Outcome, Outgoing},
    hex,
};

/// Whom the sandbox plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Everything is delivered and read; nobody ever writes back.
    Silent,
    /// A mix: of 100 numbers about 45 answer, 30 only read, 10 do not even read, 10 reply STOP, 5 cannot be reached.
    People,
    /// Everybody is the same: for a test that wants to know beforehand.
    Everybody(Person),
}

impl Behaviour {
    /// Who answers this number.
    pub fn person(self, seed: u64, number: &str) -> Person {
        match self {
            Self::Silent => Person::Reads,
            Self::People => people::meet(seed, number),
            Self::Everybody(person) => person,
        }
    }
}

/// The stand-in. Cheap to clone; clones are the same provider.
#[derive(Clone)]
pub struct Sandbox(Arc<Inner>);

struct Inner {
    seed: u64,
    behaviour: Behaviour,
    /// A provider at rest answers from memory at once; one with a recording waits for the disk, off the async threads.
    recorded: bool,
    /// It looks at no reference and cannot be asked.
    mute: bool,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    references: HashSet<String>,
    recording: Option<Recording>,
}

impl Sandbox {
    /// A provider that remembers what it was given for as long as it lives.
    pub fn new(seed: u64, behaviour: Behaviour) -> Self {
        Self(Arc::new(Inner { seed, behaviour, recorded: false, mute: false, memory: Mutex::default() }))
    }

    /// A provider that also writes every message down before it answers, one line of JSON each
    /// (`{"reference","to","provider_id"}`), and reads back what was there: nothing it said "sent" to is forgotten
    /// after kill -9. Several processes may share the file. An error when the file cannot be opened or read.
    pub fn recording(seed: u64, behaviour: Behaviour, path: &Path) -> Result<Self> {
        let inside = |error: io::Error| Error::internal(format_args!("the sandbox's recording: {error}"));
        let mut references = HashSet::new();
        let mut recording = Recording::open(path).map_err(inside)?;
        recording.read(&mut references).map_err(inside)?;
        let memory = Mutex::new(Memory { references, recording: Some(recording) });
        Ok(Self(Arc::new(Inner { seed, behaviour, recorded: true, mute: false, memory })))
    }

    /// The same as a provider that cannot be asked what became of a message, and that sends again whatever it is handed
    /// again.
    #[must_use]
    pub fn mute(mut self) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.mute = true;
        }
        self
    }

    /// The sandbox's id of a dealer's number, as its envelopes carry it: the digits of the number.
    pub fn phone_number_id(number: &str) -> String {
        digits(number)
    }

    pub(crate) async fn send(&self, message: &Outgoing) -> Outcome {
        let provider_id = provider_id(&message.reference);
        let person = self.0.person(&message.to);
        // A reference it has seen is answered as it stands, before anyone has the chance to be difficult.
        match self.ask(&message.reference).await {
            Ok(true) if !self.0.mute => {
                // With a provider that does not look at references, the person would have got it twice.
                warn!(reference = message.reference, "a message was handed over again");
                return Outcome::Sent { provider_id };
            }
            Ok(_) => {}
            Err(error) => {
                return Outcome::Unknown { detail: error.to_string() };
            }
        }
        match person {
            Person::Refused => Outcome::Failed { code: "131026".into(), detail: "Message undeliverable".into() },
            Person::Busy => Outcome::RetryAfter(Duration::from_secs(6)),
            Person::Vanishes => Outcome::Unknown { detail: "The sandbox did not answer in time.".into() },
            _ => {
                let line = Line { reference: message.reference.clone(), to: message.to.to_string(), provider_id };
                let provider_id = line.provider_id.clone();
                let again = self.0.mute;
                match self.with_memory(move |memory| memory.keep(line, again)).await {
                    Ok(()) if person == Person::Unsure => {
                        Outcome::Unknown { detail: "The sandbox's answer was lost on the way.".into() }
                    }
                    Ok(()) => Outcome::Sent { provider_id },
                    Err(error) => Outcome::Unknown { detail: error.to_string() },
                }
            }
        }
    }

    pub(crate) async fn find(&self, reference: &str) -> Found {
        if self.0.mute {
            return Found::Undecidable;
        }
        match self.ask(reference).await {
            Ok(true) => Found::Sent { provider_id: provider_id(reference) },
            Ok(false) => Found::NotSent,
            Err(_) => Found::Undecidable,
        }
    }

    pub(crate) fn echoes(&self, message: &Outgoing, provider_id: &str, now: Instant) -> Vec<Echo> {
        let (seed, person) = (self.0.seed, self.0.person(&message.to));
        match message.content {
            Content::Call { .. } => {
                let always = self.0.behaviour != Behaviour::People;
                calls::echoes(seed, person, always, message, provider_id, now)
            }
            Content::Mail { .. } => mail::echoes(seed, person, message, provider_id, now),
            Content::Text { .. } | Content::Template { .. } => people::echoes(seed, person, message, provider_id, now),
        }
    }

    /// Nobody is really on the line, so everything is done at once.
    #[expect(clippy::unused_self, reason = "as every other provider")]
    pub(crate) fn direct(&self, provider_id: &str, _: &Direct) -> Outcome {
        Outcome::Sent { provider_id: provider_id.to_owned() }
    }

    async fn ask(&self, reference: &str) -> io::Result<bool> {
        let reference = reference.to_owned();
        self.with_memory(move |memory| memory.knows(&reference)).await
    }

    async fn with_memory<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Memory) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let inner = Arc::clone(&self.0);
        let act = move || act(&mut inner.memory.lock().unwrap_or_else(PoisonError::into_inner));
        if self.0.recorded { tokio::task::spawn_blocking(act).await? } else { act() }
    }
}

impl Inner {
    fn person(&self, to: &str) -> Person {
        self.behaviour.person(self.seed, to)
    }
}

impl Memory {
    fn knows(&mut self, reference: &str) -> io::Result<bool> {
        if let (false, Some(recording)) = (self.references.contains(reference), &mut self.recording) {
            // Another process may have sent it since we last looked.
            recording.read(&mut self.references)?;
        }
        Ok(self.references.contains(reference))
    }

    fn keep(&mut self, line: Line, again: bool) -> io::Result<()> {
        if let Some(recording) = &mut self.recording {
            recording.append(&line, &mut self.references, again)?;
        }
        self.references.insert(line.reference);
        Ok(())
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("seed", &self.0.seed)
            .field("behaviour", &self.0.behaviour)
            .field("recorded", &self.0.recorded)
            .finish_non_exhaustive()
    }
}

/// The id follows from the reference, so that a new process gives the same answer.
fn provider_id(reference: &str) -> String {
    format!("wamid.sandbox.{}", hex::encode(&Sha256::digest(reference)[..16]))
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}
