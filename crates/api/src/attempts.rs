//! A watch on failed logins: so many a minute per account and per address.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use forecourt_record::{
    Instant,
    error::{Code, Error, Result},
};
use tokio::sync::Notify;

/// Failed attempts per account and per address. A success does not count, and no burst of simultaneous guesses gets
/// past the limit: an attempt that could be one too many waits until those before it are decided.
pub struct Attempts {
    limit: usize,
    window: Duration,
    most_keys: usize,
    hasher: RandomState,
    trails: Mutex<HashMap<u64, Trail>>,
    settled: Notify,
}

/// What is remembered under the hash of an account or an address; the text itself is not kept.
#[derive(Default)]
struct Trail {
    failures: VecDeque<Instant>,
    pending: usize,
}

impl Trail {
    fn forget_before(&mut self, start: Instant) {
        while self.failures.front().is_some_and(|failure| *failure <= start) {
            self.failures.pop_front();
        }
    }

    fn is_empty(&self) -> bool {
        self.pending == 0 && self.failures.is_empty()
    }
}

impl Default for Attempts {
    /// Five failures a minute.
    fn default() -> Self {
        Self::new(5, Duration::from_mins(1))
    }
}

impl Attempts {
    pub fn new(limit: usize, window: Duration) -> Self {
        Self {
            limit,
            window,
            most_keys: 100_000,
            hasher: RandomState::new(),
            trails: Mutex::default(),
            settled: Notify::new(),
        }
    }

    /// Begins an attempt under all of `names` (the account, the address): `too_many_attempts` when one has used up its
    /// failures. An attempt that is dropped has failed, unless it was [forgiven](Attempt::forgive).
    pub async fn begin(&self, names: &[&str], now: Instant) -> Result<Attempt<'_>> {
        let mut keys: Vec<_> = names.iter().map(|name| self.hasher.hash_one(name)).collect();
        keys.sort_unstable();
        keys.dedup();
        loop {
            // Registered before looking, so that no decision is missed in between.
            let mut settled = pin!(self.settled.notified());
            settled.as_mut().enable();
            if self.claim(&keys, now)? {
                return Ok(Attempt { attempts: self, keys, now, failed: true });
            }
            settled.await;
        }
    }

    /// True when there is room under every key, which is then taken; false when that hangs on attempts not yet decided.
    fn claim(&self, keys: &[u64], now: Instant) -> Result<bool> {
        let mut trails = self.trails();
        let start = now - self.window;
        let mut wait = None;
        let mut undecided = false;
        for key in keys {
            if let Some(trail) = trails.get_mut(key) {
                trail.forget_before(start);
                undecided |= trail.failures.len() + trail.pending >= self.limit;
                if trail.failures.len() >= self.limit {
                    let oldest = trail.failures[trail.failures.len() - self.limit];
                    wait = wait.max(Some((oldest + self.window).since(now)));
                }
            }
        }
        if let Some(wait) = wait {
            let error =
                Error::new(Code::TooManyAttempts, "Too many failed attempts. Wait a while before trying again.");
            return Err(error.retry_after(wait));
        }
        if undecided {
            return Ok(false);
        }
        if trails.len() + keys.len() > self.most_keys {
            make_room(&mut trails, start);
        }
        for key in keys {
            trails.entry(*key).or_default().pending += 1;
        }
        Ok(true)
    }

    fn trails(&self) -> MutexGuard<'_, HashMap<u64, Trail>> {
        self.trails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what is over; if that does not help, the half of the trails that failed longest ago.
fn make_room(trails: &mut HashMap<u64, Trail>, start: Instant) {
    let before = trails.len();
    trails.retain(|_, trail| {
        trail.forget_before(start);
        !trail.is_empty()
    });
    if trails.len() > before / 2 {
        let mut latest: Vec<_> = trails.values().filter_map(|trail| trail.failures.back().copied()).collect();
        latest.sort_unstable();
        let Some(median) = latest.get(latest.len() / 2).copied() else {
            return;
        };
        trails.retain(|_, trail| trail.pending > 0 || trail.failures.back().is_some_and(|failure| *failure > median));
    }
}

/// An attempt under way.
#[must_use = "a dropped attempt counts as failed"]
pub struct Attempt<'a> {
    attempts: &'a Attempts,
    keys: Vec<u64>,
    now: Instant,
    failed: bool,
}

impl Attempt<'_> {
    /// It does not count: it succeeded, or the fault was ours.
    pub fn forgive(mut self) {
        self.failed = false;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let mut trails = self.attempts.trails();
        for key in &self.keys {
            let trail = trails.entry(*key).or_default();
            trail.pending = trail.pending.saturating_sub(1);
            if self.failed {
                trail.failures.push_back(self.now);
            } else if trail.is_empty() {
                trails.remove(key);
            }
        }
        drop(trails);
        self.attempts.settled.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const START: Instant = Instant::from_millis(1_800_000_000_000);

    #[tokio::test]
    async fn five_failures_a_minute_and_successes_are_free() {
        let attempts = Attempts::default();
        let start = START;
        for _ in 0..20 {
            attempts.begin(&["a@b.c", "10.0.0.1"], start).await.unwrap().forgive();
        }
        for second in 0..5 {
            drop(attempts.begin(&["a@b.c", "10.0.0.1"], start + Duration::from_secs(second)).await.unwrap());
        }
        let later = start + Duration::from_secs(10);
        for names in [["a@b.c", "10.0.0.2"], ["x@y.z", "10.0.0.1"]] {
            let error = attempts.begin(&names, later).await.err().unwrap();
            assert_eq!((error.code, error.retry_after), (Code::TooManyAttempts, Some(Duration::from_secs(50))));
        }
        attempts.begin(&["x@y.z", "10.0.0.2"], later).await.unwrap().forgive();
        attempts.begin(&["a@b.c", "10.0.0.1"], start + Duration::from_mins(1)).await.unwrap().forgive();
    }

    #[tokio::test]
    async fn simultaneous_guesses_wait_for_each_other() {
        let attempts = Attempts::default();
        let now = START;
        let mut under_way = Vec::new();
        for _ in 0..5 {
            under_way.push(attempts.begin(&["a"], now).await.unwrap());
        }
        let sixth = attempts.begin(&["a"], now);
        tokio::pin!(sixth);
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(sixth.as_mut().poll(cx).is_pending())).await);
        under_way.pop().unwrap().forgive();
        let sixth = sixth.await.unwrap();
        drop(under_way);
        drop(sixth);
        assert!(attempts.begin(&["a"], now).await.is_err());
    }

    #[tokio::test]
    async fn memory_is_bounded() {
        let attempts = Attempts { most_keys: 10, ..Attempts::default() };
        let start = START;
        for at in 0..1000 {
            drop(attempts.begin(&[&format!("user{at}")], start + Duration::from_millis(at)).await.unwrap());
            assert!(attempts.trails().len() <= 10);
        }
    }
}
