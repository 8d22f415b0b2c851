//! The bare side of a worker: the rows that carrying out one action changes, changed in the subject's own tables by whoever
//! knows already what to write. No decision, no rules, no computed parts, no tallies, no words.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use rusqlite::params;
use tokio_postgres::types::ToSql;

use crate::subject::Store;
use crate::under::Under;
use crate::{Result, clock, database};

/// People that share one COMMIT on SQLite: as many as a worker has under way.
const GROUP: usize = 64;
/// Connections on PostgreSQL, each with a transaction for each person.
const CONNECTIONS: usize = 32;

/// What is written, in this order: place 1 is the dealer, 2 the enrolment, 3 the lead, 4 the client, 5 the enrolment as it
/// will be, 6 the task, 7 the job, 8 an instant.
const STATEMENTS: [&str; 5] = [
    "UPDATE enrolments SET version = version + 1, updated_at = ?8, status = 'completed', next_action_at = NULL, doc = ?5 \
     WHERE dealer_id = ?1 AND id = ?2",
    "INSERT INTO tasks (dealer_id, id, version, created_at, updated_at, lead_id, client_id, notify_at, done, doc, extra, computed) \
     VALUES (?1, ?2, 1, ?8, ?8, ?3, ?4, ?8, 0, ?6, 'null', '{}')",
    "INSERT INTO events (dealer_id, at, name, kind, id, lead_id, actor, dialect, data) \
     VALUES (?1, ?8, 'enrolment.ended', 'enrolments', ?2, ?3, 'house', 'house', '{}')",
    "DELETE FROM keys WHERE id = ?2 AND dealer_id = ?1 AND kind = 'enrolments'",
    "DELETE FROM jobs WHERE number = ?7",
];

/// Somebody whose action is due.
struct Due {
    job: i64,
    enrolment: String,
    lead: String,
    client: String,
    doc: String,
    task: String,
}

/// Carries the due action out for everybody on a schedule. Gives how many, and how long it took.
pub async fn carry_out(store: &Store, dealer: &str, schedule: &str) -> Result<(u64, Duration)> {
    let under = Under::open(store).await?;
    let everybody = format!(
        "SELECT j.number, e.id, e.lead_id, e.client_id, e.doc FROM schedules s JOIN enrolments e ON e.schedule_id = s.id \
         JOIN jobs j ON j.dedupe = 'enrolment:' || e.id WHERE s.name = '{schedule}' ORDER BY j.number"
    );
    let mut people = Vec::new();
    for row in under.rows(&everybody).await? {
        let [job, enrolment, lead, client, doc] = <[String; 5]>::try_from(row).map_err(|_| "not five values")?;
        let task = format!(
            r#"{{"description":"Decide what becomes of this lead","client_id":"{client}","lead_id":"{lead}","lead_type":"salelead"}}"#
        );
        let doc = doc.replace("\"scheduled\"", "\"completed\"");
        people.push(Due { job: job.parse()?, enrolment, lead, client, doc, task });
    }
    let many = people.len() as u64;
    let took = match store {
        Store::Folder(folder) => sqlite(&folder.join("forecourt.db"), dealer, &people)?,
        Store::Database(url) => postgres(url, dealer, people).await?,
    };
    Ok((many, took))
}

fn sqlite(database: &std::path::Path, dealer: &str, people: &[Due]) -> Result<Duration> {
    let connection = rusqlite::Connection::open(database)?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -65536")?;
    let statements = STATEMENTS.map(|statement| dense(statement, '?', ""));
    let begun = clock::now();
    for group in people.chunks(GROUP) {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for Due { job, enrolment, lead, client, doc, task } in group {
            let all = params![dealer, enrolment, lead, client, doc, task, job, 0_i64];
            for (sql, places) in &statements {
                let values = places.iter().map(|place| all[place - 1]);
                connection.prepare_cached(sql)?.execute(rusqlite::params_from_iter(values))?;
            }
        }
        connection.execute_batch("COMMIT")?;
    }
    Ok(begun.elapsed())
}

async fn postgres(url: &str, dealer: &str, people: Vec<Due>) -> Result<Duration> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let client = database::connect(url).await?;
        let mut prepared = Vec::new();
        for statement in STATEMENTS {
            let (statement, places) = dense(statement, '$', "::text::jsonb");
            prepared.push((client.prepare(&statement).await?, places));
        }
        connections.push((client, prepared));
    }
    let (people, dealer) = (Arc::new(people), dealer.to_owned());
    let begun = clock::now();
    let lanes = connections.into_iter().enumerate().map(|(lane, (client, prepared))| {
        let (people, dealer) = (Arc::clone(&people), dealer.clone());
        tokio::spawn(async move {
            for Due { job, enrolment, lead, client: person, doc, task } in people.iter().skip(lane).step_by(CONNECTIONS)
            {
                let all: [&(dyn ToSql + Sync); 8] = [&dealer, enrolment, lead, person, doc, task, job, &0_i64];
                // All of it leaves before the first answer is back.
                let begin = client.batch_execute("BEGIN");
                let writes = try_join_all(prepared.iter().map(|(statement, places)| {
                    let values: Vec<_> = places.iter().map(|place| all[place - 1]).collect();
                    let client = &client;
                    async move { client.execute(statement, &values).await }
                }));
                let commit = client.batch_execute("COMMIT");
                futures::future::try_join3(begin, writes, commit).await?;
            }
            Ok::<_, tokio_postgres::Error>(())
        })
    });
    for lane in try_join_all(lanes).await? {
        lane?;
    }
    Ok(begun.elapsed())
}

/// A statement whose places have no gaps and begin with this mark, and which values they are for. `cast` makes a text the
/// JSON that a document is.
fn dense(statement: &str, mark: char, cast: &str) -> (String, Vec<usize>) {
    let (mut sql, mut places) = (String::new(), Vec::new());
    let mut parts = statement.split('?');
    sql.extend(parts.next());
    for part in parts {
        let (place, rest) = part.split_at(1);
        let place = place.parse().unwrap_or(1);
        let known = places.iter().position(|known| *known == place);
        let at = known.unwrap_or_else(|| {
            places.push(place);
            places.len() - 1
        });
        let cast = if [5, 6].contains(&place) { cast } else { "" };
        let _ = write!(sql, "{mark}{}{cast}{rest}", at + 1);
    }
    (sql, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_become_dense() {
        let (sql, places) = dense("UPDATE e SET at = ?8, doc = ?5 WHERE d = ?1 AND at < ?8", '$', "::jsonb");
        assert_eq!(sql, "UPDATE e SET at = $1, doc = $2::jsonb WHERE d = $3 AND at < $1");
        assert_eq!(places, [8, 5, 1]);
    }
}
