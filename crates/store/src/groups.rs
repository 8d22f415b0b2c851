//! How many documents there are of each combination of values: from a tally, or by SQL, where that says it exactly.

use std::collections::HashMap;

use forecourt_query::{
    Kept, LoweredGroups, Node, group::GroupKey, is_whole, lower_groups, node_tally_plan, tallied_columns,
};
use forecourt_record::{Result, spec::KindSpec};
use serde_json::Value;

use crate::{Lane, Tx, sql::Cell};

/// The values of the keys, in their order, and how many documents have them.
pub type GroupCount = (Vec<Value>, i64);

/// Quarters of an hour, times what else is grouped by, that are added up in memory.
const QUARTERS: usize = 200_000;

/// The readers for a question for groups: the quick ones where a tally answers it.
pub fn groups_lane(filter: &Node, keys: &[GroupKey], spec: &'static KindSpec) -> Lane {
    let by_tally = tallied_columns(keys).and_then(|columns| node_tally_plan(filter, spec, &columns));
    if by_tally.is_some() { Lane::Quick } else { Lane::Scan }
}

impl Tx {
    /// The groups of the documents that pass, in no order, and one too many where there are more than `most`. None where
    /// neither a tally nor SQL tells the values of the keys exactly: then the documents have to be looked at.
    ///
    /// Errors: as of searching.
    pub async fn search_groups(
        &mut self,
        spec: &'static KindSpec,
        filter: &Node,
        keys: &[GroupKey],
        most: usize,
    ) -> Result<Option<Vec<GroupCount>>> {
        if let Some(found) = self.tallied_groups(spec, filter, keys).await? {
            return Ok(Some(found));
        }
        self.settle_words(filter.asks_words())?;
        let Some(lowered) = lower_groups(filter, keys, spec, self.backend(), self.text_scope(), 2) else {
            return Ok(None);
        };
        let LoweredGroups { kept, columns, by, filter, values } = lowered;
        let is_summed = kept.contains(&Kept::Quarter);
        let limit = if is_summed { QUARTERS } else { most } + 1;
        let selected = std::iter::once("count(*)".to_owned()).chain(columns).collect::<Vec<_>>().join(", ");
        let grouped = if by.is_empty() { String::new() } else { format!(" GROUP BY {}", by.join(", ")) };
        let sql =
            format!("SELECT {selected} FROM {} WHERE dealer_id = ?1 AND {filter}{grouped} LIMIT {limit}", spec.name);
        let mut params = vec![self.dealer_param()];
        params.extend(values.into_iter().map(Into::into));
        let rows = self.rows(&sql, &params).await?;
        if is_summed && rows.len() == limit {
            return Ok(None);
        }
        let mut groups = Sums::default();
        for mut row in rows {
            let count = row.int(0)?;
            let mut cells = row.0.into_iter().skip(1);
            let values = keys.iter().zip(&kept).map(|(key, kept)| value(key, *kept, &mut cells));
            let Some(values) = values.collect::<Option<Vec<_>>>() else { return Ok(None) };
            groups.add(values, count);
        }
        Ok(Some(groups.all()))
    }

    async fn tallied_groups(
        &mut self,
        spec: &'static KindSpec,
        filter: &Node,
        keys: &[GroupKey],
    ) -> Result<Option<Vec<GroupCount>>> {
        let Some(columns) = tallied_columns(keys).filter(|_| !self.is_writable()) else { return Ok(None) };
        let Some(plan) = node_tally_plan(filter, spec, &columns) else { return Ok(None) };
        let by = &plan.tally.by;
        let places: Vec<usize> =
            columns.iter().filter_map(|column| by.iter().position(|other| other == column)).collect();
        let mut groups = Sums::default();
        for row in self.tallies(spec, &by.join(","), &plan.wanted).await? {
            let values = places.iter().map(|at| match row.values.get(*at) {
                Some(Some(text)) => is_whole(text).then(|| text.as_str().into()),
                _ => Some(Value::Null),
            });
            let Some(values) = values.collect::<Option<Vec<_>>>() else { return Ok(None) };
            groups.add(values, row.n);
        }
        Ok(Some(groups.all()))
    }
}

/// The value of a key from the cells it comes in; none where those do not tell it.
fn value(key: &GroupKey, kept: Kept, cells: &mut impl Iterator<Item = Cell>) -> Option<Value> {
    let cell = cells.next()?;
    let last = if kept == Kept::Quarter { Some(cells.next()?) } else { None };
    Some(match (kept, cell, last) {
        (_, Cell::Null, _) => Value::Null,
        (Kept::Text, Cell::Text(text), _) => text.into(),
        (Kept::Column, Cell::Text(text), _) if is_whole(&text) => text.into(),
        (Kept::Instant, Cell::Int(millis), _) => key.at(millis),
        (Kept::Quarter, Cell::Int(first), Some(Cell::Int(last))) if key.at(first) == key.at(last) => key.at(first),
        (Kept::Integer, Cell::Int(number), _) => number.into(),
        (Kept::Flag, Cell::Int(flag), _) => (flag != 0).into(),
        _ => return None,
    })
}

/// Counts by the values of the keys: one day comes in many quarters of an hour, one status in many rows of a tally.
#[derive(Default)]
struct Sums(HashMap<String, GroupCount>);

impl Sums {
    fn add(&mut self, values: Vec<Value>, count: i64) {
        let name = Value::Array(values.clone()).to_string();
        self.0.entry(name).or_insert((values, 0)).1 += count;
    }

    /// Of no documents at all there is no group, though SQL and a tally may say 0.
    fn all(self) -> Vec<GroupCount> {
        self.0.into_values().filter(|(_, count)| *count != 0).collect()
    }
}
