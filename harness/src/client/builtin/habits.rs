//! Bad habits on the wire, for what is judged in every scenario (`checks/monitors/`): where requests go, what they are
//! called, how they are signed, and what is told of them.

use reqwest::{Client, RequestBuilder, Url, header::LOCATION};
use serde_json::Value;

use super::{
    calls::Answer,
    mutants::{MUTANTS, Mutant},
    refused,
};
use crate::client::protocol::{Authentication, Connection, Op, Outcome, Reason, Refused};

/// What a client does on the wire that the reference does not.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Habits {
    follow_redirects: bool,
    form_as_json: bool,
    secret_twice: bool,
    tenant: bool,
    scheme_twice: bool,
    own_address: bool,
    page_number: bool,
    body_as_text: bool,
    cry_wolf: bool,
    make_up_status: bool,
    lose_the_last: bool,
}

/// What the product around a client does that it should not.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Product {
    pub(super) admin_host: bool,
    pub(super) okta_com_only: bool,
    pub(super) keep_slash: bool,
    pub(super) needs_settings: bool,
    pub(super) any_token_type: bool,
    pub(super) whole_pages: bool,
    pub(super) role_blind: bool,
    pub(super) trusts_scopes: bool,
    pub(super) small_pages: bool,
    pub(super) everything_again: bool,
    pub(super) since_last_time: bool,
}

/// The mutants with such a habit of the product.
const OF_THE_PRODUCT: &[Mutant] = &[
    Mutant {
        name: "admin-console",
        habit: "takes the address of the admin console for that of the org",
        change: |c| c.product.admin_host = true,
    },
    Mutant {
        name: "okta-com-only",
        habit: "takes no domain but okta.com",
        change: |c| c.product.okta_com_only = true,
    },
    Mutant {
        name: "slash-kept",
        habit: "puts its paths behind the slash that a customer has entered",
        change: |c| c.product.keep_slash = true,
    },
    Mutant {
        name: "needs-settings",
        habit: "does not work where a tenant setting is empty",
        change: |c| c.product.needs_settings = true,
    },
    Mutant {
        name: "any-token-type",
        habit: "sends any token as a bearer token",
        change: |c| c.product.any_token_type = true,
    },
    Mutant {
        name: "costly-test",
        habit: "reads whole pages to test its connection",
        change: |c| c.product.whole_pages = true,
    },
    Mutant {
        name: "role-blind",
        habit: "takes an empty list for a connection that works",
        change: |c| c.product.role_blind = true,
    },
    Mutant {
        name: "scope-blind",
        habit: "takes a scope that it has asked for as one that it has",
        change: |c| c.product.trusts_scopes = true,
    },
    Mutant { name: "small-pages", habit: "reads lists by twenty", change: |c| c.product.small_pages = true },
    Mutant {
        name: "everything-again",
        habit: "reads everything each time",
        change: |c| c.product.everything_again = true,
    },
    Mutant {
        name: "since-last-time",
        habit: "asks the log for what happened since it asked last",
        change: |c| c.product.since_last_time = true,
    },
];

/// The mutants with such a habit on the wire.
const ON_THE_WIRE: &[Mutant] = &[
    Mutant {
        name: "follow-redirects",
        habit: "follows a redirect wherever it leads, credentials and all",
        change: |c| c.habits.follow_redirects = true,
    },
    Mutant {
        name: "form-as-json",
        habit: "says that its token request is JSON",
        change: |c| c.habits.form_as_json = true,
    },
    Mutant {
        name: "secret-twice",
        habit: "sends its secret in the header and in the form",
        change: |c| c.habits.secret_twice = true,
    },
    Mutant {
        name: "tenant-parameter",
        habit: "sends a parameter with its token request that Okta does not have",
        change: |c| c.habits.tenant = true,
    },
    Mutant {
        name: "asks-to-stay",
        habit: "asks for offline_access although nobody signs in",
        change: |c| c.extra_scope = Some("offline_access"),
    },
    Mutant {
        name: "scheme-twice",
        habit: "writes the scheme twice into the Authorization header",
        change: |c| c.habits.scheme_twice = true,
    },
    Mutant {
        name: "address-of-its-own",
        habit: "asks for users at an address that Okta does not have",
        change: |c| c.habits.own_address = true,
    },
    Mutant {
        name: "page-number",
        habit: "asks for pages by their number",
        change: |c| c.habits.page_number = true,
    },
    Mutant {
        name: "body-as-text",
        habit: "sends objects inside a body as text",
        change: |c| c.habits.body_as_text = true,
    },
    Mutant {
        name: "cries-wolf",
        habit: "reports what has succeeded as refused",
        change: |c| c.habits.cry_wolf = true,
    },
    Mutant {
        name: "status-made-up",
        habit: "reports every refusal as a 500",
        change: |c| c.habits.make_up_status = true,
    },
    Mutant {
        name: "loses-the-last",
        habit: "reports one element fewer than it has read",
        change: |c| c.habits.lose_the_last = true,
    },
];

/// All mutants there are.
pub(crate) fn all() -> impl Iterator<Item = &'static Mutant> {
    MUTANTS.iter().chain(ON_THE_WIRE).chain(OF_THE_PRODUCT)
}

