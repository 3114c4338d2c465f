//! The parts of a URL by the rules of Java's `URL`: nothing is decoded, nothing is normalised.

/// Parts as slices of the text.
#[derive(Debug, PartialEq)]
pub(super) struct Url<'a> {
    /// One of [`PROTOCOLS`], in lower case.
    pub protocol: &'static str,
    pub authority: Option<&'a str>,
    pub user_info: Option<&'a str>,
    pub host: &'a str,
    pub path: &'a str,
    pub query: Option<&'a str>,
    /// Path and query.
    pub file: &'a str,
    pub reference: Option<&'a str>,
}

/// Those that Java has a handler for; the URL is malformed with any other.
const PROTOCOLS: [&str; 6] = ["http", "https", "ftp", "file", "jar", "mailto"];

impl<'a> Url<'a> {
    pub fn parse(text: &'a str) -> Option<Url<'a>> {
        let text = text.trim_matches(|sign: char| sign <= ' ');
        let text = match text.get(..4) {
            Some(start) if start.eq_ignore_ascii_case("url:") => &text[4..],
            _ => text,
        };
        let (name, rest) = text.split_once(':')?;
        let protocol = PROTOCOLS.into_iter().find(|known| known.eq_ignore_ascii_case(name))?;
        let (rest, reference) = split(rest, '#');
        if matches!(protocol, "jar" | "mailto") {
            if protocol == "jar" && !rest.contains("!/") {
                return None;
            }
            return Some(Url {
                protocol,
                authority: None,
                user_info: None,
                host: "",
                path: rest,
                query: None,
                file: rest,
                reference,
            });
        }
        let (hierarchical, query) = split(rest, '?');
        let (authority, path) = match hierarchical.strip_prefix("//") {
            None => (None, hierarchical),
            Some(after) => {
                let end = after.find('/').unwrap_or(after.len());
                (Some(&after[..end]), &after[end..])
            }
        };
        let (user_info, host) = match authority {
            None => (None, ""),
            Some(authority) => host(authority)?,
        };
        let file = &rest[hierarchical.len() - path.len()..];
        Some(Url { protocol, authority, user_info, host, path, query, file, reference })
    }
}

/// The text before the first `sign`, and what follows it.
fn split(text: &str, sign: char) -> (&str, Option<&str>) {
    match text.split_once(sign) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

/// User and host; None when the port is no port.
fn host(authority: &str) -> Option<(Option<&str>, &str)> {
    let (user_info, host) = match authority.split_once('@') {
        None => (None, authority),
        Some((_, rest)) if rest.contains('@') => return Some((None, "")),
        Some((user, host)) => (Some(user), host),
    };
    let (host, port) = if host.starts_with('[') {
        let end = host.find(']')?;
        let port = &host[end + 1..];
        if !port.is_empty() && !port.starts_with(':') {
            return None;
        }
        (&host[..=end], port.strip_prefix(':').unwrap_or(""))
    } else {
        split_port(host)
    };
    if !port.is_empty() && port.parse::<i32>().ok()? < -1 {
        return None;
    }
    Some((user_info, host))
}

fn split_port(host: &str) -> (&str, &str) {
    host.split_once(':').unwrap_or((host, ""))
}
