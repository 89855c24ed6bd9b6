//! Authenticated encryption of packets, one or many at once.
//!
//! The only place here with `unsafe`: buffers of Python are seen as slices, and changed in place
//! while other threads run. Nobody else may change them meanwhile, as the types say to callers.

use std::sync::Mutex;

use kaname_aead::{Aead, Algorithm, Batch, Cuts, Direction, Error, Path, Stream};
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::lock;

/// Add what this module has to `_native`.
pub fn add(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<AeadStream>()?;
    module.add_function(wrap_pyfunction!(aead_algorithms, module)?)?;
    module.add_function(wrap_pyfunction!(aead_paths, module)?)?;
    module.add_function(wrap_pyfunction!(aead_seal, module)?)?;
    module.add_function(wrap_pyfunction!(aead_open, module)?)?;
    module.add_function(wrap_pyfunction!(aead_seal_into, module)?)?;
    module.add_function(wrap_pyfunction!(aead_open_into, module)?)?;
    module.add_function(wrap_pyfunction!(aead_seal_batch, module)?)?;
    module.add_function(wrap_pyfunction!(aead_open_batch, module)?)
}

fn refused(error: Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

fn unfit(expected: &str, found: &str) -> PyErr {
    PyValueError::new_err(format!("{expected} expected, {found} found"))
}

fn algorithm(name: &str) -> PyResult<Algorithm> {
    Algorithm::named(name).ok_or_else(|| {
        let names = Algorithm::ALL.map(Algorithm::name).join(", ");
        unfit(&format!("one of {names}"), name)
    })
}

fn aead(name: &str, key: &[u8], tag: usize, path: Option<&str>) -> PyResult<Aead> {
    let path = path
        .map(|name| {
            let names = || Path::here().map(Path::name).collect::<Vec<_>>().join(", ");
            Path::named(name).ok_or_else(|| unfit(&format!("one of {}", names()), name))
        })
        .transpose()?;
    Aead::new(algorithm(name)?, key, tag, path).map_err(refused)
}

/// A buffer of Python's, held for as long as it is looked at.
struct Held(PyUntypedBuffer);

impl Held {
    fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = PyUntypedBuffer::get(object)?;
        if !buffer.is_c_contiguous() {
            return Err(unfit("a contiguous buffer", "one with gaps"));
        }
        Ok(Self(buffer))
    }

    fn writable(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let held = Self::new(object)?;
        if held.0.readonly() {
            Err(unfit("a writable buffer", "a read-only one"))
        } else {
            Ok(held)
        }
    }

    fn bytes(&self) -> &[u8] {
        match self.0.len_bytes() {
            0 => &[],
            // SAFETY: the buffer is contiguous, has so many bytes, and is held.
            #[expect(unsafe_code, reason = "see the head of this module")]
            length => unsafe { std::slice::from_raw_parts(self.0.buf_ptr().cast(), length) },
        }
    }

    /// The bytes to be changed, of a buffer that `writable` gave.
    fn bytes_mut(&mut self) -> &mut [u8] {
        match self.0.len_bytes() {
            0 => &mut [],
            // SAFETY: as above; it was asked for to be written to, and the caller has seen to it
            // that no other slice of it is in use.
            #[expect(unsafe_code, reason = "see the head of this module")]
            length => unsafe { std::slice::from_raw_parts_mut(self.0.buf_ptr().cast(), length) },
        }
    }

    /// Where its bytes lie.
    fn range(&self) -> std::ops::Range<usize> {
        let first = self.0.buf_ptr().addr();
        first..first + self.0.len_bytes()
    }

    fn overlaps(&self, other: &Self) -> bool {
        let (one, two) = (self.range(), other.range());
        one.start < two.end && two.start < one.end
    }

    /// Unsigned integers of 64 bits.
    fn offsets(&self) -> PyResult<Vec<u64>> {
        let (whole, rest) = self.bytes().as_chunks::<8>();
        if !rest.is_empty() || ![1, 8].contains(&self.0.item_size()) {
            return Err(unfit("offsets of 64 bits each", &format!("{} bytes", self.bytes().len())));
        }
        Ok(whole.iter().map(|bytes| u64::from_ne_bytes(*bytes)).collect())
    }
}

