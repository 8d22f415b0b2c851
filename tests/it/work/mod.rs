//! Long work, whoever asks for it: exports, and leads out of files.

mod exports;
mod imports;
pub mod tasks;

use std::time::Duration;

use forecourt_crm::intake::NewLead;
use forecourt_record::{Document, Export, WorkStatus};
use forecourt_testkit::TestApp;

/// Takes in so many leads, each of somebody else.
async fn leads(app: &TestApp, count: usize) {
    for at in 0..count {
        let new = NewLead {
            name: Some(format!("Person, the \"{at}\"th")),
            phone: Some(format!("+1713555{at:04}")),
            quiet: true,
            ..NewLead::default()
        };
        app.crm().lead_receive(&app.caller(), new, None).await.unwrap();
    }
}

/// Waits until no export is under way: the server that was asked for one goes on with it after it has answered.
pub async fn settled(app: &TestApp) {
    let is_over = |export: &Document<Export>| matches!(export.doc.status, WorkStatus::Success | WorkStatus::Error);
    until(async || app.all::<Export>().await.iter().all(is_over).then_some(())).await;
}

/// Looks again and again until there is something to see.
async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), looking).await.expect("it comes about")
}
