//! Texts with names in braces, and the way back.

/// The text with values in the places of `{names}`.
///
/// # Errors
/// A value cannot be had.
pub(super) fn filled<E>(text: &str, mut value: impl FnMut(&str) -> Result<String, E>) -> Result<String, E> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = rest
        .split_once('{')
        .and_then(|(before, after)| after.split_once('}').map(|(name, after)| (before, name, after)))
    {
        filled.push_str(before);
        filled.push_str(&value(name)?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The text with `{names}` in the places of these values; of two at one place the first counts.
pub(super) fn named(text: &str, values: &[(&str, &str)]) -> String {
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match values.iter().find(|(_, value)| rest.starts_with(value)) {
            Some((name, value)) => {
                named.push_str(&format!("{{{name}}}"));
                rest = rest.get(value.len()..).unwrap_or_default();
            }
            None => {
                named.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    named
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_become_values_and_values_names() {
        let value = |name: &str| if name == "app.id" { Ok("0oa1&".to_owned()) } else { Err(name.to_owned()) };
        assert_eq!(filled("/apps/{app.id}?x", value).unwrap(), "/apps/0oa1&?x");
        assert_eq!(filled("{nobody}", value), Err("nobody".to_owned()));
        assert_eq!(filled("a } b { c", value).unwrap(), "a } b { c");
        let values = [("url", "https://a.example"), ("host", "a.example")];
        assert_eq!(named("at https://a.example/é, a.example", &values), "at {url}/é, {host}");
    }
}
