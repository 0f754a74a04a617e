//! `GET /api/v1/apps/{id}/sso/saml/metadata`: what a service provider needs to know of the org (recorded).

use std::fmt::Write;

use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::app;
use crate::api::answer::Asked;
use crate::api::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::org::app::has_certificate;
use crate::org::change::Shelf;
use crate::org::document::Document;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[("previewSAMLmetadataForApplication", preview)];

fn preview(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let app = app(asked)?;
    let accept = asked.request.header("accept").unwrap_or("*/*");
    if !["application/xml", "text/xml", "*/*", "application/*"].iter().any(|kind| accept.contains(kind)) {
        return Err(ApiError::catalogued("E0000019", "", ""));
    }
    if !has_certificate(&app.value()) {
        return Err(ApiError::invalid("signOnMode", "The app does not sign in with SAML."));
    }
    let kid = asked
        .query("kid")
        .or_else(|| app.text("/credentials/signing/kid").map(|kid| kid.into_owned()))
        .unwrap_or_default();
    let keys = asked.state.on(&Shelf::below("app_keys", &[&app.id]));
    let key = keys.get(&kid).ok_or_else(|| ApiError::NotFound(kid.clone(), "JsonWebKey"))?;
    let key = key.value();
    let certificate = key.pointer("/x5c/0").and_then(Value::as_str).unwrap_or_default();
    let text = metadata(&app, certificate, &asked.request.base_url);
    let mut reply = Reply::json(StatusCode::OK, text);
    reply.headers.retain(|(name, _)| name != header::CONTENT_TYPE);
    Ok(reply.with(header::CONTENT_TYPE, HeaderValue::from_static("application/xml;charset=ISO-8859-1")))
}

fn metadata(app: &Document, certificate: &str, base_url: &str) -> String {
    let value = app.value();
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let is = |pointer: &str| value.pointer(pointer) == Some(&Value::Bool(true));
    let key = app.hidden.get("external_key").and_then(Value::as_str).unwrap_or_default();
    let issuer = match (text("/signOnMode"), text("/settings/signOn/idpIssuer")) {
        ("SAML_2_0", "") => format!("http://www.okta.com/{key}"),
        ("SAML_2_0", issuer) => issuer.replace("${org.externalKey}", key),
        _ => key.to_owned(),
    };
    let wants = is("/settings/signOn/samlSignedRequestEnabled");
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><md:EntityDescriptor entityID=\"{}\" \
         xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"><md:IDPSSODescriptor WantAuthnRequestsSigned=\"{wants}\" \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:KeyDescriptor use=\"signing\">\
         <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
        escaped(&issuer),
        lines(certificate),
    );
    let place = format!("{}/app/{}/{}", escaped(base_url), escaped(text("/name")), escaped(key));
    if is("/settings/signOn/slo/enabled") {
        services(&mut out, "SingleLogoutService", &format!("{place}/slo/saml"));
    }
    let own = text("/settings/signOn/subjectNameIdFormat");
    let both = [
        "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    ];
    for format in if own.is_empty() { &both[..] } else { std::slice::from_ref(&own) } {
        let _ = write!(out, "<md:NameIDFormat>{}</md:NameIDFormat>", escaped(format));
    }
    services(&mut out, "SingleSignOnService", &format!("{place}/sso/saml"));
    out.push_str("</md:IDPSSODescriptor></md:EntityDescriptor>");
    out
}

/// A service by both bindings.
fn services(out: &mut String, name: &str, location: &str) {
    for binding in ["HTTP-POST", "HTTP-Redirect"] {
        let _ = write!(
            out,
            "<md:{name} Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:{binding}\" Location=\"{location}\"/>"
        );
    }
}

/// Base64 in lines of 76 characters.
pub(in crate::api) fn lines(base64: &str) -> String {
    let mut out = String::with_capacity(base64.len() + base64.len() / 76);
    for (nth, one) in base64.chars().enumerate() {
        if nth > 0 && nth % 76 == 0 {
            out.push('\n');
        }
        out.push(one);
    }
    out
}

/// Text as it may stand in XML.
pub(in crate::api) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_would_read_as_its_own_is_escaped() {
        assert_eq!(escaped("a<b>&\"c"), "a&lt;b&gt;&amp;&quot;c");
        assert_eq!(lines(&"x".repeat(77)), format!("{}\nx", "x".repeat(76)));
    }
}
