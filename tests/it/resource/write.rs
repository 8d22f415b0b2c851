//! Creating, replacing and patching, the same for every kind.

use forecourt_crm::{
    Caller, Sight,
    intake::RequestKey,
    resource::{MOST, PageOf, Question},
};
use forecourt_record::{Id, WALCU_KINDS};
use forecourt_testkit::both;
use serde_json::json;

use super::*;

both! {
    async fn every_kind_is_created_read_changed_and_deleted(app) {
        for spec in WALCU_KINDS {
            let name = spec.name;
            let made = create(app, name, json!({"foreign_ids": ["a"]})).await;
            assert_eq!(made.version, 0, "{name}");
            let shown = read(app, name, made.id).await.unwrap();
            assert_eq!(shown, made.published(app.dealer).unwrap(), "{name}");
            assert_eq!((&shown["_id"], &shown["__v"]), (&json!(made.id), &json!(0)), "{name}");
            assert_eq!(shown["updated_by"], "system", "{name}");

            // What was read and is sent back with a change is that change.
            let mut sent = shown.clone();
            sent["foreign_ids"] = json!(["a", "b"]);
            let changed = replace(app, name, made.id, sent).await.unwrap();
            assert_eq!((changed.version, &changed.doc["foreign_ids"]), (1, &json!(["a", "b"])), "{name}");
            assert_eq!(wrong(replace(app, name, made.id, shown.clone()).await).0, "version_behind", "{name}");

            let operations = json!([
                {"op": "test", "path": "/__v", "value": 1.0},
                {"op": "remove", "path": "/foreign_ids/0"},
                {"op": "add", "path": "/custom", "value": {"a": [1, 1.5]}},
            ]);
            let patched = patch(app, name, made.id, operations).await.unwrap();
            assert_eq!((&patched.doc["foreign_ids"], &patched.doc["custom"]), (&json!(["b"]), &json!({"a": [1, 1.5]})));
            let merged = merge(app, name, made.id, json!({"custom": {"a": null, "b": 2}})).await.unwrap();
            assert_eq!((merged.version, &merged.doc["custom"]), (3, &json!({"b": 2})), "{name}");

            for (change, pointer) in [
                (json!({"_id": "000000000000000000000000"}), "/_id"),
                (json!({"dealer_id": "000000000000000000000000"}), "/dealer_id"),
                (json!({"created_at": "2020-01-01"}), "/created_at"),
                (json!({"updated_at": "2020-01-01"}), "/updated_at"),
                (json!({"foreign_id": []}), "/foreign_id"),
                (json!({"foreign_ids": 1}), "/foreign_ids"),
            ] {
                let result = merge(app, name, made.id, change).await;
                assert_eq!(wrong(result), ("invalid", vec![pointer.to_owned()]), "{name}");
            }
            let failing = json!([{"op": "replace", "path": "/custom", "value": {}}, {"op": "test", "path": "/custom/b", "value": 2}]);
            assert_eq!(wrong(patch(app, name, made.id, failing).await), ("patch_test_failed", vec!["/1".to_owned()]));
            assert_eq!(read(app, name, made.id).await.unwrap()["custom"], json!({"b": 2}), "{name}");

            let spec = kind(name);
            let stale = app.crm().resource_replace(&app.caller(), spec, made.id, json!({}), Some(1)).await;
            assert_eq!(wrong(stale).0, "precondition_failed", "{name}");
            let stale = app.crm().resource_delete(&app.caller(), spec, made.id, false, Some(1)).await;
            assert_eq!(wrong(stale).0, "precondition_failed", "{name}");
            delete(app, name, made.id, false).await.unwrap();
            assert_eq!(wrong(read(app, name, made.id).await).0, "not_found", "{name}");
            assert_eq!(wrong(delete(app, name, made.id, false).await).0, "not_found", "{name}");
        }
    }

    async fn several_are_created_or_none(app) {
        let (caller, notes) = (app.caller(), kind("notes"));
        let own: Id<()> = app.crm().context.id();
        let documents = vec![json!({"_id": own, "content": "a"}), json!({"content": "b"})];
        let made = app.crm().resource_create(&caller, notes, documents, None).await.unwrap();
        assert_eq!((made[0].id, &made[1].doc["content"]), (own, &json!("b")));
        assert_eq!(wrong(try_create(app, &caller, "notes", json!({"_id": own})).await).0, "conflict");
        let twice = app.crm().context.id::<()>();
        let documents = vec![json!({"_id": twice}), json!({"_id": twice})];
        assert_eq!(wrong(app.crm().resource_create(&caller, notes, documents, None).await).0, "conflict");

        let missing: Id<()> = app.crm().context.id();
        let documents = vec![json!({"content": "c"}), json!({"content": 1, "contnt": ""}), json!({"content": "d"})];
        let result = wrong(app.crm().resource_create(&caller, notes, documents, None).await);
        assert_eq!(result, ("invalid", vec!["/1/content".to_owned(), "/1/contnt".to_owned()]));
        let documents = vec![json!({"content": "c"}), json!({"client_id": missing})];
        let result = wrong(app.crm().resource_create(&caller, notes, documents, None).await);
        assert_eq!(result, ("invalid", vec!["/1/client_id".to_owned()]));
        let many = vec![json!({}); MOST + 1];
        assert_eq!(wrong(app.crm().resource_create(&caller, notes, many, None).await).0, "invalid");
        assert_eq!(app.counts().await["notes"], 2);
        let foreign = json!({"dealer_id": app.stranger});
        assert_eq!(wrong(try_create(app, &caller, "notes", foreign).await), ("invalid", vec!["/dealer_id".to_owned()]));
        let elsewhere = Caller { dealer: app.stranger, ..caller };
        assert_eq!(wrong(app.crm().resource_read(&elsewhere, notes, own).await).0, "not_found");
    }

    async fn a_repeated_request_creates_once(app) {
        let key = |fingerprint: &str| Some(RequestKey { key: "k".into(), fingerprint: fingerprint.into() });
        let (caller, notes) = (app.caller(), kind("notes"));
        let ask = async |fingerprint| {
            app.crm().resource_create(&caller, notes, vec![json!({"content": "a"})], key(fingerprint)).await
        };
        let first = ask("1").await.unwrap();
        assert_eq!(ask("1").await.unwrap(), first);
        assert_eq!(wrong(ask("2").await).0, "idempotency_key_reused");
        assert_eq!(app.counts().await["notes"], 1);
    }

    async fn what_is_named_must_be_there(app) {
        let missing: Id<()> = app.crm().context.id();
        for (name, document, pointer) in [
            ("saleleads", json!({"client_id": missing}), "/client_id"),
            ("saleleads", json!({"car_list": [{}, {"car_id": missing}]}), "/car_list/1/car_id"),
            ("appraisalleads", json!({"client_id": missing}), "/client_id"),
            ("aftersaleleads", json!({"vehicle_id": missing}), "/vehicle_id"),
            ("notes", json!({"lead_id": missing}), "/lead_id"),
            ("tasks", json!({"lead_id": missing, "lead_type": "appraisallead"}), "/lead_id"),
            ("contacts", json!({"client_id": missing}), "/client_id"),
            ("clients", json!({"pinned_note_id": missing}), "/pinned_note_id"),
            ("repairorders", json!({"contact_id": missing}), "/contact_id"),
            ("whatsappmessages", json!({"session_id": missing}), "/session_id"),
            ("chatmessages", json!({"provider_id": missing}), "/provider_id"),
            ("chatsessions", json!({"client_info": {"client_id": missing}}), "/client_info/client_id"),
            ("clientvehicles", json!({"owner_history": [{"client_id": missing}]}), "/owner_history/0/client_id"),
        ] {
            let result = wrong(try_create(app, &app.caller(), name, document).await);
            assert_eq!(result, ("invalid", vec![pointer.to_owned()]), "{name}");
        }
        // A lead of another kind than `lead_type` says is none.
        let lead = create(app, "saleleads", json!({})).await;
        let note = json!({"lead_id": lead.id, "lead_type": "aftersalelead"});
        assert_eq!(wrong(try_create(app, &app.caller(), "notes", note).await).0, "invalid");
        // What was mentioned may go; that alone does not stop a change.
        let car = create(app, "cars", json!({})).await;
        let lead = create(app, "saleleads", json!({"car_list": [{"car_id": car.id}]})).await;
        delete(app, "cars", car.id, false).await.unwrap();
        assert_eq!(merge(app, "saleleads", lead.id, json!({"inquiry": "still"})).await.unwrap().version, lead.version + 1);
    }

    async fn a_caller_of_a_location_sees_and_changes_what_is_there(app) {
        let houston = Caller { sight: Sight::Locations(vec!["houston".into()]), ..app.caller() };
        let there = create(app, "saleleads", json!({"location": "houston"})).await;
        let elsewhere = create(app, "saleleads", json!({"location": "berlin"})).await;
        let note = |lead: &Raw| json!({"content": "x", "lead_id": lead.id, "lead_type": "salelead"});
        let (seen, hidden) = (create(app, "notes", note(&there)).await, create(app, "notes", note(&elsewhere)).await);
        for (name, id, expected) in [
            ("saleleads", there.id, "none"),
            ("saleleads", elsewhere.id, "not_found"),
            ("notes", seen.id, "none"),
            ("notes", hidden.id, "not_found"),
        ] {
            let spec = kind(name);
            let crm = app.crm();
            assert_eq!(wrong(crm.resource_read(&houston, spec, id).await).0, expected, "{name}");
            let patch = Patch::Merge(json!({"foreign_ids": ["x"]}));
            assert_eq!(wrong(crm.resource_patch(&houston, spec, id, patch, None).await).0, expected, "{name}");
            if expected == "not_found" {
                assert_eq!(wrong(crm.resource_delete(&houston, spec, id, true, None).await).0, expected, "{name}");
            }
        }
        let moved = Patch::Merge(json!({"location": "berlin"}));
        let moved = app.crm().resource_patch(&houston, kind("saleleads"), there.id, moved, None).await;
        assert_eq!(wrong(moved), ("invalid", vec!["/location".to_owned()]));
        assert_eq!(wrong(try_create(app, &houston, "notes", note(&elsewhere)).await), ("invalid", vec!["/lead_id".to_owned()]));
        assert_eq!(wrong(try_create(app, &houston, "cars", json!({"location": "berlin"})).await).0, "invalid");
        try_create(app, &houston, "cars", json!({"location": "houston"})).await.unwrap();
    }
}

