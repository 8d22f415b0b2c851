//! What is asked of which database in which words.

use forecourt_record::{Kind as _, SaleLead};
use serde_json::{Value as Json, json};

use super::*;
use crate::{Direction, FieldPath, q};

fn lowered(question: &Json, backend: Backend) -> Lowered {
    let node = q::parse(SaleLead::SPEC, &question.to_string()).expect("a question");
    lower_node(&node, SaleLead::SPEC, backend, "ab12", 2)
}

#[test]
fn a_column_answers_what_it_holds_exactly() {
    for (question, sql) in [
        (json!({"status.status": "won"}), "status = ?2"),
        (json!({"status.status": {"$in": ["won", null]}}), "(status IN (?2) OR status IS NULL)"),
        (json!({"client_id": null, "created_at": {"$gte": "2026-11-21"}}), "(client_id IS NULL AND created_at >= ?2)"),
        (json!({"location": {"$ne": "houston"}}), "(NOT COALESCE(location = ?2, FALSE))"),
        (json!({"origin.source": {"$exists": true}}), "source IS NOT NULL"),
        (json!({"__v": {"$lt": 3}}), "version < ?2"),
        (json!({"score": 1.5}), "FALSE"),
        (json!({}), "TRUE"),
    ] {
        for backend in [Backend::Sqlite, Backend::Postgres] {
            assert_eq!(lowered(&question, backend).sql, sql, "{question}");
        }
    }
}

#[test]
fn a_column_that_rounds_or_cuts_only_narrows() {
    let long = "x".repeat(300);
    for (question, begins) in [
        (json!({"cost": 10}), "(cost = ?2 AND "),
        (json!({"cost": {"$gt": 10.004}}), "(cost >= ?2 AND "),
        (json!({"location": long}), "(location = ?2 AND "),
    ] {
        let sqlite = lowered(&question, Backend::Sqlite);
        assert_eq!(sqlite.sql, format!("{begins}forecourt_passes(?3, doc, NULL, NULL))"));
        assert!(lowered(&question, Backend::Postgres).sql.starts_with(&format!("{begins}jsonb_path_exists(doc, ")));
    }
}

#[test]
fn what_comes_from_a_caller_is_bound() {
    let nasty = "'; DROP TABLE saleleads; --";
    let question =
        json!({"custom": {"$elemMatch": {(nasty): nasty}}, (format!("custom.{nasty}")): {"$in": [nasty, null]}});
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let lowered = lowered(&question, backend);
        assert!(!lowered.sql.contains("DROP"), "{}", lowered.sql);
        let places = (2..2 + lowered.values.len()).all(|at| lowered.sql.contains(&format!("?{at}")));
        assert!(places && !lowered.values.is_empty(), "{}", lowered.sql);
    }
}

#[test]
fn multiple_values_are_looked_up_beside_the_documents() {
    let found = lowered(&json!({"foreign_ids": {"$in": ["a", "b"]}}), Backend::Postgres);
    assert!(found.sql.starts_with("id IN (SELECT multi.id FROM multi WHERE multi.dealer_id = ?1 "), "{}", found.sql);
    assert_eq!(found.values.len(), 4);
    for question in [json!({"foreign_ids": null}), json!({"foreign_ids": ["a", "b"]}), json!({"foreign_ids.0": "a"})] {
        assert!(!lowered(&question, Backend::Sqlite).sql.contains("multi"), "{question}");
    }
}

#[test]
fn documents_are_read_once_for_all_that_is_asked_of_them() {
    let question = json!({"inquiry": "a", "links": "b", "status.status": "new", "computed.number_of_notes": 1});
    assert_eq!(lowered(&question, Backend::Sqlite).sql, "(status = ?2 AND forecourt_passes(?3, doc, NULL, computed))");
}

#[test]
fn a_page_goes_on_where_the_last_one_ended() {
    let key =
        |path: &str, direction| SortKey { path: FieldPath::resolve(SaleLead::SPEC, path).expect("a path"), direction };
    let after = |keys: Vec<crate::Rank>| Some(crate::Cursor { keys, id: "f".into() });
    let newest = Search {
        sort: vec![key("created_at", Direction::Descending)],
        after: after(vec![crate::Rank::Text("2026-11-21T00:00:00.000Z".into())]),
        ..Search::first(Node::all(), 10)
    };
    let by_status = Search {
        sort: vec![key("status.status", Direction::Ascending)],
        after: after(vec![crate::Rank::Null]),
        ..newest.clone()
    };
    for (search, filter, order) in [
        (newest, "TRUE AND (created_at, id) < (?2, ?3)", "created_at DESC, id DESC"),
        (
            by_status,
            "TRUE AND ((status IS NOT NULL) OR (status IS NULL AND id > ?2))",
            "status ASC NULLS FIRST, id ASC",
        ),
    ] {
        let lowered = lower_search(&search, SaleLead::SPEC, Backend::Postgres, "ab12", 2);
        assert_eq!((lowered.filter.as_str(), lowered.order.as_str()), (filter, order));
    }
}
