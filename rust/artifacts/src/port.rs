//! Ports: `443`, or with the protocol before it, `udp/53`.

/// A port, with or without its protocol, which may stand on either side.
pub fn port(text: &str) -> Option<String> {
    match text.split_once('/') {
        None => number(text).map(|port| port.to_string()),
        Some((left, right)) => match (number(left), number(right)) {
            (None, Some(port)) => protocol(left).map(|name| format!("{name}/{port}")),
            (Some(port), None) => protocol(right).map(|name| format!("{name}/{port}")),
            // Two numbers do not say which of them is the port.
            _ => None,
        },
    }
}

fn number(text: &str) -> Option<u16> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

fn protocol(text: &str) -> Option<String> {
    let plain = !text.is_empty() && text.len() <= 16;
    let letters = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let named = text.bytes().any(|b| b.is_ascii_alphabetic());
    (plain && letters && named).then(|| text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_goes_first() {
        assert_eq!(port("443").as_deref(), Some("443"));
        assert_eq!(port("53/UDP").as_deref(), Some("udp/53"));
        assert_eq!(port("udp/53").as_deref(), Some("udp/53"));
        assert_eq!(port("65536"), None);
        assert_eq!(port("tcp/"), None);
        assert_eq!(port("0/1"), None);
        assert_eq!(port("99999/53"), None);
        assert_eq!(port(""), None);
    }
}
