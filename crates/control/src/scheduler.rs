//! Which waiting statements of a pool get their CFUs now: a pure function (spec P-04, decision 3).
//!
//! First come, first served: a statement that needs more than is left waits, and nobody overtakes it, so that a large
//! statement is never starved by small ones.

/// A statement and the CFUs it has or wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub uid: String,
    pub name: String,
    pub cfus: u32,
}

/// What becomes of the queue.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Decision {
    /// Uids that get their CFUs, in order.
    pub granted: Vec<String>,
    /// Uid and reason of each that goes on waiting.
    pub refused: Vec<(String, String)>,
}

/// Decides for `waiting`, in order of arrival, in a pool of `max_cfu` of which `holders` have their part.
pub fn decide(max_cfu: u32, holders: &[Claim], waiting: &[Claim]) -> Decision {
    let mut free = max_cfu.saturating_sub(holders.iter().map(|holder| holder.cfus).sum());
    let mut decision = Decision::default();
    for (position, claim) in waiting.iter().enumerate() {
        if decision.refused.is_empty() && claim.cfus <= free {
            free -= claim.cfus;
            decision.granted.push(claim.uid.clone());
            continue;
        }
        decision.refused.push((claim.uid.clone(), reason(max_cfu, holders, claim, position, &decision)));
    }
    decision
}

fn reason(max_cfu: u32, holders: &[Claim], claim: &Claim, position: usize, decision: &Decision) -> String {
    if claim.cfus > max_cfu {
        return format!(
            "The statement needs {} CFUs but the compute pool has at most {max_cfu}. Raise max_cfu or move the statement to a \
             larger pool.",
            claim.cfus
        );
    }
    let used: u32 = holders.iter().map(|holder| holder.cfus).sum();
    let mut names: Vec<String> = holders.iter().map(|h| format!("{} ({})", h.name, h.cfus)).collect();
    let more = names.len().saturating_sub(5);
    names.truncate(5);
    let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let ahead = position - decision.granted.len();
    let queue = if ahead > 0 { format!(" {ahead} statements wait before it.") } else { String::new() };
    format!(
        "Compute pool exhausted: {used} of {max_cfu} CFUs are held by {}{and_more}; this statement needs {}.{queue} Stop a \
         statement, raise max_cfu, or move this one to another pool.",
        names.join(", "),
        claim.cfus
    )
}
