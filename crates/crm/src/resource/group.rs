//! Lists as groups: how many documents have each combination of values, and what is worked out of them.

use std::collections::{HashMap, HashSet};

use forecourt_query::{
    Direction, FieldPath, Literal, Node, Op, Rank, Search, SortKey, Subject,
    group::{self, Aggregate, Calendar, Function, Group, GroupKey, Unit, plain},
    values_at,
};
use forecourt_record::{
    Error, Instant, Result,
    spec::KindSpec,
    values::{decimal, number},
};
use forecourt_store::{Command, Found, Lane, Tx, groups_lane};
use serde_json::{Map, Number, Value, json};

use super::{
    list::{PageOf, STRIDE, seen},
    question::{Asked, Question},
};
use crate::{Caller, Crm};

/// More groups than this are no overview.
const MOST: usize = 10_000;
/// The newest documents shown of a group.
const ELEMENTS: i64 = 10;

/// A page of groups, each as it is answered.
#[derive(Clone, Debug)]
pub struct Groups {
    pub groups: Vec<Value>,
    pub has_more: bool,
    /// How many groups there are, where that was asked for.
    pub total: Option<i64>,
}

impl Crm {
    /// The documents of a kind that the caller sees, in groups, the most frequent first.
    ///
    /// Errors: as of listing; `Invalid`, pointing at `group_by`, also for more than 10,000 groups.
    pub async fn resource_group(
        &self,
        caller: &Caller,
        spec: &'static KindSpec,
        question: &Question,
        group_by: &str,
        page: &PageOf,
    ) -> Result<Groups> {
        let config = self.config(caller.dealer).await?;
        // Groups are sorted by their own names.
        let unsorted = Question { sort: None, ..question.clone() };
        let asked = unsorted.read(spec, caller, &config, self.now());
        let group = group::parse(spec, group_by, config.zone());
        let (asked, group) = match (asked, group) {
            (Ok(asked), Ok(group)) => (asked, group),
            (Err(one), Err(other)) => return Err(Error::invalid([one.fields, other.fields].concat())),
            (Err(error), Ok(_)) | (Ok(_), Err(error)) => return Err(error),
        };
        let order = question.sort.as_deref().map(|text| order(text, &group)).transpose()?;
        let (filter, through_lead) = seen(&caller.sight, spec, asked.filter.clone())?;
        if through_lead.is_some() {
            let detail = "Whoever sees some locations only cannot group what belongs to leads.";
            return Err(Error::new(forecourt_record::Code::Forbidden, detail));
        }
        let grouping = Grouping { spec, filter, group, asked, order: order.unwrap_or_default(), page: page.clone() };
        let lane = match grouping.group.aggregates.as_slice() {
            [] => groups_lane(&grouping.filter, &grouping.group.keys, spec),
            _ => Lane::Scan,
        };
        self.store.read(self.scope(caller), lane, grouping).await
    }
}

/// By what groups are sorted: a key's or an aggregate's name, or `count`.
fn order(text: &str, group: &Group) -> Result<Vec<(String, Direction)>> {
    let names = || {
        let keys = group.keys.iter().map(|key| key.name.as_str());
        keys.chain(group.aggregates.iter().map(|aggregate| aggregate.name.as_str())).chain(["count"])
    };
    let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
    let read = words.map(|word| {
        let name = word.strip_prefix('-').unwrap_or(word);
        let direction = if word.starts_with('-') { Direction::Descending } else { Direction::Ascending };
        if names().any(|known| known == name) {
            return Ok((name.to_owned(), direction));
        }
        let known = names().collect::<Vec<_>>().join(", ");
        Err(Error::field("query:sort", "unknown_path", format!("Groups are sorted by {known}.")))
    });
    read.collect()
}

struct Grouping {
    spec: &'static KindSpec,
    filter: Node,
    group: Group,
    asked: Asked,
    order: Vec<(String, Direction)>,
    page: PageOf,
}

/// What is known of a group while documents are looked at.
struct Part {
    keys: Vec<Value>,
    count: i64,
    sums: Vec<Sum>,
}

/// An aggregate under way.
#[derive(Default)]
struct Sum {
    number: Option<Number>,
    count: i64,
    extreme: Option<Value>,
    distinct: HashSet<String>,
}

impl Command for Grouping {
    type Output = Groups;

