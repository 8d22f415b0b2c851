//! The order of a page, and where the page before it ended.

use std::fmt::Write as _;

use forecourt_record::{shape::Leaf, spec::Type};
use serde_json::Number;

use super::{Binds, postgres, rank_call};
use crate::{
    Backend, Direction,
    eval::{Subject, rank_of},
    rank::{Decimal, Rank},
    tree::{Cursor, Search, SortKey},
};

pub struct Ordered {
    /// Behind the table's name in FROM.
    pub joins: String,
    /// The ORDER BY list, with the id as its last word so that pages never overlap.
    pub by: String,
    /// The condition that a document stands behind the cursor.
    pub after: Option<String>,
}

/// One expression of the order.
struct Term {
    sql: String,
    direction: Direction,
    /// Null stands before everything.
    nullable: bool,
    /// The cursor's value of it, as a place; none for null.
    value: Option<String>,
}

/// Where the page of which this was the last document ended.
pub fn cursor(search: &Search, id: impl Into<String>, subject: Subject<'_>) -> Cursor {
    Cursor { keys: search.sort.iter().map(|key| rank_of(key, subject)).collect(), id: id.into() }
}

pub fn lower(search: &Search, backend: Backend, binds: &mut Binds) -> Ordered {
    let mut joins = String::new();
    let mut terms: Vec<Term> = Vec::new();
    let mut last = Direction::Ascending;
    for (at, key) in search.sort.iter().enumerate() {
        let rank = search.after.as_ref().map(|cursor| cursor.keys.get(at).unwrap_or(&Rank::Null));
        terms_of(key, rank, backend, binds, &mut joins, &mut terms);
        last = key.direction;
    }
    let id = search.after.as_ref().map(|cursor| binds.text(cursor.id.as_str()));
    terms.push(Term { sql: "id".into(), direction: last, nullable: false, value: id });
    let after = search.after.is_some().then(|| after(&terms));
    Ordered { joins, by: terms.iter().map(Term::order).collect::<Vec<_>>().join(", "), after }
}

impl Term {
    fn order(&self) -> String {
        let (word, nulls) = match self.direction {
            Direction::Ascending => ("ASC", " NULLS FIRST"),
            Direction::Descending => ("DESC", " NULLS LAST"),
        };
        // A column that is never null needs no rule for nulls, and an index then serves the order on both databases.
        format!("{} {word}{}", self.sql, if self.nullable { nulls } else { "" })
    }
}

/// What a key adds to the order. A column that rounds comes first, since an index may know it, and the number itself
/// breaks its ties.
fn terms_of(
    key: &SortKey,
    rank: Option<&Rank>,
    backend: Backend,
    binds: &mut Binds,
    joins: &mut String,
    terms: &mut Vec<Term>,
) {
    let direction = key.direction;
    if let Some(column) = key.path.column.filter(|column| column.kind != Type::Folded) {
        let is_exact = match column.kind {
            Type::Text | Type::Instant | Type::Flag => true,
            Type::Int => key.path.leaf == Leaf::Integer,
            Type::Hundredths | Type::Folded => false,
        };
        let value = rank.and_then(|rank| in_column(column.kind, rank)).map(|value| binds.value(value));
        terms.push(Term { sql: column.name.into(), direction, nullable: !column.always, value });
        if is_exact {
            return;
        }
    }
    if backend == Backend::Sqlite {
        let value = rank.map(|rank| binds.text(rank.sortable()));
        terms.push(Term { sql: rank_call(key, binds), direction, nullable: false, value });
        return;
    }
    let name = binds.name();
    let word = match direction {
        Direction::Ascending => "ASC NULLS FIRST",
        Direction::Descending => "DESC NULLS LAST",
    };
    *joins += &postgres::ranked(&key.path, &name, word, binds);
    let class = rank.map(|rank| format!("CAST({} AS BIGINT)", binds.value(rank.class().into())));
    let (number, text) = match rank {
        Some(Rank::Number(number)) => (Some(binds.cast(number.to_string(), "JSONB")), None),
        Some(Rank::Flag(flag)) => (Some(binds.cast(Number::from(u8::from(*flag)).to_string(), "JSONB")), None),
        Some(Rank::Text(text)) => (None, Some(binds.cast(text.as_str(), "TEXT"))),
        _ => (None, None),
    };
    let number = number.map(|number| format!("CAST({number} AS NUMERIC)"));
    terms.push(Term { sql: format!("COALESCE({name}.c, 1)"), direction, nullable: false, value: class });
    terms.push(Term { sql: format!("{name}.n"), direction, nullable: true, value: number });
    terms.push(Term { sql: format!("{name}.t"), direction, nullable: true, value: text });
}

/// What a column of the type holds where a document has this rank.
fn in_column(kind: Type, rank: &Rank) -> Option<crate::Value> {
    Some(match (kind, rank) {
        (Type::Text, Rank::Text(text)) => crate::column_text(text).into(),
        (Type::Instant, Rank::Text(text)) => text.parse::<forecourt_record::Instant>().ok()?.millis().into(),
        (Type::Flag, Rank::Flag(flag)) => i64::from(*flag).into(),
        (Type::Int, Rank::Number(number)) => super::rounded(number, 1)?.into(),
        (Type::Hundredths, Rank::Number(number)) => super::rounded(number, 100)?.into(),
        _ => return None,
    })
}

/// The documents behind the cursor.
fn after(terms: &[Term]) -> String {
    let same_way = terms.iter().all(|term| term.direction == terms[0].direction && !term.nullable);
    let places: Option<Vec<&str>> = terms.iter().map(|term| term.value.as_deref()).collect();
    if let (true, Some(places)) = (same_way, places) {
        // As rows, which an index walks from the very place.
        let names: Vec<&str> = terms.iter().map(|term| term.sql.as_str()).collect();
        let sign = if terms[0].direction == Direction::Ascending { ">" } else { "<" };
        return format!("({}) {sign} ({})", names.join(", "), places.join(", "));
    }
    let mut equal = String::new();
    let mut ways = Vec::new();
    for term in terms {
        let (name, value) = (&term.sql, term.value.as_deref());
        let beyond = match (term.direction, value) {
            (Direction::Ascending, None) => Some(format!("{name} IS NOT NULL")),
            (Direction::Ascending, Some(value)) => Some(format!("{name} > {value}")),
            (Direction::Descending, None) => None,
            (Direction::Descending, Some(value)) if term.nullable => {
                Some(format!("({name} < {value} OR {name} IS NULL)"))
            }
            (Direction::Descending, Some(value)) => Some(format!("{name} < {value}")),
        };
        ways.extend(beyond.map(|beyond| format!("({equal}{beyond})")));
        let _ = match value {
            Some(value) => write!(equal, "{name} = {value} AND "),
            None => write!(equal, "{name} IS NULL AND "),
        };
    }
    format!("({})", ways.join(" OR "))
}

impl Rank {
    /// A text that orders by its bytes as ranks do.
    pub fn sortable(&self) -> String {
        let class = self.class();
        match self {
            Self::Number(number) => format!("{class}{}", Decimal::of(number).sortable()),
            Self::Text(text) => format!("{class}{text}"),
            Self::Flag(flag) => format!("{class}{}", u8::from(*flag)),
            Self::Nothing | Self::Null | Self::Object | Self::Array => class.to_string(),
        }
    }
}
