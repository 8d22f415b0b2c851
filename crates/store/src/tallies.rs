//! Counts kept exact in the transaction of every write: a total is a look-up, never a scan.

use std::collections::HashMap;

use forecourt_record::{DealerId, Error, Result, spec::KindSpec};

use crate::{Tx, sql::Param, tx::TxEngine};

/// Between the values of a bucket; the mark of a missing value; and what stands before either in a value.
const BETWEEN: char = '\u{1f}';
const MISSING: char = '\u{1e}';
const ESCAPE: char = '\u{1d}';

/// A tally: the values of its columns, how many documents have them, and the sums of the kind's measures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TallyRow {
    pub values: Vec<Option<String>>,
    pub n: i64,
    pub sums: [i64; 2],
}

/// What a transaction adds to the tallies, gathered until it commits.
#[derive(Default)]
pub(crate) struct Deltas(HashMap<Bucket, [i64; 3]>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Bucket {
    pub dealer: DealerId,
    pub kind: &'static str,
    pub dimension: String,
    pub values: String,
}

impl Deltas {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Counts one document with these hot columns in, or out with `sign` -1.
    pub fn add(&mut self, dealer: DealerId, spec: &'static KindSpec, hot: &[Param], sign: i64) {
        let value = |column: &str| spec.hot.iter().position(|hot| hot.column == column).and_then(|at| hot.get(at));
        let measure = |at: usize| match spec.measures.get(at).and_then(|column| value(column)) {
            Some(Param::Int(number)) => number.clamp(&-MOST_MEASURED, &MOST_MEASURED) * sign,
            _ => 0,
        };
        for tally in spec.tallies {
            let bucket: Vec<_> = tally.by.iter().map(|column| part(value(column))).collect();
            let key = Bucket {
                dealer,
                kind: spec.name,
                dimension: tally.by.join(","),
                values: bucket.join(&BETWEEN.to_string()),
            };
            self.sum(key, [sign, measure(0), measure(1)]);
        }
    }

    /// Adds another transaction's deltas.
    pub fn absorb(&mut self, other: &mut Self) {
        for (key, sums) in other.0.drain() {
            self.sum(key, sums);
        }
    }

    fn sum(&mut self, key: Bucket, sums: [i64; 3]) {
        let mine = self.0.entry(key).or_default();
        *mine = [mine[0] + sums[0], mine[1] + sums[1], mine[2] + sums[2]];
    }

    /// What really changes, in the order of the keys so that two writers never lock each other.
    pub fn drain(&mut self) -> Vec<(Bucket, [i64; 3])> {
        let mut changes: Vec<_> = self.0.drain().filter(|(_, sums)| *sums != [0; 3]).collect();
        changes.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        changes
    }
}

/// The most one document adds to a sum, so that no sum of a dealer's documents leaves 64 bits.
const MOST_MEASURED: i64 = 1_000_000_000_000;

fn part(value: Option<&Param>) -> String {
    match value {
        Some(Param::Text(text)) => escaped(text),
        Some(Param::Int(number)) => number.to_string(),
        Some(Param::Null) | None => MISSING.to_string(),
    }
}

/// A value that holds none of the marks.
fn escaped(value: &str) -> String {
    const MARKS: [char; 3] = [ESCAPE, MISSING, BETWEEN];
    if !value.contains(MARKS) {
        return value.to_owned();
    }
    value
        .chars()
        .flat_map(|c| match MARKS.iter().position(|mark| *mark == c) {
            Some(at) => [Some(ESCAPE), char::from_digit(at as u32, 10)],
            None => [Some(c), None],
        })
        .flatten()
        .collect()
}

fn unescaped(value: &str) -> String {
    [('0', ESCAPE), ('1', MISSING), ('2', BETWEEN)]
        .iter()
        .rev()
        .fold(value.to_owned(), |text, (digit, mark)| text.replace(&format!("{ESCAPE}{digit}"), &mark.to_string()))
}

pub(crate) const UPSERT: &str = "INSERT INTO tallies (dealer_id, kind, dimension, bucket, slot, n, m1, m2) \
     VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6, ?7) \
     ON CONFLICT (dealer_id, kind, dimension, bucket, slot) \
     DO UPDATE SET n = tallies.n + excluded.n, m1 = tallies.m1 + excluded.m1, m2 = tallies.m2 + excluded.m2";

impl Tx {
    /// The tallies of a dimension (its columns joined by commas), restricted to the wanted values of each column.
    /// Reads only: within a writing transaction the counts of its own group are still on their way.
    pub async fn tallies(
        &mut self,
        spec: &'static KindSpec,
        dimension: &str,
        wanted: &[Option<Vec<String>>],
    ) -> Result<Vec<TallyRow>> {
        self.tally_ranges(spec, dimension, ranges(wanted).as_deref(), wanted).await
    }

    /// The tallies of a dimension whose leading columns have the values of `prefix` and whose next column lies between
    /// `from` and `to`, both included.
    pub async fn tallies_between(
        &mut self,
        spec: &'static KindSpec,
        dimension: &str,
        prefix: &[&str],
        from: &str,
        to: &str,
    ) -> Result<Vec<TallyRow>> {
        self.tally_ranges(spec, dimension, Some(&[between(prefix, from, to)]), &[]).await
    }

    /// The same, summed over the range: the rows hold the values of the columns behind it only. All values of the
    /// range's column must be as long as `from`, as days are.
    pub async fn tallies_summed(
        &mut self,
        spec: &'static KindSpec,
        dimension: &str,
        prefix: &[&str],
        from: &str,
        to: &str,
    ) -> Result<Vec<TallyRow>> {
        const SELECT: &str = "SELECT substr(bucket, CAST(?6 AS INTEGER)), CAST(sum(n) AS BIGINT), \
             CAST(sum(m1) AS BIGINT), CAST(sum(m2) AS BIGINT) FROM tallies \
             WHERE dealer_id = ?1 AND kind = ?2 AND dimension = ?3 AND bucket >= ?4 AND bucket < ?5 GROUP BY 1";
        self.only_reads()?;
        let (first, last) = between(prefix, from, to);
        // Behind the range's value and the mark after it, counted from 1.
        let rest = first.chars().count() as i64 + 2;
        let params = [self.dealer_param(), spec.name.into(), dimension.into(), first.into(), last.into(), rest.into()];
        let mut found = Vec::new();
        for mut row in self.rows(SELECT, &params).await? {
            let values = split(&row.text(0)?, dimension);
            let (n, sums) = (row.int(1)?, [row.int(2)?, row.int(3)?]);
            if n != 0 {
                found.push(TallyRow { values, n, sums });
            }
        }
        Ok(found)
    }

    fn only_reads(&self) -> Result<()> {
        if self.is_writable() {
            return Err(Error::internal("tallies are read in a transaction that only reads"));
        }
        Ok(())
    }

    async fn tally_ranges(
        &mut self,
        spec: &'static KindSpec,
        dimension: &str,
        ranges: Option<&[(String, String)]>,
        wanted: &[Option<Vec<String>>],
    ) -> Result<Vec<TallyRow>> {
        self.only_reads()?;
        let mut params = vec![self.dealer_param(), spec.name.into(), dimension.into()];
        let mut places = Vec::new();
        for (from, to) in ranges.unwrap_or_default() {
            places.push(format!("bucket >= ?{} AND bucket < ?{}", params.len() + 1, params.len() + 2));
            params.extend([from.as_str().into(), to.as_str().into()]);
        }
        let within = match (ranges, places.is_empty()) {
            (Some(_), true) => return Ok(Vec::new()),
            (Some(_), false) => format!(" AND ({})", places.join(" OR ")),
            (None, _) => String::new(),
        };
        let (sums, group) = match self.engine {
            TxEngine::Sqlite(_) => ("n, m1, m2", ""),
            TxEngine::Postgres(_) => (
                "CAST(sum(n) AS BIGINT), CAST(sum(m1) AS BIGINT), CAST(sum(m2) AS BIGINT)",
                " GROUP BY bucket ORDER BY bucket",
            ),
        };
        let sql = format!(
            "SELECT bucket, {sums} FROM tallies WHERE dealer_id = ?1 AND kind = ?2 AND dimension = ?3{within}{group}"
        );
        let mut found = Vec::new();
        for mut row in self.rows(&sql, &params).await? {
            let values: Vec<_> = split(&row.text(0)?, dimension);
            let (n, sums) = (row.int(1)?, [row.int(2)?, row.int(3)?]);
            let passes = wanted.iter().zip(&values).all(|(wanted, value)| {
                wanted.as_ref().is_none_or(|wanted| value.as_ref().is_some_and(|value| wanted.contains(value)))
            });
            if n != 0 && passes {
                found.push(TallyRow { values, n, sums });
            }
        }
        Ok(found)
    }
}

/// The range of buckets whose leading columns have the values of `prefix` and whose next one lies between two values.
fn between(prefix: &[&str], from: &str, to: &str) -> (String, String) {
    let lead = prefix.iter().fold(String::new(), |lead, value| lead + &escaped(value) + BETWEEN.encode_utf8(&mut [0]));
    (format!("{lead}{}", escaped(from)), format!("{lead}{}{AFTER}", escaped(to)))
}

fn split(bucket: &str, dimension: &str) -> Vec<Option<String>> {
    if dimension.is_empty() {
        return Vec::new();
    }
    let missing = MISSING.to_string();
    bucket.split(BETWEEN).map(|value| (value != missing).then(|| unescaped(value))).collect()
}

/// Stands behind [`BETWEEN`] in the order of bytes: what begins with a value and its end lies before the value and this.
const AFTER: char = '\u{20}';

/// The ranges of buckets whose leading columns have the wanted values, each from a bucket up to but without another:
/// exact up to a bound, then wider ones that are sifted afterwards. None stands for the whole dimension.
fn ranges(wanted: &[Option<Vec<String>>]) -> Option<Vec<(String, String)>> {
    const MOST: usize = 64;
    let mut prefixes: Option<Vec<String>> = None;
    let mut complete = true;
    for column in wanted {
        let before = prefixes.as_ref().map_or(1, Vec::len);
        let Some(values) = column.as_ref().filter(|values| values.len() * before <= MOST) else {
            complete = false;
            break;
        };
        let mut longer = Vec::with_capacity(values.len() * before);
        for value in values.iter().map(|value| escaped(value)) {
            match &prefixes {
                None => longer.push(value),
                Some(prefixes) => longer.extend(prefixes.iter().map(|prefix| format!("{prefix}{BETWEEN}{value}"))),
            }
        }
        prefixes = Some(longer);
    }
    let range = |prefix: String| {
        if complete {
            // Nothing stands between a whole bucket and itself with the lowest character behind it.
            (prefix.clone(), format!("{prefix}\u{1}"))
        } else {
            (format!("{prefix}{BETWEEN}"), format!("{prefix}{AFTER}"))
        }
    };
    prefixes.map(|prefixes| prefixes.into_iter().map(range).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_splits_into_the_values_it_was_made_of() {
        let values = [Some("new"), None, Some(""), Some("\u{1f}\u{1e}\u{1d}2"), Some("\u{1d}0")];
        let param = |value: Option<&str>| value.map_or(Param::Null, Param::from);
        let parts: Vec<String> = values.iter().map(|value| part(Some(&param(*value)))).collect();
        let bucket = parts.join(&BETWEEN.to_string());
        let back = split(&bucket, "a,b,c,d,e");
        assert_eq!(back.iter().map(Option::as_deref).collect::<Vec<_>>(), values);
    }

    #[test]
    fn the_ranges_of_wanted_values_hold_their_buckets_and_no_others() {
        let some = |values: &[&str]| Some(values.iter().map(ToString::to_string).collect::<Vec<_>>());
        let bucket = |parts: &[&str]| parts.join(&BETWEEN.to_string());
        let many: Vec<String> = (0..100).map(|at| at.to_string()).collect();
        for (wanted, inside, outside) in [
            (vec![some(&["a"])], vec![bucket(&["a"])], vec![bucket(&["aa"]), bucket(&["a", "b"]), bucket(&["\u{1e}"])]),
            (
                vec![some(&["a"]), None],
                vec![bucket(&["a", ""]), bucket(&["a", "z"])],
                vec![bucket(&["a"]), bucket(&["b", "a"])],
            ),
            (
                vec![some(&["a", "b"]), some(&["x"])],
                vec![bucket(&["b", "x"])],
                vec![bucket(&["b", "xx"]), bucket(&["c", "x"])],
            ),
            (vec![some(&["a"]), Some(many)], vec![bucket(&["a", "7"])], vec![bucket(&["b", "7"])]),
            (vec![some(&[]), None], vec![], vec![bucket(&["a", "b"])]),
        ] {
            let ranges = ranges(&wanted).unwrap_or_default();
            let holds = |bucket: &String| ranges.iter().any(|(from, to)| from <= bucket && bucket < to);
            assert!(inside.iter().all(holds), "{wanted:?}");
            assert!(!outside.iter().any(holds), "{wanted:?}");
        }
        assert_eq!(ranges(&[None, some(&["a"])]), None);
        assert_eq!(ranges(&[]), None);
    }
}
