//! Cutting a list into pages (mgmt-facts §3): the limit, the cursor, the query of the next page.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::exchange::Form;
use crate::facts::dialects::{Dialect, Switch};
use crate::facts::resources::CursorForm;
use crate::query::Mark;
use crate::wire::ApiError;

/// The sizes of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub default: usize,
    pub max: usize,
    /// The org's own cap.
    pub cap: Option<usize>,
}

/// What a caller asked of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// What the links say.
    pub limit: usize,
    /// How many items the page has at most; smaller than the limit when the org caps its pages.
    pub take: usize,
    /// The cursor as it was sent.
    pub after: Option<String>,
}

/// Reads limit and cursor.
pub(super) fn wanted(query: &Form, sizes: Sizes, dialect: &Dialect) -> Result<Wanted, ApiError> {
    let asked = match query.get("limit") {
        None | Some("") => None,
        Some(text) => match text.parse::<usize>() {
            Ok(limit) if limit > 0 => Some(limit),
            _ if dialect.is(Switch::BadLimit, "type_mismatch") => {
                return Err(ApiError::TypeMismatch(format!("limit: {text}")));
            }
            // Too large for any number is above the maximum, not wrong.
            _ if !text.is_empty()
                && text.bytes().all(|byte| byte.is_ascii_digit())
                && text.bytes().any(|b| b != b'0') =>
            {
                Some(sizes.max)
            }
            _ => None,
        },
    };
    let limit = asked.unwrap_or(sizes.default).min(sizes.max);
    let take = sizes.cap.map_or(limit, |cap| limit.min(cap));
    let after = query.get("after").filter(|cursor| !cursor.is_empty()).map(str::to_owned);
    Ok(Wanted { limit, take, after })
}

/// The cursor behind an item.
pub(super) fn cursor(form: CursorForm, id: &str) -> String {
    match form {
        CursorForm::Id => id.to_owned(),
        // The digit was 0 in recordings of 2020 and is 2 in those of 2026.
        CursorForm::DigitAndId => format!("2{id}"),
        CursorForm::Base64 => STANDARD.encode(id),
    }
}

/// The id inside a cursor; none for a text that cannot be one.
pub(super) fn id_of(form: CursorForm, cursor: &str) -> Option<Cow<'_, str>> {
    match form {
        CursorForm::Id => Some(cursor.into()),
        CursorForm::DigitAndId => {
            let (digit, id) = cursor.split_at_checked(1)?;
            digit.bytes().all(|byte| byte.is_ascii_digit()).then_some(id.into())
        }
        CursorForm::Base64 => String::from_utf8(STANDARD.decode(cursor).ok()?).ok().map(Cow::Owned),
    }
}

/// The cursor of a sorted list: the id, and what the document was sorted by when the page was cut. Documents that go or
/// move meanwhile do not move the place.
pub(super) fn marked(mark: &Mark) -> String {
    let value = mark.value.as_ref().map(|value| URL_SAFE_NO_PAD.encode(value.to_string()));
    format!("{}.{}", mark.id, value.unwrap_or_default())
}

/// The mark inside such a cursor; none for a text that cannot be one.
pub(super) fn mark(cursor: &str) -> Option<Mark> {
    let (id, value) = cursor.rsplit_once('.')?;
    let value = match value {
        "" => None,
        text => Some(serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?),
    };
    Some(Mark { id: id.to_owned(), value })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    const USERS: Sizes = Sizes { default: 200, max: 200, cap: None };
    const APPS: Sizes = Sizes { default: 20, max: 200, cap: None };

    #[test]
    fn limits_are_defaulted_and_lowered() {
        for (query, sizes, limit) in [
            ("", USERS, 200),
            ("", APPS, 20),
            ("limit=2", APPS, 2),
            ("limit=200", APPS, 200),
            ("limit=201", APPS, 200),
            ("limit=99999999999999999999999", APPS, 200),
            ("limit=0", APPS, 20),
            ("limit=-1", APPS, 20),
            ("limit=two", APPS, 20),
            ("limit=", APPS, 20),
        ] {
            let wanted = wanted(&Form::parse(query.as_bytes()), sizes, &Dialect::default()).unwrap();
            assert_eq!((wanted.limit, wanted.take), (limit, limit), "{query}");
        }
    }

    #[test]
    fn a_dialect_may_refuse_bad_limits() {
        let strict =
            Dialect::with(&BTreeMap::from([("bad_limit".to_owned(), "type_mismatch".into())])).unwrap();
        for query in ["limit=0", "limit=-1", "limit=two"] {
            let refused = wanted(&Form::parse(query.as_bytes()), USERS, &strict);
            assert!(matches!(refused, Err(ApiError::TypeMismatch(_))), "{query}");
        }
    }

    #[test]
    fn an_org_may_cap_its_pages_without_saying_so() {
        let sizes = Sizes { cap: Some(2), ..USERS };
        let wanted = wanted(&Form::parse(b"limit=50&after=200u1"), sizes, &Dialect::default()).unwrap();
        assert_eq!(wanted, Wanted { limit: 50, take: 2, after: Some("200u1".to_owned()) });
    }

    proptest! {
        #[test]
        fn a_cursor_gives_its_id_back(id in "[0-9A-Za-z]{20}") {
            for form in [CursorForm::Id, CursorForm::DigitAndId, CursorForm::Base64] {
                let cursor = cursor(form, &id);
                prop_assert_eq!(id_of(form, &cursor), Some(Cow::from(id.as_str())));
            }
        }

        #[test]
        fn no_text_breaks_the_reading(query in ".*", cursor in ".*") {
            let _ = wanted(&Form::parse(query.as_bytes()), USERS, &Dialect::default());
            let _ = id_of(CursorForm::DigitAndId, &cursor);
            let _ = mark(&cursor);
        }

        #[test]
        fn a_mark_comes_back(id in "[0-9A-Za-z]{20}", text in ".*", number: i64, kind in 0..3) {
            let value = [Some(text.into()), Some(number.into()), None][kind as usize].clone();
            let sorted = Mark { id, value };
            prop_assert_eq!(mark(&marked(&sorted)), Some(sorted));
        }
    }
}
