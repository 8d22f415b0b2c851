//! `GET /v1/analytics/summary`.

use std::time::Duration;

use forecourt_record::{Appointment, Role, calendar::Zone};
use forecourt_testkit::{As, TestApp, both};
use http::Method;
use serde_json::{Value, json};

use crate::altum::{bea, create, jose, list, phone, with};

use super::{recount, rounded, sixty, tally};

async fn summary(app: &TestApp, query: &str) -> Value {
    list(app, &format!("/v1/analytics/summary?{query}")).await
}

/// Equal as numbers: an object of counts in any order.
fn same(left: &Value, right: &Value) -> bool {
    let (left, right) = (left.as_object().unwrap(), right.as_object().unwrap());
    let positive =
        |counts: &serde_json::Map<String, Value>| counts.values().filter(|count| **count != json!(0)).count();
    positive(left) == positive(right) && right.iter().all(|(name, count)| left.get(name).unwrap_or(&json!(0)) == count)
}

/// Holds a summary against a recount.
async fn check(app: &TestApp, query: &str, from: &str, to: &str, location: Option<&str>) {
    let figures = summary(app, query).await;
    let leads = recount(app, from, to, location).await;
    let sold = leads.iter().filter(|lead| lead.doc.status_name() == "sold").count();
    let scores: i64 = leads.iter().map(|lead| lead.extra.qualification.score).sum();
    assert_eq!(figures["totalLeads"], leads.len(), "{query}");
    assert_eq!(figures["conv"], json!(rounded(sold as f64, leads.len(), 10_000.0)), "{query}");
    assert_eq!(figures["avgScore"], json!(rounded(scores as f64, leads.len(), 100.0)), "{query}");
    let statuses = tally(leads.iter().map(|lead| lead.doc.status_name()));
    assert!(same(&figures["byStatus"], &statuses), "{query}: {} {statuses}", figures["byStatus"]);
    let filters = tally(leads.iter().map(|lead| lead.extra.qualification.filter.as_str()));
    assert!(same(&figures["byFilter"], &filters), "{query}: {} {filters}", figures["byFilter"]);
    let locations = tally(leads.iter().filter_map(|lead| lead.doc.location.as_deref()));
    assert!(same(&figures["byLocation"], &locations), "{query}: {} {locations}", figures["byLocation"]);
    let set = leads.iter().filter(|lead| lead.extra.appointment.is_some()).count();
    let shown = leads.iter().filter(|lead| lead.extra.appointment == Some(Appointment::Shown)).count();
    assert_eq!((&figures["appointmentsSet"], &figures["appointmentsShown"]), (&json!(set), &json!(shown)), "{query}");

    let series = figures["series"].as_array().unwrap();
    assert_eq!(series.first().unwrap()["date"], from, "{query}");
    assert_eq!(series.last().unwrap()["date"], to, "{query}");
    let zone = Zone::parse("America/Chicago").unwrap();
    for day in series {
        let of_day = || leads.iter().filter(|lead| zone.local_day(lead.created_at) == day["date"].as_str().unwrap());
        let sold = of_day().filter(|lead| lead.doc.status_name() == "sold").count();
        assert_eq!((&day["leads"], &day["sold"]), (&json!(of_day().count()), &json!(sold)), "{query} {day}");
    }
}

