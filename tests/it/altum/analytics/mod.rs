//! `/v1/analytics`: every figure held against a recount of what the test created.

mod sources;
mod summary;

use std::time::Duration;

use forecourt_record::{SaleLead, calendar::Zone};
use forecourt_testkit::TestApp;
use serde_json::{Value, json};

use super::{change, create, phone, with};

/// Sixty leads over forty days, of every filter, source, location and status.
async fn sixty(app: &TestApp) {
    app.crm().dealer_change(&app.caller(), |dealer| dealer.bot.enabled = false).await.unwrap();
    app.clock.set("2026-10-13T04:30:00Z".parse().unwrap());
    let answers = [
        json!({}),
        json!({"creditScore": "excellent", "downPayment": 5123, "hasBank": true, "idType": "passport"}),
        json!({"hasBank": true, "idType": "license", "tradeIn": true}),
    ];
    let sources = [Some("website"), None, Some("walk-in"), Some("website"), Some("referral")];
    let statuses = ["new", "contacted", "sold", "lost", "appointment", "no-show", "archived"];
    for at in 0..60 {
        let location = if at % 4 == 0 { "berlin" } else { "houston" };
        let lead = json!({"name": format!("Person {at}"), "phone": phone(at), "location": location});
        let lead = with(lead, answers[at % 3].clone());
        let lead = match sources[at % 5] {
            Some(source) => with(lead, json!({"source": source})),
            None => lead,
        };
        let id = create(app, lead).await;
        let status = statuses[at % 7];
        if at % 11 == 0 {
            // Came to an appointment before whatever it ended as.
            change(app, &id, json!({"status": "appointment"})).await;
        }
        change(app, &id, json!({"status": status})).await;
        // About sixteen hours on, so that days and nights both have some.
        app.clock.advance(Duration::from_mins(16 * 60 - 7));
    }
    app.delete("/v1/leads/L-1030").send().await.expect(204);
}

/// The leads created on these local days, both included, at a location or at all.
async fn recount(
    app: &TestApp,
    from: &str,
    to: &str,
    location: Option<&str>,
) -> Vec<forecourt_record::Document<SaleLead>> {
    let zone = Zone::parse("America/Chicago").unwrap();
    let mut leads = app.all::<SaleLead>().await;
    leads.retain(|lead| {
        let day = zone.local_day(lead.created_at);
        let here = location.is_none_or(|code| lead.doc.location.as_deref() == Some(code));
        here && (from..=to).contains(&day.as_str())
    });
    leads
}

/// How often each value occurs.
fn tally<'a>(values: impl Iterator<Item = &'a str>) -> Value {
    let mut counts = serde_json::Map::new();
    for value in values {
        let count = counts.get(value).and_then(Value::as_i64).unwrap_or(0);
        counts.insert(value.to_owned(), json!(count + 1));
    }
    Value::Object(counts)
}

fn rounded(part: f64, whole: usize, places: f64) -> f64 {
    if whole == 0 { 0.0 } else { (part / whole as f64 * places).round() / places }
}
