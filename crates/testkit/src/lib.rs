//! What the tests share: the whole server in process, on either database, with a clock that stands still until told.

mod answer;
mod app;
pub mod chat;
mod database;
mod published;
mod sql;
mod staff;
mod store;

pub use answer::{Answer, Ask};
pub use app::{As, PASSWORD, Setup, TestApp, alzura};
pub use database::{Backend, Place};
pub use published::dialects;
pub use sql::run_sql;
pub use staff::{Agent, daily};

/// Declares the same test for both databases. `(app)` is a server as most tests need it; `(app = setup)` one that begins
/// with that [`Setup`].
#[macro_export]
macro_rules! both {
    (@setup) => { $crate::Setup::default() };
    (@setup $setup:expr) => { $setup };
    ($($(#[$meta:meta])* async fn $name:ident($app:ident $(= $setup:expr)?) $body:block)*) => { $(
        mod $name {
            #[allow(unused_imports, reason = "what a test uses differs from test to test")]
            use super::*;

            $(#[$meta])*
            async fn story($app: &$crate::TestApp) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let setup = $crate::both!(@setup $($setup)?);
                let app = $crate::TestApp::begin($crate::Backend::Sqlite, setup).await.expect("SQLite is always there");
                story(&app).await;
                app.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let setup = $crate::both!(@setup $($setup)?);
                let Some(app) = $crate::TestApp::begin($crate::Backend::Postgres, setup).await else { return };
                story(&app).await;
                app.finish().await;
            }
        }
    )* };
}
