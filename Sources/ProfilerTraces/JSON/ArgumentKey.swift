/// The keys of an event's arguments that are read.
enum ArgumentKey {
    case stream, device, correlation, other

    /// The key whose opening quote is at `position` and whose text between the quotes is `length` bytes long.
    ///
    /// - Precondition: 12 bytes from `position` on are readable.
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
