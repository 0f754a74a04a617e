//! `password`.
use super::{Asked, Issued};
use crate::exchange::Trace;
use crate::oauth::errors::Refusal;

pub(super) fn tokens(_asked: &Asked<'_>, _trace: &mut Trace) -> Result<Issued, Refusal> {
    Err(super::refuse(super::fault::GrantFault::Password, "x"))
}