both! {
    async fn a_page_shows_what_passes_and_is_seen(app) {
        let houston = Caller { sight: Sight::Locations(vec!["houston".into()]), ..app.caller() };
        let mut notes = Vec::new();
        for at in 0..7 {
            let location = if at % 2 == 0 { "houston" } else { "berlin" };
            let lead = create(app, "saleleads", json!({"location": location})).await;
            let note = json!({"content": format!("{at}"), "lead_id": lead.id, "lead_type": "salelead"});
            notes.push(create(app, "notes", note).await.id);
        }
        let list = async |caller: &Caller, kind_name: &str, skip, limit| {
            let page = PageOf { skip, limit, after: None, count: true };
            app.crm().resource_list(caller, kind(kind_name), &Question::default(), &page).await.unwrap()
        };
        for (caller, total) in [(&app.caller(), 7), (&houston, 4)] {
            for name in ["saleleads", "notes"] {
                let page = list(caller, name, 1, 2).await;
                assert_eq!((page.total, page.found.len(), page.next.is_some()), (Some(total), 2, true), "{name}");
                let rest = list(caller, name, 3, 100).await;
                let left = usize::try_from(total).unwrap() - 3;
                assert_eq!((rest.found.len(), rest.next.is_none()), (left, true), "{name}");
            }
        }
        let seen: Vec<_> = list(&houston, "notes", 0, 3).await.found.iter().map(|found| found.id).collect();
        assert_eq!(seen, [notes[0], notes[2], notes[4]]);
    }
}

#[test]
fn every_reference_of_a_kind_is_one_that_deletion_can_follow() {
    use forecourt_record::{KINDS, spec::Bond};
    for spec in KINDS {
        for reference in spec.references.iter().filter(|reference| reference.bond == Bond::Belongs) {
            let found = spec.hot_at(reference.part, reference.path);
            assert!(found.is_some(), "{} of {} is no column", reference.path, spec.name);
        }
    }
}
