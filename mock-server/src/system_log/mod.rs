//! What the System Log is told: an [`Event`] is put together where something happens, and becomes the object that
//! `GET /api/v1/logs` shows when it is written (mgmt-facts §9). Reading is in `api/logs`.

mod entity;
mod event;
mod render;
mod user_agent;

pub use entity::Entity;
pub use event::{Event, Scene};
