//! Jobs: due in order, held by one, fenced, and gone only with the transaction that did them.

use std::time::Duration;

use forecourt_record::{Instant, Result};
use forecourt_store::{Job, NewJob};
use serde_json::json;

use crate::support::*;

both!(
    jobs_are_claimed_in_order,
    one_of_a_key_waits,
    a_wake_makes_due_sooner,
    a_lease_runs_out,
    what_a_late_worker_records_does_not_count,
    a_put_back_job_keeps_its_fence,
    a_job_may_be_cancelled_while_somebody_works_on_it,
    failed_jobs_come_again_or_die,
    two_claimers_never_hold_the_same,
    a_job_is_enqueued_with_its_transaction_or_not,
    the_next_due_is_known,
);

const LEASE: Duration = Duration::from_secs(30);

fn seconds(seconds: u64) -> Instant {
    NOW + Duration::from_secs(seconds)
}

fn job(payload: i64, due_at: Instant) -> NewJob {
    NewJob { name: "test@1", payload: json!(payload), due_at, priority: 0, dedupe: None }
}

async fn enqueue(bench: &Bench, jobs: Vec<NewJob>) {
    let act = bench.write(jobs, |jobs, tx| {
        Box::pin(async move {
            for job in jobs {
                tx.enqueue(job.clone()).await?;
            }
            Ok(())
        })
    });
    act.await.unwrap();
}

async fn claim(bench: &Bench, now: Instant, most: i64) -> Vec<Job> {
    bench.store.jobs_claim(now, LEASE, most, Some(bench.dealer)).await.unwrap()
}

fn payloads(jobs: &[Job]) -> Vec<i64> {
    jobs.iter().map(|job| job.payload.as_i64().unwrap()).collect()
}

async fn done(bench: &Bench, job: &Job) -> Result<()> {
    bench.write(job.clone(), |job, tx| Box::pin(tx.job_done(job))).await
}

/// Waiting and dead.
async fn left(bench: &Bench) -> (i64, i64) {
    bench.read((), |(), tx| Box::pin(tx.jobs_left())).await.unwrap()
}

async fn jobs_are_claimed_in_order(bench: Bench) {
    let urgent = NewJob { priority: -1, ..job(2, seconds(5)) };
    enqueue(&bench, vec![job(4, seconds(10)), job(3, seconds(5)), urgent, job(1, seconds(1)), job(5, seconds(11))])
        .await;
    let first = claim(&bench, seconds(10), 3).await;
    assert_eq!(payloads(&first), [1, 2, 3]);
    let one = &first[0];
    assert_eq!((one.name.as_str(), one.dealer, one.due_at, one.attempts), ("test@1", bench.dealer, seconds(1), 1));
    assert_eq!(payloads(&claim(&bench, seconds(10), 3).await), [4]);
    assert_eq!(payloads(&claim(&bench, seconds(10), 3).await), [0; 0]);
    for job in &first {
        done(&bench, job).await.unwrap();
    }
    assert_eq!(left(&bench).await, (2, 0));
    assert!(bench.other_dealer().store.jobs_claim(seconds(11), LEASE, 9, Some(id())).await.unwrap().is_empty());
}

async fn one_of_a_key_waits(bench: Bench) {
    let keyed = |payload| NewJob { dedupe: Some("follow".into()), ..job(payload, NOW) };
    enqueue(&bench, vec![keyed(1), keyed(2), job(3, NOW), job(4, NOW)]).await;
    enqueue(&bench, vec![keyed(5)]).await;
    enqueue(&bench.other_dealer(), vec![keyed(6)]).await;
    let waiting = bench.read((), |(), tx| Box::pin(tx.job_waiting("follow"))).await.unwrap().unwrap();
    assert_eq!((waiting.payload, waiting.attempts), (json!(1), 0));
    let jobs = claim(&bench, NOW, 9).await;
    assert_eq!(payloads(&jobs), [1, 3, 4]);
    done(&bench, &jobs[0]).await.unwrap();
    enqueue(&bench, vec![keyed(7)]).await;
    assert_eq!(payloads(&claim(&bench, NOW, 9).await), [7]);
    bench.write((), |(), tx| Box::pin(tx.job_cancel("follow"))).await.unwrap();
    assert!(bench.read((), |(), tx| Box::pin(tx.job_waiting("follow"))).await.unwrap().is_none());
    assert_eq!(left(&bench).await, (2, 0));
}

async fn a_wake_makes_due_sooner(bench: Bench) {
    let wake = |seconds_from_now| {
        let job = NewJob { dedupe: Some("follow".into()), ..job(1, seconds(seconds_from_now)) };
        bench.write(job, |job, tx| Box::pin(tx.job_wake(job.clone())))
    };
    let due =
        || async { bench.read((), |(), tx| Box::pin(tx.job_waiting("follow"))).await.unwrap().map(|job| job.due_at) };
    for (wanted, due_at) in [(50, 50), (90, 50), (10, 10)] {
        wake(wanted).await.unwrap();
        assert_eq!(due().await, Some(seconds(due_at)));
    }
    assert_eq!(left(&bench).await, (1, 0));
}

async fn a_lease_runs_out(bench: Bench) {
    enqueue(&bench, vec![job(1, NOW)]).await;
    assert_eq!(payloads(&claim(&bench, NOW, 1).await), [1]);
    assert!(claim(&bench, seconds(29), 1).await.is_empty());
    let again = claim(&bench, seconds(30), 1).await;
    assert_eq!((payloads(&again), again[0].attempts), (vec![1], 2));
}

