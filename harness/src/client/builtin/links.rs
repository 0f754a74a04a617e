//! `Link` headers (RFC 8288): the address of the next page, as the org wrote it.

/// The target of `rel="next"` in any of the header's lines, each of which may combine several links.
pub(super) fn next<'a>(lines: impl IntoIterator<Item = &'a str>) -> Option<String> {
    lines
        .into_iter()
        .flat_map(links)
        .find(|(_, rel)| rel.split_whitespace().any(|word| word == "next"))
        .map(|(url, _)| url)
}

/// The links of one line as (target, rel).
fn links(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, parameters)) = after.split_once('>') else { break };
        let end = end_of_link(parameters);
        found.push((target.to_owned(), rel_of(&parameters[..end])));
        rest = &parameters[end..];
    }
    found
}

/// Where this link's parameters end: at a comma outside of quotes, or with the line.
fn end_of_link(parameters: &str) -> usize {
    let mut quoted = false;
    for (at, letter) in parameters.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => return at,
            _ => {}
        }
    }
    parameters.len()
}

fn rel_of(parameters: &str) -> String {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("rel"))
        .map(|(_, value)| value.trim().trim_matches('"').to_ascii_lowercase())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_however_the_links_are_written() {
        let own = r#"<https://o/api/v1/users?limit=2>; rel="self""#;
        let next_line = r#"<https://o/api/v1/users?after=a,b&limit=2>; rel="next""#;
        let url = Some("https://o/api/v1/users?after=a,b&limit=2".to_owned());
        let combined = format!("{own}, {next_line}");
        let table: [(&[&str], Option<String>); 7] = [
            (&[own, next_line], url.clone()),
            (&[next_line, own], url.clone()),
            (&[&combined], url.clone()),
            (&[r#"<https://o/api/v1/users?after=a,b&limit=2>;title="a, <b>"; REL=next"#], url),
            (&[own], None),
            (&[], None),
            (&[r#"<https://o/x>; rel="next"#, "<unfinished"], Some("https://o/x".to_owned())),
        ];
        for (lines, expected) in table {
            assert_eq!(next(lines.iter().copied()), expected, "{lines:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_breaks_the_parser(line in ".{0,200}") {
            let _ = next([line.as_str()]);
        }
    }
}
