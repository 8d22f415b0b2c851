//! What the server keeps when a caller sets something: histories, who and when. The same rules for every kind and door.

use forecourt_record::{
    Assignment, Instant, Notification, Price, PriceLine, Prices, Result, Status, StatusEntry, spec::KindSpec,
};
use forecourt_store::Scope;
use serde_json::{Value, json};

use super::{author, part, patch::same, put};

/// Brings a document in line with what was changed in it; `before` is how it was, without one it is new.
///
/// A history that is left out stays as it was: it is ours to keep.
pub fn follow(spec: &KindSpec, before: Option<&Value>, doc: &mut Value, scope: Scope) -> Result<()> {
    let null = Value::Null;
    let before = before.unwrap_or(&null);
    let names = spec.published().names();
    let has = |name: &str| names.iter().any(|known| known == name);
    if has("status_history") {
        for name in ["status", "status_history"] {
            carry(before, doc, name);
        }
        let mut now = (part(doc, "status")?, part(doc, "status_history")?);
        status((&part(before, "status")?, &part::<Vec<_>>(before, "status_history")?), (&mut now.0, &mut now.1), scope);
        put(doc, "status", &now.0)?;
        put(doc, "status_history", &now.1)?;
    }
    if has("current_assigned") {
        carry(before, doc, "assigned");
        let old: (Vec<Assignment>, Option<Assignment>) = (part(before, "assigned")?, part(before, "current_assigned")?);
        let mut now = (part(doc, "assigned")?, part(doc, "current_assigned")?);
        assigned((&old.0, old.1.as_ref()), (&mut now.0, &mut now.1), scope);
        put(doc, "assigned", &now.0)?;
        put(doc, "current_assigned", &now.1)?;
    }
    if has("prices") {
        let mut now: Option<Prices> = part(doc, "prices")?;
        if let Some(now) = &mut now {
            prices(&part::<Option<Prices>>(before, "prices")?.unwrap_or_default(), now, scope.now);
        }
        put(doc, "prices", &now)?;
    }
    if has("notification") {
        let mut now: Option<Notification> = part(doc, "notification")?;
        if let Some(now) = &mut now {
            notification(&part::<Option<_>>(before, "notification")?.unwrap_or_default(), now, scope);
        }
        put(doc, "notification", &now)?;
    }
    if has("declared_mileage_history") {
        carry(before, doc, "declared_mileage_history");
        mileage(before, doc, scope.now)?;
    }
    for name in ["owner_history", "driver_history"] {
        if has(name) {
            succession(before, doc, name, scope.now)?;
        }
    }
    if has("created_by") {
        carry(before, doc, "created_by");
        if before.is_null() && doc["created_by"].is_null() {
            doc["created_by"] = json!(author(scope.actor));
        }
    }
    doc["updated_by"] = json!(author(scope.actor));
    Ok(())
}

/// A member that was left out stays as it was.
fn carry(before: &Value, doc: &mut Value, name: &str) {
    if doc[name].is_null() && !before[name].is_null() {
        doc[name] = before[name].clone();
    }
}

/// A new status goes into the history with its time and user; a new substatus into the history of its status.
pub(crate) fn status(
    (old, old_history): (&Option<Status>, &[StatusEntry]),
    (status, history): (&mut Option<Status>, &mut Vec<StatusEntry>),
    scope: Scope,
) {
    let Some(now) = status.as_mut().filter(|now| now.status.is_some()) else { return };
    let old = old.clone().unwrap_or_default();
    let user = scope.actor.user().map(|user| user.to_string());
    let is_new_substatus = now.substatus.as_ref().and_then(|sub| sub.substatus.as_ref())
        != old.substatus.as_ref().and_then(|sub| sub.substatus.as_ref());
    if let Some(sub) = now.substatus.as_mut().filter(|_| is_new_substatus) {
        let was = old.substatus.clone().unwrap_or_default();
        stamp(&mut sub.assigned_at, was.assigned_at.as_ref(), Some(scope.now));
        stamp(&mut sub.user, was.user.as_ref(), user.clone());
        stamp(&mut sub._id, was._id.as_ref(), None);
    }
    if now.status != old.status {
        stamp(&mut now.assigned_at, old.assigned_at.as_ref(), Some(scope.now));
        stamp(&mut now.user, old.user.as_ref(), user);
        let is_written =
            history.len() > old_history.len() && history.last().is_some_and(|last| last.status == now.status);
        if !is_written {
            history.push(StatusEntry {
                assigned_at: now.assigned_at,
                user: now.user.clone(),
                status: now.status.clone(),
                substatus_history: now.substatus.iter().cloned().collect(),
                ..StatusEntry::default()
            });
        }
    } else if let (Some(sub), true, Some(last)) = (&now.substatus, is_new_substatus, history.last_mut()) {
        last.substatus_history.push(sub.clone());
    }
}

