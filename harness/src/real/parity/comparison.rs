//! The target beside a twin, observation by observation.

use serde::Serialize;

use super::{
    answer::{Difference, Seen},
    asker::{Asker, Made, NotMade},
};

/// A difference, where it was seen, and the switches that explain it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The observation's id.
    pub(crate) observation: String,
    /// The request, with names in the place of values.
    pub(crate) request: String,
    /// Which of the observation's compared answers, counted from 0.
    #[serde(skip)]
    pub(crate) answer: usize,
    /// What differs.
    #[serde(flatten)]
    pub(crate) difference: Difference,
    /// `mixed_scopes = "deny"`: a twin with that switch answers as the target does. Several stand together.
    pub(crate) explained_by: Vec<String>,
}

/// An observation that was not made of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Left {
    /// The observation's id.
    pub(crate) observation: String,
    /// Why.
    pub(crate) reason: String,
}

/// The aspect of an observation that came to an end in one of the orgs only.
const GOES_ON: &str = "goes on";

/// What became of an observation.
pub(crate) enum Outcome {
    /// Made of both; the differences.
    Made(Vec<Finding>),
    /// Not made.
    Left(Left),
}

/// Compares what two orgs showed.
pub(crate) fn compare(id: &str, twin: &Made, target: &Made) -> Outcome {
    let finding = |(answer, request): (usize, &str), difference: Difference| Finding {
        observation: id.to_owned(),
        request: request.to_owned(),
        answer,
        difference,
        explained_by: Vec::new(),
    };
    let goes_on = |made: &Made| match made {
        Ok(_) => "yes".to_owned(),
        Err(reason) => format!("no: {reason}"),
    };
    if let Some(reason) =
        [target, twin].into_iter().filter_map(|made| made.as_ref().err()).find(|why| !answered(why))
    {
        return Outcome::Left(Left { observation: id.to_owned(), reason: reason.to_string() });
    }
    let (Ok(twin_seen), Ok(target_seen)) = (twin, target) else {
        let (one, other) = (goes_on(twin), goes_on(target));
        if one == other {
            return Outcome::Made(Vec::new());
        }
        let difference = Difference { aspect: GOES_ON.to_owned(), twin: one, target: other };
        return Outcome::Made(vec![finding((0, "the requests before it"), difference)]);
    };
    let of_answer = |(at, (twin, target)): (usize, (&Seen, &Seen))| {
        let differences = Seen::differences(twin, target);
        differences.into_iter().map(|one| finding((at, &target.request), one)).collect::<Vec<_>>()
    };
    Outcome::Made(twin_seen.iter().zip(target_seen).enumerate().flat_map(of_answer).collect())
}

/// Whether it was the org's answers that ended an observation.
fn answered(reason: &NotMade) -> bool {
    matches!(reason, NotMade::NoToken { .. } | NotMade::Unexpected(_) | NotMade::NotThere { .. })
}

/// Makes an observation of both orgs and compares.
pub(crate) async fn observe(id: &str, twin: &mut Asker<'_>, target: &mut Asker<'_>) -> Outcome {
    let of_target = target.observe(id).await;
    // What is not made of the target needs no twin.
    if of_target.as_ref().is_err_and(|reason| !answered(reason)) {
        return compare(id, &of_target, &of_target);
    }
    compare(id, &twin.observe(id).await, &of_target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_orgs_answers_ended_is_a_difference_and_what_was_not_asked_is_none() {
        let no_token = || NotMade::NoToken { app: "service-app".to_owned(), answer: "400".to_owned() };
        let differs = |twin: Made, target: Made| match compare("X", &twin, &target) {
            Outcome::Made(findings) => Some(findings.len()),
            Outcome::Left(_) => None,
        };
        assert_eq!(differs(Ok(Vec::new()), Err(no_token())), Some(1));
        assert_eq!(differs(Err(no_token()), Err(no_token())), Some(0));
        assert_eq!(differs(Err(no_token()), Ok(Vec::new())), Some(1));
        assert_eq!(differs(Ok(Vec::new()), Err(NotMade::Writes)), None);
        assert_eq!(differs(Ok(Vec::new()), Ok(Vec::new())), Some(0));
    }
}
