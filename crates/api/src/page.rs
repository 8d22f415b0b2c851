//! Paging and sorting: the same names, bounds and errors in every list.

use forecourt_record::{
    error::{Code, Error, FieldError, Result},
    shape::{code, nearest},
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The farthest row a page may start at: past it, a list is to be narrowed by filters, not walked.
pub const MAX_OFFSET: u64 = 10_000_000;

/// The two parameters of a page; flatten it into a list's query type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "Asked")]
pub struct Page {
    /// From 1.
    pub page: u32,
    /// Rows per page.
    pub limit: u32,
}

/// A page as asked for, before its two numbers are held against each other.
#[derive(Deserialize, JsonSchema)]
struct Asked {
    /// Which page, from 1. A page may start at row 10,000,000 at the most.
    #[schemars(range(min = 1, max = 10_000_001))]
    #[serde(default = "first")]
    page: u32,
    /// How many rows a page has.
    #[schemars(range(min = 1, max = 100))]
    #[serde(default = "usual")]
    limit: u32,
}

const fn first() -> u32 {
    1
}

const fn usual() -> u32 {
    25
}

impl Default for Page {
    fn default() -> Self {
        Self { page: first(), limit: usual() }
    }
}

impl TryFrom<Asked> for Page {
    type Error = String;

    fn try_from(Asked { page, limit }: Asked) -> Result<Self, String> {
        let page = Self { page, limit };
        if page.offset() > MAX_OFFSET {
            return Err(format!("`page` starts past row {MAX_OFFSET}; narrow the list with filters instead"));
        }
        Ok(page)
    }
}

impl Page {
    /// Rows before the page.
    pub fn offset(self) -> u64 {
        u64::from(self.page.saturating_sub(1)) * u64::from(self.limit)
    }
}

/// An order: one of the columns a list may be sorted by, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: &'static str,
    pub descending: bool,
}

impl Sort {
    /// Reads `createdAt` or `-createdAt`. Without a text it is `default`, written the same way.
    /// A column outside `allowed` is `malformed_query`, naming the nearest.
    pub fn parse(text: Option<&str>, allowed: &[&'static str], default: &'static str) -> Result<Self> {
        let text = text.unwrap_or(default);
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        if let Some(column) = allowed.iter().find(|column| **column == name) {
            return Ok(Self { column, descending });
        }
        let hint =
            nearest(name, allowed.iter().copied()).map(|near| format!(" Did you mean `{near}`?")).unwrap_or_default();
        let detail = format!("`sort` must be one of {}, with `-` before it for descending.{hint}", allowed.join(", "));
        let mut error = Error::new(Code::MalformedQuery, detail.clone());
        error.fields.push(FieldError::new("query:sort", code::NOT_ALLOWED, detail));
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::query::parse;

    #[derive(Debug, Deserialize, JsonSchema)]
    struct List {
        #[serde(flatten)]
        page: Page,
        #[expect(dead_code, reason = "only there to be beside the page")]
        q: Option<String>,
    }

    #[test]
    fn pages_are_bounded_one_by_one_and_together() {
        for (query, expected) in [
            ("", Ok((0, 25))),
            ("page=1&limit=100", Ok((0, 100))),
            ("page=3&q=x", Ok((50, 25))),
            ("page=100001&limit=100", Ok((10_000_000, 100))),
            ("page=100002&limit=100", Err("query:page")),
            ("page=10000001&limit=1", Ok((10_000_000, 1))),
            ("page=10000002&limit=1", Err("query:page")),
            ("page=99999999999999999999", Err("query:page")),
            ("page=0", Err("query:page")),
            ("page=-1", Err("query:page")),
            ("limit=0", Err("query:limit")),
            ("limit=101", Err("query:limit")),
            ("limit=ten", Err("query:limit")),
        ] {
            let read = parse::<List>(query)
                .map(|list| (list.page.offset(), list.page.limit))
                .map_err(|error| error.fields.first().map(|field| field.pointer.clone()).unwrap_or_default());
            assert_eq!(read, expected.map_err(str::to_owned), "{query}");
        }
    }

    #[test]
    fn sorts_by_allowed_columns_only() {
        let sort =
            |text| Sort::parse(text, &["createdAt", "score"], "-createdAt").map(|sort| (sort.column, sort.descending));
        assert_eq!(sort(None).unwrap(), ("createdAt", true));
        assert_eq!(sort(Some("score")).unwrap(), ("score", false));
        assert_eq!(sort(Some("-score")).unwrap(), ("score", true));
        for text in ["", "-", "--score", "created_at", "score;drop"] {
            assert_eq!(sort(Some(text)).unwrap_err().code, Code::MalformedQuery, "{text}");
        }
        assert!(sort(Some("createAt")).unwrap_err().detail.contains("`createdAt`?"));
    }
}
