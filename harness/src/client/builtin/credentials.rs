//! How the client says who it is at the token endpoint, whatever the grant.

use reqwest::RequestBuilder;

use super::{assertion, mutants::Conduct, refused};
use crate::client::protocol::{Authentication, Connection, Reason, Refused};

/// A form for the token endpoint with the client's credentials: in the header, in the form, or none.
///
/// # Errors
/// The credentials cannot be used, in words for the caller.
pub(super) fn authenticated(
    connection: &Connection,
    conduct: &Conduct,
    (endpoint, now_s): (&str, i64),
    mut request: RequestBuilder,
    mut form: Vec<(&str, String)>,
) -> Result<RequestBuilder, Refused> {
    let mut credentials = Vec::new();
    match &connection.auth {
        Authentication::PrivateKeyJwt { private_key_pem, kid, alg } => {
            let key = (private_key_pem.as_str(), kid.as_deref(), alg.as_str());
            let signed = assertion::sign(connection, key, endpoint, now_s, conduct)
                .map_err(|cause| refused(Reason::Config, None, cause))?;
            let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            credentials.push(("client_assertion_type", kind.to_owned()));
            credentials.push(("client_assertion", signed));
        }
        Authentication::ClientSecretBasic { client_secret }
            if conduct.secret_in_query || conduct.secret_in_body =>
        {
            credentials.push(("client_id", connection.client_id.clone()));
            credentials.push(("client_secret", client_secret.clone()));
        }
        Authentication::ClientSecretBasic { client_secret } => {
            request =
                request.basic_auth(form_encoded(&connection.client_id), Some(form_encoded(client_secret)));
            if conduct.secret_twice {
                credentials.push(("client_id", connection.client_id.clone()));
                credentials.push(("client_secret", client_secret.clone()));
            }
        }
        Authentication::Public => {
            credentials.push(("client_id", connection.client_id.clone()));
            if conduct.public_secret {
                credentials.push(("client_secret", "not-needed".to_owned()));
            }
        }
        Authentication::Ssws { .. } => {
            let words = "an API token is no OAuth client: there is no token to get";
            return Err(refused(Reason::Config, None, words));
        }
    }
    if conduct.secret_in_query {
        request = request.query(&credentials);
    } else {
        form.append(&mut credentials);
    }
    Ok(request.form(&form))
}

/// Id and secret are form-encoded inside of Basic (RFC 6749 §2.3.1).
fn form_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
