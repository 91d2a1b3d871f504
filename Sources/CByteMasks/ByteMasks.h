// Masks of the positions of certain bytes in a block of up to 64 bytes: bit i stands for byte i. Swift has no portable
// way to compare many bytes at once into one integer, so this is C.
#ifndef CONTRAFLOW_BYTE_MASKS_H
#define CONTRAFLOW_BYTE_MASKS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Always inlined, since a call would cost as much as the function itself.
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

/// The masks of the quotes, the backslashes, the opening and closing brackets (square and curly), and all letters and
/// marks from '@' on in 64 bytes.
struct ByteMasks {
    uint64_t quotes;
    uint64_t backslashes;
    uint64_t opening;
    uint64_t closing;
    uint64_t letters;
};

/// The masks of the 64 bytes at `bytes`, all of which must be readable.
BYTE_MASKS_INLINE struct ByteMasks byte_masks(const uint8_t *bytes) {
    struct ByteMasks masks = {0, 0, 0, 0, 0};
#if defined(__SSE2__)
    const __m128i *blocks = (const __m128i *)bytes;
    const __m128i a = _mm_loadu_si128(blocks), b = _mm_loadu_si128(blocks + 1);
    const __m128i c = _mm_loadu_si128(blocks + 2), d = _mm_loadu_si128(blocks + 3);
    masks.quotes = byte_mask_of(a, b, c, d, '"');
    masks.backslashes = byte_mask_of(a, b, c, d, '\\');
    // '[' and '{' differ in bit 0x20 only, as do ']' and '}'. Setting it maps no other byte to '{' or '}'.
    const __m128i bit = _mm_set1_epi8(0x20);
    const __m128i e = _mm_or_si128(a, bit), f = _mm_or_si128(b, bit);
    const __m128i g = _mm_or_si128(c, bit), h = _mm_or_si128(d, bit);
    masks.opening = byte_mask_of(e, f, g, h, '{');
    masks.closing = byte_mask_of(e, f, g, h, '}');
    const __m128i high = _mm_set1_epi8((char)0xC0);
    masks.letters = byte_mask_of(_mm_and_si128(a, high), _mm_and_si128(b, high), _mm_and_si128(c, high),
                                 _mm_and_si128(d, high), 0x40);
#else
    for (int i = 0; i < 64; i++) {
        const uint64_t bit = (uint64_t)1 << i;
        masks.quotes |= bytes[i] == '"' ? bit : 0;
        masks.backslashes |= bytes[i] == '\\' ? bit : 0;
        masks.opening |= (bytes[i] | 0x20) == '{' ? bit : 0;
        masks.closing |= (bytes[i] | 0x20) == '}' ? bit : 0;
        masks.letters |= (bytes[i] & 0xC0) == 0x40 ? bit : 0;
    }
#endif
    return masks;
}

/// Bit i is set if byte i of the 16 at `bytes` is a quote or a backslash. All 16 must be readable.
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

/// Bit i is set if byte i of the 16 at `bytes` is neither a blank nor a control character. All 16 must be readable.
BYTE_MASKS_INLINE uint32_t text_mask(const uint8_t *bytes) {
#if defined(__SSE2__)
    const __m128i block = _mm_loadu_si128((const __m128i *)bytes);
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_max_epu8(block, _mm_set1_epi8(0x21)), block));
#else
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) mask |= bytes[i] > 0x20 ? (uint32_t)1 << i : 0;
    return mask;
#endif
}

/// The state of a search for the end of an array or object.
struct NestingSearch {
    /// The number of open brackets.
    int64_t depth;
    /// All ones if the last byte of the previous block is inside a string, else 0.
    uint64_t insideString;
    /// 1 if the first byte of the next block is escaped, else 0.
    uint64_t escapesNext;
    /// 1 if the last byte of the previous block closes a string, else 0.
    uint64_t closesString;
    /// 1 if a string was followed by a letter or an opening bracket, else 0.
    uint64_t isBroken;
};

/// The mask of the escaped bytes among the next `count`. Updates `escapesNext` for the block after them.
BYTE_MASKS_INLINE uint64_t escaped_bytes(uint64_t backslashes, long count, uint64_t *escapesNext) {
    uint64_t result = *escapesNext, beyond = 0;
    for (uint64_t rest = backslashes & ~result; rest != 0; rest &= rest - 1) {
        const long bit = __builtin_ctzll(rest);
        if (bit + 1 >= count) {
            beyond = 1;
        } else {
            result |= (uint64_t)1 << (bit + 1);
            rest &= ~((uint64_t)1 << (bit + 1));
        }
    }
    *escapesNext = beyond;
    return result;
}

