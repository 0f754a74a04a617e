//! Verifying the signature of a JWT by the algorithm that its header names and the key that the client registered.
//! An algorithm is tried only with a key of its own kind, so that a public key is never taken for an HMAC secret.

use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;

use crate::org::client::KeyMaterial;

/// An algorithm that Okta takes for client assertions (token-facts §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// One that jsonwebtoken knows.
    Known(jsonwebtoken::Algorithm),
    /// ECDSA on P-521, which it does not know.
    Es512,
}

impl Algorithm {
    /// The names, in the order of `request_object_signing_alg_values_supported` (token-facts §9.1).
    pub const NAMES: [&str; 9] =
        ["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

    /// The algorithm with a name. `none` and everything else have none.
    pub fn parse(name: &str) -> Option<Self> {
        use jsonwebtoken::Algorithm as Jwt;
        Some(Self::Known(match name {
            "HS256" => Jwt::HS256,
            "HS384" => Jwt::HS384,
            "HS512" => Jwt::HS512,
            "RS256" => Jwt::RS256,
            "RS384" => Jwt::RS384,
            "RS512" => Jwt::RS512,
            "ES256" => Jwt::ES256,
            "ES384" => Jwt::ES384,
            "ES512" => return Some(Self::Es512),
            _ => return None,
        }))
    }

    /// Whether it signs with a shared secret.
    pub fn is_hmac(self) -> bool {
        use jsonwebtoken::Algorithm as Jwt;
        matches!(self, Self::Known(Jwt::HS256 | Jwt::HS384 | Jwt::HS512))
    }

    /// Whether a key is of the kind that it needs.
    pub fn fits(self, key: &KeyMaterial) -> bool {
        use jsonwebtoken::Algorithm as Jwt;
        match key {
            KeyMaterial::Rsa(_) => matches!(self, Self::Known(Jwt::RS256 | Jwt::RS384 | Jwt::RS512)),
            KeyMaterial::P256(_) => self == Self::Known(Jwt::ES256),
            KeyMaterial::P384(_) => self == Self::Known(Jwt::ES384),
            KeyMaterial::P521(_) => self == Self::Es512,
            KeyMaterial::Unusable => false,
        }
    }

    /// Whether a public key made the signature (base64url) of a message. False for a key of another kind.
    pub fn verifies(self, key: &KeyMaterial, message: &str, signature: &str) -> bool {
        if !self.fits(key) {
            return false;
        }
        match (self, key) {
            (
                Self::Known(algorithm),
                KeyMaterial::Rsa(key) | KeyMaterial::P256(key) | KeyMaterial::P384(key),
            ) => known(signature, message, key, algorithm),
            (Self::Es512, KeyMaterial::P521(point)) => {
                URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| {
                    UnparsedPublicKey::new(&ECDSA_P521_SHA512_FIXED, point)
                        .verify(message.as_bytes(), &signature)
                        .is_ok()
                })
            }
            _ => false,
        }
    }

    /// Whether a secret made the signature (base64url) of a message.
    pub fn verifies_with_secret(self, secret: &str, message: &str, signature: &str) -> bool {
        match self {
            Self::Known(algorithm) if self.is_hmac() => {
                known(signature, message, &DecodingKey::from_secret(secret.as_bytes()), algorithm)
            }
            _ => false,
        }
    }
}

fn known(signature: &str, message: &str, key: &DecodingKey, algorithm: jsonwebtoken::Algorithm) -> bool {
    jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, algorithm).unwrap_or(false)
}
