//! What surrounds every page: the orgs, the tabs, a problem to tell.

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::super::answer::{ControlError, Named};
use crate::directory::{Caller, Hosted};

/// What surrounds a page.
pub(super) struct Shell {
    /// The org's name.
    pub(super) org: String,
    /// Where clients reach it.
    pub(super) base_url: String,
    /// All orgs.
    pub(super) orgs: Vec<Listed>,
    /// What went wrong.
    pub(super) problem: Option<String>,
    tab: &'static str,
}

/// An org to choose.
pub(super) struct Listed {
    pub(super) name: String,
    pub(super) base_url: String,
}

/// A page to choose.
pub(super) struct Tab {
    pub(super) name: &'static str,
    pub(super) href: String,
    pub(super) current: bool,
}

/// The tabs: where they lead, and what they are called.
const TABS: [(&str, &str); 5] = [
    ("", "Exchanges"),
    ("apps", "Apps"),
    ("integrations", "Integrations"),
    ("people", "People"),
    ("limits", "Limits"),
];

impl Shell {
    fn of(caller: &Caller, hosted: &Hosted) -> Self {
        let ready = hosted.ready();
        let orgs = caller.directory.list();
        let orgs = orgs.iter().map(|hosted| {
            let ready = hosted.ready();
            Listed { name: ready.name.clone(), base_url: ready.base_url.clone() }
        });
        Self {
            org: ready.name.clone(),
            base_url: ready.base_url.clone(),
            orgs: orgs.collect(),
            problem: None,
            tab: "",
        }
    }

    /// On one of the tabs.
    pub(super) fn on(self, tab: &'static str) -> Self {
        Self { tab, ..self }
    }

    /// With a problem to tell.
    pub(super) fn telling(self, problem: impl Into<String>) -> Self {
        Self { problem: Some(problem.into()), ..self }
    }

    /// The address of a page of this org.
    pub(super) fn at(&self, page: &str) -> String {
        match page {
            "" => format!("/_mock/console/{}", self.org),
            page => format!("/_mock/console/{}/{page}", self.org),
        }
    }

    /// The tabs.
    pub(super) fn tabs(&self) -> Vec<Tab> {
        let tab =
            |(page, name): (&str, &'static str)| Tab { name, href: self.at(page), current: page == self.tab };
        TABS.into_iter().map(tab).collect()
    }
}

/// The org that a page is about, and its surroundings.
pub(super) struct Scene {
    /// The org.
    pub(super) hosted: std::sync::Arc<Hosted>,
    /// The surroundings.
    pub(super) shell: Shell,
}

impl Scene {
    /// Of an org that is known.
    pub(super) fn of(caller: &Caller, hosted: std::sync::Arc<Hosted>) -> Self {
        Self { shell: Shell::of(caller, &hosted), hosted }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Scene {
    type Rejection = ControlError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Named(hosted) = Named::from_request_parts(parts, state).await?;
        Ok(Self::of(&caller, hosted))
    }
}
