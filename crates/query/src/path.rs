//! Paths of fields, resolved against what a kind publishes: an unknown one is an error that names the nearest.

use std::fmt;

use forecourt_record::{
    shape::{Leaf, Place, nearest},
    spec::{Hot, KindSpec, Part, Type, hot},
};
use serde::{Deserialize, Serialize};

/// Where a path begins: in one of a document's three trees, or in the element of an array that is being looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Root {
    #[default]
    Doc,
    Extra,
    Computed,
    Element,
}

/// The path of a field: dotted names, of which a number also names an element of an array.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldPath {
    pub root: Root,
    /// None for the element itself, under [`Root::Element`] only.
    pub segments: Vec<String>,
    /// The declared type of what the path leads to, of one element where that is an array.
    #[serde(skip)]
    pub leaf: Leaf,
    /// Whether there may be several values: an array stands on the way or at the end, or anything at all may.
    #[serde(skip)]
    pub many: bool,
    /// Whether an array may stand on the way, before the end.
    #[serde(skip)]
    pub forks: bool,
    /// The column that holds exactly this path, if there is one.
    #[serde(skip)]
    pub column: Option<Column>,
    /// The name under which the texts at exactly this path are looked up beside the documents, if they are.
    #[serde(skip)]
    pub multi: Option<&'static str>,
}

/// A column of a kind's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: Type,
    /// Whether every document has a value there.
    pub always: bool,
}

impl Column {
    fn of(hot: &'static Hot) -> Self {
        Self { name: hot.column, kind: hot.kind, always: ENVELOPE.iter().any(|of_all| of_all.column == hot.column) }
    }
}

/// Why a path is none: a sentence for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPath(pub String);

impl fmt::Display for UnknownPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names a path may have; deeper than any published document.
const LONGEST: usize = 32;

/// The columns of every kind, and where their values stand in the published tree.
const ENVELOPE: [Hot; 5] = [
    hot("id", Part::Doc, "_id", Type::Text),
    hot("dealer_id", Part::Doc, "dealer_id", Type::Text),
    hot("created_at", Part::Doc, "created_at", Type::Instant),
    hot("updated_at", Part::Doc, "updated_at", Type::Instant),
    hot("version", Part::Doc, "__v", Type::Int),
];

/// What paths are resolved against: the documents of a kind, or the elements of an array in them.
#[derive(Clone, Copy, Debug)]
pub struct Base<'a> {
    spec: &'a KindSpec,
    root: Root,
    /// None where any JSON may stand.
    place: Option<Place<'a>>,
}

/// A path, and what stands there by the kind's declaration: for converting literals.
#[derive(Clone, Debug)]
pub struct Resolved<'a> {
    pub path: FieldPath,
    base: Base<'a>,
    /// None where any JSON may stand.
    place: Option<Place<'a>>,
}

impl<'a> Base<'a> {
    pub fn document(spec: &'a KindSpec) -> Self {
        Self { spec, root: Root::Doc, place: Some(spec.published().root()) }
    }

    /// Reads a dotted path: a field of the published document, `computed` included, or else one of our own columns
    /// (`score`, `filter`) by its name.
    pub fn resolve(self, text: &str) -> Result<Resolved<'a>, UnknownPath> {
        let mut segments = split(text)?;
        let walked = match self.place {
            Some(place) => walk(place, &segments),
            None => Ok(Walked::free()),
        };
        let walked = match walked {
            Ok(walked) => walked,
            Err(unknown) => {
                let own = if self.root == Root::Doc { own_column(self.spec, text) } else { None };
                return own.map(|path| Resolved { path, base: self, place: None }).ok_or(unknown);
            }
        };
        let mut root = self.root;
        if root == Root::Doc && segments[0] == "computed" && segments.len() > 1 {
            root = Root::Computed;
            segments.remove(0);
        }
        let Walked { place, leaf, many, forks } = walked;
        let text = segments.join(".");
        let column = if many { None } else { column_at(self.spec, root, &text) };
        let multi = part_of(root).and_then(|part| {
            let multi = self.spec.multi.iter().find(|multi| multi.part == part && multi.path == text);
            multi.map(|multi| multi.field)
        });
        Ok(Resolved { path: FieldPath { root, segments, leaf, many, forks, column, multi }, base: self, place })
    }
}

impl<'a> Resolved<'a> {
    /// What paths inside the elements of the array at this path are resolved against.
    pub fn elements(&self) -> Base<'a> {
        let place = self.place.map(|place| place.item().unwrap_or(place));
        Base { root: Root::Element, place: place.filter(|place| place.leaf() != Leaf::Free), ..self.base }
    }

    /// The elements themselves.
    #[must_use]
    pub fn element(&self) -> Self {
        let base = self.elements();
        let path = FieldPath { root: Root::Element, leaf: self.path.leaf, ..FieldPath::default() };
        Self { path, base, place: base.place }
    }

    pub(crate) const fn place(&self) -> Option<Place<'a>> {
        self.place
    }
}

