//! One op asked of a client at its org, while the time of both is moved on when the client waits for a limit to reset.

use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};

use crate::{
    client::{
        DriverError, Needs, Session,
        protocol::{Op, Outcome},
        session::outcome_of,
    },
    target::{ControlError, Org, ready::HandedOut},
};

/// How often the ledger is looked at while an op takes its time.
const LOOK: Duration = Duration::from_millis(40);

/// The last step to a reset: so far before it is the client looked at once more. The org tells its time in whole seconds, and
/// a second is waited on top of them: with less, who waits for a second would come when the bucket has reset.
const LAST_MS: u64 = 4000;

/// So many looks in a row does the client say nothing before the last step is made: who was woken too early comes meanwhile,
/// also on a machine that is busy.
const PATIENCE: u32 = 4;

/// The address that a client with such needs is handed.
pub(super) fn handed_out(org: &Org, needs: Needs) -> Result<Option<HandedOut>, String> {
    if !needs.tls {
        return Ok(None);
    }
    let (Some(url), Some(ca_file)) = (&org.ready.tls_base_url, &org.ready.ca_file) else {
        return Err("the twin has no TLS listener with a CA of its own for this org; \
                    start it without --tls-cert and --tls-key"
            .to_owned());
    };
    let ca_pem =
        std::fs::read_to_string(ca_file).map_err(|error| format!("{}: {error}", ca_file.display()))?;
    let url = needs.host.map_or_else(|| url.clone(), |host| format!("https://{host}"));
    Ok(Some(HandedOut { url, ca_pem, proxy: None }))
}

/// Why an op has no outcome.
pub(super) enum OpError {
    /// The adapter broke.
    Driver(DriverError),
    /// The org's control API did.
    Control(ControlError),
}

/// Sends an op and waits for its reply. When the org's last word is a 429 and the client is silent since, both
/// clocks are moved to where its bucket has reset, in two steps: who waits for less comes in between, and too early.
pub(super) async fn ask_and_move_time(
    session: &mut Session,
    org: &Org,
    op: Op,
    after: u64,
    moves: bool,
) -> Result<Outcome, OpError> {
    let (name, limit) = (op.name(), session.op_deadline());
    let id = session.send(op).await.map_err(OpError::Driver)?;
    let until = Instant::now() + limit;
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks.tick().await;
    let (mut seen, mut moved) = (after, after);
    // What is left of the way to the reset: a client that does not wait for it comes before the last seconds are over.
    let mut rest = None;
    let mut looked = 0;
    loop {
        tokio::select! {
            biased;
            reply = timeout_at(until, session.next_reply()) => match reply {
                Err(_) => return Err(OpError::Driver(session.late(name, limit))),
                Ok(Err(error)) => return Err(OpError::Driver(error)),
                Ok(Ok((reply, value))) if reply == id => return outcome_of(name, value).map_err(OpError::Driver),
                // A clock that was moved.
                Ok(Ok(_)) => {}
            },
            _ = looks.tick(), if moves => {
                let news = org.ledger_since(seen.max(1) - 1).await.map_err(OpError::Control)?;
                let Some(last) = news.0.last() else { continue };
                let silent = last.seq == seen;
                seen = last.seq;
                looked = if silent && rest.is_some() { looked + 1 } else { 0 };
                if !silent {
                    rest = None;
                } else if rest.is_some() && looked < PATIENCE {
                    // It may still be on its way.
                } else if seen > moved && let Some(due) = rest.take().or_else(|| last.retry_due_ms()) {
                    let ms = if due > LAST_MS { due - LAST_MS } else { due };
                    if ms < due {
                        rest = Some(LAST_MS);
                    } else {
                        moved = seen;
                    }
                    org.advance_clock(ms.div_ceil(1000)).await.map_err(OpError::Control)?;
                    session.send(Op::AdvanceClock { ms }).await.map_err(OpError::Driver)?;
                }
            }
        }
    }
}
