extension JSONBytes {
    /// The nanoseconds of a trace's time, which is a decimal number of microseconds.
    ///
    /// The result is exact up to three decimals; further decimals are rounded, half away from zero. The number may be
    /// in quotes and may have an exponent. Nil if the text is not a number or the time does not fit into 64 bits.
    package static func nanoseconds(ofMicroseconds text: UnsafeBufferPointer<UInt8>) -> Int64? {
        let bytes = text.unquoted
        let isNegative = bytes.first == UInt8(ascii: "-")
        var position = isNegative ? 1 : 0
        let first = position
        var value: Int64 = 0
        while position < bytes.count, position - first < 16, bytes[position] &- 48 < 10 {
            value = value &* 10 &+ Int64(bytes[position] &- 48)
            position += 1
        }
        if position > first, value < 9_000_000_000_000_000 {
            if position == bytes.count { return isNegative ? -value * 1000 : value * 1000 }
            if bytes[position] == UInt8(ascii: "."), bytes.count - position <= 4 {
                var scale: Int64 = 1000
                for byte in bytes[(position + 1)...] {
                    guard byte &- 48 < 10 else { return slowNanoseconds(bytes) }
                    value = value &* 10 &+ Int64(byte &- 48)
                    scale /= 10
                }
                return (isNegative ? -value : value) * scale
            }
        }
        return slowNanoseconds(bytes)
    }

    /// The nanoseconds of a decimal number of microseconds with any number of digits and any exponent.
    private static func slowNanoseconds(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard bytes.count <= 400 else { return nil }
        let isNegative = bytes.first == UInt8(ascii: "-")
        var rest = bytes.dropFirst(isNegative ? 1 : 0)
        var digits: [UInt8] = []
        var pointAt: Int?
        while let byte = rest.first, byte &- 48 < 10 || byte == UInt8(ascii: ".") && pointAt == nil {
            if byte == UInt8(ascii: ".") { pointAt = digits.count } else { digits.append(byte &- 48) }
            rest.removeFirst()
        }
        guard !digits.isEmpty else { return nil }
        var exponent = 0
        if let mark = rest.popFirst() {
            let text = String(decoding: rest, as: UTF8.self)
            guard mark | 0x20 == UInt8(ascii: "e"),
                let number = Int(text.hasPrefix("+") ? String(text.dropFirst()) : text),
                number.magnitude < 1000
            else { return nil }
            exponent = number
        }
        // The value in nanoseconds is 0.d0 d1 d2 … times 10 to the power of `scale`.
        let scale = (pointAt ?? digits.count) + exponent + 3
        var value: Int64 = 0
        for index in 0..<max(0, scale) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(index < digits.count ? digits[index] : 0))
            if overflow || carry { return nil }
            value = sum
        }
        if digits.indices.contains(scale), digits[scale] >= 5 {
            let (sum, carry) = value.addingReportingOverflow(1)
            if carry { return nil }
            value = sum
        }
        return isNegative ? -value : value
    }

    /// A decimal integer, bare or in quotes; nil if the text is not an integer or does not fit into 64 bits.
    package static func integer(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        let bytes = text.unquoted
        let isNegative = bytes.first == UInt8(ascii: "-")
        let first = isNegative ? 1 : 0
        guard first < bytes.count, bytes.count - first <= 19 else { return nil }
        // 19 digits fit into 64 bits without a sign.
        var value: UInt64 = 0
        for byte in bytes[first...] {
            guard byte &- 48 < 10 else { return nil }
            value = value &* 10 &+ UInt64(byte &- 48)
        }
        guard let number = Int64(exactly: value) else { return nil }
        return isNegative ? -number : number
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The bytes without the quotes around them, if there are any.
    fileprivate var unquoted: UnsafeBufferPointer<UInt8> {
        guard count >= 2, self[0] == UInt8(ascii: "\""), self[count - 1] == UInt8(ascii: "\"") else { return self }
        return UnsafeBufferPointer(rebasing: self[1..<count - 1])
    }
}
