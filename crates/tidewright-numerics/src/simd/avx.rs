//! Eight numbers in the vector registers of x86-64.
//!
//! A value of [`Avx512`] or [`Avx2`] exists only inside [`with_avx512`] or [`with_avx2`], which are reached only after the
//! machine was asked: that is what makes every intrinsic here safe to execute.
#![expect(unsafe_code, reason = "intrinsics and the call into functions that use them")]

use std::arch::x86_64::{
    __m256d, __m512d, _CMP_GT_OQ, _CMP_LE_OQ, _CMP_ORD_Q, _CMP_UNORD_Q, _MM_FROUND_NO_EXC,
    _MM_FROUND_TO_NEAREST_INT, _MM_HINT_T0, _mm_add_pd, _mm_cvtsd_f64, _mm_prefetch,
    _mm_unpackhi_pd, _mm256_add_pd, _mm256_and_pd, _mm256_castpd256_pd128, _mm256_cmp_pd,
    _mm256_div_pd, _mm256_extractf128_pd, _mm256_fmadd_pd, _mm256_fnmadd_pd, _mm256_loadu_pd,
    _mm256_max_pd, _mm256_min_pd, _mm256_movemask_pd, _mm256_mul_pd, _mm256_round_pd,
    _mm256_set1_pd, _mm256_sqrt_pd, _mm256_storeu_pd, _mm256_sub_pd, _mm512_add_pd,
    _mm512_castpd512_pd256, _mm512_cmp_pd_mask, _mm512_div_pd, _mm512_extractf64x4_pd,
    _mm512_fmadd_pd, _mm512_fnmadd_pd, _mm512_loadu_pd, _mm512_maskz_mov_pd, _mm512_max_pd,
    _mm512_min_pd, _mm512_mul_pd, _mm512_roundscale_pd, _mm512_set1_pd, _mm512_sqrt_pd,
    _mm512_storeu_pd, _mm512_sub_pd,
};

use super::{Kernel, Lanes, WIDTH};

/// One register of AVX-512.
#[derive(Clone, Copy, Debug)]
struct Avx512(__m512d);

/// Two registers of AVX2.
#[derive(Clone, Copy, Debug)]
struct Avx2(__m256d, __m256d);

/// Runs a kernel with AVX-512; the caller has asked whether the machine has it.
pub(super) fn with_avx512<K: Kernel>(kernel: K) -> K::Output {
    #[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
    fn inner<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Avx512>()
    }
    // SAFETY: `run_at` comes here only if the machine has these instructions.
    unsafe { inner(kernel) }
}

/// Runs a kernel with AVX2 and FMA; the caller has asked whether the machine has them.
pub(super) fn with_avx2<K: Kernel>(kernel: K) -> K::Output {
    #[target_feature(enable = "avx2,fma")]
    fn inner<K: Kernel>(kernel: K) -> K::Output {
        kernel.run::<Avx2>()
    }
    // SAFETY: `run_at` comes here only if the machine has these instructions.
    unsafe { inner(kernel) }
}

/// Asks for the cache line of a number.
#[inline(always)]
pub(super) fn ask_for(number: &f64) {
    // SAFETY: every x86-64 has the instruction; it reads nothing and cannot fault.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(number).cast()) }
}

/// An operation on registers. SAFETY of all: the machine has the instruction, see the head of this file.
macro_rules! lanewise {
    ($name:ident, $wide:ident, $half:ident, $type:ident) => {
        lanewise!(@ $name, $wide, $half, $type);
    };
    (@ $name:ident, $wide:ident, $half:ident, Avx512) => {
        #[inline(always)]
        fn $name(self, other: Self) -> Self {
            // SAFETY: the machine has AVX-512, see the head of this file.
            Self(unsafe { $wide(self.0, other.0) })
        }
    };
    (@ $name:ident, $wide:ident, $half:ident, Avx2) => {
        #[inline(always)]
        fn $name(self, other: Self) -> Self {
            // SAFETY: the machine has AVX2, see the head of this file.
            unsafe { Self($half(self.0, other.0), $half(self.1, other.1)) }
        }
    };
}

macro_rules! arithmetic {
    ($type:ident) => {
        lanewise!(add, _mm512_add_pd, _mm256_add_pd, $type);
        lanewise!(sub, _mm512_sub_pd, _mm256_sub_pd, $type);
        lanewise!(mul, _mm512_mul_pd, _mm256_mul_pd, $type);
        lanewise!(div, _mm512_div_pd, _mm256_div_pd, $type);
        lanewise!(min, _mm512_min_pd, _mm256_min_pd, $type);
        lanewise!(max, _mm512_max_pd, _mm256_max_pd, $type);
    };
}

impl Lanes for Avx512 {
    arithmetic!(Avx512);

    #[inline(always)]
    fn splat(x: f64) -> Self {
        // SAFETY: the machine has AVX-512, see the head of this file.
        Self(unsafe { _mm512_set1_pd(x) })
    }

    #[inline(always)]
    fn load(from: &[f64; WIDTH]) -> Self {
        // SAFETY: eight numbers are there to be read; the load needs no alignment.
        Self(unsafe { _mm512_loadu_pd(from.as_ptr()) })
    }

    #[inline(always)]
    fn store(self, to: &mut [f64; WIDTH]) {
        // SAFETY: eight numbers are there to be written; the store needs no alignment.
        unsafe { _mm512_storeu_pd(to.as_mut_ptr(), self.0) }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: the machine has AVX-512, see the head of this file.
        Self(unsafe { _mm512_fmadd_pd(self.0, factor.0, addend.0) })
    }

    #[inline(always)]
    fn mul_sub_from(self, factor: Self, addend: Self) -> Self {
        // SAFETY: the machine has AVX-512, see the head of this file.
        Self(unsafe { _mm512_fnmadd_pd(self.0, factor.0, addend.0) })
    }

