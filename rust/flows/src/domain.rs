//! What is remembered of one observation domain of one exporter.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::account::Stream;
use crate::message::Context;
use crate::plan::Plan;
use crate::sampling::Samplers;
use crate::sequence::Sequence;
use crate::template::Template;

/// Names of applications that one exporter may tell of.
const MOST_APPS: usize = 1 << 14;

/// Protocols whose observation domains are numbered each for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Protocol {
    NetFlow5,
    NetFlow7,
    NetFlow9,
    Ipfix,
    Sflow5,
}

/// Who speaks: the same template id means other things in another domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    pub exporter: u128,
    pub domain: u32,
    pub protocol: Protocol,
}

/// Names of applications by the id that records carry (options of NBAR and the like).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apps(BTreeMap<Vec<u8>, String>);

impl Apps {
    pub fn learn(&mut self, id: &[u8], name: String) {
        if !name.is_empty() && (self.0.len() < MOST_APPS || self.0.contains_key(id)) {
            self.0.insert(id.to_vec(), name);
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of an application; empty when it is not known.
    #[must_use]
    pub fn name(&self, id: &[u8]) -> &str {
        self.0.get(id).map_or("", String::as_str)
    }
}

/// A set of data whose template has not come yet.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub body: Vec<u8>,
    pub at: usize,
    pub context: Context,
}

impl Waiting {
    /// Bytes that it takes, its own and those of keeping it.
    #[must_use]
    pub fn size(&self) -> usize {
        self.body.len() + size_of::<Self>()
    }
}

/// State of one domain.
#[derive(Debug, Default)]
pub struct Domain {
    pub plans: HashMap<u16, Arc<Plan>>,
    pub samplers: Samplers,
    pub apps: Apps,
    /// When the exporter started, in microseconds since 1970.
    pub boot_us: Option<i64>,
    pub sequence: Sequence,
    /// Numbers of the flow samples of each data source (sFlow).
    pub samples: HashMap<u64, u32>,
    /// Sets that wait, by the id of their template, and when old ones were looked for.
    pub waiting: HashMap<u16, Vec<Waiting>>,
    pub swept_us: i64,
    pub stream: Stream,
}

/// What of a domain outlives a restart.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    templates: Vec<(u16, Template)>,
    samplers: Samplers,
    apps: Apps,
    boot_us: Option<i64>,
    sequence: Sequence,
}

impl Domain {
    /// Fields of all templates.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.plans.values().map(|plan| plan.template.fields.len()).sum()
    }

    #[must_use]
    pub fn keep(&self) -> Kept {
        let template = |(id, plan): (&u16, &Arc<Plan>)| (*id, plan.template.clone());
        let mut templates: Vec<_> = self.plans.iter().map(template).collect();
        templates.sort_by_key(|(id, _)| *id);
        Kept {
            templates,
            samplers: self.samplers.clone(),
            apps: self.apps.clone(),
            boot_us: self.boot_us,
            sequence: self.sequence.clone(),
        }
    }
}

impl From<Kept> for Domain {
    fn from(kept: Kept) -> Self {
        let usable = kept.templates.into_iter().filter(|(_, template)| template.least_length() > 0);
        Self {
            plans: usable.map(|(id, template)| (id, Arc::new(Plan::new(template)))).collect(),
            samplers: kept.samplers,
            apps: kept.apps,
            boot_us: kept.boot_us,
            sequence: kept.sequence,
            ..Self::default()
        }
    }
}
