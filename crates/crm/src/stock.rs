//! The stock as it is offered: listings found by filter, by the name they are offered under, and by what there is of them.
//!
//! A partner works for several dealers; each is asked for itself, and what they answer is put together here.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use forecourt_query::{Cursor, Direction, FieldPath, Node, Search, SortKey};
use forecourt_record::{Car, Document, Error, Kind as _, Result, catalogue, listing::Filtered, spec::Hot};
use forecourt_store::{Command, Found, Lane, Tx, lane};
use serde_json::Value;

use crate::{Caller, Config, Crm, Sight, config::Configs, lead::words};

/// Which listings, in what order.
#[derive(Clone, Debug)]
pub struct StockQuery {
    pub filter: Node,
    /// Free text; every word must be there.
    pub search: Option<String>,
    pub sort: Vec<SortKey>,
    pub skip: i64,
    pub limit: i64,
}

/// A vehicle that is offered, with the settings of whoever offers it.
#[derive(Clone, Debug)]
pub struct Offered {
    pub car: Document<Car>,
    pub config: Arc<Config>,
}

/// Whether somebody has bought it, as its listing says.
pub(crate) fn is_sold(car: &Document<Car>) -> bool {
    car.extra.listing.get("vehicleState").is_some_and(|state| state == "sold")
}

/// Distinct values of one column that are answered.
const MOST: i64 = 10_000;

impl Crm {
    /// A page of what the callers see together, and how many there are. Each caller is the same one at another dealer.
    ///
    /// Errors: `QueryTooSlow`.
    pub async fn stock_list(&self, callers: &[Caller], query: &StockQuery) -> Result<(Vec<Offered>, i64)> {
        let alone = callers.len() == 1;
        let (mut pages, mut total) = (Vec::new(), 0);
        for caller in callers {
            // Whatever comes first at one dealer may come late among all.
            let (skip, limit) = if alone { (query.skip, query.limit) } else { (0, query.skip + query.limit) };
            let filter = asked(&query.filter, query.search.as_deref(), &caller.sight)?;
            let search = Search { filter, sort: query.sort.clone(), skip, limit, after: None };
            let lane = lane(&search.filter, Car::SPEC);
            let list = List { search: search.clone(), configs: self.configs.clone() };
            let (found, count, config) = self.store.read(self.scope(caller), lane, list).await?;
            total += count;
            for one in found {
                // Where there is nothing to put together, nobody asks for its place.
                let place = if alone { None } else { Some(one.cursor(&search)?) };
                pages.push((place, one, config.clone()));
            }
        }
        if !alone {
            pages.sort_by(|(one, ..), (other, ..)| {
                one.as_ref()
                    .zip(other.as_ref())
                    .map_or(Ordering::Equal, |(one, other)| compare(&query.sort, one, other))
            });
            pages.drain(..pages.len().min(query.skip.max(0) as usize));
            pages.truncate(query.limit.max(0) as usize);
        }
        let offered = pages.into_iter().map(|(_, found, config)| offered(&found, config)).collect::<Result<_>>()?;
        Ok((offered, total))
    }

    /// The vehicle that is offered under this name by one of the callers' dealers. Errors: `NotFound`.
    pub async fn stock_find(&self, callers: &[Caller], selling_id: &str) -> Result<Offered> {
        let named = Node::eq(path("selling_id")?, selling_id);
        for caller in callers {
            let filter = asked(&named, None, &caller.sight)?;
            let list = List { search: Search::first(filter, 1), configs: self.configs.clone() };
            let (found, _, config) = self.store.read(self.scope(caller), Lane::Quick, list).await?;
            if let Some(found) = found.first() {
                return offered(found, config);
            }
        }
        Err(Error::not_found("vehicle"))
    }

