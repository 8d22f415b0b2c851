//! Calls of a partner's leads: one that is wanted now, and what calls are told of a lead later.

use forecourt_crm::Caller;
use forecourt_query::{Filter, Find};
use forecourt_record::{Conference, Document, Enrolment, EnrolmentId, Error, Result, schedule::Tokens};
use forecourt_store::{Command, Lane, Tx};

use super::Token;
use crate::{
    Outreach,
    calls::{CallNow, Whom},
    schedule::with_tokens,
};

/// Of a lead's calls the newest so many are told.
const MOST: i64 = 100;

/// Who is called.
#[derive(Clone, Debug)]
pub enum CallOf {
    /// A lead of the token's schedule by its small number, or by its id.
    Lead(i64),
    Id(EnrolmentId),
    /// A number, in any writing, and what is known of whoever has it.
    Number(String, Tokens),
}

/// A call that was put into the outbox, and the lead it is of; none for somebody who is on no schedule.
#[derive(Clone, Debug)]
pub struct CallView {
    pub call: Document<Conference>,
    pub lead: Option<i64>,
}

impl Outreach {
    /// Calls somebody now.
    ///
    /// Errors: `NotFound` for a lead that is none of the token's schedule; those of [`Outreach::call_now`].
    pub async fn partner_call(&self, caller: &Caller, token: &Token, of: CallOf) -> Result<CallView> {
        let whom = match of {
            CallOf::Number(to, tokens) => Whom::Number { schedule: token.schedule.clone(), to, tokens },
            CallOf::Lead(_) | CallOf::Id(_) => {
                let config = self.crm.config(caller.dealer).await?;
                let on = config.schedule_named(&token.schedule).ok_or_else(|| Error::not_found("lead"))?;
                let (filter, id) = match of {
                    CallOf::Lead(number) => (Some(Filter::eq("number", number)), None),
                    CallOf::Id(id) => (None, Some(id)),
                    CallOf::Number(..) => (None, None),
                };
                let found = self.crm.store.read(self.crm.scope(caller), Lane::Quick, Seek { filter, id }).await?;
                let found = found.filter(|found| found.doc.schedule_id == on.schedule.id);
                Whom::Enrolment(found.ok_or_else(|| Error::not_found("lead"))?.id)
            }
        };
        let call = self.call_now(caller, CallNow { whom, agent: None }).await?;
        let seek = Seek { filter: None, id: call.extra.enrolment_id };
        let lead = self.crm.store.read(self.crm.scope(caller), Lane::Quick, seek).await?;
        Ok(CallView { call, lead: lead.map(|lead| lead.extra.number) })
    }
}

struct Seek {
    filter: Option<Filter>,
    id: Option<EnrolmentId>,
}

impl Command for Seek {
    type Output = Option<Document<Enrolment>>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output> {
        match (&self.filter, self.id) {
            (Some(filter), _) => tx.find_one::<Enrolment>(filter.clone()).await,
            (None, Some(id)) => tx.get(id).await,
            (None, None) => Ok(None),
        }
    }
}

/// Adds tokens to the calls that were made to or by a lead. The enrolment is held by the caller.
pub(super) async fn add_tokens(tx: &mut Tx, enrolment: &Document<Enrolment>, tokens: &Tokens) -> Result<()> {
    let of_lead = Filter::eq("lead_id", enrolment.doc.lead_id.to_string());
    for mut call in tx.find_for_update::<Conference>(&Find::newest(of_lead, MOST)).await? {
        // A call of another schedule is none of this partner's.
        if call.extra.enrolment_id.is_some_and(|id| id != enrolment.id) {
            continue;
        }
        let facts = call.extra.call.get_or_insert_default();
        facts.tokens = with_tokens(&facts.tokens, tokens)?;
        tx.update(&mut call).await?;
    }
    Ok(())
}
