//! What a list is asked for besides pages: `search`, `filter`, `q`, plain equalities, an order (mgmt-facts §4).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::api::special;
use crate::exchange::Form;
use crate::facts::resources::{CursorForm, Page, Resource};
use crate::org::collection::Collection;
use crate::org::document::Document;
use crate::org::state::OrgState;
use crate::query::{
    Dialect, Expr, Grammar, JsonText, Literal, Lookup, Mark, Operator, Path, QueryError, Quick, Scalar, Sort,
    SortOrder, index_probes,
};
use crate::wire::ApiError;

/// What a list is asked for.
pub(super) struct Wish<'s> {
    expression: Option<(Expr, &'static Grammar, Dialect)>,
    quick: Option<(String, &'static Quick)>,
    sort: Option<Sort>,
    /// What comparisons ask that no document has.
    elsewhere: Vec<Elsewhere>,
    /// The parameters that Okta knows, which links repeat.
    pub known: Vec<(String, String)>,
    resource: &'static Resource,
    state: &'s OrgState,
}

/// A value of an attribute that stands in other documents than the ones that are listed (`user.id` of apps), and the
/// places of those that have it.
struct Elsewhere {
    attribute: Path,
    value: String,
    places: BTreeSet<u64>,
}

/// A document with what stands elsewhere.
struct Completed<'d> {
    json: JsonText<'d>,
    place: u64,
    elsewhere: &'d [Elsewhere],
}

impl Lookup for Completed<'_> {
    fn any(&self, path: &Path, see: &mut dyn FnMut(Scalar<'_>) -> bool) -> bool {
        let mut own = self.elsewhere.iter().filter(|one| one.attribute == *path).peekable();
        match own.peek() {
            None => self.json.any(path, see),
            Some(_) => own
                .filter(|one| one.places.contains(&self.place))
                .any(|one| see(Scalar::Text(Cow::Borrowed(&one.value)))),
        }
    }
}

impl<'w> Wish<'w> {
    /// Reads a query about what lies on a shelf.
    ///
    /// # Errors
    /// What is wrong with its expressions.
    pub(super) fn read(
        resource: &'static Resource,
        query: &Form,
        state: &'w OrgState,
        collection: &Collection,
    ) -> Result<Self, ApiError> {
        let queryable = &resource.query;
        let text = |name: &str| query.get(name).filter(|value| !value.is_empty());
        let search = text("search").filter(|_| queryable.search.is_some());
        let dialect = if search.is_some() { Dialect::Search } else { Dialect::Filter };
        let expression = queryable.read(text("search"), text("filter")).map_err(ApiError::Query)?;
        let expression = expression.map(|(expr, grammar)| (expr, grammar, dialect));
        let required = queryable.filter.as_ref().and_then(|filter| filter.required.as_ref());
        if let (None, Some(required)) = (&expression, required) {
            let (attribute, object) = (required.attribute.clone(), required.object.clone());
            return Err(ApiError::Query(QueryError::Required { attribute, object }));
        }
        let keyword = text("search").zip(queryable.keyword.as_ref());
        let quick = keyword
            .or_else(|| text("q").zip(queryable.q.as_ref()))
            .map(|(typed, quick)| (typed.to_owned(), quick));
        let own_order = || Some(Sort { by: queryable.order.clone()?, order: SortOrder::Ascending });
        let sort = search.and_then(|_| Sort::read(text("sortBy"), text("sortOrder"))).or_else(own_order);
        let is_known = |name: &str, value: &str| match name {
            "search" => queryable.search.is_some() || queryable.keyword.is_some(),
            "filter" => queryable.filter.is_some(),
            "q" => queryable.q.is_some(),
            "sortBy" => search.is_some(),
            "sortOrder" => search.is_some() && SortOrder::parse(value).is_some(),
            _ => queryable.equals.contains_key(name) || queryable.shown.iter().any(|one| one == name),
        };
        let known =
            query.0.iter().filter(|(name, value)| !value.is_empty() && is_known(name, value)).cloned();
        let known = known.collect();
        let expr = expression.as_ref().map(|(expr, ..)| expr);
        let elsewhere = elsewhere(resource, expr, state, collection);
        Ok(Self { known, expression, quick, sort, elsewhere, resource, state })
    }

    /// Whether it is a search, which may lag behind writes.
    pub(super) fn searches(&self) -> bool {
        matches!(self.expression, Some((_, _, Dialect::Search)))
    }

    /// The sizes of pages, where they differ from those of a plain list.
    pub(super) fn sizes(&self, page: &Page) -> (usize, usize) {
        let quick = self.quick.as_ref().map(|(_, quick)| quick);
        let default = quick.and_then(|quick| quick.default).unwrap_or(page.default);
        (default, quick.and_then(|quick| quick.max).unwrap_or(page.max))
    }

    /// The form of cursors: a search's is the plain id (mgmt-facts §3).
    pub(super) fn cursor(&self, page: &Page) -> CursorForm {
        match &self.expression {
            Some((_, _, Dialect::Search)) => CursorForm::Id,
            _ => page.cursor,
        }
    }