impl Habits {
    /// Sends a request, and goes after it to where it is sent.
    pub(super) async fn send(self, http: &Client, request: RequestBuilder) -> Result<Answer, Refused> {
        if !self.follow_redirects {
            return Answer::read(request).await;
        }
        let built = request.build().map_err(|error| refused(Reason::Config, None, error.to_string()))?;
        let again = built.try_clone();
        let answer = Answer::read(RequestBuilder::from_parts(http.clone(), built)).await?;
        let location = answer.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let target =
            location.filter(|_| (300..400).contains(&answer.status)).and_then(|to| Url::parse(to).ok());
        match (target, again) {
            // What a browser is sent back with is no redirect of the same request.
            (Some(target), Some(mut again)) if target.path() == again.url().path() => {
                *again.url_mut() = target;
                Answer::read(RequestBuilder::from_parts(http.clone(), again)).await
            }
            _ => Ok(answer),
        }
    }

    /// A request for a token, before its form is written.
    pub(super) fn asked(
        self,
        connection: &Connection,
        request: RequestBuilder,
        form: &mut Vec<(&str, String)>,
    ) -> RequestBuilder {
        if let (true, Authentication::ClientSecretBasic { client_secret }) =
            (self.secret_twice, &connection.auth)
        {
            form.push(("client_id", connection.client_id.clone()));
            form.push(("client_secret", client_secret.clone()));
        }
        if self.tenant {
            form.push(("tenant", "acme".to_owned()));
        }
        match self.form_as_json {
            true => request.header("Content-Type", "application/json"),
            false => request,
        }
    }

    /// The value of the Authorization header.
    pub(super) fn presented(self, authorization: String) -> String {
        match authorization.split_once(' ') {
            Some((scheme, _)) if self.scheme_twice => format!("{scheme} {authorization}"),
            _ => authorization,
        }
    }

    /// Path and query.
    pub(super) fn address(self, path: &str) -> String {
        let path = match self.own_address {
            true => path.replace("/api/v1/users", "/api/v1/people"),
            false => path.to_owned(),
        };
        match (self.page_number, path.contains('?')) {
            (true, true) => format!("{path}&page=1"),
            (true, false) => format!("{path}?page=1"),
            _ => path,
        }
    }

    /// A body.
    pub(super) fn body(self, body: Value) -> Value {
        match body {
            Value::Object(members) if self.body_as_text => {
                let text = |member: Value| match member {
                    Value::Object(_) => Value::String(member.to_string()),
                    other => other,
                };
                Value::Object(members.into_iter().map(|(name, member)| (name, text(member))).collect())
            }
            other => other,
        }
    }

    /// What is told of an op.
    pub(super) fn told(self, op: &Op, outcome: Outcome) -> Outcome {
        match outcome {
            _ if matches!(op, Op::Configure { .. }) => outcome,
            Outcome::Ok(_) if self.cry_wolf => {
                Outcome::Refused(refused(Reason::HttpStatus, None, "the org said no"))
            }
            Outcome::Ok(mut achieved) if self.lose_the_last => {
                if let Some(values) = &mut achieved.values {
                    values.pop();
                    achieved.count = Some(values.len());
                }
                Outcome::Ok(achieved)
            }
            Outcome::Refused(told) if self.make_up_status && told.status.is_some() => {
                Outcome::Refused(Refused { status: Some(500), ..told })
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::{
        builtin::{conduct::Conduct, mutants},
        protocol::Achieved,
    };

    #[test]
    fn every_habit_is_one_and_is_found_by_its_name() {
        let reference = format!("{:?}", Conduct::default());
        for mutant in ON_THE_WIRE.iter().chain(OF_THE_PRODUCT) {
            assert_ne!(format!("{:?}", mutant.conduct()), reference, "{}", mutant.name);
            assert_eq!(mutants::find(mutant.name), Some(mutant), "names are unique");
            assert!(!mutant.habit.is_empty());
        }
    }

    #[test]
    fn the_reference_has_none_of_them() {
        let none = Habits::default();
        let body = json!({ "profile": { "a": 1 } });
        assert_eq!(none.address("/api/v1/users?a=b"), "/api/v1/users?a=b");
        assert_eq!(none.body(body.clone()), body);
        assert_eq!(none.presented("Bearer x".to_owned()), "Bearer x");
        let listed = Outcome::Ok(Achieved { values: Some(vec![json!(1)]), ..Achieved::default() });
        assert_eq!(none.told(&Op::GetToken, listed.clone()), listed);
        let all = Habits { own_address: true, page_number: true, body_as_text: true, ..none };
        assert_eq!(all.address("/api/v1/users?a=b"), "/api/v1/people?a=b&page=1");
        assert_eq!(all.body(body), json!({ "profile": "{\"a\":1}" }));
        assert_eq!(Habits { scheme_twice: true, ..none }.presented("Bearer x".to_owned()), "Bearer Bearer x");
        let wolf = Habits { cry_wolf: true, ..none }.told(&Op::GetToken, listed);
        assert!(matches!(wolf, Outcome::Refused(_)));
    }
}
