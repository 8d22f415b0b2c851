//! Leads out of a file: each row once, said what became of it, and taken back.

use std::sync::Arc;

use forecourt_crm::{
    import::{
        fields::{Field, enquiry},
        file::{Begun, NewImport, RowReport, outcome},
    },
    intake::NewLead,
};
use forecourt_record::{Client, Result, SaleLead};
use forecourt_testkit::{TestApp, both};

use super::leads;

async fn begin(app: &TestApp, fingerprint: &str) -> Result<Begun> {
    let (file, fingerprint) = ("leads.csv".to_owned(), fingerprint.to_owned());
    app.crm().import_begin(&app.caller(), NewImport { file, fingerprint, follow: false, again: false }).await
}

fn row(cells: &[(Field, &str)]) -> Result<NewLead> {
    enquiry(&cells.iter().map(|(field, cell)| (*field, (*cell).to_owned())).collect::<Vec<_>>())
}

fn person(name: &str, phone: &str) -> Result<NewLead> {
    row(&[(Field::Name, name), (Field::Phone, phone), (Field::Location, "houston")])
}

async fn take(app: &TestApp, begun: &Begun, line: i64, lead: Result<NewLead>) -> RowReport {
    let config = app.crm().config(app.dealer).await.unwrap();
    app.crm().import_row(&app.caller(), &config, &begun.import, line, lead).await.unwrap()
}

both! {
    async fn a_row_is_taken_in_once(app) {
        leads(app, 1).await;
        let begun = begin(app, "a").await.unwrap();
        let expected = [
            (2, person("Ana", "713 555 0100"), outcome::CREATED),
            (3, person("Person, the \"0\"th", "713 555 0000"), outcome::ADDED),
            (4, person("Ana", "+1 713 555 0100"), outcome::REPEATED),
            (5, person("Ana", "12"), outcome::FAILED),
            (6, row(&[(Field::Year, "old")]), outcome::FAILED),
        ];
        for (line, lead, outcome) in &expected {
            let report = take(app, &begun, *line, lead.clone()).await;
            assert_eq!((report.line, report.outcome.as_str()), (*line, *outcome), "{report:?}");
            assert_eq!(report.details.is_empty(), *outcome != outcome::FAILED, "{report:?}");
        }
        let before = app.snapshot().await;
        // Whoever begins again is told what is done, and doing it again changes nothing.
        let again = begin(app, "a").await.unwrap();
        assert_eq!((again.import.id, again.done.len()), (begun.import.id, 5));
        for (line, lead, outcome) in &expected {
            assert_eq!(take(app, &begun, *line, lead.clone()).await.outcome, *outcome);
        }
        assert_eq!(app.snapshot().await, before);
        let view = app.crm().import_end(&app.caller(), begun.import.id, 5).await.unwrap();
        let counts = (view.import.imported, view.import.repeated, view.import.failed);
        assert_eq!(counts, (2, 1, 2));
        assert!(begin(app, "a").await.is_err(), "it was imported already");
        assert_ne!(begin(app, "b").await.unwrap().import.id, begun.import.id);
    }

    async fn what_came_in_is_marked_and_nobody_is_greeted(app) {
        let begun = begin(app, "a").await.unwrap();
        let lead = row(&[
            (Field::Name, "Ana"),
            (Field::Phone, "713 555 0100"),
            (Field::Notes, "Wants red"),
            (Field::Campaign, "autumn"),
            (Field::Source, "file"),
            (Field::Make, "Ford"),
            (Field::ForeignId, "x-1"),
        ]);
        take(app, &begun, 2, lead).await;
        let import = vec![begun.import.id.to_string()];
        let lead = app.all::<SaleLead>().await.pop().unwrap().doc;
        assert_eq!((&lead.bulk_import_ids, lead.foreign_ids), (&import, vec!["x-1".to_owned()]));
        assert_eq!(lead.car_list[0].car.as_ref().unwrap().make.as_deref(), Some("Ford"));
        let origin = lead.origin.unwrap();
        assert_eq!((origin.source.as_deref(), origin.campaign.as_deref()), (Some("file"), Some("autumn")));
        assert_eq!(app.all::<Client>().await.pop().unwrap().doc.bulk_import_ids, import);
        assert_eq!(app.all::<forecourt_record::Note>().await.pop().unwrap().doc.bulk_import_ids, import);
        app.work().await;
        assert_eq!(app.counts().await["messages"], 0);
    }

    async fn a_rehearsal_says_what_would_be_and_keeps_nothing(app) {
        leads(app, 1).await;
        let config: Arc<_> = app.crm().config(app.dealer).await.unwrap();
        let before = app.snapshot().await;
        for (lead, outcome, detail) in [
            (person("Ana", "713 555 0100"), outcome::CREATED, None),
            (person("Person Two", "713 555 0000"), outcome::ADDED, Some("client gets name Person Two")),
            (person("Ana", "12"), outcome::FAILED, Some("phone: ")),
        ] {
            let report = app.crm().import_rehearse(&app.caller(), &config, 2, lead).await.unwrap();
            assert_eq!(report.outcome, outcome, "{report:?}");
            let said = report.details.join("; ");
            assert!(detail.map_or(said.is_empty(), |detail| said.contains(detail)), "{report:?}");
        }
        assert_eq!(app.snapshot().await, before);
    }

    async fn an_import_is_taken_back(app) {
        leads(app, 1).await;
        let before = app.counts().await;
        let begun = begin(app, "a").await.unwrap();
        take(app, &begun, 2, person("Ana", "713 555 0100")).await;
        take(app, &begun, 3, person("Person, the \"0\"th", "713 555 0000")).await;
        take(app, &begun, 4, person("Bea", "713 555 0101")).await;
        app.crm().import_end(&app.caller(), begun.import.id, 3).await.unwrap();
        let bea = app.all::<SaleLead>().await.into_iter().find(|lead| lead.extra.name == "Bea").unwrap();
        app.clock.advance(std::time::Duration::from_mins(1));
        app.change(bea.id, |lead| lead.doc.inquiry = Some("worked on".to_owned())).await;
        let undo = async |force| app.crm().import_undo(&app.caller(), begun.import.id, force).await.unwrap();
        let undone = undo(false).await;
        assert_eq!((undone.taken_back, undone.kept), (2, 1));
        assert_eq!(app.all::<Client>().await.len(), 2, "the client that was known stays, and Bea");
        let undone = undo(true).await;
        assert_eq!((undone.taken_back, undone.kept), (1, 0));
        assert_eq!(app.counts().await, before);
        assert!(begin(app, "a").await.unwrap().done.is_empty(), "it may be imported again");
    }
}