    /// Whether the answer has Link lines, and a next page.
    pub(super) fn links(&self) -> (bool, bool) {
        self.quick.as_ref().map_or((true, true), |(_, quick)| (quick.links, quick.pages))
    }

    /// The documents that are asked for, behind a place, in the order of their creation.
    pub(super) fn of<'s>(
        &'s self,
        collection: &'s Collection,
        place: Option<u64>,
    ) -> Box<dyn Iterator<Item = &'s Arc<Document>> + 's> {
        Box::new(self.candidates(collection, place))
    }

    /// The order that is asked for, if it is not that of creation.
    pub(super) fn sort(&self) -> Option<&Sort> {
        self.sort.as_ref()
    }

    /// The documents that are asked for, behind a mark, in the order that is asked for.
    pub(super) fn sorted<'s>(
        &'s self,
        sort: &Sort,
        collection: &'s Collection,
        mark: Option<&Mark>,
    ) -> Vec<&'s Arc<Document>> {
        let behind = |document: &&Arc<Document>| {
            mark.is_none_or(|mark| sort.is_behind(&document.json(), &document.id, mark))
        };
        let mut all: Vec<_> = self.candidates(collection, None).filter(behind).collect();
        sort.apply(&mut all, |document| document.json(), |document| &document.id);
        all
    }

    fn candidates<'s>(
        &'s self,
        collection: &'s Collection,
        place: Option<u64>,
    ) -> impl Iterator<Item = &'s Arc<Document>> {
        let indexed = self.indexed_places(collection);
        let all: Box<dyn Iterator<Item = &'s Arc<Document>>> = match indexed {
            Some(places) => {
                let behind = places.into_iter().filter(move |one| place.is_none_or(|place| *one > place));
                Box::new(behind.filter_map(|place| collection.at(place)))
            }
            None => Box::new(collection.after(place)),
        };
        all.filter(|document| self.fits(document))
    }

    fn fits(&self, document: &Document) -> bool {
        let shown = match (&self.expression, &self.quick) {
            (Some((_, grammar, _)), _) => grammar.hidden,
            (None, Some((_, quick))) => quick.hidden,
            (None, None) => false,
        };
        let json = document.json();
        let equals = &self.resource.query.equals;
        (shown || document.listed)
            && self
                .known
                .iter()
                .all(|(name, value)| equals.get(name).is_none_or(|parameter| parameter.matches(value, &json)))
            && self.quick.as_ref().is_none_or(|(typed, quick)| {
                let special = special::of(self.resource);
                let elsewhere = special.and_then(|special| special.typed(self.state, document, typed));
                elsewhere.unwrap_or_else(|| quick.matches(typed, &json))
            })
            && self.expression.as_ref().is_none_or(|(expr, _, dialect)| match self.elsewhere.as_slice() {
                [] => expr.matches(&json, dialect.case()),
                elsewhere => {
                    expr.matches(&Completed { json, place: document.seq, elsewhere }, dialect.case())
                }
            })
    }

    /// The places that the indexes give for an expression, if they can answer it.
    fn indexed_places(&self, collection: &Collection) -> Option<Vec<u64>> {
        let (expr, grammar, _) = self.expression.as_ref()?;
        let probes = index_probes(expr, &grammar.indexed())?;
        let mut places = Vec::new();
        for probe in probes {
            match (probe.attribute, probe.operator) {
                // Ids are compared as they are: one that differs in case only belongs to somebody else.
                ("id", Operator::Eq) => {
                    places.extend(collection.get(probe.value).map(|document| document.seq))
                }
                ("id", _) => return None,
                (attribute, Operator::Eq) if self.elsewhere.iter().any(|one| one.attribute.is(attribute)) => {
                    let same =
                        |one: &&Elsewhere| one.attribute.is(probe.attribute) && one.value == probe.value;
                    places.extend(self.elsewhere.iter().filter(same).flat_map(|one| &one.places));
                }
                _ => places.extend(collection.probe(self.resource, &probe)?),
            }
        }
        places.sort_unstable();
        places.dedup();
        Some(places)
    }
}

/// What the comparisons of an expression ask that no document has.
fn elsewhere(
    resource: &Resource,
    expr: Option<&Expr>,
    state: &OrgState,
    collection: &Collection,
) -> Vec<Elsewhere> {
    let (Some(expr), Some(special)) = (expr, special::of(resource)) else { return Vec::new() };
    let found = expr.comparisons().into_iter().filter_map(|comparison| {
        let Some(Literal::Text(text)) = &comparison.value else { return None };
        let ids = special.having(state, &comparison.attribute, text.as_str())?;
        Some(Elsewhere {
            attribute: comparison.attribute.clone(),
            value: text.as_str().to_owned(),
            places: ids.iter().filter_map(|id| collection.place(id)).collect(),
        })
    });
    found.collect()
}
