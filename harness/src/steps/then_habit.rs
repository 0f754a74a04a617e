//! What the org says to a client that does it wrong: another one, at an org that is made in the same way, so that the
//! scenario's own record stays the client's.

use cucumber::then;

use crate::{
    checks::answers::{self, Answer, Scheme},
    client::builtin::{Builtin, habits},
    suite::{
        outcome::Witness,
        world::{Stop, World},
    },
};

/// A client with a bad habit, known by the words of `client/builtin/mutants.rs` and `habits.rs`, is set up as the client was and asked for
/// the same. What happened to the org after it was made has not happened there.
#[then(regex = r#"^the org refuses a client that (.+), with (\d+) (\w+): "([^"]+)"$"#)]
async fn habit_refused(
    world: &mut World,
    habit: String,
    status: u16,
    code: String,
    description: String,
) -> Result<(), Stop> {
    let Some(mutant) = habits::all().find(|mutant| mutant.habit == habit) else {
        return Err(world.broke("step", format!("no mutant is known as a client that {habit}")));
    };
    let op = world.last()?.op;
    let seen = world.of_another(&Builtin::new(Some(mutant)), op).await?;
    let (code, description) = (code.as_str(), description.as_str());
    let oauth = Answer::OAuth { status, code, description };
    let bound = Answer::Challenge { scheme: Scheme::DPoP, status, error: code, description, scope: None };
    let holds = seen.0.iter().any(|exchange| {
        [oauth, bound].iter().any(|wanted| answers::faults(wanted, &exchange.response).is_empty())
    });
    let last = seen.0.iter().rev().find(|exchange| exchange.response.is_refusal());
    let observed = match (holds, last) {
        (true, _) => "so".to_owned(),
        (false, Some(exchange)) => {
            let code = exchange.response.error_code().unwrap_or_default();
            format!("{} {code} {}", exchange.response.status, exchange.response.body)
        }
        (false, None) => format!("it refused none of {} requests", seen.0.len()),
    };
    world.judge("habit-refused", holds, oauth.words(), observed, Witness::Ledger);
    Ok(())
}
