//! Several questions as one statement, for PostgreSQL: one round trip, one instant of the data, no transaction around it.
//!
//! Each question becomes a branch of a UNION ALL that fills its own part of a row of numbers and texts. Branches are
//! appended in order, and each keeps the order it asks for; connections do not append in parallel.

use std::fmt::Write as _;

use tokio_postgres::{Column, types::Type};

use crate::sql::{Cell, Param, Row};

/// A question and what is bound to its `?1`-style places.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub sql: String,
    pub params: Vec<Param>,
}

/// How each column of a question travels, in order.
pub type Shape = Vec<Travels>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travels {
    AsNumber,
    AsText,
}

/// How the columns of a prepared question travel.
pub fn shape(columns: &[Column]) -> Shape {
    let travels = |column: &Column| match *column.type_() {
        Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8 => Travels::AsNumber,
        _ => Travels::AsText,
    };
    columns.iter().map(travels).collect()
}

fn count(shape: &[Travels], what: Travels) -> usize {
    shape.iter().filter(|travels| **travels == what).count()
}

/// The one statement, with `$1`-style places for all parameters in a row. Its first column says which question a row
/// answers; numbers follow, then texts.
pub fn statement<'a>(questions: impl Iterator<Item = (&'a Question, &'a Shape)> + Clone) -> String {
    let most = |what| questions.clone().map(|(_, shape)| count(shape, what)).max().unwrap_or(0);
    let (numbers, texts) = (most(Travels::AsNumber), most(Travels::AsText));
    let (mut sql, mut bound) = (String::new(), 0);
    for (at, (question, shape)) in questions.enumerate() {
        if at > 0 {
            sql.push_str(" UNION ALL ");
        }
        let _ = write!(sql, "(SELECT {at}");
        for (what, kind, all) in [(Travels::AsNumber, "BIGINT", numbers), (Travels::AsText, "TEXT", texts)] {
            for (column, _) in shape.iter().enumerate().filter(|(_, travels)| **travels == what) {
                let _ = write!(sql, ", CAST(c{column} AS {kind})");
            }
            for _ in count(shape, what)..all {
                let _ = write!(sql, ", CAST(NULL AS {kind})");
            }
        }
        sql.push_str(" FROM (");
        bound_after(&mut sql, &question.sql, bound);
        sql.push_str(") AS q (");
        for column in 0..shape.len() {
            let _ = write!(sql, "{}c{column}", if column > 0 { ", " } else { "" });
        }
        sql.push_str("))");
        bound += question.params.len();
    }
    sql
}

/// Writes a question with its places numbered behind those already `bound`.
fn bound_after(sql: &mut String, question: &str, bound: usize) {
    let mut parts = question.split('?');
    sql.extend(parts.next());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (place, rest) = part.split_at(digits);
        let _ = write!(sql, "${}{rest}", place.parse().unwrap_or(0) + bound);
    }
}

/// The rows of each question, as they would have come alone.
pub fn apart(rows: Vec<Row>, shapes: &[Shape]) -> Vec<Vec<Row>> {
    let numbers = shapes.iter().map(|shape| count(shape, Travels::AsNumber)).max().unwrap_or(0);
    let mut answers: Vec<Vec<Row>> = shapes.iter().map(|_| Vec::new()).collect();
    for Row(mut cells) in rows {
        let Some(Cell::Int(at)) = cells.first().cloned() else { continue };
        let Some((shape, answer)) =
            usize::try_from(at).ok().and_then(|at| Some((shapes.get(at)?, answers.get_mut(at)?)))
        else {
            continue;
        };
        let (mut number, mut text) = (1, 1 + numbers);
        let cell = |travels: &Travels| {
            let next = if *travels == Travels::AsNumber { &mut number } else { &mut text };
            *next += 1;
            cells.get_mut(*next - 1).map_or(Cell::Null, |cell| std::mem::replace(cell, Cell::Null))
        };
        answer.push(Row(shape.iter().map(cell).collect()));
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::{Travels::*, *};

    #[test]
    fn questions_become_one_statement_and_its_rows_their_answers() {
        let question = |sql: &str, params: Vec<Param>| Question { sql: sql.to_owned(), params };
        let first = question("SELECT n, t FROM a WHERE x = ?1 AND y = ?2 AND z = ?1", vec![1.into(), "b".into()]);
        let second = question("SELECT t FROM b WHERE x = ?1", vec!["c".into()]);
        let shapes = [vec![AsNumber, AsText], vec![AsText]];
        let sql = statement([&first, &second].into_iter().zip(&shapes));
        assert_eq!(
            sql,
            "(SELECT 0, CAST(c0 AS BIGINT), CAST(c1 AS TEXT) FROM (SELECT n, t FROM a WHERE x = $1 AND y = $2 AND z = $1) \
             AS q (c0, c1)) UNION ALL (SELECT 1, CAST(NULL AS BIGINT), CAST(c0 AS TEXT) FROM \
             (SELECT t FROM b WHERE x = $3) AS q (c0))"
        );
        let text = |text: &str| Cell::Text(text.to_owned());
        let rows = vec![
            Row(vec![Cell::Int(0), Cell::Int(7), text("seven")]),
            Row(vec![Cell::Int(1), Cell::Null, text("one")]),
            Row(vec![Cell::Int(0), Cell::Null, Cell::Null]),
        ];
        let cells: Vec<Vec<Vec<Cell>>> =
            apart(rows, &shapes).into_iter().map(|rows| rows.into_iter().map(|Row(cells)| cells).collect()).collect();
        let expected = [vec![vec![Cell::Int(7), text("seven")], vec![Cell::Null, Cell::Null]], vec![vec![text("one")]]];
        assert_eq!(cells, expected);
    }
}
