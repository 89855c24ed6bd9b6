//! Numbers as they are stored: 32 or 64 bits.

/// A number of an Arrow array.
pub trait Number: Copy + PartialEq + PartialOrd + Default {
    /// Bytes of the stored form.
    const WIDTH: usize;
    fn signed(self) -> i64;
    /// Difference as the stored form wraps it.
    fn difference(self, before: Self) -> i64;
    /// A difference above the least, without sign.
    fn unsigned(above: i64) -> u64;
    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.signed().to_le_bytes()[..Self::WIDTH]);
    }
}

macro_rules! stored_in_32_bits {
    ($($native:ty),*) => {$(
        impl Number for $native {
            const WIDTH: usize = 4;
            #[inline]
            fn signed(self) -> i64 {
                i64::from(self)
            }
            #[inline]
            fn difference(self, before: Self) -> i64 {
                i64::from(i32::from(self).wrapping_sub(i32::from(before)))
            }
            #[inline]
            fn unsigned(above: i64) -> u64 {
                u64::from(above as u32)
            }
        }
    )*};
}

stored_in_32_bits!(i8, i16, i32);

impl Number for i64 {
    const WIDTH: usize = 8;
    #[inline]
    fn signed(self) -> i64 {
        self
    }
    #[inline]
    fn difference(self, before: Self) -> i64 {
        self.wrapping_sub(before)
    }
    #[inline]
    fn unsigned(above: i64) -> u64 {
        above.cast_unsigned()
    }
}
