//! The statements of a kind's table, put together once from its declaration.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use forecourt_query::{Backend, column_text};
use forecourt_record::{
    KINDS,
    spec::{Hot, KindSpec, Part, Type, values_at},
    text,
};
use serde_json::Value;

use crate::sql::Param;

pub struct Statements {
    pub get: String,
    pub get_for_update: String,
    pub insert: String,
    pub update: String,
    /// The same, of a row that this transaction has written already: its version has risen.
    pub update_again: String,
    pub delete: String,
    pub text_row: String,
    pub text_insert: String,
    pub text_replace: String,
    pub text_delete: String,
}

/// The columns every read of a document takes, in this order.
pub const COLUMNS: &str = "id, version, created_at, updated_at, doc, extra, computed";

pub fn statements(spec: &KindSpec, backend: Backend) -> &'static Statements {
    static ALL: LazyLock<HashMap<(&'static str, Backend), Statements>> = LazyLock::new(|| {
        let pairs = KINDS.iter().flat_map(|spec| [Backend::Sqlite, Backend::Postgres].map(|backend| (*spec, backend)));
        pairs.map(|(spec, backend)| ((spec.name, backend), build(spec, backend))).collect()
    });
    // Every kind is in KINDS: the registry is what makes it a kind.
    #[expect(
        clippy::expect_used,
        reason = "a kind outside the registry is a programming error found by any test of it"
    )]
    ALL.get(&(spec.name, backend)).expect("kind is registered")
}

fn build(spec: &KindSpec, backend: Backend) -> Statements {
    let name = spec.name;
    let has_words = backend == Backend::Postgres && !spec.text.is_empty();
    let mut columns = vec!["dealer_id", "id", "version", "created_at", "updated_at", "doc", "extra", "computed"];
    columns.extend(spec.hot.iter().map(|hot| hot.column));
    let places: Vec<String> = (1..=columns.len()).map(|at| format!("?{at}")).collect();
    let (words_column, words_place) = if has_words {
        (", words", format!(", CAST(CAST(?{} AS TEXT) AS TSVECTOR)", columns.len() + 1))
    } else {
        ("", String::new())
    };
    // The row's key stays; everything else follows the document.
    let mut changes: Vec<String> =
        columns.iter().zip(&places).skip(2).map(|(column, place)| format!("{column} = {place}")).collect();
    if has_words {
        changes.push(format!("words ={}", words_place.trim_start_matches(',')));
    }
    let get = format!("SELECT {COLUMNS} FROM {name} WHERE dealer_id = ?1 AND id = ?2");
    let lock = match backend {
        Backend::Sqlite => "",
        Backend::Postgres => " FOR UPDATE",
    };
    let update = format!("UPDATE {name} SET {} WHERE dealer_id = ?1 AND id = ?2 AND", changes.join(", "));
    Statements {
        get_for_update: format!("{get}{lock}"),
        get,
        insert: format!(
            "INSERT INTO {name} ({}{words_column}) VALUES ({}{words_place})",
            columns.join(", "),
            places.join(", ")
        ),
        update: format!("{update} version + 1 = ?3"),
        update_again: format!("{update} version = ?3"),
        delete: format!("DELETE FROM {name} WHERE dealer_id = ?1 AND id = ?2 AND version = ?3"),
        text_row: format!("SELECT row FROM {name} WHERE dealer_id = ?1 AND id = ?2"),
        text_insert: format!("INSERT INTO {name}_text (rowid, words) VALUES (?1, ?2)"),
        text_replace: format!("INSERT OR REPLACE INTO {name}_text (rowid, words) VALUES (?1, ?2)"),
        text_delete: format!("DELETE FROM {name}_text WHERE rowid = ?1"),
    }
}

/// A document's three trees as JSON values, shared by all who look at them.
#[derive(Clone, Debug)]
pub struct Trees {
    pub doc: Arc<Value>,
    pub extra: Arc<Value>,
    pub computed: Arc<Value>,
}

/// The tree a path starts in.
pub fn root_of(trees: &Trees, part: Part) -> &Value {
    match part {
        Part::Doc => &trees.doc,
        Part::Extra => &trees.extra,
        Part::Computed => &trees.computed,
    }
}

impl Trees {
    pub fn new(doc: Value, extra: Value, computed: Value) -> Self {
        Self { doc: doc.into(), extra: extra.into(), computed: computed.into() }
    }

    fn at(&self, hot: &Hot) -> &Value {
        hot.path.split('.').fold(root_of(self, hot.part), |value, segment| match value {
            Value::Array(items) => segment.parse::<usize>().ok().and_then(|at| items.get(at)).unwrap_or(&Value::Null),
            other => &other[segment],
        })
    }

    /// The hot columns, in the order of the declaration.
    pub fn hot(&self, spec: &KindSpec) -> Vec<Param> {
        spec.hot.iter().map(|hot| column(self.at(hot), hot.kind)).collect()
    }

    /// The words the document is found by, see [`text::words`].
    pub fn words(&self, spec: &KindSpec) -> Vec<String> {
        let found = spec.text.iter().flat_map(|(part, path)| values_at(root_of(self, *part), path));
        text::words(found.filter_map(Value::as_str))
    }
}

/// What stands in the index of SQLite between words that do not follow one another: no word behind a prefix is so short.
const GAP: &str = "x";

fn column(value: &Value, kind: Type) -> Param {
    match (kind, value) {
        (Type::Text, Value::String(text)) => column_text(text).into(),
        (Type::Folded, Value::String(text)) => column_text(&text::folded(text)).into(),
        (Type::Int, Value::Number(number)) => {
            number.as_i64().or_else(|| number.as_f64().map(|float| float.round() as i64)).into()
        }
        (Type::Hundredths, Value::Number(number)) => number.as_f64().map(|float| (float * 100.0).round() as i64).into(),
        (Type::Instant, Value::String(text)) => text.parse::<forecourt_record::Instant>().ok().into(),
        (Type::Flag, Value::Bool(flag)) => Param::Int((*flag).into()),
        _ => Param::Null,
    }
}

/// The words as the text index of the backend takes them, each behind the dealer's prefix.
pub fn indexed(words: &[String], backend: Backend, scope: &str) -> String {
    let written = words.iter().enumerate().filter_map(|(at, word)| match (backend, word.as_str()) {
        (Backend::Sqlite, "") => Some(GAP.to_owned()),
        (Backend::Sqlite, word) => Some(format!("{scope}{word}")),
        (Backend::Postgres, "") => None,
        (Backend::Postgres, word) => Some(format!("'{scope}{word}':{}", at + 1)),
    });
    written.collect::<Vec<_>>().join(" ")
}
