//! `METHOD /path`: which requests a bucket counts.

use http::Method;

/// How well a pattern fits: exact before deep, then by length, by words rather than placeholders, by a method of its own.
pub(super) type Rank = (bool, usize, usize, bool);

/// A method (or any) and a path with placeholders.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) method: Option<Method>,
    pub(super) segments: Vec<String>,
    /// Everything below the path, and not the path itself.
    pub(super) deep: bool,
}

impl Pattern {
    /// # Errors
    /// What is not `METHOD /path`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (method, path) = text
            .split_once(' ')
            .filter(|(_, path)| path.starts_with('/'))
            .ok_or_else(|| format!("rate-limits.toml: {text:?} is not `METHOD /path`"))?;
        let method = match method {
            "*" => None,
            name => Some(
                Method::from_bytes(name.as_bytes()).map_err(|error| format!("rate-limits.toml: {error}"))?,
            ),
        };
        let (path, deep) = path.strip_suffix("/**").map_or((path, false), |stem| (stem, true));
        let segments = path.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned).collect();
        Ok(Self { method, segments, deep })
    }

    /// How well it fits.
    pub(super) fn rank(&self, method: &Method, path: &[&str]) -> Option<Rank> {
        let long_enough =
            if self.deep { path.len() > self.segments.len() } else { path.len() == self.segments.len() };
        let fits = long_enough
            && self
                .method
                .as_ref()
                .is_none_or(|own| own == method || (*method == Method::HEAD && *own == Method::GET))
            && self.segments.iter().zip(path).all(|(own, given)| own == "{}" || own == given);
        let words = self.segments.iter().filter(|segment| *segment != "{}").count();
        fits.then_some((!self.deep, self.segments.len(), words, self.method.is_some()))
    }
}
