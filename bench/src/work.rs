//! The works measured over Altum (`walcu.rs` has those over Walcu): what the subject is asked, what the reference is asked in its place, and the
//! ratio that is aimed at (`PERFORMANCE.md` names them; `bench/README.md` repeats them).

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::ValueEnum;
use http::StatusCode;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::Serialize;
use serde_json::Value;

use crate::client::{call, get, post};
use crate::load::Call;
use crate::person;
use crate::subject::Facts;
use crate::whole;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Backend {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// The least ratio of subject to reference, and from how many leads on it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Target {
    pub ratio: f64,
    pub from_leads: u64,
}

/// The other side of a row.
pub struct Reference {
    pub title: &'static str,
    pub call: Call,
    /// Fewer connections for a scan: one that is 100 times slower needs no queue to be busy.
    pub connections: Option<usize>,
}

/// What is different in two answers to one question, where they are not the same.
type Same = fn(&Value, &Value) -> Result<(), String>;

/// One row of the table.
pub struct Work {
    /// The name for `--only`.
    pub name: &'static str,
    pub title: &'static str,
    pub subject: Option<Call>,
    /// Fewer connections for a scan of the subject's.
    pub connections: Option<usize>,
    /// Looks at one answer of the subject before the drive: an empty list is fast and worthless.
    pub probe: fn(&Value) -> Result<(), String>,
    /// Whether the answer of the subject says the same as that of the reference to the same question, where they know
    /// the same documents.
    pub same: Option<Same>,
    /// A header that the same answer must have.
    pub header: Option<&'static str>,
    pub reference: Option<Reference>,
    pub target: Option<Target>,
    /// Whether it writes: then the share of it that goes into computed members is told.
    pub writes: bool,
}

impl Default for Work {
    /// A work without sides, whatever its answer.
    fn default() -> Self {
        Self {
            name: "",
            title: "",
            subject: None,
            connections: None,
            probe: |_| Ok(()),
            same: None,
            header: None,
            reference: None,
            target: None,
            writes: false,
        }
    }
}

pub const MILLION: u64 = 1_000_000;
/// Numbers of the people posted to the reference start here, clear of those it was filled with.
const POSTED: u64 = 1 << 32;

/// Questions of a work that both sides are asked before they are driven.
const COMPARED: u64 = 8;

/// Asks both sides the same, and sees that they answer the same.
pub async fn compare(work: &Work, ours: SocketAddr, bare: SocketAddr) -> Result<(), String> {
    let (Some(same), Some(mine), Some(theirs)) = (work.same, &work.subject, &work.reference) else { return Ok(()) };
    for seed in 0..COMPARED {
        let mut answers = Vec::new();
        for (asked, address) in [(mine, ours), (&theirs.call, bare)] {
            let ask = (asked.factory)(&mut SmallRng::seed_from_u64(seed));
            let (status, body) = call(address, ask).await.map_err(|error| whole(error.as_ref()))?;
            if status != asked.expect {
                return Err(format!("{status} instead of {}: {body}", asked.expect));
            }
            answers.push(body);
        }
        same(&answers[0], &answers[1])?;
    }
    Ok(())
}

/// What HTTP costs on this machine in this hour, before anybody does anything.
pub fn floor() -> Vec<Work> {
    let body = person::document(1, &person::names()).1;
    let floor = |name, title, call| Work {
        name,
        title,
        reference: Some(Reference { title: "bare axum", call, connections: None }),
        ..Work::default()
    };
    vec![
        floor("hello", "HTTP floor: hello", Call::new(StatusCode::OK, |_| get("/hello", None))),
        floor(
            "echo",
            "HTTP floor: parse and print 2 KB",
            Call::new(StatusCode::OK, move |_| post("/echo", None, body.clone())),
        ),
    ]
}