/// The tree that a path begins in.
const fn part_of(root: Root) -> Option<Part> {
    match root {
        Root::Doc => Some(Part::Doc),
        Root::Extra => Some(Part::Extra),
        Root::Computed => Some(Part::Computed),
        Root::Element => None,
    }
}

/// The column that holds what stands at a path.
fn column_at(spec: &KindSpec, root: Root, path: &str) -> Option<Column> {
    let part = part_of(root)?;
    let holds = |hot: &&Hot| hot.part == part && hot.path == path;
    ENVELOPE.iter().chain(spec.hot).find(holds).map(Column::of)
}

/// One of the kind's columns that we alone know, by its name.
fn own_column(spec: &KindSpec, name: &str) -> Option<FieldPath> {
    let hot = spec.hot(name).filter(|hot| hot.part == Part::Extra)?;
    let leaf = match hot.kind {
        Type::Text | Type::Folded => Leaf::Text,
        Type::Int => Leaf::Integer,
        Type::Hundredths => Leaf::Number,
        Type::Instant => Leaf::Instant,
        Type::Flag => Leaf::Flag,
    };
    let segments = hot.path.split('.').map(str::to_owned).collect();
    Some(FieldPath {
        root: Root::Extra,
        segments,
        leaf,
        many: false,
        forks: false,
        column: Some(Column::of(hot)),
        multi: None,
    })
}

impl FieldPath {
    /// A path of a kind's documents, see [`Base::resolve`].
    pub fn resolve(spec: &KindSpec, text: &str) -> Result<Self, UnknownPath> {
        Base::document(spec).resolve(text).map(|resolved| resolved.path)
    }

    /// The path as it is written.
    pub fn text(&self) -> String {
        let path = self.segments.join(".");
        if self.root == Root::Computed { format!("computed.{path}") } else { path }
    }

    /// The tree and the name in it that this path begins with.
    pub fn top(&self) -> Option<(Root, String)> {
        self.segments.first().filter(|_| self.root != Root::Element).map(|name| (self.root, name.clone()))
    }

    /// Whether a name of the path may name an element of an array.
    pub(crate) fn is_indexed(&self) -> bool {
        self.segments.iter().any(|segment| index(segment).is_some())
    }
}

/// The number of an array element, as MongoDB writes it: no sign, no leading zero.
pub(crate) fn index(segment: &str) -> Option<usize> {
    let plain = segment == "0" || !segment.starts_with('0');
    (plain && segment.bytes().all(|byte| byte.is_ascii_digit())).then(|| segment.parse().ok()).flatten()
}

fn split(text: &str) -> Result<Vec<String>, UnknownPath> {
    let segments: Vec<String> = text.split('.').map(str::to_owned).collect();
    if text.contains('\0') {
        return Err(UnknownPath("A path cannot hold the character NUL.".into()));
    }
    if segments.iter().any(String::is_empty) {
        return Err(UnknownPath(format!("\"{}\" is not a path: a name in it is empty.", shown(text))));
    }
    if segments.len() > LONGEST {
        return Err(UnknownPath(format!("A path may have {LONGEST} names.")));
    }
    Ok(segments)
}

struct Walked<'a> {
    place: Option<Place<'a>>,
    leaf: Leaf,
    many: bool,
    forks: bool,
}

impl Walked<'_> {
    /// Where any JSON may stand, any path leads somewhere.
    const fn free() -> Self {
        Self { place: None, leaf: Leaf::Free, many: true, forks: true }
    }
}

fn walk<'a>(start: Place<'a>, segments: &[String]) -> Result<Walked<'a>, UnknownPath> {
    let (mut place, mut forks) = (start, false);
    for (at, segment) in segments.iter().enumerate() {
        if place.leaf() == Leaf::Free {
            return Ok(Walked::free());
        }
        let item = place.item();
        forks |= item.is_some();
        if index(segment).is_some()
            && let Some(item) = item
        {
            place = item;
            continue;
        }
        let here = item.unwrap_or(place);
        place = here.member(segment).ok_or_else(|| unknown(here, segments, at))?;
    }
    let item = place.item();
    let leaf = item.unwrap_or(place).leaf();
    let many = forks || item.is_some() || leaf == Leaf::Free;
    Ok(Walked { place: Some(place), leaf, many, forks })
}

fn unknown(here: Place<'_>, segments: &[String], at: usize) -> UnknownPath {
    let (before, name) = (segments[..at].join("."), &segments[at]);
    let whole = shown(&segments.join("."));
    let names = here.names();
    if names.is_empty() {
        return UnknownPath(format!("\"{whole}\" is not a field: \"{before}\" has no members."));
    }
    UnknownPath(match nearest(name, names) {
        Some(near) if before.is_empty() => format!("Unknown field \"{whole}\". Did you mean \"{near}\"?"),
        Some(near) => format!("Unknown field \"{whole}\". Did you mean \"{before}.{near}\"?"),
        None => format!("Unknown field \"{whole}\"."),
    })
}

fn shown(text: &str) -> String {
    text.chars().take(128).collect()
}
