//! What administrators have said about rate limits: the shares of principals and the settings of the org
//! (ratelimit-oin-facts §1.9). `/admin-notifications` is about e-mails and changes nothing on the wire.

use std::sync::Arc;

use serde_json::Value;

use crate::limits::USUAL_SHARE;

/// What a principal may use of the org's rate limits, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shares {
    /// Of requests.
    pub requests: u32,
    /// Of requests in flight.
    pub in_flight: u32,
}

impl Default for Shares {
    fn default() -> Self {
        Self { requests: USUAL_SHARE, in_flight: USUAL_SHARE }
    }
}

impl Shares {
    /// Those of a `PrincipalRateLimit`.
    pub(super) fn of(entity: &Value) -> Self {
        let share = |member: &str| {
            let percentage = entity[member].as_u64().unwrap_or(u64::from(USUAL_SHARE));
            u32::try_from(percentage).unwrap_or(100).min(100)
        };
        Self { requests: share("defaultPercentage"), in_flight: share("defaultConcurrencyPercentage") }
    }
}

/// What the settings of rate limits say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitRules {
    /// The percentage of a limit at which admins are warned.
    pub warning: u32,
    client_mode: ClientMode,
    /// Use cases of another mode.
    client_modes: Vec<(Arc<str>, ClientMode)>,
}

/// What the org does about the limits of a client id, address and device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientMode {
    /// They are enforced and told.
    Enforce,
    /// They are told.
    Preview,
    /// There are none.
    Disable,
}

/// The mode of a new org, and since March 2022 of every org (§1.7).
const USUAL_MODE: ClientMode = ClientMode::Enforce;

impl ClientMode {
    fn named(name: &str) -> Option<Self> {
        match name {
            "ENFORCE" => Some(Self::Enforce),
            "PREVIEW" => Some(Self::Preview),
            "DISABLE" => Some(Self::Disable),
            _ => None,
        }
    }
}

impl Default for LimitRules {
    fn default() -> Self {
        Self { warning: 60, client_mode: USUAL_MODE, client_modes: Vec::new() }
    }
}

impl LimitRules {
    /// The mode of a use case: `OAUTH2_AUTHORIZE`, `LOGIN_PAGE`, `OIE_APP_INTENT`.
    pub fn client_mode(&self, use_case: &str) -> ClientMode {
        let own = self.client_modes.iter().find(|(case, _)| **case == *use_case);
        own.map_or(self.client_mode, |(_, mode)| *mode)
    }

    /// Reads `/api/v1/rate-limit-settings/warning-threshold`.
    pub(super) fn set_warning(&mut self, setting: &Value) {
        let percentage = setting["warningThreshold"].as_u64();
        self.warning = percentage.and_then(|own| u32::try_from(own).ok()).unwrap_or(60);
    }

    /// Reads `/api/v1/rate-limit-settings/per-client`.
    pub(super) fn set_client_modes(&mut self, setting: &Value) {
        self.client_mode = setting["defaultMode"].as_str().and_then(ClientMode::named).unwrap_or(USUAL_MODE);
        let own = setting["useCaseModeOverrides"].as_object().into_iter().flatten();
        let own = own.filter_map(|(case, mode)| Some((case.as_str(), ClientMode::named(mode.as_str()?)?)));
        self.client_modes = own.map(|(case, mode)| (case.into(), mode)).collect();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_obeyed_and_a_use_case_may_differ() {
        let mut rules = LimitRules::default();
        assert_eq!((rules.warning, rules.client_mode("LOGIN_PAGE")), (60, ClientMode::Enforce));
        rules.set_warning(&json!({ "warningThreshold": 85 }));
        rules.set_client_modes(
            &json!({ "defaultMode": "PREVIEW", "useCaseModeOverrides": { "LOGIN_PAGE": "DISABLE" } }),
        );
        assert_eq!(rules.warning, 85);
        assert_eq!(rules.client_mode("OAUTH2_AUTHORIZE"), ClientMode::Preview);
        assert_eq!(rules.client_mode("LOGIN_PAGE"), ClientMode::Disable);
    }

    #[test]
    fn an_entity_says_two_shares() {
        let entity = json!({ "defaultPercentage": 30, "defaultConcurrencyPercentage": 75 });
        assert_eq!(Shares::of(&entity), Shares { requests: 30, in_flight: 75 });
        assert_eq!(Shares::of(&json!({})), Shares::default());
    }
}