/// The works over Altum at one size. `people` numbers the persons created, for the whole run.
/// Those that only read come first: creating grows the store out of its size.
pub fn altum(backend: Backend, key: &str, facts: &Arc<Facts>, people: &Arc<AtomicU64>) -> Vec<Work> {
    let of = |path: &str| {
        let (path, key) = (path.to_owned(), key.to_owned());
        Some(Call::new(StatusCode::OK, move |_| get(&path, Some(&key))))
    };
    let bare = |title, path: &'static str| Reference {
        title,
        call: Call::new(StatusCode::OK, move |_| get(path, None)),
        connections: None,
    };
    let scan = || Some(Reference { connections: Some(4), ..bare("group by over all", "/group") });
    let target = |ratio, from_leads| Some(Target { ratio, from_leads });

    let mut works = vec![
        Work {
            name: "read",
            title: "read by id",
            subject: Some(Call::new(StatusCode::OK, {
                let (key, facts) = (key.to_owned(), Arc::clone(facts));
                move |chance| get(&format!("/v1/leads/L-{}", facts.ids.pick(chance)), Some(&key))
            })),
            probe: has_id,
            reference: Some(Reference {
                title: "by key",
                call: {
                    let leads = facts.leads.max(1);
                    Call::new(StatusCode::OK, move |chance| {
                        get(&format!("/leads/{}", chance.random_range(1..=leads)), None)
                    })
                },
                connections: None,
            }),
            target: target(0.7, 0),
            ..Work::default()
        },
        Work {
            name: "list",
            title: "list 25, status, sorted, total",
            subject: of("/v1/leads?status=new&sort=-createdAt"),
            probe: is_list,
            reference: Some(bare("same without total", "/leads?status=new")),
            target: target(0.6, MILLION),
            ..Work::default()
        },
        Work {
            name: "list-all",
            title: "list 25, no filter, total",
            subject: of("/v1/leads"),
            probe: is_list,
            reference: Some(bare("same without total", "/leads")),
            target: target(0.6, MILLION),
            ..Work::default()
        },
        Work {
            name: "list-place",
            title: "list 25, location and status, total",
            subject: of("/v1/leads?location=houston&status=new"),
            probe: is_list,
            reference: Some(bare("same without total", "/leads?location=houston&status=new")),
            target: target(0.6, MILLION),
            ..Work::default()
        },
        Work {
            name: "text",
            title: "text search, total",
            subject: Some(word(facts, Some(key), "/v1/leads?q=", "")),
            probe: has_hits,
            reference: match backend {
                Backend::Sqlite => Some(Reference {
                    title: "FTS5 list and count",
                    call: word(facts, None, "/text?q=", "&total=true"),
                    connections: None,
                }),
                Backend::Postgres => None,
            },
            target: match backend {
                Backend::Sqlite => target(0.7, MILLION),
                Backend::Postgres => None,
            },
            ..Work::default()
        },
        Work {
            name: "summary",
            title: "summary of 30 days",
            subject: of("/v1/analytics/summary?period=30d"),
            probe: |body| {
                if body["totalLeads"].is_u64() { Ok(()) } else { Err(format!("no totalLeads: {body}")) }
            },
            reference: scan(),
            target: target(100.0, MILLION),
            ..Work::default()
        },
        Work {
            name: "sources",
            title: "sources of 30 days",
            subject: of("/v1/analytics/sources?period=30d"),
            probe: |body| {
                if body["data"].as_array().is_some_and(|rows| !rows.is_empty()) {
                    Ok(())
                } else {
                    Err(format!("no rows: {body}"))
                }
            },
            reference: scan(),
            target: target(100.0, MILLION),
            ..Work::default()
        },
    ];
    if backend == Backend::Sqlite {
        works.push(alone("text-list", "text search", "FTS5 list, no count", word(facts, None, "/text?q=", "")));
        works.push(alone("insert-plain", "insert, no text, no event", "POST", posted("/plain", people)));
    }
    works.push(Work {
        name: "create",
        title: "create a lead",
        subject: Some(create(key, people)),
        probe: has_id,
        reference: Some(bare_create(backend, people)),
        target: match backend {
            Backend::Sqlite => target(0.5, 0),
            Backend::Postgres => target(0.4, 0),
        },
        writes: true,
        ..Work::default()
    });
    works
}

