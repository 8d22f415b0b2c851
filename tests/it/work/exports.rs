//! Exports: of one instant, whole, theirs who asked, and gone after a day.

use std::time::Duration;

use forecourt_crm::Sight;
use forecourt_record::{
    Actor, Client, Document, Export, ExportFormat, ExportQuery, Kind as _, SaleLead, WorkStatus, spec::KindSpec,
};
use forecourt_testkit::{TestApp, both};
use serde_json::Value;

use super::{leads, until};

const DAY: Duration = Duration::from_hours(24);

async fn begin(app: &TestApp, spec: &'static KindSpec, format: ExportFormat) -> Document<Export> {
    app.crm().export_create(&app.caller(), spec, ExportQuery::default(), format).await.unwrap()
}

async fn finished(app: &TestApp, begun: &Document<Export>) -> Document<Export> {
    until(async || {
        let export = app.crm().export_view(&app.caller(), begun.id).await.unwrap();
        matches!(export.doc.status, WorkStatus::Success | WorkStatus::Error).then_some(export)
    })
    .await
}

async fn text(app: &TestApp, export: &Document<Export>) -> String {
    let mut bytes = Vec::new();
    while let Some(piece) = app.crm().export_piece(export, &app.caller(), bytes.len() as u64).await.unwrap() {
        bytes.extend(piece);
    }
    String::from_utf8(bytes).unwrap()
}

