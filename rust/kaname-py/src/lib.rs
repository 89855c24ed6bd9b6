//! The Python face of the native core; the only crate that knows Python.

mod aead;
mod arrow;
mod artifacts;
mod capture;
mod columns;
mod dns;
mod errors;
mod filters;
mod flows;
mod forest;
mod fusion;
mod grams;
mod hierarchy;
mod index;
mod live;
mod matching;
mod names;
mod netfeatures;
mod netlists;
mod parquet;
mod places;
mod rewriting;
mod rhythm;
mod routes;

use kaname_packets::{fingerprint, ptype, relation, report};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The native core.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("NativeError", py.get_type::<errors::NativeError>())?;
    let bits = PyDict::new(py);
    for (name, bit) in fingerprint::NAMED {
        bits.set_item(name, bit)?;
    }
    module.add("FINGERPRINTS", bits)?;
    let relations = relation::RELATIONS.iter();
    let relations: Vec<_> =
        relations.map(|each| (each.name, each.exponent, each.relative)).collect();
    module.add("RELATIONS", relations)?;
    module.add("PACKET_TYPES", ptype::NAMES.to_vec())?;
    module.add("OUTCOMES", report::OUTCOMES.to_vec())?;
    module.add("NOTES", report::NOTES.to_vec())?;
    module.add_class::<arrow::ArrowBatch>()?;
    module.add_class::<arrow::ArrowColumn>()?;
    module.add_class::<capture::CaptureFile>()?;
    module.add_class::<capture::CaptureStage>()?;
    module.add_class::<live::PacketStream>()?;
    module.add_function(wrap_pyfunction!(live::capture_begin, module)?)?;
    module.add_class::<parquet::ParquetWriter>()?;
    module.add_class::<flows::FlowFile>()?;
    module.add_class::<flows::FlowDecoder>()?;
    module.add_function(wrap_pyfunction!(capture::is_capture, module)?)?;
    module.add_function(wrap_pyfunction!(routes::is_mrt, module)?)?;
    module.add_class::<routes::RouteStage>()?;
    module.add("DNS_PORTS", dns::DNS_PORTS.to_vec())?;
    module.add_class::<dns::DnsCapture>()?;
    module.add_class::<dns::DnsStage>()?;
    module.add_class::<dns::DnstapDecoder>()?;
    module.add_function(wrap_pyfunction!(dns::is_dnstap, module)?)?;
    module.add_function(wrap_pyfunction!(dns::dns_share, module)?)?;
    module.add_function(wrap_pyfunction!(dns::dns_type, module)?)?;
    module.add_function(wrap_pyfunction!(dns::dns_class, module)?)?;
    module.add_function(wrap_pyfunction!(dns::dns_rcode, module)?)?;
    module.add_function(wrap_pyfunction!(names::canonical_name, module)?)?;
    module.add_function(wrap_pyfunction!(names::registered_domain, module)?)?;
    module.add_function(wrap_pyfunction!(names::registered_domains, module)?)?;
    module.add_function(wrap_pyfunction!(hierarchy::hierarchy, module)?)?;
    module.add_function(wrap_pyfunction!(rhythm::rhythm, module)?)?;
    module.add_class::<filters::BloomFilter>()?;
    module.add_class::<grams::GramModel>()?;
    module.add_function(wrap_pyfunction!(grams::gram_documents, module)?)?;
    module.add_function(wrap_pyfunction!(grams::gram_features, module)?)?;
    module.add_class::<matching::MatcherBuilder>()?;
    module.add_class::<matching::Matcher>()?;
    module.add_class::<fusion::FusionCore>()?;
    module.add_class::<fusion::FusionNear>()?;
    module.add_class::<index::SidecarBuilder>()?;
    module.add_class::<index::Sidecar>()?;
    module.add_class::<index::MentionedRows>()?;
    module.add_function(wrap_pyfunction!(index::text_key, module)?)?;
    module.add_function(wrap_pyfunction!(index::canonical_url, module)?)?;
    module.add_function(wrap_pyfunction!(artifacts::canonical_artifact, module)?)?;
    module.add_function(wrap_pyfunction!(artifacts::canonical_artifacts, module)?)?;
    module.add_function(wrap_pyfunction!(artifacts::guess_artifacts, module)?)?;
    module.add_function(wrap_pyfunction!(artifacts::extract_artifacts, module)?)?;
    module.add_function(wrap_pyfunction!(artifacts::refanged, module)?)?;
    module.add_class::<places::NetworkTables>()?;
    module.add_function(wrap_pyfunction!(places::first_seen, module)?)?;
    module.add_function(wrap_pyfunction!(places::network_file, module)?)?;
    module.add_function(wrap_pyfunction!(flows::flow_exports, module)?)?;
    module.add_function(wrap_pyfunction!(flows::is_ipfix_file, module)?)?;
    aead::add(module)?;
    netlists::add(module)?;
    netfeatures::add(module)?;
    forest::add(module)?;
    rewriting::add(module)?;
    Ok(())
}