/// A lead of a new person each time.
pub fn create(key: &str, people: &Arc<AtomicU64>) -> Call {
    let (key, people) = (key.to_owned(), Arc::clone(people));
    Call::new(StatusCode::CREATED, move |_| {
        post("/v1/leads", Some(&key), person::altum_lead(people.fetch_add(1, Ordering::Relaxed)))
    })
}

/// What creating is held against.
pub fn bare_create(backend: Backend, people: &Arc<AtomicU64>) -> Reference {
    let title = match backend {
        Backend::Sqlite => "POST with text, event",
        Backend::Postgres => "BEGIN, 3 inserts, COMMIT",
    };
    Reference { title, call: posted("/leads", people), connections: None }
}

/// A row of the reference alone, to tell what part of it costs what.
fn alone(name: &'static str, title: &'static str, reference: &'static str, call: Call) -> Work {
    let reference = Some(Reference { title: reference, call, connections: None });
    Work { name, title, reference, ..Work::default() }
}

/// Another common word each time.
fn word(facts: &Arc<Facts>, key: Option<&str>, before: &'static str, after: &'static str) -> Call {
    let (facts, key) = (Arc::clone(facts), key.map(str::to_owned));
    Call::new(StatusCode::OK, move |chance| get(&format!("{before}{}{after}", facts.word(chance)), key.as_deref()))
}

/// Another document each time.
fn posted(path: &'static str, people: &Arc<AtomicU64>) -> Call {
    let (people, names) = (Arc::clone(people), person::names());
    Call::new(StatusCode::CREATED, move |_| {
        post(path, None, person::document(POSTED + people.fetch_add(1, Ordering::Relaxed), &names).1)
    })
}

fn has_id(body: &Value) -> Result<(), String> {
    if body["id"].as_str().is_some_and(|id| id.starts_with("L-")) { Ok(()) } else { Err(format!("no id: {body}")) }
}

fn is_list(body: &Value) -> Result<(), String> {
    let shown = body["data"].as_array().map_or(0, Vec::len);
    if shown == 25 && body["total"].as_u64().is_some_and(|total| total >= 25) {
        Ok(())
    } else {
        Err(format!("{shown} leads of {}", body["total"]))
    }
}

fn has_hits(body: &Value) -> Result<(), String> {
    let shown = body["data"].as_array().map_or(0, Vec::len);
    if shown > 0 && body["total"].as_u64().is_some_and(|total| total > 0) {
        Ok(())
    } else {
        Err(format!("{shown} leads of {}", body["total"]))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn works_are_named_once_and_creation_comes_last() {
        for backend in [Backend::Sqlite, Backend::Postgres] {
            let works = altum(backend, "key", &Arc::new(Facts::invented(100)), &Arc::default());
            let mut names: Vec<&str> = works.iter().map(|work| work.name).collect();
            assert_eq!(names.last(), Some(&"create"));
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), works.len());
        }
    }

    #[test]
    fn empty_answers_are_seen_through() {
        assert!(has_id(&json!({ "id": "L-1" })).is_ok() && has_id(&json!({ "id": 1 })).is_err());
        assert!(is_list(&json!({ "data": vec![0; 25], "total": 99 })).is_ok());
        assert!(is_list(&json!({ "data": vec![0; 24], "total": 99 })).is_err());
        assert!(is_list(&json!({ "data": vec![0; 25] })).is_err());
        assert!(
            has_hits(&json!({ "data": [1], "total": 1 })).is_ok()
                && has_hits(&json!({ "data": [], "total": 0 })).is_err()
        );
    }
}
