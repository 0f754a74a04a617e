//! Which requests a fault strikes: by method, path and client; which of those: from the nth, so many times, by chance.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;

use super::fault::FaultError;
use crate::exchange::{Request, path_fits};
use crate::facts::nearest;

const FIELDS: [&str; 6] = ["method", "path", "client", "nth", "times", "probability"];

/// A rule. The default one admits every request, for ever.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rule {
    /// In upper case.
    method: Option<String>,
    path: Option<String>,
    client: Option<String>,
    nth: Option<u64>,
    times: Option<u64>,
    /// Above 0, at most 1.
    pub(super) probability: Option<f64>,
}

impl Rule {
    /// Reads the `match` of a fault.
    ///
    /// # Errors
    /// [`FaultError`] names the field, the value and the remedy.
    pub(super) fn parse(given: &Value) -> Result<Self, FaultError> {
        let mut rule = Self::default();
        let members = match given {
            Value::Null => return Ok(rule),
            Value::Object(members) => members,
            other => {
                return Err(FaultError(format!(
                    "match: {other} is no object; write {{\"path\": \"/api/v1/users\"}}"
                )));
            }
        };
        for (name, value) in members {
            let wrong = |remedy: &str| FaultError(format!("match.{name}: {value} {remedy}"));
            let text = || value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            let number = || value.as_u64().filter(|number| *number > 0);
            match name.as_str() {
                "method" => {
                    let method = text().filter(|text| text.bytes().all(|byte| byte.is_ascii_alphabetic()));
                    let method = method.ok_or_else(|| wrong("is no method; write one like \"GET\""))?;
                    rule.method = Some(method.to_ascii_uppercase());
                }
                "path" => {
                    let path = text().filter(|path| path.starts_with(['/', '*']));
                    let remedy = "is no path; write one like \"/api/v1/users\" (and below), \"/api/v1/*\" or \"**/token\"";
                    let path = path.ok_or_else(|| wrong(remedy))?;
                    if path.contains('?') {
                        return Err(wrong("has a query; only the path is looked at"));
                    }
                    rule.path = Some(path);
                }
                "client" => {
                    let remedy =
                        "is nobody; write a client id, a user's id or login, or the id of an API token";
                    rule.client = Some(text().ok_or_else(|| wrong(remedy))?);
                }
                "nth" => rule.nth = Some(number().ok_or_else(|| wrong("is no number from 1 on"))?),
                "times" => rule.times = Some(number().ok_or_else(|| wrong("is no number from 1 on"))?),
                "probability" => {
                    let share = value.as_f64().filter(|share| *share > 0.0 && *share <= 1.0);
                    rule.probability = Some(share.ok_or_else(|| wrong("is no number above 0 and up to 1"))?);
                }
                _ => {
                    let hint = nearest(name, FIELDS).map(|near| format!(" (did you mean {near:?}?)"));
                    let (hint, fields) = (hint.unwrap_or_default(), FIELDS.join(", "));
                    return Err(FaultError(format!(
                        "match: there is no field {name:?}{hint}; there are {fields}"
                    )));
                }
            }
        }
        Ok(rule)
    }

    /// Whether the fault is about a request.
    pub(super) fn admits<'n>(&self, request: &Request, names: impl FnOnce() -> &'n [String]) -> bool {
        self.method.as_ref().is_none_or(|method| request.method.as_str() == method)
            && self.path.as_ref().is_none_or(|pattern| path_fits(pattern, request.path()))
            && self.client.as_ref().is_none_or(|client| names().contains(client))
    }

    /// The first of its requests that is struck.
    pub(super) fn from(&self) -> u64 {
        self.nth.unwrap_or(1)
    }

    /// How often it strikes at most. `nth` alone means that one only.
    pub(super) fn times(&self) -> Option<u64> {
        self.times.or(self.nth.map(|_| 1))
    }
}

/// Chance that is the same at each run with the same seed, however requests overtake each other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chance(u64);

impl Chance {
    /// The chance of a fault, by its number.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number);
        Self(rng.next_u64())
    }

    /// The number for the `nth` request.
    pub(super) fn number(self, nth: u64) -> u64 {
        ChaCha8Rng::seed_from_u64(self.0 ^ nth).next_u64()
    }

    /// Whether the `nth` request is struck, with this probability.
    pub(super) fn decides(self, nth: u64, probability: Option<f64>) -> bool {
        // 53 bits make a number from 0 up to 1.
        probability.is_none_or(|share| ((self.number(nth) >> 11) as f64) < share * (1_u64 << 53) as f64)
    }
}
