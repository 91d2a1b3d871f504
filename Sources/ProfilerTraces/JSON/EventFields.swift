/// The fields of one event. Texts are pointers into the buffer that the event was read from.
struct EventFields {
    var phase: UInt8 = 0
    var category = EventCategory.unknown
    /// Whether the event has a category.
    var hasCategory = false
    var name = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var hasName = false
    /// The category's text.
    var categoryName = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    var process: Int64 = 0
    var thread: Int64 = 0
    /// The process as it is written, if that is not a number.
    var processText: UnsafePointer<UInt8>?
    /// Whether the start is written with a decimal point or an exponent.
    var timeIsFractional = false
    /// The opening brace of the arguments; nil if there are none.
    var arguments: UnsafePointer<UInt8>?

    /// The start in nanoseconds; nil if the event has none that can be read.
    @InEightBytes var time: Int64?
    /// The duration in nanoseconds; nil if the event has none that can be read.
    @InEightBytes var duration: Int64?
    @InEightBytes var stream: Int64?
    @InEightBytes var device: Int64?
    @InEightBytes var correlation: Int64?

    /// The text of the process; nil if the process is a number.
    func processName(_ end: BytePointer?) -> String? {
        guard let processText, let end, let stop = JSONBytes.valueEnd(processText, end) else { return nil }
        return JSONBytes.text(processText, stop)
    }

    /// Whether all fields that matter are known, apart from the arguments.
    @inline(__always) var isCompleteButForArguments: Bool {
        phase == UInt8(ascii: "X") && hasCategory && hasName && time != nil && duration != nil
    }
}

/// An optional number in 8 bytes instead of 16. The fields are initialized for each event, so their size matters.
@propertyWrapper struct InEightBytes {
    private var stored = Int64.min

    var wrappedValue: Int64? {
        @inline(__always) get { stored == .min ? nil : stored }
        @inline(__always) set { stored = newValue ?? .min }
    }
}