/// A value that was not given, or still is that of what it replaces, becomes the new one.
fn stamp<T: PartialEq>(value: &mut Option<T>, old: Option<&T>, new: Option<T>) {
    if value.is_none() || value.as_ref() == old {
        *value = new;
    }
}

/// Whoever was appended to `assigned` is the current one, and a new current one is appended.
fn assigned(
    (old_list, old): (&[Assignment], Option<&Assignment>),
    (list, current): (&mut Vec<Assignment>, &mut Option<Assignment>),
    scope: Scope,
) {
    fn to(one: Option<&Assignment>) -> Option<&String> {
        one.and_then(|one| one.to.as_ref())
    }
    let is_appended = list.len() > old_list.len() || to(list.last()) != to(old_list.last());
    let is_new = to(current.as_ref()) != to(old);
    if is_appended && (current.is_none() || !is_new) {
        *current = list.last().cloned();
    } else if let Some(now) = current.as_ref().filter(|now| is_new && to(list.last()) != now.to.as_ref()) {
        list.push(now.clone());
    }
    for one in list.iter_mut().skip(old_list.len()).chain(current.iter_mut().filter(|_| is_appended || is_new)) {
        one.at.get_or_insert(scope.now);
        one.by.get_or_insert_with(|| scope.actor.label());
    }
}

/// A price that was replaced moves to the earlier ones.
fn prices(old: &Prices, now: &mut Prices, at: Instant) {
    let lines = [
        (&old.retail, &mut now.retail),
        (&old.financed, &mut now.financed),
        (&old.wholesale, &mut now.wholesale),
        (&old.new, &mut now.new),
        (&old.export, &mut now.export),
        (&old.purchase, &mut now.purchase),
    ];
    for (old, now) in lines {
        if let Some(now) = now {
            price_line(&old.clone().unwrap_or_default(), now, at);
        }
    }
}

/// The same of one kind of price.
pub(crate) fn price_line(old: &PriceLine, line: &mut PriceLine, at: Instant) {
    fn alike(a: &Price, b: &Price) -> bool {
        let of = |price: &Price| (price.currency.clone(), price.vat_substractable);
        let numbers = |price: &Price| json!([price.price, price.vat_percent]);
        of(a) == of(b) && same(&numbers(a), &numbers(b))
    }
    if line.previous_prices.is_empty() {
        line.previous_prices.clone_from(&old.previous_prices);
    }
    let was = old.current_price.clone();
    if let (Some(was), Some(now)) = (&was, &line.current_price)
        && alike(was, now)
    {
        return;
    }
    let was_of = was.clone().unwrap_or_default();
    if let Some(now) = &mut line.current_price {
        stamp(&mut now.created_at, was_of.created_at.as_ref(), Some(at));
        stamp(&mut now._id, was_of._id.as_ref(), None);
    }
    let is_kept =
        |was: &Price| line.previous_prices.iter().any(|one| alike(one, was) && one.created_at == was.created_at);
    if let Some(was) = was.filter(|was| !is_kept(was)) {
        line.previous_prices.push(was);
    }
}

/// What is done was done now, by whoever says so.
fn notification(old: &Notification, now: &mut Notification, scope: Scope) {
    match (old.done == Some(true), now.done == Some(true)) {
        (false, true) => {
            now.done_at.get_or_insert(scope.now);
            now.done_by.get_or_insert_with(|| author(scope.actor));
        }
        (true, true) => {
            now.done_at = now.done_at.or(old.done_at);
            now.done_by = now.done_by.take().or_else(|| old.done_by.clone());
        }
        (true, false) => {
            stamp(&mut now.done_at, old.done_at.as_ref(), None);
            stamp(&mut now.done_by, old.done_by.as_ref(), None);
        }
        (false, false) => {}
    }
}

/// A mileage that was declared is remembered with its day.
fn mileage(before: &Value, doc: &mut Value, at: Instant) -> Result<()> {
    let declared = doc["mileage"].clone();
    let mut history: Vec<Value> = part(doc, "declared_mileage_history")?;
    let is_written = history.len() > before["declared_mileage_history"].as_array().map_or(0, Vec::len)
        && history.last().is_some_and(|last| same(&last["mileage"], &declared));
    if !declared.is_null() && !same(&declared, &before["mileage"]) && !is_written {
        history.push(json!({"date": at, "mileage": declared}));
    }
    put(doc, "declared_mileage_history", &history)
}

/// Whoever comes next ends the time of the one before.
fn succession(before: &Value, doc: &mut Value, name: &str, at: Instant) -> Result<()> {
    let known = before[name].as_array().map_or(0, Vec::len);
    let mut entries: Vec<Value> = part(doc, name)?;
    for next in 1..entries.len() {
        if next >= known && entries[next]["from_date"].is_null() {
            entries[next]["from_date"] = json!(at);
        }
        if entries[next - 1]["to_date"].is_null() {
            entries[next - 1]["to_date"] = match &entries[next]["from_date"] {
                Value::Null => json!(at),
                from => from.clone(),
            };
        }
    }
    put(doc, name, &entries)
}