/// Bit i is set if an odd number of the bits 0 ... i of `bits` are set.
BYTE_MASKS_INLINE uint64_t parity_of_bits(uint64_t bits) {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
}

// Defines a function that searches from `start`, 64 bytes at a time, and returns the position after the bracket that
// closes the array or object. It returns null if that bracket is not before `end`; the next call then continues at
// `end`. The 64 bytes after `end` must be readable and zero.
//
// A string is followed by a comma, a colon, a closing bracket or white space. A letter or an opening bracket after it
// means that a quote within a string is not escaped, so that strings and structure can no longer be told apart. The
// function then returns null and sets `isBroken`.
//
// The function is the same for every kind of processor, except for how the masks and their parity are computed.
#define BYTE_MASKS_NESTING_END(name, attributes, masks_of, parity_of)                                                  \
    attributes const uint8_t *name(const uint8_t *start, const uint8_t *end, struct NestingSearch *search) {           \
        uint64_t inside = search->insideString;                                                                        \
        int64_t depth = search->depth;                                                                                 \
        uint64_t closers = search->closesString << 63;                                                                 \
        for (const uint8_t *block = start; block < end; block += 64) {                                                 \
            const struct ByteMasks masks = masks_of(block);                                                            \
            uint64_t quotes = masks.quotes;                                                                            \
            if ((masks.backslashes | search->escapesNext) != 0) {                                                      \
                const long count = end - block < 64 ? end - block : 64;                                                \
                quotes &= ~escaped_bytes(masks.backslashes, count, &search->escapesNext);                              \
            }                                                                                                          \
            const uint64_t strings = parity_of(quotes) ^ inside;                                                       \
            const uint64_t closedLast = closers >> 63;                                                                 \
            closers = quotes & ~strings;                                                                               \
            const uint64_t after = closers << 1 | closedLast;                                                          \
            const uint64_t wrong = after & masks.letters & ~masks.closing;                                             \
            const uint64_t closing = masks.closing & ~strings;                                                         \
            for (uint64_t rest = closing | (masks.opening & ~strings); rest != 0; rest &= rest - 1) {                  \
                const uint64_t lowest = rest & (0 - rest);                                                             \
                depth += (closing & lowest) == 0 ? 1 : -1;                                                             \
                if (depth == 0) {                                                                                      \
                    search->isBroken = (wrong & (lowest - 1)) != 0;                                                    \
                    return search->isBroken ? NULL : block + __builtin_ctzll(lowest) + 1;                              \
                }                                                                                                      \
            }                                                                                                          \
            if (wrong != 0) {                                                                                          \
                search->isBroken = 1;                                                                                  \
                return NULL;                                                                                           \
            }                                                                                                          \
            inside = (uint64_t)((int64_t)strings >> 63);                                                               \
        }                                                                                                              \
        search->insideString = inside;                                                                                 \
        search->closesString = closers >> ((end - start - 1) & 63) & 1;                                                \
        search->depth = depth;                                                                                         \
        return NULL;                                                                                                   \
    }

BYTE_MASKS_NESTING_END(nesting_end_anywhere, static, byte_masks, parity_of_bits)

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>

#define BYTE_MASKS_AVX512 __attribute__((target("avx512f,avx512bw,pclmul")))

BYTE_MASKS_AVX512 static inline struct ByteMasks byte_masks_avx512(const uint8_t *bytes) {
    const __m512i block = _mm512_loadu_si512(bytes);
    const __m512i folded = _mm512_or_si512(block, _mm512_set1_epi8(0x20));
    struct ByteMasks masks;
    masks.quotes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"'));
    masks.backslashes = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\'));
    masks.opening = _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8('{'));
    masks.closing = _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8('}'));
    masks.letters = _mm512_cmpgt_epi8_mask(block, _mm512_set1_epi8(0x3F));
    return masks;
}

BYTE_MASKS_AVX512 static inline uint64_t parity_of_bits_avx512(uint64_t bits) {
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

BYTE_MASKS_NESTING_END(nesting_end_avx512, BYTE_MASKS_AVX512 static, byte_masks_avx512, parity_of_bits_avx512)
#endif

/// The position after the end of an array or object, found with the fastest instructions that the processor has.
static inline const uint8_t *nesting_end(const uint8_t *start, const uint8_t *end, struct NestingSearch *search) {
#if defined(__x86_64__) && defined(__linux__)
    if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("pclmul")) {
        return nesting_end_avx512(start, end, search);
    }
#endif
    return nesting_end_anywhere(start, end, search);
}

/// Whether two runs of bytes are equal.
BYTE_MASKS_INLINE int bytes_are_equal(const uint8_t *a, const uint8_t *b, size_t count) {
    return memcmp(a, b, count) == 0;
}

#endif
