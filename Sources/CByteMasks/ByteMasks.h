// Where certain bytes stand in a block of 64: bit i is byte i. What Swift has no portable way to say: a comparison of
// many bytes at once whose outcome is one integer.
#ifndef CONTRAFLOW_BYTE_MASKS_H
#define CONTRAFLOW_BYTE_MASKS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Inlined wherever it is called: the cost of a call is that of the work.
#define BYTE_MASKS_INLINE static inline __attribute__((always_inline))

#if defined(__SSE2__)
#include <emmintrin.h>

BYTE_MASKS_INLINE uint64_t byte_mask_of(__m128i a, __m128i b, __m128i c, __m128i d, char byte) {
    const __m128i wanted = _mm_set1_epi8(byte);
    const uint64_t first = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, wanted));
    const uint64_t second = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b, wanted));
    const uint64_t third = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(c, wanted));
    const uint64_t fourth = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(d, wanted));
    return first | second << 16 | third << 32 | fourth << 48;
}
#endif

/// Quotes, backslashes, and opening and closing brackets of both kinds in 64 bytes.
struct ByteMasks {
    uint64_t quotes;
    uint64_t backslashes;
    uint64_t opening;
    uint64_t closing;
};

/// The masks of the 64 bytes at `bytes`, all of which must be readable.
BYTE_MASKS_INLINE struct ByteMasks byte_masks(const uint8_t *bytes) {
    struct ByteMasks masks = {0, 0, 0, 0};
#if defined(__SSE2__)
    const __m128i *blocks = (const __m128i *)bytes;
    const __m128i a = _mm_loadu_si128(blocks), b = _mm_loadu_si128(blocks + 1);
    const __m128i c = _mm_loadu_si128(blocks + 2), d = _mm_loadu_si128(blocks + 3);
    masks.quotes = byte_mask_of(a, b, c, d, '"');
    masks.backslashes = byte_mask_of(a, b, c, d, '\\');
    // '[' and '{' differ in one bit, which no other byte turns into either; so do ']' and '}'.
    const __m128i bit = _mm_set1_epi8(0x20);
    const __m128i e = _mm_or_si128(a, bit), f = _mm_or_si128(b, bit);
    const __m128i g = _mm_or_si128(c, bit), h = _mm_or_si128(d, bit);
    masks.opening = byte_mask_of(e, f, g, h, '{');
    masks.closing = byte_mask_of(e, f, g, h, '}');
#else
    for (int i = 0; i < 64; i++) {
        const uint64_t bit = (uint64_t)1 << i;
        masks.quotes |= bytes[i] == '"' ? bit : 0;
        masks.backslashes |= bytes[i] == '\\' ? bit : 0;
        masks.opening |= (bytes[i] | 0x20) == '{' ? bit : 0;
        masks.closing |= (bytes[i] | 0x20) == '}' ? bit : 0;
    }
#endif
    return masks;
}

/// Bit i is set where byte i of the 16 at `bytes` is a quote or a backslash. All 16 must be readable.
BYTE_MASKS_INLINE uint32_t string_end_mask(const uint8_t *bytes) {
#if defined(__SSE2__)
    const __m128i block = _mm_loadu_si128((const __m128i *)bytes);
    const __m128i quotes = _mm_cmpeq_epi8(block, _mm_set1_epi8('"'));
    const __m128i backslashes = _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'));
    return (uint32_t)_mm_movemask_epi8(_mm_or_si128(quotes, backslashes));
#else
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) mask |= bytes[i] == '"' || bytes[i] == '\\' ? (uint32_t)1 << i : 0;
    return mask;
#endif
}

/// Whether two runs of bytes are the same.
BYTE_MASKS_INLINE int bytes_are_equal(const uint8_t *a, const uint8_t *b, size_t count) {
    return memcmp(a, b, count) == 0;
}

#endif
