/// The fields of one event, as pointers into the buffer that it was read from.
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
    /// Whether the time is written with a point or an exponent.
    var timeIsFractional = false
    var arguments: UnsafePointer<UInt8>?

    /// Nanoseconds; nil where there is none that can be read.
    @InEightBytes var time: Int64?
    /// Nanoseconds; nil where there is none that can be read.
    @InEightBytes var duration: Int64?
    @InEightBytes var stream: Int64?
    @InEightBytes var device: Int64?
    @InEightBytes var correlation: Int64?

    /// Whether nothing behind the arguments can matter any more.
    @inline(__always) var isCompleteButForArguments: Bool {
        phase == UInt8(ascii: "X") && hasCategory && hasName && time != nil && duration != nil
    }
}

/// A number that may be missing, in eight bytes and not sixteen: an event's fields are copied for each event.
@propertyWrapper struct InEightBytes {
    private var stored = Int64.min

    var wrappedValue: Int64? {
        @inline(__always) get { stored == .min ? nil : stored }
        @inline(__always) set { stored = newValue ?? .min }
    }
}
