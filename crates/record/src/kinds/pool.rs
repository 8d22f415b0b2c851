//! Pools of numbers, and who has which of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    document::Kind,
    pool::{Pool, Use},
    spec::{KindSpec, KindTypes, Part::Doc, Type, hot},
};

/// A pool of numbers that people are called and written to from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberPool {
    /// Unique.
    pub name: String,
    pub pool: Pool,
}

/// Who has which number. It lies with the pool, so whoever holds the pool's row decides alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumberPoolExtra {
    /// By number; one that was never given is not in it.
    pub uses: BTreeMap<String, Use>,
}

impl Kind for NumberPool {
    type Extra = NumberPoolExtra;
    type Computed = ();

    const SPEC: &'static KindSpec = &KindSpec {
        name: "numberpools",
        singular: "pool of numbers",
        hot: &[hot("name", Doc, "name", Type::Text)],
        text: &[],
        tallies: &[],
        measures: &[],
        references: &[],
        multi: &[],
        types: KindTypes::of::<Self>(),
    };
}
