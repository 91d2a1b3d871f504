#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

extension Array where Element == Int64 {
    /// An array of the numbers that `initialize` writes, on large pages if the system has them. `initialize` returns
    /// the count of the numbers, or 0 to leave the array empty.
    ///
    /// The ranks of a large simulation access many places of a table in turn. With small pages, these places have more
    /// page addresses than a processor caches.
    init(
        largePagesFor capacity: Int, initializingWith initialize: (_ buffer: UnsafeMutableBufferPointer<Int64>) -> Int
    ) {
        self.init(unsafeUninitializedCapacity: capacity) { buffer, count in
            #if os(Linux)
            // This is only advice, which the system may refuse. It applies to whole pages, and is worth a call for
            // large arrays.
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
