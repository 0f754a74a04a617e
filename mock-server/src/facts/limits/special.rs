//! Limits that are about somebody and not about endpoints (ratelimit-oin-facts §1.7).

use serde::Deserialize;

macro_rules! specials {
    ($($(#[$about:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// A limit about somebody; its row is in `fixtures/rate-limits.toml`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Special { $($(#[$about])* $variant),* }

        impl Special {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name in the table and in the control API.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

specials! {
    /// Sign-ins by `/api/v1/authn`, by user name.
    AuthnUserName = "authn user name",
    /// Tokens that are made or refreshed for a user.
    TokenUser = "token user",
    /// One-time codes of a factor: activations, and codes sent again.
    OtpFactor = "otp factor",
    /// E-mails to one recipient.
    EmailRecipient = "e-mail recipient",
    /// E-mails of one factor.
    EmailFactor = "e-mail factor",
    /// Text messages to one phone.
    SmsPhone = "sms phone",
    /// Calls of one phone.
    VoicePhone = "voice phone",
}

impl Special {
    /// The special limit of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|special| special.name() == name)
    }
}

/// What a special limit allows, and how its violation is told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialLimit {
    name: String,
    /// So many in a window.
    pub limit: u32,
    /// The length of a window, in seconds.
    pub window_seconds: u32,
    /// The row of the error that the caller is told.
    pub error: String,
    /// `operationRateLimitScopeType`.
    pub scope: String,
    /// `operationRateLimitType`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `operationRateLimitSubtype`.
    pub subtype: Option<String>,
    /// The type of the event.
    #[serde(default = "operation")]
    pub event: String,
}

fn operation() -> String {
    "system.operation.rate_limit.violation".to_owned()
}

/// The rows in the order of [`Special::ALL`].
///
/// # Errors
/// A row too many or too few, and one that allows nothing.
pub(super) fn sorted(mut rows: Vec<SpecialLimit>) -> Result<Vec<SpecialLimit>, String> {
    let mut sorted = Vec::new();
    for special in Special::ALL {
        let at = rows.iter().position(|row| row.name == special.name());
        let Some(at) = at else {
            return Err(format!("rate-limits.toml: no special limit {}", special.name()));
        };
        sorted.push(rows.swap_remove(at));
    }
    if let Some(unknown) = rows.first() {
        return Err(format!("rate-limits.toml: nothing obeys the special limit {}", unknown.name));
    }
    if let Some(empty) = sorted.iter().find(|row| row.limit == 0 || row.window_seconds == 0) {
        return Err(format!("rate-limits.toml: {} needs a limit and a window", empty.name));
    }
    Ok(sorted)
}
