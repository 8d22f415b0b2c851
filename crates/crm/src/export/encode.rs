//! Documents as the bytes of a result: a JSON array, a line each, or a table.

use forecourt_query::project::{self, Projection};
use forecourt_record::{Error, ExportFormat, Result, spec::KindSpec};
use forecourt_store::Encode;
use serde_json::Value;

use super::columns::Columns;
use crate::crash::{MID_EXPORT, crash_point};

/// After so many documents a test may let the process die.
const CRASH_AFTER: u64 = 100;

/// Writes documents in one of the formats.
pub struct Encoder {
    documents: u64,
    form: Form,
    /// Which members are written; none is all of them.
    projection: Option<Projection>,
}

enum Form {
    Json { first: bool },
    Ndjson,
    Csv { columns: Columns, headed: bool },
}

impl Encoder {
    /// Errors: `Invalid` when the projection cannot be read.
    pub fn new(format: ExportFormat, spec: &'static KindSpec, project: Option<&str>) -> Result<Self> {
        let projection = project.map(|project| project::parse(spec, project)).transpose()?;
        let form = match format {
            ExportFormat::Json => Form::Json { first: true },
            ExportFormat::Ndjson => Form::Ndjson,
            ExportFormat::Csv => Form::Csv { columns: Columns::of(spec, projection.as_ref()), headed: false },
        };
        Ok(Self { documents: 0, form, projection })
    }
}

impl Encode for Encoder {
    fn document(&mut self, doc: &str, computed: &str, out: &mut Vec<u8>) -> Result<()> {
        self.documents += 1;
        if self.documents == CRASH_AFTER {
            crash_point(MID_EXPORT);
        }
        let projection = self.projection.as_ref();
        match &mut self.form {
            Form::Json { first } => {
                out.extend_from_slice(if std::mem::take(first) { b"[\n" } else { b",\n" });
                published(doc, computed, projection, out)
            }
            Form::Ndjson => {
                published(doc, computed, projection, out)?;
                out.push(b'\n');
                Ok(())
            }
            Form::Csv { columns, headed } => {
                if !std::mem::replace(headed, true) {
                    columns.head(out);
                }
                columns.row(&tree(doc, computed, projection)?, out);
                Ok(())
            }
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<()> {
        match &self.form {
            Form::Json { first: true } => out.extend_from_slice(b"[]\n"),
            Form::Json { first: false } => out.extend_from_slice(b"\n]\n"),
            Form::Csv { columns, headed: false } => columns.head(out),
            Form::Ndjson | Form::Csv { headed: true, .. } => {}
        }
        Ok(())
    }
}

/// The published document. Where nothing is left out of it, it is written as it is stored, with what is computed spliced
/// in as its last member.
fn published(doc: &str, computed: &str, projection: Option<&Projection>, out: &mut Vec<u8>) -> Result<()> {
    if projection.is_some() {
        return serde_json::to_writer(out, &tree(doc, computed, projection)?).map_err(Error::internal);
    }
    let tree = doc.strip_suffix('}').ok_or_else(|| Error::internal("a stored document is not an object"))?;
    out.extend_from_slice(tree.as_bytes());
    if !is_nothing(computed) {
        out.extend_from_slice(if tree.ends_with('{') { b"\"computed\":" } else { b",\"computed\":" });
        out.extend_from_slice(computed.as_bytes());
    }
    out.push(b'}');
    Ok(())
}

fn is_nothing(computed: &str) -> bool {
    matches!(computed, "{}" | "null")
}

/// The published document as a value.
fn tree(doc: &str, computed: &str, projection: Option<&Projection>) -> Result<Value> {
    let mut tree: Value = serde_json::from_str(doc).map_err(Error::internal)?;
    if !is_nothing(computed) {
        tree["computed"] = serde_json::from_str(computed).map_err(Error::internal)?;
    }
    if let Some(projection) = projection {
        projection.apply(&mut tree);
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use forecourt_record::{Kind as _, Note};

    use super::*;

    fn ndjson() -> Encoder {
        Encoder { documents: 0, form: Form::Ndjson, projection: None }
    }

    fn check(mut encoder: Encoder, documents: &[(&str, &str)], expected: &str) {
        let mut out = Vec::new();
        for (doc, computed) in documents {
            encoder.document(doc, computed, &mut out).unwrap();
        }
        encoder.end(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn an_array_holds_what_there_is() {
        let json = || Encoder { documents: 0, form: Form::Json { first: true }, projection: None };
        check(json(), &[], "[]\n");
        check(json(), &[(r#"{"a":1}"#, "null")], "[\n{\"a\":1}\n]\n");
        check(json(), &[("{}", r#"{"n":1}"#), (r#"{"a":1}"#, "{}")], "[\n{\"computed\":{\"n\":1}},\n{\"a\":1}\n]\n");
    }

    #[test]
    fn lines_stand_by_themselves() {
        check(ndjson(), &[], "");
        check(ndjson(), &[(r#"{"a":1}"#, r#"{"n":1}"#), ("{}", "{}")], "{\"a\":1,\"computed\":{\"n\":1}}\n{}\n");
    }

    #[test]
    fn what_is_no_document_is_not_written() {
        assert!(ndjson().document("[]", "{}", &mut Vec::new()).is_err());
    }

    #[test]
    fn only_what_is_asked_for_is_written() {
        let doc = r#"{"_id":"a","content":"Called","file_ids":["f"]}"#;
        for (format, expected) in [
            (ExportFormat::Ndjson, "{\"_id\":\"a\",\"content\":\"Called\"}\n"),
            (ExportFormat::Csv, "_id,content\r\na,Called\r\n"),
        ] {
            check(Encoder::new(format, Note::SPEC, Some("content")).unwrap(), &[(doc, "{}")], expected);
        }
        assert!(Encoder::new(ExportFormat::Json, Note::SPEC, Some("contant")).is_err());
    }
}