both! {
    async fn every_figure_is_what_a_recount_gives(app) {
        sixty(app).await;
        app.clock.set("2026-11-21T05:59:59.999Z".parse().unwrap());
        // Still the 20th in Houston, though the 21st in London.
        for (query, from, to) in [
            ("", "2026-10-22", "2026-11-20"),
            ("period=30d", "2026-10-22", "2026-11-20"),
            ("period=today", "2026-11-20", "2026-11-20"),
            ("period=7d", "2026-11-14", "2026-11-20"),
            ("period=90d", "2026-08-23", "2026-11-20"),
            ("period=mtd", "2026-11-01", "2026-11-20"),
            ("period=ytd", "2026-01-01", "2026-11-20"),
            ("from=2026-10-31&to=2026-11-02", "2026-10-31", "2026-11-02"),
            ("from=2026-10-13&to=2026-10-13", "2026-10-13", "2026-10-13"),
            ("from=2027-01-01&to=2027-01-31", "2027-01-01", "2027-01-31"),
        ] {
            check(app, query, from, to, None).await;
            for location in ["houston", "berlin"] {
                check(app, &format!("{query}&location={location}"), from, to, Some(location)).await;
            }
        }
        app.clock.advance(Duration::from_millis(1));
        check(app, "period=today", "2026-11-21", "2026-11-21", None).await;
    }

    async fn nothing_is_nothing(app) {
        let figures = summary(app, "period=today").await;
        let expected = json!({
            "totalLeads": 0, "conv": 0.0, "avgScore": 0.0, "byStatus": {}, "byFilter": {},
            "byLocation": {"berlin": 0, "houston": 0}, "appointmentsSet": 0, "appointmentsShown": 0,
            "medianFirstHumanResponseSeconds": null, "series": [{"date": "2026-11-21", "leads": 0, "sold": 0}],
        });
        assert_eq!(figures, expected);
    }

    async fn a_day_begins_at_midnight_of_the_dealer_also_when_clocks_change(app) {
        app.crm().dealer_change(&app.caller(), |dealer| dealer.bot.enabled = false).await.unwrap();
        // Clocks go back in Houston on 1 November 2026: a day of 25 hours, from 05:00 to 06:00 UTC.
        for (at, instant) in
            ["2026-11-01T04:59:59.999Z", "2026-11-01T05:00:00Z", "2026-11-02T05:59:59.999Z", "2026-11-02T06:00:00Z"]
                .iter()
                .enumerate()
        {
            app.clock.set(instant.parse().unwrap());
            create(app, json!({"name": "Person", "phone": phone(at), "location": "houston"})).await;
        }
        let figures = summary(app, "from=2026-10-31&to=2026-11-02").await;
        assert_eq!(
            figures["series"],
            json!([
                {"date": "2026-10-31", "leads": 1, "sold": 0},
                {"date": "2026-11-01", "leads": 2, "sold": 0},
                {"date": "2026-11-02", "leads": 1, "sold": 0},
            ])
        );
    }

    async fn the_median_is_of_the_first_answers_of_people(app) {
        for (at, seconds) in [30_u64, 600, 95].iter().enumerate() {
            let lead = with(bea(), json!({"phone": phone(at)}));
            let id = create(app, lead).await;
            app.says(&phone(at), "Hello").await;
            app.clock.advance(Duration::from_secs(*seconds));
            for _ in 0..2 {
                let ask = app.ask(As::Role(Role::Sales), Method::POST, "/v1/whatsapp/messages").await;
                ask.json(&json!({"leadId": id, "body": "Hi"})).send().await.expect(202);
                app.clock.advance(Duration::from_secs(5));
            }
        }
        assert_eq!(summary(app, "").await["medianFirstHumanResponseSeconds"], 95);
        app.pass(Duration::from_mins(10)).await;
    }

    async fn bdc_and_sales_count_their_own_locations(app) {
        sixty(app).await;
        app.clock.set("2026-11-20T18:00:00Z".parse().unwrap());
        let whole = recount(app, "2026-10-22", "2026-11-20", None).await.len();
        let houston = recount(app, "2026-10-22", "2026-11-20", Some("houston")).await.len();
        assert!(houston < whole);
        for role in [Role::Admin, Role::Manager, Role::Bdc, Role::Sales, Role::Readonly] {
            let bound = matches!(role, Role::Bdc | Role::Sales);
            let ask = async |query: &str| {
                app.ask(As::Role(role), Method::GET, &format!("/v1/analytics/summary{query}")).await.send().await
            };
            let figures = ask("").await.expect(200);
            assert_eq!(figures["totalLeads"], if bound { houston } else { whole }, "{role:?}");
            let berlin = ask("?location=berlin").await;
            assert_eq!(berlin.status.as_u16(), if bound { 400 } else { 200 }, "{role:?}");
            if bound {
                assert_eq!(figures["byLocation"], json!({"houston": houston}));
            }
        }
        let theirs = app.ask(As::Stranger, Method::GET, "/v1/analytics/summary").await.send().await.expect(200);
        assert_eq!((&theirs["totalLeads"], &theirs["byLocation"]), (&json!(0), &json!({})));
    }

    async fn a_period_is_a_name_or_two_days(app) {
        create(app, jose()).await;
        for (query, pointer) in [
            ("period=14d", "query:period"),
            ("period=", "query:period"),
            ("period=30d&from=2026-01-01&to=2026-01-02", "query:period"),
            ("from=2026-01-01", "query:to"),
            ("to=2026-01-01", "query:from"),
            ("from=2026-02-30&to=2026-03-01", "query:from"),
            ("from=2026-03-02&to=2026-03-01", "query:from"),
            ("from=1900-01-01&to=2026-03-01", "query:from"),
            ("from=yesterday&to=today", "query:from"),
            ("Period=30d", "query:Period"),
            ("location=paris", "query:location"),
        ] {
            let answer = app.get(&format!("/v1/analytics/summary?{query}")).send().await;
            assert_eq!(answer.problem(400), "malformed_query", "{query}");
            assert_eq!(answer.pointers(), [pointer], "{query}");
        }
        let names = app.get("/v1/analytics/summary?period=14d").send().await.json()["detail"].to_string();
        assert!(names.contains("today, 7d, 30d, 90d, mtd, ytd"), "{names}");
    }
}