both! {
    async fn an_export_is_of_the_instant_it_was_asked_for(app) {
        leads(app, 12).await;
        let begun = begin(app, SaleLead::SPEC, ExportFormat::Json).await;
        assert_eq!((begun.doc.status, begun.doc.as_of), (WorkStatus::Pending, Some(app.clock.now())));
        // Whatever is written from here on is not in it.
        let before = app.all::<SaleLead>().await;
        for lead in &before {
            app.change(lead.id, |lead| lead.doc.inquiry = Some("rewritten".to_owned())).await;
        }
        leads(app, 15).await;
        let export = finished(app, &begun).await;
        let text = text(app, &export).await;
        assert!(!text.contains("rewritten"));
        let documents: Vec<Value> = serde_json::from_str(&text).unwrap();
        let ids: Vec<&str> = documents.iter().map(|document| document["_id"].as_str().unwrap()).collect();
        let mut expected: Vec<String> = before.iter().map(|lead| lead.id.to_string()).collect();
        expected.sort();
        assert_eq!(ids, expected);
        let doc = &export.doc;
        assert_eq!((doc.done, doc.total, doc.bytes), (12, 12, Some(text.len() as i64)));
        assert_eq!(doc.sha256, Some(forecourt_crm::access::hash(&text)));
        assert_eq!(documents[0]["dealer_id"], app.dealer.to_string());
        assert!(documents[0]["computed"]["client_phones"].is_array(), "{}", documents[0]);
    }

    async fn every_format_holds_the_same(app) {
        leads(app, 3).await;
        let lines = text(app, &finished(app, &begin(app, Client::SPEC, ExportFormat::Ndjson).await).await).await;
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let array = text(app, &finished(app, &begin(app, Client::SPEC, ExportFormat::Json).await).await).await;
        assert_eq!(serde_json::from_str::<Vec<Value>>(&array).unwrap(), lines);
        let table = text(app, &finished(app, &begin(app, Client::SPEC, ExportFormat::Csv).await).await).await;
        let rows: Vec<&str> = table.split("\r\n").collect();
        assert_eq!(rows.len(), 5, "{table}");
        let headings: Vec<&str> = rows[0].split(',').collect();
        for column in ["_id", "contacts_phones", "created_at", "computed.client_number_of_leads"] {
            assert!(headings.contains(&column), "{column} in {}", rows[0]);
        }
        assert!(rows[1].contains("\"[\"\"+17135550000\"\"]\""), "{}", rows[1]);
        let empty = begin(app, forecourt_record::Note::SPEC, ExportFormat::Json).await;
        assert_eq!(text(app, &finished(app, &empty).await).await, "[]\n");
    }

    async fn an_export_is_gone_after_a_day(app) {
        leads(app, 1).await;
        let export = finished(app, &begin(app, SaleLead::SPEC, ExportFormat::Json).await).await;
        assert_eq!(export.doc.expires_at, Some(app.clock.now() + DAY));
        app.pass(DAY.saturating_sub(Duration::from_secs(1))).await;
        assert!(app.crm().export_view(&app.caller(), export.id).await.is_ok());
        app.pass(Duration::from_secs(1)).await;
        assert!(app.crm().export_view(&app.caller(), export.id).await.is_err());
        assert!(app.crm().export_piece(&export, &app.caller(), 0).await.is_err());
        assert!(app.all::<Export>().await.is_empty());
    }

    async fn whoever_asked_may_cancel_it_at_any_time(app) {
        leads(app, 1).await;
        let done = finished(app, &begin(app, SaleLead::SPEC, ExportFormat::Json).await).await;
        let under_way = begin(app, SaleLead::SPEC, ExportFormat::Json).await;
        for export in [&done, &under_way] {
            app.crm().export_cancel(&app.caller(), export.id).await.unwrap();
            assert!(app.crm().export_view(&app.caller(), export.id).await.is_err());
            assert!(app.crm().export_cancel(&app.caller(), export.id).await.is_err());
        }
        app.pass(Duration::from_mins(1)).await;
        assert!(app.crm().export_piece(&done, &app.caller(), 0).await.is_err());
        assert_eq!(app.jobs_waiting().await, 1, "only the daily purge is left");
    }

    async fn nobody_else_gets_it(app) {
        leads(app, 1).await;
        let export = finished(app, &begin(app, SaleLead::SPEC, ExportFormat::Json).await).await;
        let user = app.crm().context.id();
        for other in [
            forecourt_crm::Caller { actor: Actor::User(user), ..app.caller() },
            forecourt_crm::Caller { dealer: app.stranger, ..app.caller() },
        ] {
            assert!(app.crm().export_view(&other, export.id).await.is_err());
            assert!(app.crm().export_cancel(&other, export.id).await.is_err());
        }
    }

    async fn whoever_sees_some_locations_exports_those(app) {
        for (at, location) in ["houston", "berlin", "houston"].into_iter().enumerate() {
            let new = forecourt_crm::intake::NewLead {
                name: Some("Ana".to_owned()),
                phone: Some(format!("+1713555{at:04}")),
                location: Some(location.to_owned()),
                quiet: true,
                ..Default::default()
            };
            app.crm().lead_receive(&app.caller(), new, None).await.unwrap();
        }
        let seeing = forecourt_crm::Caller { sight: Sight::Locations(vec!["houston".to_owned()]), ..app.caller() };
        let begun = app.crm().export_create(&seeing, SaleLead::SPEC, ExportQuery::default(), ExportFormat::Json).await;
        assert_eq!(finished(app, &begun.unwrap()).await.doc.done, 2);
    }

    async fn what_is_asked_for_is_exported(app) {
        leads(app, 5).await;
        let some = |text: &str| Some(text.to_owned());
        let query = ExportQuery {
            q: some(r#"{"computed.client_phones": {"$in": ["+17135550001", "+17135550003", "+17135550004"]}}"#),
            search: some("created:today -phone:+17135550004"),
            sort: some("-_id"),
            project: some("computed.client_phones"),
        };
        let begun = app.crm().export_create(&app.caller(), SaleLead::SPEC, query, ExportFormat::Ndjson).await.unwrap();
        let text = text(app, &finished(app, &begun).await).await;
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let shown: Vec<&Value> = lines.iter().map(|line| &line["computed"]["client_phones"][0]).collect();
        assert_eq!(shown, ["+17135550003", "+17135550001"], "{text}");
        assert_eq!(lines[0].as_object().unwrap().len(), 2, "{text}");
        for wrong in [
            ExportQuery { q: some("{"), ..ExportQuery::default() },
            ExportQuery { search: some("("), ..ExportQuery::default() },
            ExportQuery { sort: some("no_such"), ..ExportQuery::default() },
            ExportQuery { project: some("no_such"), ..ExportQuery::default() },
        ] {
            let begun = app.crm().export_create(&app.caller(), SaleLead::SPEC, wrong, ExportFormat::Json).await;
            assert_eq!(begun.unwrap_err().code, forecourt_record::Code::Invalid);
        }
    }
}
