//! The resources as data: everything in which one differs from another.

use std::sync::LazyLock;

use forecourt_record::{Collection, WALCU_KINDS, spec::KindSpec};

/// What every path begins with.
pub const BASE: &str = "/dealers/{dealer_id}";

/// One resource.
#[derive(Debug)]
pub struct Row {
    pub spec: &'static KindSpec,
    /// What keys are let in by.
    pub collection: Collection,
    /// One of them in a single word, such as `salelead`: the name of its schema.
    pub word: String,
    /// The parameter of a path that names one: `salelead_id`.
    pub parameter: String,
    /// `/dealers/{dealer_id}/saleleads`
    pub many: String,
    /// `/dealers/{dealer_id}/saleleads/{salelead_id}`
    pub one: String,
    /// `/dealers/{dealer_id}/saleleads/all`
    pub all: String,
    /// The names of its operations, resource first as everywhere: `saleleads_list`.
    pub names: Acts,
    /// What they are for, in a line.
    pub says: Acts,
    /// The example of the published document, as it stands there.
    pub example: &'static str,
}

/// A text for each of the seven operations.
#[derive(Debug)]
pub struct Acts {
    pub read: String,
    pub delete: String,
    pub patch: String,
    pub replace: String,
    pub export: String,
    pub list: String,
    pub create: String,
}

/// The examples of the published document.
macro_rules! examples {
    ($($name:ident)*) => { &[$((stringify!($name), include_str!(concat!("examples/", stringify!($name), ".json")))),*] };
}

const EXAMPLES: &[(&str, &str)] = examples! {
    aftersaleleads appraisalleads cars chatmessages chatproviders chatsessions clients clientvehicles conferences contacts
    dates leadimporttasks notes offers repairorders saleleads sms tasks whatsappmessages whatsappsessions
};

/// The 20 resources, in the order of their names.
pub fn rows() -> &'static [Row] {
    static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
        // A collection whose kind or example were missing would miss in the tests' count of operations too.
        let known = |collection: &Collection| {
            let name = collection.as_str();
            let spec = WALCU_KINDS.iter().find(|spec| spec.name == name)?;
            let (_, example) = EXAMPLES.iter().find(|(known, _)| *known == name)?;
            Some(Row::new(spec, *collection, example))
        };
        Collection::ALL.iter().filter_map(known).collect()
    });
    &ROWS
}

impl Row {
    fn new(spec: &'static KindSpec, collection: Collection, example: &'static str) -> Self {
        let name = spec.name;
        // `sms` is its own plural.
        let word = if name == "sms" { name } else { name.strip_suffix('s').unwrap_or(name) };
        let parameter = format!("{word}_id");
        let named = |act: &str| format!("{name}_{act}");
        Self {
            spec,
            collection,
            word: word.to_owned(),
            many: format!("{BASE}/{name}"),
            one: format!("{BASE}/{name}/{{{parameter}}}"),
            all: format!("{BASE}/{name}/all"),
            parameter,
            names: Acts {
                read: named("read"),
                delete: named("delete"),
                patch: named("patch"),
                replace: named("replace"),
                export: named("export"),
                list: named("list"),
                create: named("create"),
            },
            says: Acts {
                read: format!("Read one {word}"),
                delete: format!("Delete one {word}"),
                patch: format!("Change members of one {word}"),
                replace: format!("Replace one {word}"),
                export: format!("Begin an export of {name}"),
                list: format!("List, count or group {name}"),
                create: format!("Create one of the {name}, or several"),
            },
            example,
        }
    }
}
