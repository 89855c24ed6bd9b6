//! URLs: scheme and host in lower case, no default port, no fragment; the path as it is.

use crate::{address, domain};

/// A URL with an authority (`scheme://host...`).
pub fn url(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    if !is_scheme(scheme) || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    let scheme = scheme.to_ascii_lowercase();
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = path.split('#').next().unwrap_or_default();
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    };
    let (host, port) = host_and_port(place)?;
    let mut shown = format!("{scheme}://");
    if let Some(user) = user {
        shown.push_str(user);
        shown.push('@');
    }
    shown.push_str(&host);
    if let Some(port) = port.filter(|port| Some(*port) != default_port(&scheme)) {
        shown.push(':');
        shown.push_str(&port.to_string());
    }
    shown.push_str(path);
    Some(shown)
}

/// RFC 3986, 3.1.
fn is_scheme(scheme: &str) -> bool {
    let rest = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    let first = scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    first && scheme.len() <= 20 && scheme.bytes().all(rest)
}

/// The host in its spelling (IPv6 in brackets), and the port that is named.
fn host_and_port(place: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = if place.starts_with('[') {
        let end = place.find(']')? + 1;
        let rest = &place[end..];
        (&place[..end], if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
    } else {
        match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        }
    };
    let port = match port {
        None | Some("") => None,
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => Some(text.parse().ok()?),
        Some(_) => return None,
    };
    Some((host_name(host)?, port))
}

fn host_name(host: &str) -> Option<String> {
    if host.starts_with('[') {
        let address = host.trim_matches(['[', ']']).parse::<std::net::Ipv6Addr>().ok()?;
        return Some(format!("[{address}]"));
    }
    match address::v4(host.as_bytes()) {
        Some(address) => Some(address.to_string()),
        None => domain::host(host),
    }
}

/// The host of a canonical URL, without the brackets of IPv6.
pub fn host(url: &str) -> Option<&str> {
    let rest = &url[url.find("://")? + 3..];
    let authority = &rest[..rest.find(['/', '?', '\\']).unwrap_or(rest.len())];
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    if let Some(inside) = place.strip_prefix('[') {
        return inside.split(']').next();
    }
    place.split(':').next().filter(|host| !host.is_empty())
}

fn default_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "http" | "ws" => 80,
        "https" | "wss" => 443,
        "ftp" => 21,
        "ftps" => 990,
        "ssh" | "sftp" => 22,
        "telnet" => 23,
        "ldap" => 389,
        "ldaps" => 636,
        "rmi" => 1099,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3986, 6.2.2.1 and 6.2.3.
    #[test]
    fn urls_get_one_spelling() {
        for (text, shown) in [
            ("HTTP://Example.COM/Path", Some("http://example.com/Path")),
            ("http://example.com:80/a", Some("http://example.com/a")),
            ("https://example.com:443", Some("https://example.com")),
            ("https://example.com:8443/a?B=c#frag", Some("https://example.com:8443/a?B=c")),
            ("http://example.com:/a", Some("http://example.com/a")),
            ("http://User:Pw@Example.com/", Some("http://User:Pw@example.com/")),
            ("http://[2001:DB8::1]:8080/x", Some("http://[2001:db8::1]:8080/x")),
            ("http://例え.example.jp/a", Some("http://xn--r8jz45g.example.jp/a")),
            ("ftp://192.0.2.1/a.bin", Some("ftp://192.0.2.1/a.bin")),
            ("http://intranet/a", Some("http://intranet/a")),
            ("http://example.com?x=1", Some("http://example.com?x=1")),
            ("http:///a", None),
            ("http://a b/", None),
            ("http://example.com:99999/", None),
            ("://example.com", None),
            ("example.com/a", None),
            ("http://256.1.1.1/", None),
        ] {
            assert_eq!(url(text).as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn hosts_are_cut_out() {
        assert_eq!(host("http://u@example.com:81/a"), Some("example.com"));
        assert_eq!(host("http://[2001:db8::1]:8080/x"), Some("2001:db8::1"));
    }
}
