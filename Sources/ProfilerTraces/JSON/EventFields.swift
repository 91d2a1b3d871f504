/// What one event says, as places in the buffer that it was read from.
struct EventFields {
    var phase: UInt8 = 0
    var category = EventCategory.unknown
    /// Whether there is a category at all.
    var hasCategory = false
    var name = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var hasName = false
    /// Where the category's text stands.
    var categoryName = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var process: Int64 = 0
    var thread: Int64 = 0
    /// Nanoseconds; nil where there is none that can be read.
    var time: Int64?
    var duration: Int64?
    /// Whether the time is written with a point or an exponent.
    var timeIsFractional = false
    var arguments: UnsafePointer<UInt8>?
    var stream: Int64?
    var device: Int64?
    var correlation: Int64?

    /// Whether nothing behind the arguments can matter any more.
    @inline(__always)
    var isCompleteButForArguments: Bool {
        phase == UInt8(ascii: "X") && hasCategory && hasName && time != nil && duration != nil
    }
}