/// `from` in `out`, which is as long, and is the same buffer or another.
fn moved(from: &Held, out: &mut Held) -> PyResult<()> {
    if from.bytes().len() != out.bytes().len() {
        let (expected, found) = (from.bytes().len(), out.bytes().len());
        return Err(unfit(&format!("an output of {expected} bytes"), &format!("{found} bytes")));
    }
    if from.range() == out.range() {
        return Ok(());
    }
    if from.overlaps(out) {
        return Err(unfit("the same buffer or another one", "one that overlaps"));
    }
    out.bytes_mut().copy_from_slice(from.bytes());
    Ok(())
}

fn apart(out: &Held, others: &[&Held]) -> PyResult<()> {
    if others.iter().any(|other| out.overlaps(other)) {
        Err(unfit("buffers apart from each other", "some that overlap"))
    } else {
        Ok(())
    }
}

/// Name, bytes of a key and of a nonce, and the lengths of its tags.
#[pyfunction]
fn aead_algorithms() -> Vec<(&'static str, usize, usize, Vec<usize>)> {
    let about = |each: Algorithm| {
        (each.name(), each.key_length(), each.nonce_length(), each.tag_lengths().to_vec())
    };
    Algorithm::ALL.map(about).to_vec()
}

/// The sets of instructions that this machine has for it, the widest last.
#[pyfunction(name = "aead_paths")]
fn aead_paths(algorithm: &str) -> PyResult<Vec<&'static str>> {
    self::algorithm(algorithm)?;
    Ok(Path::here().map(Path::name).collect())
}

/// The ciphertext with its tag at the end.
#[pyfunction]
#[pyo3(signature = (algorithm, key, nonce, data, plaintext, tag_len=32, path=None))]
#[expect(clippy::too_many_arguments, reason = "what such a cipher is given")]
fn aead_seal<'py>(
    py: Python<'py>,
    algorithm: &str,
    key: &[u8],
    nonce: &[u8],
    data: &Bound<'py, PyAny>,
    plaintext: &Bound<'py, PyAny>,
    tag_len: usize,
    path: Option<&str>,
) -> PyResult<Bound<'py, PyBytes>> {
    let aead = aead(algorithm, key, tag_len, path)?;
    let (data, plaintext) = (Held::new(data)?, Held::new(plaintext)?);
    let length = plaintext.bytes().len();
    PyBytes::new_with(py, length + tag_len, |out| {
        py.detach(|| {
            let (text, tag) = out.split_at_mut(length);
            text.copy_from_slice(plaintext.bytes());
            tag.copy_from_slice(aead.seal(nonce, data.bytes(), text).map_err(refused)?.bytes());
            Ok(())
        })
    })
}

/// The plaintext; None where the tag is wrong.
#[pyfunction]
#[pyo3(signature = (algorithm, key, nonce, data, ciphertext_and_tag, tag_len=32, path=None))]
#[expect(clippy::too_many_arguments, reason = "what such a cipher is given")]
fn aead_open<'py>(
    py: Python<'py>,
    algorithm: &str,
    key: &[u8],
    nonce: &[u8],
    data: &Bound<'py, PyAny>,
    ciphertext_and_tag: &Bound<'py, PyAny>,
    tag_len: usize,
    path: Option<&str>,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let aead = aead(algorithm, key, tag_len, path)?;
    let (data, sealed) = (Held::new(data)?, Held::new(ciphertext_and_tag)?);
    let Some(length) = sealed.bytes().len().checked_sub(tag_len) else { return Ok(None) };
    let mut right = false;
    let opened = PyBytes::new_with(py, length, |out| {
        right = py.detach(|| {
            let (text, tag) = sealed.bytes().split_at(length);
            out.copy_from_slice(text);
            aead.open(nonce, data.bytes(), out, tag).map_err(refused)
        })?;
        Ok(())
    })?;
    Ok(right.then_some(opened))
}