    async fn run(&self, tx: &mut Tx) -> Result<Groups> {
        let parts = match self.counted(tx).await? {
            Some(parts) => parts,
            None => self.walked(tx).await?,
        };
        let mut parts: Vec<(String, Part)> = parts.into_iter().collect();
        parts.sort_by(|(one_name, one), (other_name, other)| {
            let by_order = self.order.iter().map(|(name, direction)| {
                let ordering = Rank::of(&self.value(one, name)).compare(&Rank::of(&self.value(other, name)));
                if *direction == Direction::Descending { ordering.reverse() } else { ordering }
            });
            let by_count = other.count.cmp(&one.count);
            by_order
                .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
                .then(by_count)
                .then_with(|| one_name.cmp(other_name))
        });
        let total = self.page.count.then_some(parts.len() as i64);
        let skip = usize::try_from(self.page.skip).unwrap_or(usize::MAX);
        let limit = usize::try_from(self.page.limit).unwrap_or_default();
        let has_more = parts.len().saturating_sub(skip) > limit;
        let mut groups = Vec::new();
        for (_, part) in parts.into_iter().skip(skip).take(limit) {
            groups.push(self.answer(tx, &part).await?);
        }
        Ok(Groups { groups, has_more, total })
    }
}

impl Grouping {
    /// The groups as the store counts them; none where only the documents tell.
    async fn counted(&self, tx: &mut Tx) -> Result<Option<HashMap<String, Part>>> {
        if !self.group.aggregates.is_empty() {
            return Ok(None);
        }
        let Some(found) = tx.search_groups(self.spec, &self.filter, &self.group.keys, MOST).await? else {
            return Ok(None);
        };
        if found.len() > MOST {
            return Err(too_many());
        }
        let part = |(keys, count): (Vec<Value>, i64)| (name(&keys), Part { keys, count, sums: Vec::new() });
        Ok(Some(found.into_iter().map(part).collect()))
    }

    /// The groups from the documents, one by one.
    async fn walked(&self, tx: &mut Tx) -> Result<HashMap<String, Part>> {
        let mut parts = HashMap::new();
        let mut search = Search::first(self.filter.clone(), STRIDE);
        loop {
            let stride = tx.search(self.spec, &search).await?;
            for found in &stride {
                self.count(found, &mut parts)?;
            }
            let Some(last) = stride.last().filter(|_| stride.len() as i64 == STRIDE) else { return Ok(parts) };
            search.after = Some(last.cursor(&search)?);
        }
    }

    /// Adds a document to the groups it is in.
    fn count(&self, found: &Found, parts: &mut HashMap<String, Part>) -> Result<()> {
        let tree = |text: &str| serde_json::from_str::<Value>(text).map_err(Error::internal);
        let (doc, extra, computed) = (tree(&found.doc)?, tree(&found.extra)?, tree(&found.computed)?);
        let subject = Subject { doc: &doc, extra: &extra, computed: &computed, words: &[] };
        let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
        for key in &self.group.keys {
            let values = key.values(subject);
            combinations = combinations
                .iter()
                .flat_map(|before| values.iter().map(|value| [before.as_slice(), std::slice::from_ref(value)].concat()))
                .take(MOST)
                .collect();
        }
        for keys in combinations {
            let name = name(&keys);
            if parts.len() >= MOST && !parts.contains_key(&name) {
                return Err(too_many());
            }
            let part = parts.entry(name).or_insert_with(|| Part {
                keys,
                count: 0,
                sums: self.group.aggregates.iter().map(|_| Sum::default()).collect(),
            });
            part.count += 1;
            for (aggregate, sum) in self.group.aggregates.iter().zip(&mut part.sums) {
                for value in values_at(&aggregate.path, subject) {
                    sum.add(aggregate.function, value);
                }
            }
        }
        Ok(())
    }

    /// What a group is sorted by.
    fn value(&self, part: &Part, name: &str) -> Value {
        if name == "count" {
            return json!(part.count);
        }
        if let Some(at) = self.group.keys.iter().position(|key| key.name == name) {
            return part.keys[at].clone();
        }
        let of_aggregate = self.group.aggregates.iter().zip(&part.sums).find(|(aggregate, _)| aggregate.name == name);
        of_aggregate.map(|(aggregate, sum)| sum.result(aggregate.function)).unwrap_or_default()
    }

