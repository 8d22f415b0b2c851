//! The tree as a WHERE clause. Columns are names from the kind's declaration, never from a caller.

use std::fmt::Write as _;

use forecourt_record::{
    Error, Result,
    spec::{KindSpec, Type},
    text,
};

use crate::{Direction, Filter, Op, Value, as_stored, column_type};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// SQL with `?1`-style places, and what goes into them.
#[derive(Clone, Debug, PartialEq)]
pub struct Lowered {
    pub sql: String,
    pub values: Vec<Value>,
}

/// Lowers `filter`; its first place is `?first`. `scope` is the prefix of the dealer's words in the text index.
///
/// Errors: `Internal` when the filter names a column the kind does not declare.
pub fn lower(filter: &Filter, spec: &KindSpec, backend: Backend, scope: &str, first: usize) -> Result<Lowered> {
    let mut lowering = Lowering { spec, backend, scope, first, sql: String::new(), values: Vec::new() };
    lowering.filter(filter)?;
    Ok(Lowered { sql: lowering.sql, values: lowering.values })
}

/// The ORDER BY list, with the id as the last word so that pages never overlap.
pub fn order(sort: &[(&'static str, Direction)], spec: &KindSpec) -> Result<String> {
    let mut sql = String::new();
    let mut last = Direction::Ascending;
    for (column, direction) in sort {
        known(spec, column)?;
        let (word, nulls) = match direction {
            Direction::Ascending => ("ASC", " NULLS FIRST"),
            Direction::Descending => ("DESC", " NULLS LAST"),
        };
        // A column that is never null needs no rule for nulls, and an index then serves the order on both databases.
        let nulls = if spec.hot(column).is_some() { nulls } else { "" };
        let _ = write!(sql, "{column} {word}{nulls}, ");
        last = *direction;
    }
    sql.push_str(match last {
        Direction::Ascending => "id ASC",
        Direction::Descending => "id DESC",
    });
    Ok(sql)
}

/// The expression that asks the text index of `backend` for documents holding all `words`.
pub fn text_query(words: &[String], backend: Backend, scope: &str) -> String {
    let terms = words.iter().flat_map(|word| terms(word));
    match backend {
        Backend::Sqlite => {
            let term = |(token, begins)| format!("\"{scope}{token}\"{}", if begins { " *" } else { "" });
            terms.map(term).collect::<Vec<_>>().join(" AND ")
        }
        Backend::Postgres => {
            let term = |(token, begins)| format!("'{scope}{token}'{}", if begins { ":*" } else { "" });
            terms.map(term).collect::<Vec<_>>().join(" & ")
        }
    }
}

/// The expression that asks the text index of `backend` for documents in one of whose texts these words stand side by side;
/// empty where one of them is none.
pub fn phrase_query(words: &[String], backend: Backend, scope: &str) -> String {
    let is_word = |word: &String| !word.is_empty() && word.chars().all(char::is_alphanumeric);
    if words.is_empty() || !words.iter().all(is_word) {
        return String::new();
    }
    match backend {
        Backend::Sqlite => {
            let words: Vec<String> = words.iter().map(|word| format!("{scope}{word}")).collect();
            format!("\"{}\"", words.join(" "))
        }
        Backend::Postgres => {
            let words: Vec<String> = words.iter().map(|word| format!("'{scope}{word}'")).collect();
            words.join(" <-> ")
        }
    }
}

/// The tokens a word asks for, and whether the document's word need only begin with it: so asks the last token of a word
/// that ends in `*`.
pub(crate) fn terms(word: &str) -> Vec<(String, bool)> {
    let tokens = text::tokens(word);
    let last = tokens.len().saturating_sub(1);
    let begins = word.ends_with('*');
    tokens.into_iter().enumerate().map(|(at, token)| (token, begins && at == last)).collect()
}

fn known(spec: &KindSpec, column: &str) -> Result<Type> {
    column_type(spec, column).ok_or_else(|| Error::internal(format!("{} has no hot column {column}", spec.name)))
}

struct Lowering<'a> {
    spec: &'a KindSpec,
    backend: Backend,
    scope: &'a str,
    first: usize,
    sql: String,
    values: Vec<Value>,
}

impl Lowering<'_> {
    fn filter(&mut self, filter: &Filter) -> Result<()> {
        match filter {
            Filter::And(parts) => self.list(parts, " AND ", "TRUE"),
            Filter::Or(parts) => self.list(parts, " OR ", "FALSE"),
            Filter::Not(inner) => {
                // Three-valued logic: what is unknown does not match, so its opposite does.
                self.sql.push_str("(NOT COALESCE(");
                self.filter(inner)?;
                self.sql.push_str(", FALSE))");
                Ok(())
            }
            Filter::Compare(column, op, value) => {
                let Some(value) = as_stored(known(self.spec, column)?, value) else {
                    self.sql.push_str(if *op == Op::Ne { "TRUE" } else { "FALSE" });
                    return Ok(());
                };
                let op = match (op, self.backend) {
                    (Op::Eq, _) => "=",
                    (Op::Ne, Backend::Sqlite) => "IS NOT",
                    (Op::Ne, Backend::Postgres) => "IS DISTINCT FROM",
                    (Op::Gt, _) => ">",
                    (Op::Gte, _) => ">=",
                    (Op::Lt, _) => "<",
                    (Op::Lte, _) => "<=",
                };
                let place = self.bind(value);
                let _ = write!(self.sql, "{column} {op} {place}");
                Ok(())
            }
            Filter::In(column, values) => {
                let kind = known(self.spec, column)?;
                let values: Vec<_> = values.iter().filter_map(|value| as_stored(kind, value)).collect();
                if values.is_empty() {
                    self.sql.push_str("FALSE");
                    return Ok(());
                }
                let places: Vec<_> = values.into_iter().map(|value| self.bind(value)).collect();
                let _ = write!(self.sql, "{column} IN ({})", places.join(", "));
                Ok(())
            }
            Filter::Exists(column) => {
                known(self.spec, column)?;
                let _ = write!(self.sql, "{column} IS NOT NULL");
                Ok(())
            }
            Filter::Text(words) => {
                let query = text_query(words, self.backend, self.scope);
                if query.is_empty() || self.spec.text.is_empty() {
                    // Words without a letter or digit ask for nothing that any document has, and a kind without
                    // searched fields has no words.
                    self.sql.push_str("FALSE");
                    return Ok(());
                }
                let place = self.bind(Value::Text(query));
                let name = self.spec.name;
                let _ = match self.backend {
                    Backend::Sqlite => {
                        write!(self.sql, "row IN (SELECT rowid FROM {name}_text WHERE {name}_text MATCH {place})")
                    }
                    Backend::Postgres => {
                        write!(self.sql, "words @@ CAST(CAST({place} AS TEXT) AS TSQUERY)")
                    }
                };
                Ok(())
            }
        }
    }

    fn list(&mut self, parts: &[Filter], joint: &str, empty: &str) -> Result<()> {
        if parts.is_empty() {
            self.sql.push_str(empty);
            return Ok(());
        }
        self.sql.push('(');
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.sql.push_str(joint);
            }
            self.filter(part)?;
        }
        self.sql.push(')');
        Ok(())
    }

    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.first + self.values.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_record::{Kind as _, SaleLead};

    use super::*;

    fn check(filter: &Filter, sqlite: &str, postgres: &str) {
        for (backend, expected) in [(Backend::Sqlite, sqlite), (Backend::Postgres, postgres)] {
            let lowered = lower(filter, SaleLead::SPEC, backend, "ab12", 2).unwrap();
            assert_eq!(lowered.sql, expected, "{filter:?}");
        }
    }

    #[test]
    fn lowers_every_node_for_both_databases() {
        check(&Filter::all(), "TRUE", "TRUE");
        check(&Filter::eq("status", "new"), "status = ?2", "status = ?2");
        check(&Filter::compare("status", Op::Ne, "new"), "status IS NOT ?2", "status IS DISTINCT FROM ?2");
        check(
            &Filter::And(vec![
                Filter::compare("score", Op::Gte, 40),
                Filter::Or(vec![Filter::Exists("owner"), Filter::In("filter", vec!["A".into(), "B".into()])]),
            ]),
            "(score >= ?2 AND (owner IS NOT NULL OR filter IN (?3, ?4)))",
            "(score >= ?2 AND (owner IS NOT NULL OR filter IN (?3, ?4)))",
        );
        check(&Filter::In("owner", vec![]), "FALSE", "FALSE");
        check(&Filter::eq("owner", 5), "FALSE", "FALSE");
        check(&Filter::compare("owner", Op::Ne, 5), "TRUE", "TRUE");
        check(&Filter::In("score", vec!["x".into(), 5.into()]), "score IN (?2)", "score IN (?2)");
        check(
            &Filter::Not(Box::new(Filter::eq("owner", "x"))),
            "(NOT COALESCE(owner = ?2, FALSE))",
            "(NOT COALESCE(owner = ?2, FALSE))",
        );
        check(
            &Filter::Text(vec!["José".into(), "garc".into()]),
            "row IN (SELECT rowid FROM saleleads_text WHERE saleleads_text MATCH ?2)",
            "words @@ CAST(CAST(?2 AS TEXT) AS TSQUERY)",
        );
        check(&Filter::Text(vec!["'; --".into()]), "FALSE", "FALSE");
    }

    #[test]
    fn words_are_scoped_and_hold_nothing_but_letters_and_digits() {
        let words = ["José\" OR 1*".to_owned()];
        assert_eq!(text_query(&words, Backend::Sqlite, "ab"), "\"abjose\" AND \"abor\" AND \"ab1\" *");
        assert_eq!(text_query(&words, Backend::Postgres, "ab"), "'abjose' & 'abor' & 'ab1':*");
        let phrase = ["jose".to_owned(), "garcia".to_owned()];
        assert_eq!(phrase_query(&phrase, Backend::Sqlite, "ab"), "\"abjose abgarcia\"");
        assert_eq!(phrase_query(&phrase, Backend::Postgres, "ab"), "'abjose' <-> 'abgarcia'");
    }

    #[test]
    fn an_order_ends_with_the_id_and_names_the_place_of_nulls() {
        let sort = [("score", Direction::Descending), ("created_at", Direction::Ascending)];
        assert_eq!(order(&sort, SaleLead::SPEC).unwrap(), "score DESC NULLS LAST, created_at ASC, id ASC");
        assert_eq!(order(&[], SaleLead::SPEC).unwrap(), "id ASC");
    }

    #[test]
    fn a_column_nobody_declared_is_refused() {
        let filter = Filter::eq("status; DROP TABLE saleleads", "x");
        assert!(lower(&filter, SaleLead::SPEC, Backend::Sqlite, "", 1).is_err());
        assert!(lower(&Filter::In("doc", vec![]), SaleLead::SPEC, Backend::Sqlite, "", 1).is_err());
        assert!(order(&[("1; --", Direction::Ascending)], SaleLead::SPEC).is_err());
    }
}