/// Write the ciphertext to `out`; the tag.
#[pyfunction]
#[pyo3(signature = (algorithm, key, nonce, data, plaintext, out, path=None, tag_len=32))]
#[expect(clippy::too_many_arguments, reason = "what such a cipher is given")]
fn aead_seal_into<'py>(
    py: Python<'py>,
    algorithm: &str,
    key: &[u8],
    nonce: &[u8],
    data: &Bound<'py, PyAny>,
    plaintext: &Bound<'py, PyAny>,
    out: &Bound<'py, PyAny>,
    path: Option<&str>,
    tag_len: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let aead = aead(algorithm, key, tag_len, path)?;
    let (data, plaintext, mut out) =
        (Held::new(data)?, Held::new(plaintext)?, Held::writable(out)?);
    apart(&out, &[&data])?;
    let tag = py.detach(|| {
        moved(&plaintext, &mut out)?;
        aead.seal(nonce, data.bytes(), out.bytes_mut()).map_err(refused)
    })?;
    Ok(PyBytes::new(py, tag.bytes()))
}

/// Write the plaintext to `out`; whether the tag is right.
#[pyfunction]
#[pyo3(signature = (algorithm, key, nonce, data, ciphertext, tag, out, path=None))]
#[expect(clippy::too_many_arguments, reason = "what such a cipher is given")]
fn aead_open_into(
    py: Python<'_>,
    algorithm: &str,
    key: &[u8],
    nonce: &[u8],
    data: &Bound<'_, PyAny>,
    ciphertext: &Bound<'_, PyAny>,
    tag: &[u8],
    out: &Bound<'_, PyAny>,
    path: Option<&str>,
) -> PyResult<bool> {
    let aead = aead(algorithm, key, tag.len(), path)?;
    let (data, ciphertext, mut out) =
        (Held::new(data)?, Held::new(ciphertext)?, Held::writable(out)?);
    apart(&out, &[&data])?;
    py.detach(|| {
        moved(&ciphertext, &mut out)?;
        aead.open(nonce, data.bytes(), out.bytes_mut(), tag).map_err(refused)
    })
}

/// What a batch is made of, read from Python's objects.
struct Packets {
    nonces: Held,
    buffer: Held,
    offsets: Vec<u64>,
    data: Option<(Held, Vec<u64>)>,
}

impl Packets {
    fn new(
        nonces: &Bound<'_, PyAny>,
        buffer: &Bound<'_, PyAny>,
        offsets: &Bound<'_, PyAny>,
        datas: Option<&Bound<'_, PyAny>>,
        data_offsets: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let data = match (datas, data_offsets) {
            (Some(datas), Some(offsets)) => {
                Some((Held::new(datas)?, Held::new(offsets)?.offsets()?))
            }
            (None, None) => None,
            _ => return Err(unfit("data with offsets, or neither", "one of them")),
        };
        let (nonces, buffer) = (Held::new(nonces)?, Held::writable(buffer)?);
        apart(&buffer, &[&nonces])?;
        data.as_ref().map_or(Ok(()), |(data, _)| apart(&buffer, &[data]))?;
        Ok(Self { nonces, buffer, offsets: Held::new(offsets)?.offsets()?, data })
    }

    fn batch(&mut self) -> Batch<'_> {
        let data = self.data.as_ref();
        Batch {
            nonces: self.nonces.bytes(),
            buffer: self.buffer.bytes_mut(),
            cuts: Cuts::new(&self.offsets),
            data: data.map(|(data, offsets)| (data.bytes(), Cuts::new(offsets))),
        }
    }

    /// Bytes of a tag, so that there is one for each packet.
    fn tag(&self, algorithm: Algorithm, tags: usize) -> usize {
        match self.offsets.len().saturating_sub(1) {
            0 => algorithm.tag_lengths()[0],
            count if tags.is_multiple_of(count) => tags / count,
            count => tags / count + 1,
        }
    }
}

