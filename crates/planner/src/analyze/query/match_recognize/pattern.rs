//! PATTERN: a sequence of variables, each with a quantifier.

use nutkin_plan::operators::match_recognize::Pattern;
use nutkin_sql::ast;

use super::unsupported;
use crate::error::{ErrorKind, PlannerError, Result};

pub(super) fn pattern(written: &ast::Pattern) -> Result<Pattern> {
    let parts: Vec<Pattern> = match written {
        ast::Pattern::Sequence(parts) => parts.iter().map(part).collect::<Result<_>>()?,
        one => vec![part(one)?],
    };
    let mut names: Vec<&str> = Vec::with_capacity(parts.len());
    for part in &parts {
        let (name, _, _, _) = described(part);
        if names.contains(&name) {
            let cause =
                format!("Pattern variables must be unique. That might change in the future. Duplicated: '{name}'");
            return Err(PlannerError::new(ErrorKind::Query, cause));
        }
        names.push(name);
    }
    if parts.iter().all(|part| described(part).1 == 0) {
        let cause =
            "Patterns that can produce empty matches are not supported. There must be at least one non-optional state.";
        return Err(PlannerError::new(ErrorKind::Query, cause));
    }
    if let Some((_, min, max, false)) = parts.last().map(described)
        && max != Some(min)
        && !(min == 0 && max == Some(1))
    {
        let cause = "Greedy quantifiers are not allowed as the last element of a Pattern yet. Finish your pattern with either a simple variable or reluctant quantifier.";
        return Err(PlannerError::new(ErrorKind::Query, cause));
    }
    let mut parts = parts;
    Ok(match parts.len() {
        1 => parts.remove(0),
        _ => Pattern::Sequence(parts),
    })
}

fn part(written: &ast::Pattern) -> Result<Pattern> {
    match written {
        ast::Pattern::Variable(name) => Ok(Pattern::Variable(name.value.clone())),
        ast::Pattern::Quantified { pattern, min, max, reluctant } => {
            let ast::Pattern::Variable(name) = pattern.as_ref() else {
                return Err(unsupported("A group with a quantifier"));
            };
            if *reluctant && *min == 0 && *max == Some(1) {
                return Err(unsupported("A reluctant optional variable (A??)"));
            }
            if max.is_some_and(|max| max < *min || max == 0) {
                let cause = format!("Invalid range of the quantifier of pattern variable '{}'", name.value);
                return Err(PlannerError::new(ErrorKind::Query, cause));
            }
            let pattern = Box::new(Pattern::Variable(name.value.clone()));
            Ok(Pattern::Quantified { pattern, min: *min, max: *max, reluctant: *reluctant })
        }
        ast::Pattern::Sequence(_) => Err(unsupported("A group of variables")),
        ast::Pattern::Alternation(_) => Err(unsupported("Alternation (A | B)")),
        ast::Pattern::Permute(_) => Err(unsupported("PERMUTE")),
        ast::Pattern::Exclude(_) => Err(unsupported("Exclusion ({- -})")),
    }
}

/// Variable, fewest and most rows, and whether it is reluctant.
fn described(part: &Pattern) -> (&str, u32, Option<u32>, bool) {
    match part {
        Pattern::Variable(name) => (name, 1, Some(1), false),
        Pattern::Quantified { pattern, min, max, reluctant } => (described(pattern).0, *min, *max, *reluctant),
        Pattern::Sequence(_) => ("", 1, Some(1), false),
    }
}

/// The variables in the order of the pattern.
pub(super) fn variables(pattern: &Pattern) -> Vec<String> {
    match pattern {
        Pattern::Sequence(parts) => parts.iter().map(|part| described(part).0.to_owned()).collect(),
        one => vec![described(one).0.to_owned()],
    }
}