    async fn answer(&self, tx: &mut Tx, part: &Part) -> Result<Value> {
        let names = self.group.keys.iter().map(|key| key.name.clone());
        let mut answer = Map::new();
        answer.insert("_id".to_owned(), Value::Object(names.zip(part.keys.iter().cloned()).collect()));
        answer.insert("count".to_owned(), json!(part.count));
        for (Aggregate { name, function, .. }, sum) in self.group.aggregates.iter().zip(&part.sums) {
            answer.insert(name.clone(), sum.result(*function));
        }
        let shown = self.asked.projection.as_ref();
        if !shown.is_some_and(|projection| projection.is_without_id() && !projection.is_all()) {
            let created_at =
                FieldPath::resolve(self.spec, "created_at").map_err(|unknown| Error::internal(unknown.0))?;
            let newest = SortKey { path: created_at, direction: Direction::Descending };
            let filter = self
                .group
                .keys
                .iter()
                .zip(&part.keys)
                .fold(self.filter.clone(), |filter, (key, value)| filter.and(within(key, value)));
            let search = Search { sort: vec![newest], ..Search::first(filter, ELEMENTS) };
            let mut elements = Vec::new();
            for found in tx.search(self.spec, &search).await? {
                let mut document: Value = serde_json::from_str(&found.published()).map_err(Error::internal)?;
                if let Some(projection) = shown {
                    projection.apply(&mut document);
                }
                elements.push(document);
            }
            answer.insert("elements".to_owned(), Value::Array(elements));
        }
        Ok(Value::Object(answer))
    }
}

/// What tells a group from others.
fn name(keys: &[Value]) -> String {
    Value::Array(keys.iter().map(plain).collect()).to_string()
}

fn too_many() -> Error {
    let detail = format!("There are more than {MOST} groups. Narrow the list, or group by something coarser.");
    Error::field("query:group_by", "too_many", detail)
}

/// The question for the documents of a group.
fn within(key: &GroupKey, value: &Value) -> Node {
    let equal = || Node::eq(key.path.clone(), value.clone());
    let Some(Calendar { unit, zone }) = &key.by else { return equal() };
    let Some(first) = value.as_str().and_then(|day| day.parse().ok()) else { return equal() };
    let from = zone.start_of(first);
    let (months, days) = match unit {
        Unit::Day => (0, 1),
        Unit::Week => (0, 7),
        Unit::Month => (1, 0),
        Unit::Quarter => (3, 0),
        Unit::Year => (12, 0),
    };
    let until = zone.later(from, months, days);
    let side = |op, at: Instant| Node::Compare(key.path.clone(), op, Literal::from(at.to_string()));
    side(Op::Gte, from).and(side(Op::Lt, until))
}

impl Sum {
    fn add(&mut self, function: Function, value: &Value) {
        match function {
            Function::Sum | Function::Avg => {
                let Some(given) = value.as_number().and_then(decimal) else { return };
                let before = self.number.as_ref().and_then(decimal).unwrap_or_default();
                self.number = before.checked_add(given).map(number).or(self.number.take());
                self.count += 1;
            }
            Function::Min | Function::Max => {
                let ordering = self.extreme.as_ref().map(|best| Rank::of(value).compare(&Rank::of(best)));
                let wanted =
                    if function == Function::Min { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
                if !value.is_null() && ordering.is_none_or(|ordering| ordering == wanted) {
                    self.extreme = Some(value.clone());
                }
            }
            Function::CountDistinct => drop(self.distinct.insert(plain(value).to_string())),
        }
    }

    /// Null where there was nothing to work it out of, but for a sum and a count, which are 0.
    fn result(&self, function: Function) -> Value {
        match function {
            Function::Sum => self.number.clone().map_or_else(|| json!(0), Value::Number),
            Function::Avg => {
                let sum = self.number.as_ref().and_then(decimal);
                let count = decimal(&Number::from(self.count));
                let mean = sum.zip(count).and_then(|(sum, count)| sum.checked_div(count));
                mean.map(|mean| Value::Number(number(mean.round_dp(6).normalize()))).unwrap_or_default()
            }
            Function::Min | Function::Max => self.extreme.clone().unwrap_or_default(),
            Function::CountDistinct => json!(self.distinct.len()),
        }
    }
}
