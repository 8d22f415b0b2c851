//! What the stories share: a site with its servers, a client, a look underneath, and waiting for a state.

mod client;
mod cluster;
mod server;
mod site;
mod underneath;

use std::time::Duration;

pub use self::{
    client::{Answer, Connection, Request, get, patch, post},
    cluster::Cluster,
    server::Server,
    site::{Said, Site, said},
    underneath::Underneath,
};

/// A state that is not reached by then will not be reached.
pub const LIMIT: Duration = Duration::from_mins(10);

/// Looks again and again until there is something to see, and gives that.
///
/// # Panics
/// When that takes too long, saying what was waited for.
#[expect(clippy::disallowed_methods, reason = "another process tells its state only when it is asked")]
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let mut turn = tokio::time::interval(Duration::from_millis(20));
    // Whoever takes long to answer is not asked again at once.
    turn.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let looking = async {
        loop {
            turn.tick().await;
            if let Some(seen) = look().await {
                return seen;
            }
        }
    };
    within(what, looking).await
}

/// What a future gives.
///
/// # Panics
/// When that takes too long, saying what was waited for.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let done = tokio::time::timeout(LIMIT, future).await;
    done.unwrap_or_else(|_| panic!("this did not come about within {} s: {what}", LIMIT.as_secs()))
}

/// Declares the same story for both databases. Each gets a site of its own.
macro_rules! both {
    ($($(#[$meta:meta])* async fn $name:ident($site:ident) $body:block)*) => { $(
        mod $name {
            #[allow(unused_imports, reason = "what a story uses differs from story to story")]
            use super::*;

            $(#[$meta])*
            async fn story($site: &$crate::support::Site) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let site = $crate::support::Site::on(forecourt_testkit::Backend::Sqlite, stringify!($name)).await;
                story(&site.expect("SQLite is always there")).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let site = $crate::support::Site::on(forecourt_testkit::Backend::Postgres, stringify!($name)).await;
                let Some(site) = site else { return };
                story(&site).await;
            }
        }
    )* };
}
