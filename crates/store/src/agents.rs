//! How loaded each agent is: chosen and counted in the transaction that assigns, without two transactions
//! waiting for the same agent while another one is free.

use forecourt_record::{Instant, Result, UserId};

use crate::{
    Tx,
    sql::{Param, Row},
    tx::TxEngine,
};

/// An agent's open leads, and when it last got one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentLoad {
    pub user: UserId,
    pub open_leads: i64,
    pub last_assigned_at: Option<Instant>,
}

fn read(mut row: Row) -> Result<AgentLoad> {
    let (user, open_leads, last) = (row.id(0)?, row.int(1)?, row.int(2)?);
    Ok(AgentLoad { user, open_leads, last_assigned_at: (last > 0).then(|| Instant::from_millis(last)) })
}

fn by_load(mut loads: Vec<AgentLoad>) -> Vec<AgentLoad> {
    loads.sort_by_key(|load| (load.open_leads, load.last_assigned_at, load.user));
    loads
}

const BY_LOAD: &str = "ORDER BY open_leads, last_assigned_at, user_id";

impl Tx {
    /// These agents, least open leads first, then longest without a new one. The first may be assigned to.
    ///
    /// In a transaction that writes on PostgreSQL the first of several is held to its end, so that two transactions never
    /// choose by the same count. While others assign to the least loaded ones, an agent nobody holds and with at most one
    /// lead more is as good; else they are waited for.
    pub async fn agents_by_load(&mut self, users: &[UserId]) -> Result<Vec<AgentLoad>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let mut loads = self.agents(users, i64::MAX, BY_LOAD).await?;
        let missing: Vec<_> =
            users.iter().filter(|user| !loads.iter().any(|load| load.user == **user)).copied().collect();
        let held = users.len() > 1 && self.is_writable() && matches!(self.engine, TxEngine::Postgres(_));
        if held {
            return self.agents_held(users, missing, loads).await;
        }
        // An agent without a row has never had a lead.
        loads.extend(missing.into_iter().map(|user| AgentLoad { user, open_leads: 0, last_assigned_at: None }));
        Ok(by_load(loads))
    }

    async fn agents_held(
        &mut self,
        users: &[UserId],
        mut missing: Vec<UserId>,
        mut loads: Vec<AgentLoad>,
    ) -> Result<Vec<AgentLoad>> {
        const INSERT: &str = "INSERT INTO agents (dealer_id, user_id, open_leads, last_assigned_at) \
             VALUES (?1, ?2, 0, 0) ON CONFLICT (dealer_id, user_id) DO NOTHING";
        if !missing.is_empty() {
            // Only a row that is there can be held. Here and below in one order, so that two transactions never hold
            // what the other one needs.
            missing.sort_unstable();
            for user in missing {
                self.later(INSERT, vec![self.dealer_param(), user.into()], None).await?;
            }
            loads = self.agents(users, i64::MAX, BY_LOAD).await?;
        }
        let least = loads.first().map_or(0, |load| load.open_leads);
        let free = format!("{BY_LOAD} LIMIT 1 FOR UPDATE SKIP LOCKED");
        if let Some(first) = self.agents(users, least + 1, &free).await?.into_iter().next() {
            loads.retain(|load| load.user != first.user);
            loads.insert(0, first);
            return Ok(loads);
        }
        // What was waited for reads as whoever held it has left it.
        Ok(by_load(self.agents(users, i64::MAX, "ORDER BY user_id FOR UPDATE").await?))
    }

    /// Those of these agents that have a row and at most so many open leads.
    async fn agents(&mut self, users: &[UserId], most: i64, rest: &str) -> Result<Vec<AgentLoad>> {
        let mut params: Vec<Param> = vec![self.dealer_param(), most.into()];
        params.extend(users.iter().map(|user| Param::from(*user)));
        let places: Vec<String> = (3..=params.len()).map(|at| format!("?{at}")).collect();
        let sql = format!(
            "SELECT user_id, open_leads, last_assigned_at FROM agents \
             WHERE dealer_id = ?1 AND open_leads <= ?2 AND user_id IN ({}) {rest}",
            places.join(", ")
        );
        self.rows(&sql, &params).await?.into_iter().map(read).collect()
    }

    /// Counts an agent's open leads up or down; `assigned` also says that it got one now.
    pub async fn agent_count(&mut self, user: UserId, open_leads: i64, assigned: bool) -> Result<()> {
        const UPSERT: &str = "INSERT INTO agents (dealer_id, user_id, open_leads, last_assigned_at) \
             VALUES (?1, ?2, ?3, ?4) ON CONFLICT (dealer_id, user_id) DO UPDATE SET \
             open_leads = agents.open_leads + excluded.open_leads, \
             last_assigned_at = CASE WHEN excluded.last_assigned_at > agents.last_assigned_at \
             THEN excluded.last_assigned_at ELSE agents.last_assigned_at END";
        let at = if assigned { self.scope().now.millis() } else { 0 };
        let params = vec![self.dealer_param(), user.into(), open_leads.into(), at.into()];
        self.later(UPSERT, params, None).await
    }
}
