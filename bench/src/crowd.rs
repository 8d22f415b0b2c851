//! A crowd on a schedule: one person is put there by the API, and the rest are copies of that enrolment in the subject's
//! own tables, each of another person, with its job, its keys and its share of the tallies.

use crate::Result;
use crate::under::Under;

/// What the store knows an instant of its own clock by, in milliseconds.
const SQLITE_NOW: &str = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
const POSTGRES_NOW: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)";
/// Numbers of copies begin here, clear of those the subject gives.
const NUMBERED: u64 = 1_000_000_000;
/// What is put off is due no earlier than so many milliseconds from now.
const MONTH: u64 = 30 * 24 * 3_600_000;

/// The people there are: leads with a phone and a client, numbered from 0 in the bench's own table.
pub struct People {
    dealer: String,
    pub many: u64,
}

impl People {
    /// Numbers those of a dealer.
    pub async fn of(under: &Under, dealer: &str) -> Result<Self> {
        under.run("DROP TABLE IF EXISTS bench_people").await?;
        under.run("CREATE TABLE bench_people (n BIGINT PRIMARY KEY, lead TEXT, client TEXT, phone TEXT)").await?;
        // One lead of each client.
        let people = format!(
            "INSERT INTO bench_people SELECT row_number() OVER (ORDER BY min(id)) - 1, min(id), client_id, \
             min(extra ->> 'phone') FROM saleleads WHERE dealer_id = '{dealer}' AND client_id IS NOT NULL \
             AND extra ->> 'phone' IS NOT NULL GROUP BY client_id"
        );
        Ok(Self { dealer: dealer.to_owned(), many: under.run(&people).await? })
    }

    /// The lead of the first of them, by its small number: copies are of the others.
    pub async fn first(&self, under: &Under) -> Result<i64> {
        under.number("SELECT number FROM saleleads WHERE id = (SELECT lead FROM bench_people WHERE n = 0)").await
    }
}

/// Copies of an enrolment.
pub struct Crowd {
    /// What the ids of the copies begin with.
    prefix: String,
    first: String,
}

impl Crowd {
    /// Copies the only enrolment on the schedule `schedule` so that it has `many`. Each is due `apart` milliseconds after
    /// the one before. `set` tells the crowds of a store apart. Of more than there are people, somebody is there twice.
    pub async fn of(
        under: &Under,
        people: &People,
        schedule: &str,
        set: u64,
        (many, apart): (u64, f64),
    ) -> Result<Self> {
        let dealer = &people.dealer;
        let only = format!(
            "SELECT e.id, e.schedule_id, e.lead_id, e.client_id, e.caller_id, e.number FROM enrolments e \
             JOIN schedules s ON s.id = e.schedule_id WHERE s.name = '{schedule}' AND s.dealer_id = '{dealer}'"
        );
        let [first, on, lead, client, phone, number] = under.row(&only).await?;
        let prefix = format!("{set:08x}");
        let id = under.either("printf('%s%016x', 'PREFIX', s.i)", "'PREFIX' || lpad(to_hex(s.i), 16, '0')");
        let id = id.replace("PREFIX", &prefix);
        let (text, json) = (under.either("", "::text"), under.either("", "::jsonb"));
        let apiece = under.either("\"number\":", "\"number\": ");
        let base = set * NUMBERED;
        let copied = |column: &str| match column {
            "id" => id.clone(),
            "number" => format!("{base} + s.i"),
            "lead_id" => "p.lead".to_owned(),
            "client_id" => "p.client".to_owned(),
            "caller_id" => "p.phone".to_owned(),
            "doc" => format!(
                "replace(replace(replace(t.doc{text}, '{lead}', p.lead), '{client}', p.client), '{phone}', p.phone){json}"
            ),
            "extra" => format!("replace(t.extra{text}, '{apiece}{number}', '{apiece}' || ({base} + s.i)){json}"),
            column => format!("t.{column}"),
        };
        let columns = columns(under, "enrolments").await?;
        let values: Vec<String> = columns.iter().map(|column| copied(column)).collect();
        let copies = many.saturating_sub(1);
        let people = people.many.max(1);
        let series = format!(
            "WITH RECURSIVE s(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM s WHERE i < {copies})"
        );
        let from = format!("FROM s JOIN bench_people p ON p.n = s.i % {people}");
        let (columns, values) = (columns.join(", "), values.join(", "));
        let statements = [
            format!(
                "INSERT INTO enrolments ({columns}) {series} SELECT {values} {from} JOIN enrolments t ON t.id = '{first}'"
            ),
            format!(
                "INSERT INTO jobs (dealer_id, due_at, priority, name, payload, dedupe, attempts, claims) {series} \
                 SELECT j.dealer_id, j.due_at + CAST(s.i * {apart} AS BIGINT), j.priority, j.name, \
                 replace(j.payload{text}, '{first}', {id}){json}, 'enrolment:' || {id}, 0, 0 \
                 FROM s JOIN jobs j ON j.dedupe = 'enrolment:{first}'"
            ),
            format!(
                "INSERT INTO keys (dealer_id, kind, field, value, id) {series} SELECT k.dealer_id, k.kind, k.field, \
                 replace(k.value, '{phone}', p.phone), {id} {from} JOIN keys k ON k.id = '{first}' AND k.kind = 'enrolments'"
            ),
            // The only one on its schedule: of its counts there is one row, and it says 1.
            format!(
                "UPDATE tallies SET n = n + {copies} WHERE dealer_id = '{dealer}' AND kind = 'enrolments' AND dimension <> '' \
                 AND n = 1 AND bucket LIKE '{on}%'"
            ),
            format!(
                "UPDATE tallies SET n = n + {copies} WHERE dealer_id = '{dealer}' AND kind = 'enrolments' AND dimension = '' \
                 AND slot = (SELECT min(slot) FROM tallies WHERE dealer_id = '{dealer}' AND kind = 'enrolments' AND dimension = '')"
            ),
        ];
        if copies > 0 {
            for statement in &statements {
                under.run(statement).await?;
            }
        }
        Ok(Self { prefix, first })
    }

