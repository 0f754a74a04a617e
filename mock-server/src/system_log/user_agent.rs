//! What a `User-Agent` says about browser, system and device, in the words of Okta's log.

/// What is known of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UserAgent {
    pub(super) browser: &'static str,
    pub(super) os: &'static str,
    pub(super) device: &'static str,
}

/// The first that occurs counts: newer browsers name the older ones that they are like.
const BROWSERS: [(&str, &str); 6] = [
    ("Edg", "EDGE"),
    ("OPR/", "OPERA"),
    ("Firefox/", "FIREFOX"),
    ("Chrome/", "CHROME"),
    ("Safari/", "SAFARI"),
    ("Trident/", "INTERNET_EXPLORER"),
];

const SYSTEMS: [(&str, &str, &str); 9] = [
    ("iPhone", "iOS (iPhone)", "Mobile"),
    ("iPad", "iOS (iPad)", "Tablet"),
    ("Android", "Android", "Mobile"),
    ("Windows NT 10", "Windows 10", "Computer"),
    ("Windows", "Windows", "Computer"),
    ("Mac OS X", "Mac OS X", "Computer"),
    ("CrOS", "Chrome OS", "Computer"),
    ("Linux", "Linux", "Computer"),
    ("X11", "Linux", "Computer"),
];

/// Reads it. Only browsers tell where they run: a program that names a system in passing is `Unknown` to Okta too.
pub(super) fn read(raw: &str) -> UserAgent {
    let browser = BROWSERS.iter().find(|(mark, _)| raw.contains(mark)).map_or("UNKNOWN", |(_, name)| name);
    let system = SYSTEMS.iter().find(|(mark, ..)| raw.starts_with("Mozilla/") && raw.contains(mark));
    let (os, device) = system.map_or(("Unknown", "Unknown"), |(_, os, device)| (os, device));
    UserAgent { browser, os, device }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_and_programs() {
        let mozilla = |rest: &str| format!("Mozilla/5.0 ({rest}");
        for (raw, browser, os, device) in [
            (
                mozilla(
                    "Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/127.0.0.0 Safari/537.36",
                ),
                "CHROME",
                "Mac OS X",
                "Computer",
            ),
            (
                mozilla("Windows NT 10.0; Win64; x64) Chrome/76.0 Safari/537.36 Edg/91"),
                "EDGE",
                "Windows 10",
                "Computer",
            ),
            (mozilla("X11; Linux x86_64; rv:109.0) Gecko Firefox/115.0"), "FIREFOX", "Linux", "Computer"),
            (
                mozilla("iPhone; CPU iPhone OS 16_0 like Mac OS X) Safari/604"),
                "SAFARI",
                "iOS (iPhone)",
                "Mobile",
            ),
            ("python-requests/2.28.1".to_owned(), "UNKNOWN", "Unknown", "Unknown"),
            ("okta-sdk-python/2.9 python/3.11 Linux/5".to_owned(), "UNKNOWN", "Unknown", "Unknown"),
            (String::new(), "UNKNOWN", "Unknown", "Unknown"),
        ] {
            assert_eq!(read(&raw), UserAgent { browser, os, device }, "{raw}");
        }
    }
}
