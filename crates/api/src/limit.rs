//! How often a credential may ask: a token bucket each.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicI64, Ordering::Relaxed},
    time::Duration,
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use forecourt_record::{
    Clock, Instant,
    error::{Code, Error},
};
use governor::{
    Quota, RateLimiter, clock::Clock as _, middleware::StateInformationMiddleware, state::keyed::DashMapStateStore,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::problem::Problem;

/// Whose bucket: the bytes of the key's or the session's id.
pub type Key = [u8; 12];

/// One bucket per credential, refilled evenly over the minute.
pub struct Limiter {
    buckets: Option<RateLimiter<Key, DashMapStateStore<Key>, Ticks, StateInformationMiddleware>>,
    per_minute: u32,
    clock: Clock,
    swept: AtomicI64,
}

/// The time of the house as the buckets count it: since 1970.
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.now().since(Instant::EPOCH)
    }
}

/// Where a credential stands after a request has been counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Requests a minute.
    pub limit: u32,
    /// Requests left at this moment.
    pub remaining: u32,
    /// Seconds until the bucket is full again, rounded up.
    pub reset: u64,
    /// Set when the request is one too many: how long until the next may come.
    pub retry_after: Option<Duration>,
}

impl Limiter {
    /// `per_minute` requests a minute, all of which may come at once; 0 is no limit.
    pub fn new(per_minute: u32, clock: Clock) -> Self {
        let buckets = NonZeroU32::new(per_minute).map(|per_minute| {
            RateLimiter::dashmap_with_clock(Quota::per_minute(per_minute), Ticks(clock.clone())).with_middleware()
        });
        Self { buckets, per_minute, swept: AtomicI64::new(clock.now().millis()), clock }
    }

    /// Counts a request of `key`. None when there is no limit.
    pub fn check(&self, key: Key) -> Option<Standing> {
        let buckets = self.buckets.as_ref()?;
        self.sweep();
        let limit = self.per_minute;
        Some(match buckets.check_key(&key) {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                let reset = (u64::from(limit - remaining.min(limit)) * 60).div_ceil(u64::from(limit));
                Standing { limit, remaining, reset, retry_after: None }
            }
            Err(until) => {
                let wait = until.wait_time_from(Ticks(self.clock.clone()).now());
                Standing { limit, remaining: 0, reset: 60, retry_after: Some(wait) }
            }
        })
    }

    /// Counts a request of `key`, answers 429 or lets it through, and writes the standing on the answer either way.
    pub async fn run<F: Future<Output = Response>>(
        &self,
        key: Key,
        request: Request,
        next: impl FnOnce(Request) -> F,
    ) -> Response {
        let Some(standing) = self.check(key) else {
            return next(request).await;
        };
        let mut response = match standing.refusal() {
            Some(error) => Problem(error).into_response(),
            None => next(request).await,
        };
        standing.headers(response.headers_mut());
        response
    }

    /// Keys in memory.
    pub fn keys(&self) -> usize {
        self.buckets.as_ref().map_or(0, RateLimiter::len)
    }

    /// Once a minute, forgets the keys whose buckets are full again: they are as good as unseen.
    fn sweep(&self) {
        let now = self.clock.now().millis();
        let swept = self.swept.load(Relaxed);
        if now.saturating_sub(swept) >= 60_000
            && self.swept.compare_exchange(swept, now, Relaxed, Relaxed).is_ok()
            && let Some(buckets) = &self.buckets
        {
            buckets.retain_recent();
        }
    }
}

impl Standing {
    /// The error of a request too many.
    pub fn refusal(&self) -> Option<Error> {
        let after = self.retry_after?;
        let detail = format!("This credential may make {} requests a minute.", self.limit);
        Some(Error::new(Code::RateLimited, detail).retry_after(after))
    }

    pub fn headers(&self, headers: &mut HeaderMap) {
        headers.insert(HeaderName::from_static("ratelimit-limit"), HeaderValue::from(self.limit));
        headers.insert(HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(self.remaining));
        headers.insert(HeaderName::from_static("ratelimit-reset"), HeaderValue::from(self.reset));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use axum::{Router, middleware, routing::get};
    use http::header::RETRY_AFTER;
    use tower::ServiceExt;

    use super::*;

    const ME: Key = [1; 12];

    fn clock() -> Clock {
        Clock::virtual_at(Instant::from_millis(1_800_000_000_000))
    }

    #[test]
    fn a_bucket_empties_and_refills_evenly() {
        let clock = clock();
        let limiter = Limiter::new(1000, clock.clone());
        assert_eq!(limiter.check(ME).unwrap(), Standing { limit: 1000, remaining: 999, reset: 1, retry_after: None });
        for _ in 1..1000 {
            assert!(limiter.check(ME).unwrap().retry_after.is_none());
        }
        let over = limiter.check(ME).unwrap();
        assert_eq!((over.remaining, over.reset, over.retry_after), (0, 60, Some(Duration::from_millis(60))));
        assert!(limiter.check([2; 12]).unwrap().retry_after.is_none(), "somebody else's bucket is full");
        clock.advance(Duration::from_millis(60));
        assert!(limiter.check(ME).unwrap().retry_after.is_none());
        assert!(limiter.check(ME).unwrap().retry_after.is_some());
        clock.advance(Duration::from_secs(30));
        assert_eq!(limiter.check(ME).unwrap().remaining, 499);
    }

    #[test]
    fn idle_keys_are_forgotten() {
        let clock = clock();
        let limiter = Limiter::new(60, clock.clone());
        for key in 0..100 {
            limiter.check([key; 12]);
        }
        assert_eq!(limiter.keys(), 100);
        clock.advance(Duration::from_secs(121));
        limiter.check(ME);
        limiter.check(ME);
        assert_eq!(limiter.keys(), 1);
    }

    #[test]
    fn zero_is_no_limit() {
        let limiter = Limiter::new(0, clock());
        assert_eq!(limiter.check(ME), None);
    }

    #[tokio::test]
    async fn every_answer_says_where_one_stands() {
        let limiter = Arc::new(Limiter::new(1, clock()));
        let app = Router::new().route("/", get(async || "hello")).layer(middleware::from_fn(
            move |request, next: middleware::Next| {
                let limiter = limiter.clone();
                async move { limiter.run(ME, request, |request| next.run(request)).await }
            },
        ));
        let ask =
            async || app.clone().oneshot(Request::get("/").body(axum::body::Body::empty()).unwrap()).await.unwrap();
        let first = ask().await;
        assert_eq!((first.status().as_u16(), &first.headers()["ratelimit-remaining"]), (200, &HeaderValue::from(0)));
        let second = ask().await;
        assert_eq!((second.status().as_u16(), &second.headers()[RETRY_AFTER]), (429, &HeaderValue::from(60)));
        assert_eq!(second.headers()["ratelimit-limit"], "1");
    }
}
