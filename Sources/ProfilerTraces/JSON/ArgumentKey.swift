/// The arguments of an event that are looked at.
enum ArgumentKey {
    case stream, device, correlation, other

    /// The key whose opening quote stands at a position and whose inside has a given length.
    ///
    /// - Precondition: Twelve bytes are readable.
    @inline(__always) init(at position: BytePointer, length: Int) {
        guard length == 6 || length == 11 else {
            self = .other
            return
        }
        let inside = JSONBytes.bytes(position + 1, position + 1 + length)
        switch inside[0] {
        case UInt8(ascii: "s") where inside.isEqual(to: "stream"): self = .stream
        case UInt8(ascii: "d") where inside.isEqual(to: "device"): self = .device
        case UInt8(ascii: "c") where inside.isEqual(to: "correlation"): self = .correlation
        default: self = .other
        }
    }
}
