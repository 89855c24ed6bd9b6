//! Domain names as text, without any knowledge of Python.
//!
//! [`spelling::canonical`] brings a name into the one spelling that the lake stores: lower
//! case, no root dot, A-labels (RFC 5890), odd bytes as `\DDD` (RFC 1035, 5.1).
//! [`suffix::registered`] cuts the registered domain out of such a name.

pub mod spelling;
pub mod suffix;
