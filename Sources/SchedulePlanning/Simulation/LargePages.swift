#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Array where Element == Int64 {
    /// An array of numbers that `initialize` writes, or leaves unused by answering with a count of 0, on large pages
    /// where the system has them: a thousand ranks each at work somewhere else in a table need more small pages than a
    /// processor keeps the addresses of.
    init(
        largePagesFor capacity: Int, initializingWith initialize: (_ buffer: UnsafeMutableBufferPointer<Int64>) -> Int
    ) {
        self.init(unsafeUninitializedCapacity: capacity) { buffer, count in
            #if os(Linux)
            // Advice, which may be refused: nothing depends on it. It is for whole pages only, and worth a call for
            // many.
            let page = 4096
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            if bytes.count >= 1 << 22, let base = bytes.baseAddress {
                let first = base.alignedUp(toMultipleOf: page)
                _ = madvise(first, (bytes.count - (first - base)) / page * page, Int32(MADV_HUGEPAGE))
            }
            #endif
            count = initialize(buffer)
        }
    }
}
