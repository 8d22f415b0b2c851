//! The works over the Walcu dialect, as `work.rs` has those over Altum: lists, groups, words and a patch of sale leads.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;
use rand::RngExt as _;
use serde_json::{Value, json};

use crate::client::{get, patch};
use crate::load::Call;
use crate::subject::{Access, Facts};
use crate::work::{Backend, MILLION, Reference, Target, Work};

/// `q={"status.status":"new"}`.
const NEW: &str = "q=%7B%22status.status%22%3A%22new%22%7D";
/// `group_by={"status":"status.status"}`, counts alone: every write keeps them.
const BY_STATUS: &str = "group_by=%7B%22status%22%3A%22status.status%22%7D&project=-_id";
/// `group_by={"score":"score"}`, counts alone: nothing is kept of it.
const BY_SCORE: &str = "group_by=%7B%22score%22%3A%22score%22%7D&project=-_id";
/// Groups are asked for on as many connections as the scan they are held against.
const SCANNING: usize = 4;

/// The works at one size; the one that writes comes last. `patches` numbers the values written, for the whole run.
pub fn walcu(backend: Backend, access: &Access, facts: &Arc<Facts>, patches: &Arc<AtomicU64>) -> Vec<Work> {
    let leads = format!("/dealers/{}/saleleads", access.dealer);
    let of = |query: &str| {
        let (path, key) = (format!("{leads}?{query}"), access.walcu.clone());
        Call::new(StatusCode::OK, move |_| get(&path, Some(&key)))
    };
    let bare = |title, path: &'static str| Reference {
        title,
        call: Call::new(StatusCode::OK, move |_| get(path, None)),
        connections: None,
    };
    let target = |ratio| Some(Target { ratio, from_leads: MILLION });
    vec![
        Work {
            name: "walcu-list",
            title: "Walcu: list 25, q, sorted, total",
            subject: Some(of(&format!("{NEW}&sort=-created_at&count=true&limit=25"))),
            probe: is_page,
            header: Some("mapp-total"),
            reference: Some(bare("same without total", "/leads?status=new")),
            target: target(0.6),
            ..Work::default()
        },
        Work {
            name: "walcu-group",
            title: "Walcu: group_by status (tallied)",
            subject: Some(of(BY_STATUS)),
            probe: are_groups,
            reference: Some(Reference { connections: Some(SCANNING), ..bare("GROUP BY, covered", "/group?by=status") }),
            target: target(100.0),
            ..Work::default()
        },
        Work {
            name: "walcu-group-scan",
            title: "Walcu: group_by score (not tallied)",
            subject: Some(of(BY_SCORE)),
            connections: Some(SCANNING),
            probe: are_groups,
            reference: Some(Reference { connections: Some(SCANNING), ..bare("GROUP BY, no index", "/group?by=score") }),
            ..Work::default()
        },
        Work {
            name: "walcu-text",
            title: "Walcu: WQL word, list and total",
            subject: Some({
                let (before, key, facts) =
                    (format!("{leads}?limit=25&count=true&search="), access.walcu.clone(), Arc::clone(facts));
                Call::new(StatusCode::OK, move |chance| get(&format!("{before}{}", facts.word(chance)), Some(&key)))
            }),
            probe: is_found,
            header: Some("mapp-total"),
            reference: Some(Reference {
                title: match backend {
                    Backend::Sqlite => "FTS5 list and count",
                    Backend::Postgres => "GIN list and count",
                },
                call: {
                    let facts = Arc::clone(facts);
                    Call::new(StatusCode::OK, move |chance| {
                        get(&format!("/text?q={}&total=true", facts.word(chance)), None)
                    })
                },
                connections: None,
            }),
            target: match backend {
                Backend::Sqlite => target(0.7),
                Backend::Postgres => None,
            },
            ..Work::default()
        },
        Work {
            name: "walcu-patch",
            title: "Walcu: merge patch of a lead",
            subject: Some({
                let (key, facts, patches) = (access.walcu.clone(), Arc::clone(facts), Arc::clone(patches));
                let leads = leads.clone();
                Call::new(StatusCode::OK, move |chance| {
                    patch(&format!("{leads}/{}", facts.sale_lead(chance)), Some(&key), change(&patches))
                })
            }),
            probe: |body| if body["_id"].is_string() { Ok(()) } else { Err(format!("no _id: {body}")) },
            reference: Some(Reference {
                title: match backend {
                    Backend::Sqlite => "json_patch and event",
                    Backend::Postgres => "BEGIN, ||, event, COMMIT",
                },
                call: {
                    let (count, patches) = (facts.leads.max(1), Arc::clone(patches));
                    Call::new(StatusCode::OK, move |chance| {
                        patch(&format!("/leads/{}", chance.random_range(1..=count)), None, change(&patches))
                    })
                },
                connections: None,
            }),
            writes: true,
            ..Work::default()
        },
    ]
}

/// Another price each time, so that no patch is without effect.
fn change(patches: &AtomicU64) -> String {
    json!({ "cost": patches.fetch_add(1, Ordering::Relaxed), "custom": { "campaign": "bench" } }).to_string()
}

fn is_page(body: &Value) -> Result<(), String> {
    match body.as_array() {
        Some(page) if page.len() == 25 => Ok(()),
        _ => Err(format!("no page of 25: {body}")),
    }
}

fn is_found(body: &Value) -> Result<(), String> {
    if body.as_array().is_some_and(|page| !page.is_empty()) { Ok(()) } else { Err(format!("nothing found: {body}")) }
}

fn are_groups(body: &Value) -> Result<(), String> {
    let groups = body.as_array().map(Vec::as_slice).unwrap_or_default();
    if groups.len() > 1 && groups.iter().all(|group| group["count"].as_u64() > Some(0)) {
        Ok(())
    } else {
        Err(format!("no groups: {body}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn works_are_named_once_and_what_writes_comes_last() {
        for backend in [Backend::Sqlite, Backend::Postgres] {
            let works = walcu(backend, &Access::default(), &Arc::new(Facts::invented(100)), &Arc::default());
            let mut names: Vec<&str> = works.iter().map(|work| work.name).collect();
            assert_eq!(works.iter().position(|work| work.writes), Some(works.len() - 1));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), works.len());
        }
    }

    #[test]
    fn empty_answers_are_seen_through() {
        assert!(is_page(&json!(vec![0; 25])).is_ok() && is_page(&json!(vec![0; 24])).is_err());
        assert!(is_found(&json!([0])).is_ok() && is_found(&json!([])).is_err() && is_found(&json!({})).is_err());
        assert!(are_groups(&json!([{ "count": 2 }, { "count": 1 }])).is_ok());
        assert!(are_groups(&json!([{ "count": 2 }])).is_err() && are_groups(&json!([{}, {}])).is_err());
    }
}
