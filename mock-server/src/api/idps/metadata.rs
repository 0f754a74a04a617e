//! `GET /api/v1/idps/{id}/metadata.xml`: what a SAML identity provider needs to know of the org (recorded; the
//! specification does not have it).

use std::fmt::Write;

use http::{HeaderValue, StatusCode, header};

use super::idp;
use crate::api::answer::Asked;
use crate::api::apps::{escaped, lines};
use crate::api::own::Operations;
use crate::exchange::{Reply, Trace};
use crate::org::change::Shelf;
use crate::wire::ApiError;

pub(super) const OPERATIONS: Operations = &[("getIdentityProviderMetadata", metadata)];

/// How an assertion may be encrypted.
const CIPHERS: [&str; 5] = [
    "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes192-cbc",
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
];

/// The forms of a name that the org reads.
const NAMES: [&str; 4] = [
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
];

/// What the org wants to know of a user: label, name, whether it must be there.
const ATTRIBUTES: [(&str, &str, bool); 4] = [
    ("First Name", "firstName", true),
    ("Last Name", "lastName", true),
    ("Email", "email", true),
    ("Mobile Phone", "mobilePhone", false),
];

fn metadata(asked: &Asked<'_>, _: &mut Trace) -> Result<Reply, ApiError> {
    let idp = idp(asked)?;
    if !idp.is("/type", "SAML2") {
        return Err(ApiError::NotFound(idp.id.to_string(), "IdpTrust"));
    }
    let text = |pointer: &str| idp.text(pointer).map(|text| text.into_owned()).unwrap_or_default();
    let keys = asked.state.on(&Shelf::below("idp_signing_keys", &[&idp.id]));
    let key = keys.get(&text("/protocol/credentials/signing/kid")).map(|key| key.value());
    let certificate = key.as_ref().and_then(|key| key.pointer("/x5c/0")?.as_str()).unwrap_or_default();
    let certificate = lines(certificate);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<md:EntityDescriptor entityID=\"{}\" \
         xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"><md:SPSSODescriptor AuthnRequestsSigned=\"true\" \
         WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">",
        escaped(&text("/protocol/credentials/trust/audience")),
    );
    for usage in ["encryption", "signing"] {
        let _ = write!(
            out,
            "<md:KeyDescriptor use=\"{usage}\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
             <ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        );
        for cipher in CIPHERS.iter().filter(|_| usage == "encryption") {
            let _ = write!(out, "<md:EncryptionMethod Algorithm=\"{cipher}\"/>");
        }
        out.push_str("</md:KeyDescriptor>");
    }
    for name in NAMES {
        let _ = write!(out, "<md:NameIDFormat>{name}</md:NameIDFormat>");
    }
    let _ = write!(
        out,
        "<md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
         Location=\"{}/sso/saml2/{}\" index=\"0\" isDefault=\"true\"/><md:AttributeConsumingService index=\"0\">\
         <md:ServiceName xml:lang=\"en\">{}</md:ServiceName>",
        escaped(&asked.request.base_url),
        idp.id,
        escaped(&text("/name")),
    );
    for (label, name, required) in ATTRIBUTES {
        let _ = write!(
            out,
            "<md:RequestedAttribute FriendlyName=\"{label}\" Name=\"{name}\" \
             NameFormat=\"urn:oasis:names:tc:SAML:2.0:attrname-format:uri\" isRequired=\"{required}\"/>"
        );
    }
    let org = escaped(&asked.state.settings.name);
    let _ = write!(
        out,
        "</md:AttributeConsumingService></md:SPSSODescriptor><md:Organization>\
         <md:OrganizationName xml:lang=\"en\">{org}</md:OrganizationName>\
         <md:OrganizationDisplayName xml:lang=\"en\">okta-{org}</md:OrganizationDisplayName>\
         <md:OrganizationURL xml:lang=\"en\">https://okta.com</md:OrganizationURL></md:Organization>\
         </md:EntityDescriptor>"
    );
    let mut reply = Reply::json(StatusCode::OK, out);
    reply.headers.retain(|(name, _)| name != header::CONTENT_TYPE);
    Ok(reply
        .with(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
        .with(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=metadata.xml")))
}
