//! Time, ids and chance, handed to whoever needs them so that a test or a rehearsal can hold the reins.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{Id, Ids, Instant};

/// Where "now" comes from.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    Outside(Arc<dyn Fn() -> Instant + Send + Sync>),
    Virtual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock read from outside: the binary hands in the system's.
    pub fn from_fn(now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Self(Source::Outside(Arc::new(now)))
    }

    /// A clock that stands still until it is moved.
    pub fn virtual_at(instant: Instant) -> Self {
        Self(Source::Virtual(Arc::new(AtomicI64::new(instant.millis()))))
    }

    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::Outside(now) => now(),
            Source::Virtual(millis) => Instant::from_millis(millis.load(SeqCst)),
        }
    }

    /// Moves a virtual clock; a clock from outside is not ours to move.
    pub fn set(&self, instant: Instant) {
        if let Source::Virtual(millis) = &self.0 {
            millis.store(instant.millis(), SeqCst);
        }
    }

    /// Moves a virtual clock forward.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now() + duration);
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// Time, ids and chance of one running server.
#[derive(Clone, Debug)]
pub struct Context {
    pub clock: Clock,
    pub ids: Ids,
    chance: Arc<Mutex<StdRng>>,
}

impl Context {
    /// A context whose ids and chances are the same for the same seed: for tests, rehearsals and generated data.
    pub fn new(clock: Clock, seed: u64) -> Self {
        Self { clock, ids: Ids::new(seed), chance: Arc::new(Mutex::new(StdRng::seed_from_u64(seed))) }
    }

    /// A context whose secrets nobody can foretell: `seed` is 32 bytes of chance from the operating system.
    pub fn unforeseeable(clock: Clock, seed: [u8; 32]) -> Self {
        let mut chance = StdRng::from_seed(seed);
        Self { clock, ids: Ids::new(chance.next_u64()), chance: Arc::new(Mutex::new(chance)) }
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    pub fn id<T: ?Sized>(&self) -> Id<T> {
        self.ids.next(self.now())
    }

    /// Fills `bytes` with chance good enough for tokens: the generator is a ChaCha stream.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.chance.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
