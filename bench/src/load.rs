//! The load generator: N keep-alive connections, each asking again as soon as it is answered, for T seconds.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use http::StatusCode;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use crate::client::{Ask, Connection};
use crate::clock;
use crate::stats::Summary;

/// Makes the next request of a connection; the generator hands it that connection's own chance.
pub type Factory = Arc<dyn Fn(&mut SmallRng) -> Ask + Send + Sync>;

/// What to ask for and how a right answer looks.
#[derive(Clone)]
pub struct Call {
    pub factory: Factory,
    pub expect: StatusCode,
}

impl Call {
    pub fn new(expect: StatusCode, factory: impl Fn(&mut SmallRng) -> Ask + Send + Sync + 'static) -> Self {
        Self { factory: Arc::new(factory), expect }
    }
}

/// A drive: its figures, and what was not as expected.
#[derive(Debug)]
pub struct Outcome {
    pub summary: Summary,
    /// Answers with another status and broken connections; one is enough to void the row.
    pub unexpected: u64,
    /// The first of them, in words.
    pub example: Option<String>,
}

/// An answer that takes longer is a failure: nobody waits a minute for a lead.
const PATIENCE: Duration = Duration::from_mins(1);
/// A connection that has failed this often has made its point.
const FAILURES_PER_CONNECTION: u64 = 5;

#[derive(Default)]
struct Tally {
    latencies_us: Vec<u32>,
    unexpected: u64,
    example: Option<String>,
}

impl Tally {
    fn fail(&mut self, what: impl FnOnce() -> String) {
        self.unexpected += 1;
        self.example.get_or_insert_with(what);
    }
}

/// Drives `call` over `connections` connections for `duration`. Requests under way at the end are waited for
/// and counted, and the rate is over the time really taken, so a slow work is not cut in its favour.
pub async fn drive(address: SocketAddr, call: &Call, connections: usize, duration: Duration, seed: u64) -> Outcome {
    let start = clock::now();
    let tasks = (0..connections as u64).map(|number| {
        let call = call.clone();
        tokio::spawn(async move {
            let mut tally = Tally::default();
            let mut chance = SmallRng::seed_from_u64(seed.wrapping_mul(0x9E37_79B9).wrapping_add(number));
            while start.elapsed() < duration && tally.unexpected < FAILURES_PER_CONNECTION {
                match Connection::open(address).await {
                    Ok(connection) => {
                        converse(connection, &call, &mut chance, &mut tally, || start.elapsed() < duration).await;
                    }
                    Err(error) => tally.fail(|| format!("cannot connect: {error}")),
                }
            }
            tally
        })
    });
    let mut whole = Tally::default();
    for finished in join_all(tasks).await {
        match finished {
            Ok(part) => {
                whole.latencies_us.extend(part.latencies_us);
                whole.unexpected += part.unexpected;
                whole.example = whole.example.or(part.example);
            }
            Err(error) => whole.fail(|| format!("the generator failed: {error}")),
        }
    }
    let elapsed = start.elapsed();
    if whole.latencies_us.is_empty() {
        whole.fail(|| "no request was answered".to_owned());
    }
    Outcome { summary: Summary::of(whole.latencies_us, elapsed), unexpected: whole.unexpected, example: whole.example }
}

/// Asks on one connection until time is up or the connection is of no more use.
async fn converse(
    mut connection: Connection,
    call: &Call,
    chance: &mut SmallRng,
    tally: &mut Tally,
    time_left: impl Fn() -> bool,
) {
    while time_left() && tally.unexpected < FAILURES_PER_CONNECTION {
        let ask = (call.factory)(chance);
        let sent = clock::now();
        match tokio::time::timeout(PATIENCE, connection.send(ask)).await {
            Ok(Ok((status, _))) if status == call.expect => {
                tally.latencies_us.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
            }
            Ok(Ok((status, body))) => tally.fail(|| {
                let text: String = String::from_utf8_lossy(&body).chars().take(300).collect();
                format!("{status} instead of {}: {text}", call.expect)
            }),
            Ok(Err(error)) => return tally.fail(|| format!("connection broke: {error}")),
            Err(_) => return tally.fail(|| format!("no answer within {} s", PATIENCE.as_secs())),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::client::get;

    async fn server() -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = axum::Router::new().route("/right", axum::routing::get(|| async { "yes" }));
        tokio::spawn(async move { axum::serve(listener, router).await });
        address
    }

    #[tokio::test]
    async fn right_answers_are_counted() {
        let call = Call::new(StatusCode::OK, |_| get("/right", None));
        let outcome = drive(server().await, &call, 4, Duration::from_millis(50), 1).await;
        assert_eq!((outcome.unexpected, &outcome.example), (0, &None));
        assert!(outcome.summary.requests > 4, "{outcome:?}");
        assert!(outcome.summary.p50_ms <= outcome.summary.p99_ms);
    }

    #[tokio::test]
    async fn a_wrong_status_voids_the_drive() {
        let call = Call::new(StatusCode::OK, |_| get("/wrong", None));
        let outcome = drive(server().await, &call, 2, Duration::from_millis(50), 1).await;
        assert!(outcome.unexpected > 0);
        assert!(outcome.example.unwrap().starts_with("404 Not Found instead of 200 OK"));
    }

    #[tokio::test]
    async fn nobody_there_is_a_failure() {
        let address = {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            listener.local_addr().unwrap()
        };
        let call = Call::new(StatusCode::OK, |_| get("/", None));
        let outcome = drive(address, &call, 1, Duration::from_secs(5), 1).await;
        assert!(outcome.example.unwrap().contains("cannot connect"));
    }
}