/// Encrypt packets in place, and write their tags.
#[pyfunction]
#[pyo3(signature = (algorithm, key, nonces, buffer, offsets, datas, data_offsets, tags, path=None))]
#[expect(clippy::too_many_arguments, reason = "what such a cipher is given")]
fn aead_seal_batch(
    py: Python<'_>,
    algorithm: &str,
    key: &[u8],
    nonces: &Bound<'_, PyAny>,
    buffer: &Bound<'_, PyAny>,
    offsets: &Bound<'_, PyAny>,
    datas: Option<&Bound<'_, PyAny>>,
    data_offsets: Option<&Bound<'_, PyAny>>,
    tags: &Bound<'_, PyAny>,
    path: Option<&str>,
) -> PyResult<()> {
    let mut packets = Packets::new(nonces, buffer, offsets, datas, data_offsets)?;
    let mut tags = Held::writable(tags)?;
    apart(&tags, &[&packets.nonces, &packets.buffer])?;
    packets.data.as_ref().map_or(Ok(()), |(data, _)| apart(&tags, &[data]))?;
    let tag = packets.tag(self::algorithm(algorithm)?, tags.bytes().len());
    let aead = aead(algorithm, key, tag, path)?;
    py.detach(|| aead.seal_batch(packets.batch(), tags.bytes_mut())).map_err(refused)
}

/// Decrypt packets in place; a byte each, 1 where the tag was right.
#[pyfunction]
#[pyo3(signature = (algorithm, key, nonces, buffer, offsets, datas, data_offsets, tags, path=None))]
#[expect(clippy::too_many_arguments, reason = "what such a cipher is given")]
fn aead_open_batch<'py>(
    py: Python<'py>,
    algorithm: &str,
    key: &[u8],
    nonces: &Bound<'py, PyAny>,
    buffer: &Bound<'py, PyAny>,
    offsets: &Bound<'py, PyAny>,
    datas: Option<&Bound<'py, PyAny>>,
    data_offsets: Option<&Bound<'py, PyAny>>,
    tags: &Bound<'py, PyAny>,
    path: Option<&str>,
) -> PyResult<Bound<'py, PyBytes>> {
    let mut packets = Packets::new(nonces, buffer, offsets, datas, data_offsets)?;
    let tags = Held::new(tags)?;
    apart(&packets.buffer, &[&tags])?;
    let tag = packets.tag(self::algorithm(algorithm)?, tags.bytes().len());
    let aead = aead(algorithm, key, tag, path)?;
    let mut right = vec![false; packets.offsets.len().saturating_sub(1)];
    py.detach(|| aead.open_batch(packets.batch(), tags.bytes(), &mut right)).map_err(refused)?;
    Ok(PyBytes::new(py, &right.iter().map(|&right| u8::from(right)).collect::<Vec<_>>()))
}

/// One message in pieces.
#[pyclass(frozen, module = "kaname._native")]
struct AeadStream {
    stream: Mutex<Stream>,
}

#[pymethods]
impl AeadStream {
    #[new]
    #[pyo3(signature = (algorithm, key, nonce, data=None, decrypt=false, tag_len=32, path=None))]
    fn new(
        algorithm: &str,
        key: &[u8],
        nonce: &[u8],
        data: Option<&Bound<'_, PyAny>>,
        decrypt: bool,
        tag_len: usize,
        path: Option<&str>,
    ) -> PyResult<Self> {
        let aead = aead(algorithm, key, tag_len, path)?;
        let direction = if decrypt { Direction::Open } else { Direction::Seal };
        let data = data.map(Held::new).transpose()?;
        let data = data.as_ref().map_or(&[][..], Held::bytes);
        let stream = Stream::new(&aead, nonce, data, direction).map_err(refused)?;
        Ok(Self { stream: Mutex::new(stream) })
    }

    fn update<'py>(
        &self,
        py: Python<'py>,
        piece: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let piece = Held::new(piece)?;
        PyBytes::new_with(py, piece.bytes().len(), |out| {
            py.detach(|| {
                out.copy_from_slice(piece.bytes());
                lock(&self.stream).update(out).map_err(refused)
            })
        })
    }

    fn update_into(
        &self,
        py: Python<'_>,
        piece: &Bound<'_, PyAny>,
        out: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let (piece, mut out) = (Held::new(piece)?, Held::writable(out)?);
        py.detach(|| {
            moved(&piece, &mut out)?;
            lock(&self.stream).update(out.bytes_mut()).map_err(refused)
        })
    }

    /// The tag of a stream that encrypts.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let tag = lock(&self.stream).finish().map_err(refused)?;
        Ok(PyBytes::new(py, tag.bytes()))
    }

    /// Whether the tag of a stream that decrypts is right.
    fn verify(&self, tag: &[u8]) -> PyResult<bool> {
        lock(&self.stream).verify(tag).map_err(refused)
    }
}