    #[inline(always)]
    fn or_zero(self) -> Self {
        // SAFETY: the machine has AVX-512, see the head of this file.
        unsafe {
            let numbers = _mm512_cmp_pd_mask::<_CMP_ORD_Q>(self.0, self.0);
            Self(_mm512_maskz_mov_pd(numbers, self.0))
        }
    }

    #[inline(always)]
    fn or_zero_above(self, most: Self) -> Self {
        // SAFETY: the machine has AVX-512, see the head of this file.
        unsafe {
            let above = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(self.0, _mm512_set1_pd(0.0));
            let below = _mm512_cmp_pd_mask::<_CMP_LE_OQ>(self.0, most.0);
            Self(_mm512_maskz_mov_pd(above & below, self.0))
        }
    }

    #[inline(always)]
    fn gaps(self) -> u8 {
        // SAFETY: the machine has AVX-512, see the head of this file.
        unsafe { _mm512_cmp_pd_mask::<_CMP_UNORD_Q>(self.0, self.0) }
    }

    #[inline(always)]
    fn round(self) -> Self {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        // SAFETY: the machine has AVX-512, see the head of this file.
        Self(unsafe { _mm512_roundscale_pd::<NEAREST>(self.0) })
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: the machine has AVX-512, see the head of this file.
        Self(unsafe { _mm512_sqrt_pd(self.0) })
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        // SAFETY: the machine has AVX-512, see the head of this file.
        let halves =
            unsafe { Avx2(_mm512_castpd512_pd256(self.0), _mm512_extractf64x4_pd::<1>(self.0)) };
        halves.sum()
    }
}

impl Lanes for Avx2 {
    arithmetic!(Avx2);

    #[inline(always)]
    fn splat(x: f64) -> Self {
        // SAFETY: the machine has AVX2, see the head of this file.
        let half = unsafe { _mm256_set1_pd(x) };
        Self(half, half)
    }

    #[inline(always)]
    fn load(from: &[f64; WIDTH]) -> Self {
        // SAFETY: eight numbers are there to be read; the loads need no alignment.
        unsafe { Self(_mm256_loadu_pd(from.as_ptr()), _mm256_loadu_pd(from[4..].as_ptr())) }
    }

    #[inline(always)]
    fn store(self, to: &mut [f64; WIDTH]) {
        let (low, high) = to.split_at_mut(4);
        // SAFETY: four numbers are there for each store, which needs no alignment.
        unsafe {
            _mm256_storeu_pd(low.as_mut_ptr(), self.0);
            _mm256_storeu_pd(high.as_mut_ptr(), self.1);
        }
    }

    #[inline(always)]
    fn mul_add(self, factor: Self, addend: Self) -> Self {
        // SAFETY: the machine has AVX2 and FMA, see the head of this file.
        unsafe {
            Self(
                _mm256_fmadd_pd(self.0, factor.0, addend.0),
                _mm256_fmadd_pd(self.1, factor.1, addend.1),
            )
        }
    }

    #[inline(always)]
    fn mul_sub_from(self, factor: Self, addend: Self) -> Self {
        // SAFETY: the machine has AVX2 and FMA, see the head of this file.
        unsafe {
            Self(
                _mm256_fnmadd_pd(self.0, factor.0, addend.0),
                _mm256_fnmadd_pd(self.1, factor.1, addend.1),
            )
        }
    }

    #[inline(always)]
    fn or_zero(self) -> Self {
        // SAFETY: the machine has AVX2, see the head of this file.
        unsafe {
            let numbers = |x| _mm256_and_pd(x, _mm256_cmp_pd::<_CMP_ORD_Q>(x, x));
            Self(numbers(self.0), numbers(self.1))
        }
    }

    #[inline(always)]
    fn or_zero_above(self, most: Self) -> Self {
        // SAFETY: the machine has AVX2, see the head of this file.
        unsafe {
            let zero = _mm256_set1_pd(0.0);
            let low = _mm256_cmp_pd::<_CMP_GT_OQ>(self.0, zero);
            let low = _mm256_and_pd(low, _mm256_cmp_pd::<_CMP_LE_OQ>(self.0, most.0));
            let high = _mm256_cmp_pd::<_CMP_GT_OQ>(self.1, zero);
            let high = _mm256_and_pd(high, _mm256_cmp_pd::<_CMP_LE_OQ>(self.1, most.1));
            Self(_mm256_and_pd(self.0, low), _mm256_and_pd(self.1, high))
        }
    }

    #[inline(always)]
    fn gaps(self) -> u8 {
        // SAFETY: the machine has AVX2, see the head of this file.
        let (low, high) = unsafe {
            (
                _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_UNORD_Q>(self.0, self.0)),
                _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_UNORD_Q>(self.1, self.1)),
            )
        };
        (low | high << 4) as u8
    }

    #[inline(always)]
    fn round(self) -> Self {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        // SAFETY: the machine has AVX2, see the head of this file.
        unsafe { Self(_mm256_round_pd::<NEAREST>(self.0), _mm256_round_pd::<NEAREST>(self.1)) }
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: the machine has AVX2, see the head of this file.
        unsafe { Self(_mm256_sqrt_pd(self.0), _mm256_sqrt_pd(self.1)) }
    }

    #[inline(always)]
    fn sum(self) -> f64 {
        // SAFETY: the machine has AVX2, see the head of this file.
        unsafe {
            let four = _mm256_add_pd(self.0, self.1);
            let two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd::<1>(four));
            _mm_cvtsd_f64(two) + _mm_cvtsd_f64(_mm_unpackhi_pd(two, two))
        }
    }
}
