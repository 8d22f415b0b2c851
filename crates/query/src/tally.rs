//! Which maintained count answers a question, so that an exact total never scans.

use std::{cmp::Reverse, collections::BTreeMap};

use forecourt_record::spec::{KindSpec, Tally};

use crate::{Filter, Op, Value, as_stored, column_type};

/// A tally and, for each of its columns, the values wanted; `None` takes every value.
#[derive(Clone, Debug)]
pub struct TallyPlan {
    pub tally: &'static Tally,
    pub wanted: Vec<Option<Vec<String>>>,
}

/// The tally that counts exactly what passes `filter` from the fewest rows; none when the filter asks for more than
/// equality on tallied columns. A kind declares its narrow tallies before its wide ones.
pub fn tally_plan(filter: &Filter, spec: &'static KindSpec) -> Option<TallyPlan> {
    let mut wanted = BTreeMap::new();
    conjunction(filter, spec, &mut wanted)?;
    let covers = |tally: &&Tally| wanted.keys().all(|column| tally.by.contains(column));
    // Among those that cover: the longest beginning whose values are given, then the one declared first.
    let given = |tally: &&Tally| tally.by.iter().take_while(|column| wanted.contains_key(*column)).count();
    let tally = spec.tallies.iter().filter(covers).min_by_key(|tally| Reverse(given(tally)))?;
    Some(TallyPlan { tally, wanted: tally.by.iter().map(|column| wanted.get(column).cloned()).collect() })
}

/// The filter as "column is one of", or none when it is anything else.
fn conjunction(filter: &Filter, spec: &KindSpec, wanted: &mut BTreeMap<&'static str, Vec<String>>) -> Option<()> {
    let text = |column: &str, value: &Value| match as_stored(column_type(spec, column)?, value)? {
        Value::Text(text) => Some(text),
        Value::Int(_) | Value::Flag(_) => None,
    };
    let (column, values) = match filter {
        Filter::And(parts) => {
            return parts.iter().try_for_each(|part| conjunction(part, spec, wanted));
        }
        Filter::Compare(column, Op::Eq, value) => (*column, vec![text(column, value)?]),
        Filter::In(column, values) => {
            (*column, values.iter().map(|value| text(column, value)).collect::<Option<Vec<_>>>()?)
        }
        Filter::Or(_) | Filter::Not(_) | Filter::Compare(..) | Filter::Exists(_) | Filter::Text(_) => return None,
    };
    let values = if let Some(earlier) = wanted.remove(column) {
        earlier.into_iter().filter(|value| values.contains(value)).collect()
    } else {
        let mut values = values;
        values.sort_unstable();
        values.dedup();
        values
    };
    wanted.insert(column, values);
    Some(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_record::{Kind as _, SaleLead};

    use super::*;

    fn plan(filter: &Filter) -> Option<&'static [&'static str]> {
        tally_plan(filter, SaleLead::SPEC).map(|plan| plan.tally.by)
    }

    #[test]
    fn the_narrowest_covering_tally_is_taken() {
        let status = Filter::eq("status", "new");
        let location = Filter::eq("location", "houston");
        assert_eq!(plan(&Filter::all()), Some(&[][..]));
        assert_eq!(plan(&status), Some(&["status"][..]));
        assert_eq!(plan(&location), Some(&["location", "status"][..]));
        assert_eq!(plan(&Filter::And(vec![status.clone(), location.clone()])), Some(&["location", "status"][..]));
        assert_eq!(plan(&Filter::eq("filter", "A")), Some(&["filter", "status"][..]));
        assert_eq!(
            plan(&Filter::And(vec![location, Filter::eq("source", "web")])),
            Some(&["location", "status", "filter", "source", "owner"][..])
        );
        assert_eq!(plan(&Filter::compare("score", Op::Gte, 70)), None);
        assert_eq!(plan(&Filter::Not(Box::new(status))), None);
    }

    #[test]
    fn the_same_column_twice_wants_what_both_allow() {
        let both = Filter::And(vec![
            Filter::In("status", vec!["new".into(), "sold".into()]),
            Filter::In("status", vec!["sold".into(), "lost".into()]),
        ]);
        assert_eq!(tally_plan(&both, SaleLead::SPEC).unwrap().wanted, [Some(vec!["sold".to_owned()])]);
    }
}
