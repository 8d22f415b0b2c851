//! Leads that enter a schedule by what another one does.

use forecourt_record::schedule::Situation;

use super::{Due, Run};

/// Where such a job stands among those that are due at the same instant, as in the worker.
const ENTERING: i64 = 15;

impl Run<'_> {
    /// A schedule puts its lead into a status, which other schedules may take it in by.
    pub(super) fn moves(&mut self, going: usize, status: &str) {
        let lead = self.goings[going].lead;
        if self.statuses[lead] == status {
            return;
        }
        status.clone_into(&mut self.statuses[lead]);
        let stage = self.stage;
        for (plan, entries) in stage.plans.values().map(|plan| &plan.definition.enter).enumerate() {
            for (entry, _) in entries.iter().enumerate().filter(|(_, entry)| entry.is_about(false, status)) {
                self.put(self.now, ENTERING, Due::Enter { lead, plan, entry, going });
            }
        }
    }

    /// As the worker's: one that a lead was on before it does not enter by what a schedule does.
    pub(super) fn enters(&mut self, lead: usize, (plan, entry): (usize, usize), from: usize) {
        let stage = self.stage;
        let Some((name, plan)) = stage.plans.iter().nth(plan) else { return };
        let tokens = &stage.leads[lead].tokens;
        let admitted = self.asks(from, |at| {
            let at = Situation { tokens, replied: false, connected: false, dispositions: &[], ..*at };
            plan.definition.enter[entry].admits(&at)
        });
        let person = &self.people[self.person_of[lead]];
        let was_on = person.goings.iter().any(|one| {
            let one = &self.goings[*one];
            one.lead == lead && *one.schedule == **name
        });
        let channels = plan.channels();
        let is_closed = !channels.is_empty() && channels.iter().all(|channel| person.suppressed.contains(channel));
        if admitted && !was_on && !person.blocked && !is_closed {
            self.enrols(lead, name, tokens.clone());
        }
    }
}
