//! What kind of thing an artifact is.

/// The kinds, in the order of `kaname.model.records.ArtifactKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Ip,
    Prefix,
    Port,
    Domain,
    Url,
    Hash,
    Mail,
    Asn,
    Vulnerability,
    Wallet,
    Registry,
    Mutex,
    File,
    Agent,
    Fingerprint,
    Certificate,
    /// An ATT&CK id. No artifact: it names a technique.
    Technique,
    /// A hardware address. No artifact: it means nothing outside of its network.
    Mac,
}

impl Kind {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 18] = [
        (Self::Ip, "ip"),
        (Self::Prefix, "prefix"),
        (Self::Port, "port"),
        (Self::Domain, "domain"),
        (Self::Url, "url"),
        (Self::Hash, "hash"),
        (Self::Mail, "mail"),
        (Self::Asn, "asn"),
        (Self::Vulnerability, "vulnerability"),
        (Self::Wallet, "wallet"),
        (Self::Registry, "registry"),
        (Self::Mutex, "mutex"),
        (Self::File, "file"),
        (Self::Agent, "agent"),
        (Self::Fingerprint, "fingerprint"),
        (Self::Certificate, "certificate"),
        (Self::Technique, "technique"),
        (Self::Mac, "mac"),
    ];

    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].1
    }

    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back() {
        for (kind, name) in Kind::ALL {
            assert_eq!(kind.name(), name);
            assert_eq!(Kind::of_name(name), Some(kind));
        }
        assert_eq!(Kind::of_name("hostname"), None);
    }
}