async fn what_a_late_worker_records_does_not_count(bench: Bench) {
    enqueue(&bench, vec![job(1, NOW)]).await;
    let late = claim(&bench, NOW, 1).await.remove(0);
    let current = claim(&bench, seconds(30), 1).await.remove(0);
    let record = |job: &Job| {
        bench.write((job.clone(), note("done")), |(job, note), tx| {
            Box::pin(async move {
                tx.insert(note).await?;
                tx.job_done(job).await?;
                Ok(())
            })
        })
    };
    let notes = || bench.count::<forecourt_record::Note>(forecourt_query::Filter::all());
    assert_eq!(code(record(&late).await), "version_behind");
    assert_eq!((left(&bench).await, notes().await), ((1, 0), 0));
    record(&current).await.unwrap();
    assert_eq!((left(&bench).await, notes().await), ((0, 0), 1));
    assert_eq!(code(record(&current).await), "version_behind");
}

async fn a_put_back_job_keeps_its_fence(bench: Bench) {
    enqueue(&bench, vec![job(1, NOW)]).await;
    let late = claim(&bench, NOW, 1).await.remove(0);
    let second = claim(&bench, seconds(30), 1).await.remove(0);
    bench.write(second, |job, tx| Box::pin(tx.job_again(job, NOW, None))).await.unwrap();
    let third = claim(&bench, seconds(30), 1).await.remove(0);
    // The attempts begin afresh, so that only the fence tells the third from the first.
    assert_eq!((late.attempts, third.attempts), (1, 1));
    assert_eq!(code(done(&bench, &late).await), "version_behind");
    done(&bench, &third).await.unwrap();
}

async fn a_job_may_be_cancelled_while_somebody_works_on_it(bench: Bench) {
    enqueue(&bench, vec![NewJob { dedupe: Some("follow".into()), ..job(1, NOW) }]).await;
    let job = claim(&bench, NOW, 1).await.remove(0);
    bench.write((), |(), tx| Box::pin(tx.job_cancel("follow"))).await.unwrap();
    for result in [
        bench.write(job.clone(), |job, tx| Box::pin(tx.job_again(job, NOW, None))).await,
        bench.write(job.clone(), |job, tx| Box::pin(tx.job_dead(job, "x"))).await,
        done(&bench, &job).await,
    ] {
        assert_eq!(code(result), "version_behind");
    }
    assert_eq!(left(&bench).await, (0, 0));
}

async fn failed_jobs_come_again_or_die(bench: Bench) {
    enqueue(&bench, vec![job(1, NOW)]).await;
    for attempt in 1..=3 {
        let job = claim(&bench, seconds(attempt * 100), 1).await.remove(0);
        assert_eq!(job.attempts, attempt as i64);
        let due_at = seconds((attempt + 1) * 100);
        let act = bench.write((job, due_at), |(job, due_at), tx| {
            Box::pin(tx.job_again(job, *due_at, Some("the provider is away".into())))
        });
        act.await.unwrap();
        assert!(claim(&bench, seconds(attempt * 100 + 99), 1).await.is_empty());
    }
    let job = claim(&bench, seconds(400), 1).await.remove(0);
    bench.write(job, |job, tx| Box::pin(tx.job_dead(job, "gave up"))).await.unwrap();
    assert_eq!(left(&bench).await, (0, 1));
    let sql = format!("SELECT failure FROM dead_jobs WHERE dealer_id = '{}'", bench.dealer);
    assert_eq!(bench.raw().await.texts(&sql).await, ["gave up"]);
}

async fn two_claimers_never_hold_the_same(bench: Bench) {
    enqueue(&bench, (0..100).map(|payload| job(payload, NOW)).collect()).await;
    let claimed = at_once(0..8, |_| {
        let bench = bench.clone();
        async move {
            let mut mine = Vec::new();
            loop {
                let jobs = claim(&bench, NOW, 7).await;
                if jobs.is_empty() {
                    return mine;
                }
                mine.extend(payloads(&jobs));
            }
        }
    });
    let mut claimed = claimed.await.concat();
    // A claimer may find nothing while another one is choosing; the jobs are there afterwards.
    claimed.extend(payloads(&claim(&bench, NOW, 100).await));
    claimed.sort_unstable();
    assert_eq!(claimed, (0..100).collect::<Vec<_>>());
}

async fn a_job_is_enqueued_with_its_transaction_or_not(bench: Bench) {
    let act = bench.write(job(1, NOW), |job, tx| {
        Box::pin(async move {
            tx.enqueue(job.clone()).await?;
            Err::<(), _>(forecourt_record::Error::not_found("lead"))
        })
    });
    assert_eq!(code(act.await), "not_found");
    assert_eq!(left(&bench).await, (0, 0));
    // Interest is registered before looking, so a signal that comes between is not lost.
    let enqueued = bench.store.signals.job_enqueued();
    enqueue(&bench, vec![job(1, NOW)]).await;
    enqueued.await;
    assert_eq!(left(&bench).await, (1, 0));
}

async fn the_next_due_is_known(bench: Bench) {
    let next = || bench.store.jobs_next_due(NOW, Some(bench.dealer));
    assert_eq!(next().await.unwrap(), None);
    enqueue(&bench, vec![job(1, seconds(20)), job(2, seconds(10))]).await;
    assert_eq!(next().await.unwrap(), Some(seconds(10)));
    claim(&bench, seconds(10), 1).await;
    assert_eq!(next().await.unwrap(), Some(seconds(20)));
    claim(&bench, seconds(20), 1).await;
    assert_eq!(next().await.unwrap(), Some(seconds(40)), "a lease is a due time");
    assert!(bench.store.jobs_next_due(NOW, None).await.unwrap().is_some());
}
