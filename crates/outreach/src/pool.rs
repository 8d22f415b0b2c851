//! Numbers set aside for people: from the pools of a schedule, one person's at a time.

use forecourt_crm::{Config, pool::pools};
use forecourt_record::{ClientId, Document, Enrolment, NumberPool, Result, gate::Channel, pool::Asking};
use forecourt_store::Tx;

/// Sets a number aside for an enrolment to be reached from on a channel; none when no pool of the schedule has one free.
///
/// The pool's row is held from the look to the end of the transaction, so a number is never given to two. The enrolment
/// is held by the caller. Of several pools the one that gave the person a number is asked first, then by their names.
pub(crate) async fn number_for(
    tx: &mut Tx,
    config: &Config,
    (schedule, channel): (&str, Channel),
    enrolment: &Document<Enrolment>,
) -> Result<Option<String>> {
    let day = config.zone().local_day(tx.scope().now);
    let holder = enrolment.doc.client_id.map_or(enrolment.id.cast(), ClientId::cast);
    let serves = |pool: &Document<NumberPool>| {
        let pool = &pool.doc.pool;
        pool.channels.contains(&channel) && pool.schedules.iter().any(|name| name == schedule)
    };
    let mut all: Vec<_> = pools(tx).await?.into_iter().filter(serves).collect();
    // Whoever has a number keeps it, whichever pool it is of.
    all.sort_by_key(|pool| !pool.extra.uses.values().any(|last| last.holder == holder));
    for seen in all {
        let Some(mut pool) = tx.get_for_update(seen.id).await?.filter(serves) else { continue };
        let asking = Asking { holder, reached: enrolment.doc.caller_id.as_deref(), now: tx.scope().now, day: &day };
        if let Some(number) = pool.doc.pool.take(&mut pool.extra.uses, &asking) {
            tx.update(&mut pool).await?;
            return Ok(Some(number));
        }
    }
    Ok(None)
}
