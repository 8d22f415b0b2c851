//! Leads found: filters, order, pages, exact totals.

use std::sync::Arc;

use forecourt_query::{Direction, Filter, Find, Op};
use forecourt_record::{Document, Instant, Result, SaleLead, UserId, text};
use forecourt_store::{Lane, Parts, Shaped, Tx};
use serde::Deserialize;

use crate::{
    Caller, Config, Crm, Page, Sight,
    config::{Asked, Question},
};

/// Which leads, in what order.
#[derive(Clone, Debug)]
pub struct LeadQuery {
    pub status: Option<String>,
    pub filter: Option<String>,
    pub location: Option<String>,
    pub source: Option<String>,
    /// A user's number.
    pub assigned_to: Option<i64>,
    pub min_score: Option<i64>,
    pub max_score: Option<i64>,
    pub created_from: Option<forecourt_record::Instant>,
    /// Not included.
    pub created_to: Option<forecourt_record::Instant>,
    /// Words of the lead's name, phone, e-mail address or notes; the last may be the beginning of one.
    pub text: Option<String>,
    pub sort: (LeadSort, Direction),
    pub skip: i64,
    pub limit: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeadSort {
    CreatedAt,
    UpdatedAt,
    Score,
    Name,
}

/// What a person's search asks for: whole words, the last of which may still be being typed.
pub fn words(asked: &str, region: Option<&str>) -> Vec<String> {
    let mut words = text::query(asked, region);
    if let Some(last) = words.last_mut() {
        last.push('*');
    }
    words
}

impl LeadQuery {
    fn find(&self, sight: &Sight, config: &Config) -> Find {
        let mut parts = Vec::new();
        let equal = [
            ("status", self.status.clone()),
            ("filter", self.filter.clone()),
            ("location", self.location.clone()),
            ("source", self.source.clone()),
        ];
        parts.extend(equal.into_iter().filter_map(|(column, value)| Some(Filter::eq(column, value?))));
        if let Some(number) = self.assigned_to {
            // A number nobody has is a question that nothing answers.
            let user = config.user_by_number(number).map_or_else(|| format!("u_{number}"), |user| user.id.to_string());
            parts.push(Filter::eq("owner", user));
        }
        let bounds = [
            ("score", Op::Gte, self.min_score),
            ("score", Op::Lte, self.max_score),
            ("created_at", Op::Gte, self.created_from.map(forecourt_record::Instant::millis)),
            ("created_at", Op::Lt, self.created_to.map(forecourt_record::Instant::millis)),
        ];
        parts.extend(bounds.into_iter().filter_map(|(column, op, value)| Some(Filter::compare(column, op, value?))));
        if let Some(text) = &self.text {
            parts.push(Filter::Text(words(text, Some(&config.dealer.doc.country))));
        }
        if *sight != Sight::All {
            parts.push(sight.filter());
        }
        let column = match self.sort.0 {
            LeadSort::CreatedAt => "created_at",
            LeadSort::UpdatedAt => "updated_at",
            LeadSort::Score => "score",
            LeadSort::Name => "sort_name",
        };
        let filter = if parts.len() == 1 { parts.remove(0) } else { Filter::And(parts) };
        Find { filter, sort: vec![(column, self.sort.1)], skip: self.skip, limit: self.limit }
    }

    /// Whether an index or a tally answers it, however many leads there are.
    fn lane(&self) -> Lane {
        let scans = self.text.is_some() || self.min_score.is_some() || self.max_score.is_some();
        if scans || self.created_from.is_some() || self.created_to.is_some() { Lane::Scan } else { Lane::Quick }
    }
}

impl Crm {
    /// A page of the leads the caller sees, with the exact number of all that pass, put into `shape` where they were
    /// read.
    pub async fn lead_list<T: Send + 'static>(
        &self,
        caller: &Caller,
        query: LeadQuery,
        shape: impl Fn(Page<LeadItem>, &Config) -> T + Send + Sync + 'static,
    ) -> Result<T> {
        let lane = query.lane();
        let question = List { query, sight: caller.sight.clone() };
        let command = Asked { question, configs: self.configs.clone() };
        let shape = move |(config, page): (Arc<Config>, _)| shape(page, &config);
        self.store.read(self.scope(caller), lane, Shaped { command, shape }).await
    }
}

struct List {
    query: LeadQuery,
    sight: Sight,
}

impl Question for List {
    type Answer = Page<LeadItem>;

    async fn ask(&self, tx: &mut Tx, config: &Arc<Config>) -> Result<Page<LeadItem>> {
        let find = self.query.find(&self.sight, config);
        let found = tx.find_parts::<SaleLead, Extra>(&COLUMNS, &find).await?;
        let total = tx.count::<SaleLead>(&find.filter).await?;
        let mut items = Vec::with_capacity(found.len());
        for parts in found {
            items.push(if parts.is_cut() { LeadItem::from(&tx.require(parts.id).await?) } else { item(parts) });
        }
        Ok(Page { items, total })
    }
}

/// A lead as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeadItem {
    pub number: i64,
    pub name: String,
    pub score: i64,
    pub filter: String,
    pub status: String,
    pub phone: Option<String>,
    pub email: Option<String>,
    pub location: Option<String>,
    pub source: Option<String>,
    pub owner: Option<UserId>,
    pub created_at: Instant,
    pub updated_at: Instant,
    pub last_activity_at: Option<Instant>,
}

/// The columns a list shows, in the order in which [`item`] takes them.
const COLUMNS: [&str; 8] = ["number", "score", "filter", "status", "location", "source", "owner", "last_activity_at"];

/// What it shows that has no column; the rest of the document is not even read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Extra {
    name: String,
    phone: Option<String>,
    email: Option<String>,
}

fn item(parts: Parts<SaleLead, Extra>) -> LeadItem {
    let Parts { id: _, created_at, updated_at, mut columns, extra } = parts;
    let Extra { name, phone, email } = extra;
    LeadItem {
        number: columns.optional_int(0).unwrap_or_default(),
        score: columns.optional_int(1).unwrap_or_default(),
        filter: columns.optional_text(2).unwrap_or_default(),
        status: columns.optional_text(3).unwrap_or_default(),
        location: columns.optional_text(4),
        source: columns.optional_text(5),
        owner: columns.optional_text(6).and_then(|id| id.parse().ok()),
        last_activity_at: columns.optional_int(7).map(Instant::from_millis),
        name,
        phone,
        email,
        created_at,
        updated_at,
    }
}

impl From<&Document<SaleLead>> for LeadItem {
    fn from(lead: &Document<SaleLead>) -> Self {
        Self {
            number: lead.extra.number,
            name: lead.extra.name.clone(),
            score: lead.extra.qualification.score,
            filter: lead.extra.qualification.filter.clone(),
            status: lead.doc.status_name().to_owned(),
            phone: lead.extra.phone.clone(),
            email: lead.extra.email.clone(),
            location: lead.doc.location.clone(),
            source: lead.doc.source().map(str::to_owned),
            owner: lead.doc.owner(),
            created_at: lead.created_at,
            updated_at: lead.updated_at,
            last_activity_at: lead.extra.last_activity_at,
        }
    }
}