    /// The values there are in some columns among what the callers see, each once and in their order.
    ///
    /// Errors: `QueryTooSlow`.
    pub async fn stock_values(
        &self,
        callers: &[Caller],
        filter: &Node,
        search: Option<&str>,
        columns: &[&'static Filtered],
    ) -> Result<Vec<(&'static str, Vec<Value>)>> {
        let mut hot = Vec::with_capacity(columns.len());
        for column in columns {
            hot.push(Car::SPEC.hot(column.column).ok_or_else(|| Error::internal("a column of no kind"))?);
        }
        let mut values: Vec<BTreeMap<String, Value>> = vec![BTreeMap::new(); columns.len()];
        for caller in callers {
            let filter = asked(filter, search, &caller.sight)?;
            let lane = lane(&filter, Car::SPEC);
            let found = self.store.read(self.scope(caller), lane, Values { filter, columns: hot.clone() }).await?;
            for (known, found) in values.iter_mut().zip(found) {
                known.extend(found.into_iter().map(|value| (place(&value), value)));
            }
        }
        Ok(columns.iter().zip(values).map(|(column, values)| (column.name, values.into_values().collect())).collect())
    }

    /// Makes among what the callers see: number and name.
    pub async fn stock_makes(&self, callers: &[Caller]) -> Result<Vec<(i64, String)>> {
        let shipped = |id| Some(catalogue::make_by_id(id)?.name);
        self.stock_names(callers, Node::all(), ["makeId", "makeName"], shipped).await
    }

    /// Models of a make among what the callers see: number and name.
    pub async fn stock_models(&self, callers: &[Caller], make: i64) -> Result<Vec<(i64, String)>> {
        let models = catalogue::make_by_id(make).map(|make| make.models.as_slice()).unwrap_or_default();
        let shipped = |id| Some(models.iter().find(|model| model.id == id)?.name);
        self.stock_names(callers, Node::eq(path("make_id")?, make), ["modelId", "modelName"], shipped).await
    }

    /// Numbers with the shipped name, or one that vehicles have them under.
    async fn stock_names(
        &self,
        callers: &[Caller],
        filter: Node,
        members: [&str; 2],
        shipped: impl Fn(i64) -> Option<&'static str>,
    ) -> Result<Vec<(i64, String)>> {
        let [number, name] = members;
        let column = forecourt_query::lhs::column_of(number).map_err(Error::internal)?;
        let values = self.stock_values(callers, &filter, None, &[column]).await?;
        let mut named = Vec::new();
        for id in values.into_iter().flat_map(|(_, values)| values).filter_map(|value| value.as_i64()) {
            if let Some(name) = shipped(id) {
                named.push((id, name.to_owned()));
                continue;
            }
            let one = filter.clone().and(Node::eq(path(column.column)?, id));
            let query = StockQuery { filter: one, search: None, sort: Vec::new(), skip: 0, limit: 1 };
            let (found, _) = self.stock_list(callers, &query).await?;
            let shown = found.first().and_then(|found| found.car.extra.listing.get(name)?.as_str().map(str::to_owned));
            named.extend(shown.map(|name| (id, name)));
        }
        Ok(named)
    }
}

/// A question with the text searched for, as far as the caller sees.
fn asked(filter: &Node, search: Option<&str>, sight: &Sight) -> Result<Node> {
    let mut asked = filter.clone();
    let words = search.map(|search| words(search, None)).unwrap_or_default();
    if !words.is_empty() {
        asked = asked.and(Node::Text(words));
    }
    if let Sight::Locations(codes) = sight {
        let codes = codes.iter().map(|code| Value::from(code.as_str())).collect();
        asked = asked.and(Node::In(path("location")?, codes));
    }
    Ok(asked)
}

fn path(name: &str) -> Result<FieldPath> {
    forecourt_query::lhs::path(name)
}

/// Which of two places comes first. Ties go by id, in the direction of the last key.
fn compare(sort: &[SortKey], one: &Cursor, other: &Cursor) -> Ordering {
    let turned =
        |direction, ordering: Ordering| if direction == Direction::Descending { ordering.reverse() } else { ordering };
    let keys = sort.iter().zip(one.keys.iter().zip(&other.keys));
    let by_keys = keys.map(|(key, (one, other))| turned(key.direction, one.compare(other)));
    let last = sort.last().map_or(Direction::Ascending, |key| key.direction);
    by_keys.fold(Ordering::Equal, Ordering::then).then_with(|| turned(last, one.id.cmp(&other.id)))
}

/// Where a value stands among others of its column.
fn place(value: &Value) -> String {
    value.as_i64().map_or_else(|| value.to_string(), |number| format!("{number:020}"))
}

fn offered(found: &Found, config: Arc<Config>) -> Result<Offered> {
    Ok(Offered { car: found.parse(Car::SPEC)?.read()?, config })
}

struct List {
    search: Search,
    configs: Arc<Configs>,
}

impl Command for List {
    type Output = (Vec<Found>, i64, Arc<Config>);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let config = self.configs.current(tx).await?;
        let found = tx.search(Car::SPEC, &self.search).await?;
        let total = tx.search_count(Car::SPEC, &self.search.filter).await?;
        Ok((found, total, config))
    }
}

struct Values {
    filter: Node,
    columns: Vec<&'static Hot>,
}

impl Command for Values {
    type Output = Vec<Vec<Value>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        let mut values = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            values.push(tx.search_values(Car::SPEC, &self.filter, column, MOST).await?);
        }
        Ok(values)
    }
}
