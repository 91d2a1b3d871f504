#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Array where Element == Int64 {
    /// An array of the numbers that `initialize` writes, on huge pages if the system has them. `initialize` returns the
    /// count of the numbers, or 0 to leave the array empty.
    ///
    /// The ranks of a large simulation access many positions of a table in turn. With small pages, these positions need
    /// more entries than the TLB has.
    init(
        largePagesFor capacity: Int, initializingWith initialize: (_ buffer: UnsafeMutableBufferPointer<Int64>) -> Int
    ) {
        self.init(unsafeUninitializedCapacity: capacity) { buffer, count in
            #if os(Linux)
            // The system may refuse this advice. It applies to whole pages, and only large arrays are worth the call.
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
