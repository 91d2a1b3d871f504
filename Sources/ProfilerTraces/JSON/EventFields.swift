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

    // Numbers that may be missing take eight bytes and not sixteen: an event's fields are copied for each event.
    private var storedTime = Int64.min
    private var storedDuration = Int64.min
    private var storedStream = Int64.min
    private var storedDevice = Int64.min
    private var storedCorrelation = Int64.min

    /// Nanoseconds; nil where there is none that can be read.
    var time: Int64? {
        get { storedTime == .min ? nil : storedTime }
        set { storedTime = newValue ?? .min }
    }

    /// Nanoseconds; nil where there is none that can be read.
    var duration: Int64? {
        get { storedDuration == .min ? nil : storedDuration }
        set { storedDuration = newValue ?? .min }
    }

    var stream: Int64? {
        get { storedStream == .min ? nil : storedStream }
        set { storedStream = newValue ?? .min }
    }

    var device: Int64? {
        get { storedDevice == .min ? nil : storedDevice }
        set { storedDevice = newValue ?? .min }
    }

    var correlation: Int64? {
        get { storedCorrelation == .min ? nil : storedCorrelation }
        set { storedCorrelation = newValue ?? .min }
    }

    /// Whether nothing behind the arguments can matter any more.
    @inline(__always)
    var isCompleteButForArguments: Bool {
        phase == UInt8(ascii: "X") && hasCategory && hasName && time != nil && duration != nil
    }
}