    /// Makes the first of them due in so many milliseconds, and the others as far behind it as they were.
    pub async fn due_in(&self, under: &Under, milliseconds: u64) -> Result<()> {
        let now = under.either(SQLITE_NOW, POSTGRES_NOW);
        let Self { prefix, first } = self;
        let shift = format!("SELECT {now} + {milliseconds} - due_at FROM jobs WHERE dedupe = 'enrolment:{first}'");
        let shift = under.number(&shift).await?;
        let ours = format!("dedupe = 'enrolment:{first}' OR dedupe LIKE 'enrolment:{prefix}%'");
        under.run(&format!("UPDATE jobs SET due_at = due_at + {shift} WHERE {ours}")).await?;
        Ok(())
    }
}

/// What is still to do is put off, so that it is in nobody's way.
pub async fn put_off(under: &Under) -> Result<u64> {
    let now = under.either(SQLITE_NOW, POSTGRES_NOW);
    under.run(&format!("UPDATE jobs SET due_at = due_at + {MONTH} WHERE due_at < {now} + {}", MONTH / 2)).await
}

/// The columns of a table, but for the number SQLite gives each row.
async fn columns(under: &Under, table: &str) -> Result<Vec<String>> {
    let sql = under.either(
        "SELECT name FROM pragma_table_info('TABLE') WHERE name <> 'row'",
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'TABLE' AND table_schema = current_schema() \
         ORDER BY ordinal_position",
    );
    Ok(under.rows(&sql.replace("TABLE", table)).await?.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_store::Location;
    use forecourt_testkit::both;
    use serde_json::json;

    use super::*;
    use crate::outreach::{TASK, definition, waiting};
    use crate::person;
    use crate::subject::Store;

    both! {
        async fn a_crowd_is_as_if_each_had_been_put_there(app) {
            for n in 0..5 {
                app.post("/v1/leads").json(&serde_json::from_str(&person::altum_lead(n)).unwrap()).send().await.expect(201);
            }
            let store = match app.location() {
                Location::Folder(folder) => Store::Folder(folder.clone()),
                Location::Url(url) => Store::Database(url.clone()),
            };
            let under = Under::open(&store).await.unwrap();
            let people = People::of(&under, &app.dealer.to_string()).await.unwrap();
            assert_eq!(people.many, 5);
            let lead = format!("L-{}", people.first(&under).await.unwrap());
            for (set, name, definition, many, not_before) in [
                (1, "busy", definition(TASK), 5, None),
                (2, "idle", waiting(), 12, Some("2040-01-01T00:00:00Z")),
            ] {
                let path = format!("/forecourt/v1/schedules/{name}");
                app.put(&path).json(&json!({"definition": definition})).send().await.expect(201);
                let mut asked = json!({"lead": lead, "schedule": name});
                if let Some(at) = not_before {
                    asked["not_before"] = json!(at);
                }
                app.post("/forecourt/v1/enrolments").json(&asked).send().await.expect(201);
                Crowd::of(&under, &people, name, set, (many, 0.0)).await.unwrap();
            }
            let live = |name| format!("/forecourt/v1/enrolments?schedule={name}&limit=100");
            assert_eq!(app.get(&live("idle")).send().await.expect(200)["total"], 12);
            // Each is carried out, for its own lead; at the end of a test its store is proved consistent.
            app.work().await;
            let busy = app.get(&live("busy")).send().await.expect(200);
            let of = |member: &str| {
                let all = busy["data"].as_array().unwrap().iter().map(|one| one[member].to_string());
                all.collect::<std::collections::BTreeSet<_>>().len()
            };
            assert_eq!((of("lead"), of("caller_id"), of("status")), (5, 5, 1), "{busy}");
            assert_eq!(busy["data"][0]["status"], "completed");
        }
    }
}
